// Adds to pages what HTML alone cannot: filters that work at once, the brush, the network, the upload.
import { live } from "./filters.js";
import { draw } from "./network.js";
import { brush } from "./timeline.js";
import { watch } from "./run.js";

const form = document.querySelector("form[data-into]");
const filters = form && live(form);
const figure = document.querySelector("[data-network]");
const line = document.querySelector(".timeline");

const network = figure && draw(figure, (account) => filters?.choose("account", account));
const timeline = line && form && brush(line, {
  moved: (span) => network?.then((one) => one?.narrow({ ...filters.values(), ...span })),
  chosen: (span) => filters.span(span),
});

filters?.changed((values) => {
  timeline?.show(values);
  network?.then((one) => one?.narrow(values));
});

document.addEventListener("click", (event) => {
  const chosen = event.target.closest?.("[data-account]");
  if (!chosen || !filters || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  filters.choose("account", chosen.dataset.account);
  document.querySelector("#ties")?.scrollIntoView();
});

const run = document.querySelector("#run");
if (run) watch(run, document.querySelector("#drop"));
