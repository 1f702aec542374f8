// A span of time, chosen by dragging over the timeline or by moving its two ends with the keyboard.

export function brush(figure, { moved, chosen }) {
  const start = Number(figure.dataset.start);
  const step = Number(figure.dataset.step);
  const steps = Number(figure.dataset.steps);
  const box = figure.querySelector(".brushed");
  const band = Object.assign(document.createElement("div"), { className: "brush" });
  const ends = ["Beginning", "End"].map((name, which) => handle(name, which));
  let span = [0, steps]; // in steps, the end not included
  figure.querySelector(".hint").hidden = false;
  box.append(band, ...ends);

  const written = (place) => new Date((start + place * step) * 1000).toISOString().slice(0, 19);
  const whole = () => span[0] === 0 && span[1] === steps;
  const told = () => (whole() ? { from: "", to: "" } : { from: written(span[0]), to: last(span[1]) });
  const last = (place) => new Date((start + place * step) * 1000 - 1000).toISOString().slice(0, 19);

  function handle(name, which) {
    const end = document.createElement("div");
    end.className = "handle";
    end.tabIndex = 0;
    end.setAttribute("role", "slider");
    end.setAttribute("aria-label", `${name} of the time shown`);
    end.setAttribute("aria-valuemin", 0);
    end.setAttribute("aria-valuemax", steps);
    end.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 }[event.key];
      const to = { Home: 0, End: steps }[event.key];
      if (by === undefined && to === undefined) return;
      event.preventDefault();
      span[which] = clamp(to ?? span[which] + by, which ? span[0] + 1 : 0, which ? steps : span[1] - 1);
      paint();
      moved(told());
      chosen(told());
    });
    end.addEventListener("pointerdown", (event) => {
      event.stopPropagation();
      event.preventDefault();
      end.focus();
      drag(event, (place) => { span[which] = clamp(place, which ? span[0] + 1 : 0, which ? steps : span[1] - 1); });
    });
    return end;
  }

  function clamp(value, low, high) {
    return Math.max(low, Math.min(high, Math.round(value)));
  }

  function place(event) {
    const { left, width } = box.getBoundingClientRect();
    return ((event.clientX - left) / width) * steps;
  }

  function drag(event, move) {
    box.setPointerCapture(event.pointerId);
    const going = (one) => { move(place(one)); paint(); moved(told()); };
    const ended = () => {
      box.removeEventListener("pointermove", going);
      box.removeEventListener("pointerup", ended);
      box.removeEventListener("pointercancel", ended);
      chosen(told());
    };
    box.addEventListener("pointermove", going);
    box.addEventListener("pointerup", ended);
    box.addEventListener("pointercancel", ended);
  }

  box.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    const from = place(event);
    // a mere click takes the span away
    span = [0, steps];
    drag(event, (to) => {
      span = [clamp(Math.floor(Math.min(from, to)), 0, steps - 1), clamp(Math.ceil(Math.max(from, to)), 1, steps)];
    });
    paint();
  });

  function paint() {
    const share = span.map((one) => `${(100 * one) / steps}%`);
    band.style.left = share[0];
    band.style.right = `${100 - (100 * span[1]) / steps}%`;
    band.hidden = whole();
    ends.forEach((end, which) => {
      end.style.left = share[which];
      end.setAttribute("aria-valuenow", span[which]);
      end.setAttribute("aria-valuetext", `${(which ? last(span[1]) : written(span[0])).replace("T", " ")} UTC`);
    });
  }

  paint();
  return {
    show({ from, to }) {
      const at = (text, rest) => (text ? (Date.parse(`${text}Z`) / 1000 - start) / step : rest);
      const low = clamp(Math.floor(at(from, 0)), 0, steps - 1);
      span = [low, clamp(Math.ceil(at(to, steps)), low + 1, steps)];
      paint();
    },
  };
}
