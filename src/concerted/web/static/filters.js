// A form of filters that brings its rows up to date as it changes. The server does the filtering; the address
// follows, so that what is seen always has a link.

const WAIT = 250; // ms after the last key

export function live(form) {
  const hears = [];
  let timer = 0;
  let asked = 0;

  const values = () => Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""));

  async function bring() {
    const query = new URLSearchParams(values()).toString();
    const address = location.pathname + (query ? `?${query}` : "");
    const mine = ++asked;
    const old = document.querySelector(`#${form.dataset.into}`);
    old.dataset.busy = "";
    hears.forEach((hear) => hear(values()));
    try {
      const answer = await fetch(address);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (mine !== asked) return;
      const fresh = page.querySelector(`#${form.dataset.into}`);
      if (fresh) old.replaceWith(document.adoptNode(fresh));
      else say(old, page.querySelector("[role=alert]")?.textContent ?? "The page could not be brought up to date.");
      history.replaceState(null, "", address);
    } catch {
      if (mine === asked) say(old, "The page does not answer: is concerted serve still running?");
    }
  }

  function say(old, text) {
    delete old.dataset.busy;
    const line = document.createElement("p");
    line.setAttribute("role", "alert");
    line.className = "error";
    line.textContent = text;
    old.querySelector(":scope > .error")?.remove();
    old.prepend(line);
  }

  function soon(wait) {
    clearTimeout(timer);
    timer = setTimeout(bring, wait);
  }

  function set(name, value) {
    const field = form.elements[name];
    if (field) field.value = value;
  }

  form.addEventListener("submit", (event) => { event.preventDefault(); soon(0); });
  form.addEventListener("change", () => soon(0));
  form.addEventListener("input", (event) => { if (event.target.matches("input")) soon(WAIT); });

  return {
    values,
    changed(hear) { hears.push(hear); hear(values()); },
    choose(name, value) {
      set(name, form.elements[name]?.value === value ? "" : value);
      soon(0);
    },
    span({ from, to }) {
      set("from", from);
      set("to", to);
      soon(0);
    },
  };
}
