// Which part of a picture is seen: moved by dragging, by keys and by buttons, zoomed by keys, buttons, two
// fingers, or the wheel while the picture has the focus or Ctrl is held; else the wheel scrolls the page.

const ZOOM = 1.4;
const STEP = 0.1;
const EDGE = 34; // CSS pixels

export function view(stage, canvas, changed) {
  const whole = () => ({ x: 0.5, y: 0.5, zoom: 1 });
  let now = whole();
  const fingers = new Map();
  let moved = 0;

  const size = () => [canvas.clientWidth || 1, canvas.clientHeight || 1];
  const scale = () => size().map((one) => Math.max(1, one - 2 * EDGE) * now.zoom);

  function set(next) {
    now = { ...now, ...next };
    now.zoom = Math.min(60, Math.max(0.3, now.zoom));
    changed();
  }

  // the place under the pointer stays where it is
  function zoom(factor, at = size().map((one) => one / 2)) {
    const before = place(at);
    set({ zoom: now.zoom * factor });
    const after = place(at);
    set({ x: now.x + before[0] - after[0], y: now.y + before[1] - after[1] });
  }

  function place([left, top]) {
    const [width, height] = size();
    const [sx, sy] = scale();
    return [now.x + (left - width / 2) / sx, now.y - (top - height / 2) / sy];
  }

  const pan = (x, y) => set({ x: now.x + (x * STEP) / now.zoom, y: now.y + (y * STEP) / now.zoom });
  const acts = {
    "+": () => zoom(ZOOM), "=": () => zoom(ZOOM), "-": () => zoom(1 / ZOOM), 0: () => set(whole()),
    ArrowLeft: () => pan(-1, 0), ArrowRight: () => pan(1, 0), ArrowUp: () => pan(0, 1), ArrowDown: () => pan(0, -1),
  };
  stage.addEventListener("keydown", (event) => {
    if (event.target !== stage || !acts[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    acts[event.key]();
  });

  const at = (event) => {
    const { left, top } = canvas.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && document.activeElement !== stage) return;
    event.preventDefault();
    zoom(2 ** (-event.deltaY / 300), at(event));
  }, { passive: false });
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, at(event));
    if (fingers.size === 1) moved = 0;
  });
  canvas.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const next = at(event);
    const others = [...fingers].filter(([id]) => id !== event.pointerId).map(([, one]) => one);
    fingers.set(event.pointerId, next);
    moved += Math.hypot(next[0] - before[0], next[1] - before[1]);
    const [sx, sy] = scale();
    if (!others.length) set({ x: now.x - (next[0] - before[0]) / sx, y: now.y + (next[1] - before[1]) / sy });
    else zoom(far(next, others[0]) / Math.max(1, far(before, others[0])), others[0]);
  });
  for (const kind of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(kind, (event) => fingers.delete(event.pointerId));
  }
  const far = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);

  return {
    set, acts, at,
    // whether the pointer only clicked
    still: () => moved < 4,
    held: () => fingers.size > 0,
    centre: () => [now.x, now.y],
    scale,
    // where a place of the data is, in CSS pixels
    seen: (x, y) => {
      const [width, height] = size();
      const [sx, sy] = scale();
      return [width / 2 + (x - now.x) * sx, height / 2 - (y - now.y) * sy];
    },
  };
}
