// Files dropped on the page, and how far the run is.

const EVERY = 500; // ms

export function watch(section, form) {
  const part = (name) => section.querySelector(name);
  let seen = section.dataset.state;

  function show(now) {
    if (now.state !== seen) {
      seen = section.dataset.state = now.state;
      part(".state").textContent = { idle: "Nothing runs.", running: "Running.", done: "Done.",
        failed: "It ended with an error.", stopped: "Stopped." }[now.state];
    }
    const on = now.state === "running";
    part(".bar").hidden = part(".stop").hidden = !on;
    part(".next").hidden = now.state !== "done";
    if (part(".error").textContent !== now.error) part(".error").textContent = now.error;
    bar(now.what, now.done, now.total);
    const list = part(".lines");
    // lines only ever get more, unless a new run began
    if (now.lines.length < list.children.length) list.replaceChildren();
    now.lines.slice(list.children.length).forEach((line) => {
      list.append(Object.assign(document.createElement("li"), { textContent: line }));
    });
    return on;
  }

  function bar(what, done, total) {
    part(".bar label").textContent = what;
    const progress = part("progress");
    if (total) Object.assign(progress, { max: total, value: done });
    else progress.removeAttribute("value");
    part(".figures").textContent = done ? done.toLocaleString("en") + (total ? ` of ${total.toLocaleString("en")}` : "") : "";
  }

  async function follow() {
    try {
      const answer = await fetch("/run.json");
      if (!show(await answer.json())) return;
    } catch {
      part(".error").textContent = "The page does not answer: is concerted serve still running?";
    }
    setTimeout(follow, EVERY);
  }

  function send(file) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("POST", `/run/files?${new URLSearchParams({ name: file.name })}`);
      request.setRequestHeader("accept", "application/json");
      request.setRequestHeader("content-type", "application/octet-stream");
      request.responseType = "json";
      request.upload.onprogress = (event) => {
        part(".bar").hidden = false;
        bar(`copying ${file.name}`, event.loaded, event.total);
      };
      request.onload = () => (request.status === 200 ? resolve(request.response.file)
        : reject(new Error(request.response?.error ?? `the page answered ${request.status}`)));
      request.onerror = () => reject(new Error(`${file.name} could not be copied: the connection was closed`));
      request.send(file);
    });
  }

  async function begin(files) {
    part(".error").textContent = "";
    try {
      const names = [];
      for (const file of files) names.push(await send(file));
      const fields = new URLSearchParams(names.map((name) => ["file", name]));
      for (const name of ["timezone", "map"]) {
        if (form.elements[name].value) fields.set(name, form.elements[name].value);
      }
      const answer = await fetch("/run/start", { method: "POST", body: fields, headers: { accept: "application/json" } });
      if (!answer.ok) throw new Error((await answer.json()).error);
      form.elements.files.value = "";
      follow();
    } catch (error) {
      part(".bar").hidden = true;
      part(".error").textContent = error.message;
    }
  }

  form.addEventListener("submit", (event) => { event.preventDefault(); begin([...form.elements.files.files]); });
  form.elements.files.setAttribute("name", "files");
  for (const kind of ["dragover", "dragleave", "drop"]) {
    form.addEventListener(kind, (event) => {
      event.preventDefault();
      form.classList.toggle("over", kind === "dragover");
      if (kind === "drop") begin([...event.dataTransfer.files]);
    });
  }
  if (seen === "running") follow();
}
