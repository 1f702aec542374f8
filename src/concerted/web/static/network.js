// The network of a group, drawn by WebGL. Without it the picture in the page stays.

import { surface } from "./surface.js";
import { view } from "./view.js";

const MANY = 2000; // lines from which on smooth edges cost too much without a graphics card
const NEAR = 12; // CSS pixels between pointer and dot
const NAMED = 40; // names shown at once
const SLOW = 40; // ms per frame above which a moving picture leaves out the weakest lines
const REST = 200; // ms after which a picture that stands still is whole again
const FIRST = 1000; // lines while it begins to move
const FEWEST = 0.05;

export async function draw(figure, choose) {
  const stage = figure.querySelector(".stage");
  const answer = await fetch(figure.dataset.network);
  const data = answer.ok ? await answer.json() : { members: [] };
  if (data.members.length < 2) return null;
  const canvas = part("canvas", "canvas");
  const names = part("canvas", "names");
  const paint = surface(canvas, data.lines.length < MANY);
  if (!paint) return null;
  stage.append(canvas, names);
  figure.classList.add("drawn");
  figure.querySelector(".hint").hidden = false;
  stage.tabIndex = 0;
  stage.setAttribute("role", "group");
  stage.setAttribute("aria-label", "Network: arrow keys move it, plus and minus zoom, 0 shows all of it. " +
    "The tables below hold all that it shows.");

  const most = Math.max(1, ...data.members.map((one) => one.ties));
  const strongest = Math.max(1, ...data.lines.map((one) => one.together));
  const many = data.members.length > 200;
  const dots = data.members.map((one) => ({
    ...one, y: 1 - one.y, size: (many ? 3 : 10) + (many ? 4 : 10) * (one.ties / most), near: new Set(),
  }));
  const lines = data.lines
    .map((one) => ({ ...one, when: BigInt(`0x${one.when}`), strength: one.together / strongest }))
    .sort((one, other) => one.strength - other.strength);
  const numbers = new Map(dots.map((one, index) => [one.account, index]));
  const byTies = dots.map((_, index) => index).sort((a, b) => dots[b].ties - dots[a].ties);

  let colours = palette();
  let asked = {};
  let mask = null;
  let over = null;
  let waiting = false;
  let moved = false;
  let share = Math.min(1, FIRST / data.lines.length);
  let last = 0;
  let took = 0;
  let rest = 0;
  const eye = view(stage, canvas, moving);

  function part(kind, name) {
    const made = Object.assign(document.createElement(kind), { className: name });
    made.setAttribute("aria-hidden", "true");
    return made;
  }

  // without a graphics card ten thousand lines take long: while it moves, as many as the machine manages
  function moving() {
    clearTimeout(rest);
    // a slow picture must not be taken for one that stands still
    rest = setTimeout(() => { last = 0; soon(); }, REST + 4 * took);
    moved = true;
    ask();
  }

  function soon() {
    moved = false;
    ask();
  }

  function ask() {
    if (!waiting) requestAnimationFrame(show);
    waiting = true;
  }

  function show(now) {
    waiting = false;
    if (moved && last) {
      took = now - last;
      share = Math.max(FEWEST, Math.min(1, took > SLOW ? share / 2 : share * 1.5));
    }
    last = moved ? now : 0;
    const ratio = devicePixelRatio;
    for (const one of [canvas, names]) {
      const [width, height] = [one.clientWidth, one.clientHeight].map((side) => Math.round(side * ratio));
      if (one.width !== width || one.height !== height) Object.assign(one, { width, height });
    }
    paint.draw({ centre: eye.centre(), scale: eye.scale().map((one) => one * ratio) }, moved ? share : 1);
    label(ratio);
  }

  // rows for the card: once per change of what is asked, not per frame
  function fill() {
    const ratio = devicePixelRatio;
    const focus = over ?? asked.node;
    const active = lines.filter((one) => (!asked.trace || one.traces.includes(asked.trace)) &&
      (mask === null || (one.when & mask) !== 0n));
    dots.forEach((one) => one.near.clear());
    for (const { a, b } of active) {
      dots[a].near.add(b);
      dots[b].near.add(a);
    }
    const bound = (one) => focus !== undefined && (one.a === focus || one.b === focus);
    const order = focus === undefined ? active : [...active.filter((one) => !bound(one)), ...active.filter(bound)];
    paint.lines(order.map((one) => [
      dots[one.a].x, dots[one.a].y, dots[one.b].x, dots[one.b].y,
      ratio * ((many ? 0.8 : 1) + (many ? 0.7 : 3) * one.strength),
      ...(bound(one) ? colours.chosen : colours.line),
      focus === undefined ? 0.25 + 0.6 * one.strength : bound(one) ? 0.95 : 0.12,
    ]));
    const shade = (index) => (index === focus ? colours.chosen : colours.node);
    const faint = (index) => focus !== undefined && index !== focus && !dots[focus].near.has(index);
    paint.dots(dots.map((one, index) => [one.x, one.y, ratio * one.size, ...shade(index), faint(index) ? 0.25 : 1]));
    soon();
  }

  function label(ratio) {
    const pen = names.getContext("2d");
    pen.clearRect(0, 0, names.width, names.height);
    const focus = over ?? asked.node;
    const inside = (index) => {
      const [x, y] = eye.seen(dots[index].x, dots[index].y);
      return x > 0 && y > 0 && x < names.clientWidth && y < names.clientHeight;
    };
    const seen = byTies.filter(inside);
    const wanted = seen.length <= NAMED ? seen : [];
    const order = focus === undefined ? wanted : [focus, ...wanted.filter((one) => one !== focus && dots[focus].near.has(one))];
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.font = "12px system-ui, sans-serif";
    pen.lineWidth = 4;
    pen.lineJoin = "round";
    pen.strokeStyle = colours.ground;
    pen.fillStyle = colours.ink;
    const kept = [];
    for (const index of order) {
      const [x, y] = eye.seen(dots[index].x, dots[index].y);
      const width = pen.measureText(dots[index].account).width;
      const beside = x + dots[index].size / 2 + 3;
      const box = [beside + width < names.clientWidth ? beside : 2 * x - beside - width, y - 8, width, 16];
      if (kept.some((one) => box[0] < one[0] + one[2] && one[0] < box[0] + box[2] && Math.abs(one[1] - box[1]) < 16)) continue;
      kept.push(box);
      pen.strokeText(dots[index].account, box[0], y + 4);
      pen.fillText(dots[index].account, box[0], y + 4);
    }
  }

  function under(event) {
    const [left, top] = eye.at(event);
    let best = [NEAR, null];
    dots.forEach((one, index) => {
      const [x, y] = eye.seen(one.x, one.y);
      const far = Math.hypot(x - left, y - top) - one.size / 2;
      if (far < best[0]) best = [far, index];
    });
    return best[1];
  }

  canvas.addEventListener("pointermove", (event) => {
    const found = eye.held() ? over : under(event);
    if (found === over) return;
    over = found;
    canvas.classList.toggle("on", found !== null);
    fill();
  });
  canvas.addEventListener("pointerleave", () => { if (over !== null) { over = null; fill(); } });
  canvas.addEventListener("click", (event) => {
    const found = under(event);
    if (found !== null && eye.still()) choose(dots[found].account);
  });
  canvas.addEventListener("webglcontextlost", () => figure.classList.remove("drawn"));

  const tools = Object.assign(document.createElement("div"), { className: "tools" });
  for (const [key, sign, name] of [["+", "+", "Zoom in"], ["-", "−", "Zoom out"], ["0", "All", "Show the whole group"]]) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: sign });
    button.setAttribute("aria-label", name);
    button.addEventListener("click", eye.acts[key]);
    tools.append(button);
  }
  stage.append(tools);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { colours = palette(); fill(); });
  new ResizeObserver(() => soon()).observe(stage);
  fill();
  // for measurements and tests
  figure.network = { eye, seen: (account) => eye.seen(dots[numbers.get(account)].x, dots[numbers.get(account)].y) };

  const timeline = document.querySelector(".timeline");
  return {
    narrow({ trace, account, from, to }) {
      asked = { trace, node: numbers.get(account) };
      mask = timeline && (from || to) ? bits(timeline.dataset, data.steps, from, to) : null;
      fill();
    },
  };
}

// the steps of the timeline between two times, as bits
function bits({ start, step }, steps, from, to) {
  const at = (text) => (Date.parse(`${text}Z`) / 1000 - Number(start)) / Number(step);
  const low = from ? Math.max(0, Math.floor(at(from))) : 0;
  const high = to ? Math.min(steps - 1, Math.floor(at(to))) : steps - 1;
  return high < low ? 0n : ((1n << BigInt(high - low + 1)) - 1n) << BigInt(low);
}

function palette() {
  const style = getComputedStyle(document.documentElement);
  const text = (name) => style.getPropertyValue(name).trim();
  const shares = (name) => [1, 3, 5].map((place) => parseInt(text(name).slice(place, place + 2), 16) / 255);
  return {
    node: shares("--accent"), line: shares("--accent"), chosen: shares("--warn"), ink: text("--ink"), ground: text("--raised"),
  };
}
