// The network of a group, drawn by WebGL. Without it the picture in the page stays.

const ZOOM = 1.5;
const PAN = 0.1;

export async function draw(figure, choose) {
  if (!globalThis.Sigma || !document.createElement("canvas").getContext("webgl2")) return null;
  const answer = await fetch(figure.dataset.network);
  if (!answer.ok) return null;
  const data = await answer.json();
  if (data.members.length < 2) return null;
  const graph = new graphology.UndirectedGraph();
  const most = Math.max(1, ...data.members.map((one) => one.ties));
  const small = data.members.length > 200;
  const few = data.members.length <= 40;
  data.members.forEach((one, index) => graph.addNode(String(index), {
    label: one.account, x: one.x, y: 1 - one.y, size: (small ? 2 : 4) + (small ? 4 : 6) * (one.ties / most),
  }));
  const strongest = Math.max(1, ...data.lines.map((one) => one.together));
  data.lines.forEach((one, index) => graph.addEdgeWithKey(String(index), String(one.a), String(one.b), {
    size: 0.4 + (small ? 1 : 3) * (one.together / strongest), when: BigInt(`0x${one.when}`), traces: one.traces,
  }));

  figure.classList.add("drawn");
  figure.querySelector(".hint").hidden = false;
  const stage = figure.querySelector(".stage");
  stage.tabIndex = 0;
  stage.setAttribute("role", "group");
  stage.setAttribute("aria-label", "Network: arrow keys move it, plus and minus zoom, 0 shows all of it. " +
    "The tables below hold all that it shows.");
  const canvas = Object.assign(document.createElement("div"), { className: "canvas" });
  canvas.setAttribute("aria-hidden", "true");
  stage.append(canvas);

  let colours = palette();
  let asked = {};
  let mask = null;
  let over = null;
  let near = new Set();
  const sigma = new Sigma(graph, canvas, {
    defaultNodeColor: colours.node, defaultEdgeColor: colours.line, labelColor: { color: colours.ink },
    labelDensity: few ? 10 : 0.6, labelRenderedSizeThreshold: few ? 0 : 5, labelFont: "system-ui, sans-serif",
    zIndex: true, stagePadding: 30, hideEdgesOnMove: false, minCameraRatio: 0.02, maxCameraRatio: 3,
    defaultDrawNodeHover: hover,
    nodeReducer: (node, values) => {
      const focus = over ?? asked.node;
      if (focus === undefined || focus === null || node === focus || near.has(node)) {
        return node === focus ? { ...values, color: colours.chosen, highlighted: true, zIndex: 2 } : values;
      }
      return { ...values, color: colours.pale, label: "", zIndex: 0 };
    },
    edgeReducer: (edge, values) => {
      if (!active(values)) return { ...values, hidden: true };
      const focus = over ?? asked.node;
      if (focus === undefined || focus === null) return values;
      return graph.hasExtremity(edge, focus)
        ? { ...values, color: colours.chosen, zIndex: 1 } : { ...values, color: colours.faint };
    },
  });

  function active(values) {
    return (!asked.trace || values.traces.includes(asked.trace)) && (mask === null || (values.when & mask) !== 0n);
  }

  // the library's own box for a name is white, whatever the page
  function hover(context, values, settings) {
    context.beginPath();
    context.arc(values.x, values.y, values.size + 3, 0, 2 * Math.PI);
    context.strokeStyle = colours.chosen;
    context.lineWidth = 2;
    context.stroke();
    if (!values.label) return;
    context.font = `600 ${settings.labelSize}px ${settings.labelFont}`;
    const width = context.measureText(values.label).width;
    context.fillStyle = colours.paper;
    context.fillRect(values.x + values.size + 2, values.y - 10, width + 8, 20);
    context.fillStyle = colours.ink;
    context.fillText(values.label, values.x + values.size + 6, values.y + settings.labelSize / 3);
  }

  function around(node) {
    near = node === null || node === undefined ? new Set() : new Set(
      graph.edges(node).filter((edge) => active(graph.getEdgeAttributes(edge))).map((edge) => graph.opposite(node, edge)),
    );
  }

  sigma.on("enterNode", ({ node }) => { over = node; around(node); sigma.refresh({ skipIndexation: true }); });
  sigma.on("leaveNode", () => { over = null; around(asked.node); sigma.refresh({ skipIndexation: true }); });
  sigma.on("clickNode", ({ node }) => choose(graph.getNodeAttribute(node, "label")));

  const camera = sigma.getCamera();
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const time = { duration: calm ? 0 : 200 };
  const shift = (x, y) => {
    const { x: cx, y: cy, ratio } = camera.getState();
    camera.animate({ x: cx + x * PAN * ratio, y: cy + y * PAN * ratio }, time);
  };
  const acts = {
    "+": () => camera.animatedZoom({ ...time, factor: ZOOM }), "=": () => camera.animatedZoom({ ...time, factor: ZOOM }),
    "-": () => camera.animatedUnzoom({ ...time, factor: ZOOM }), 0: () => camera.animatedReset(time),
    ArrowLeft: () => shift(-1, 0), ArrowRight: () => shift(1, 0), ArrowUp: () => shift(0, 1), ArrowDown: () => shift(0, -1),
  };
  stage.addEventListener("keydown", (event) => {
    if (event.target !== stage || !acts[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    acts[event.key]();
  });
  const tools = Object.assign(document.createElement("div"), { className: "tools" });
  for (const [key, sign, name] of [["+", "+", "Zoom in"], ["-", "−", "Zoom out"], ["0", "All", "Show the whole group"]]) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: sign });
    button.setAttribute("aria-label", name);
    button.addEventListener("click", acts[key]);
    tools.append(button);
  }
  stage.append(tools);

  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    colours = palette();
    sigma.setSettings({ defaultNodeColor: colours.node, defaultEdgeColor: colours.line, labelColor: { color: colours.ink } });
  });
  const numbers = new Map(data.members.map((one, index) => [one.account, String(index)]));
  const timeline = document.querySelector(".timeline");
  // for measurements and tests
  figure.network = { sigma, camera };

  return {
    narrow({ trace, account, from, to }) {
      asked = { trace, node: numbers.get(account) };
      mask = timeline && (from || to) ? bits(timeline.dataset, data.steps, from, to) : null;
      around(asked.node);
      sigma.refresh({ skipIndexation: true });
    },
  };
}

function bits({ start, step }, steps, from, to) {
  const at = (text) => (Date.parse(`${text}Z`) / 1000 - Number(start)) / Number(step);
  const low = from ? Math.max(0, Math.floor(at(from))) : 0;
  const high = to ? Math.min(steps - 1, Math.floor(at(to))) : steps - 1;
  return high < low ? 0n : ((1n << BigInt(high - low + 1)) - 1n) << BigInt(low);
}

function palette() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  return {
    node: colour("--accent"), line: colour("--line"), ink: colour("--ink"), pale: colour("--pale"),
    faint: colour("--rule"), chosen: colour("--warn"), paper: colour("--paper"),
  };
}
