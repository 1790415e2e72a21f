/* The page of a new source: uploads with progress, credentials as they are asked for, the chart of the sample. */
"use strict";
(() => {
  const form = document.getElementById("new");
  const byId = (id) => document.getElementById(id);

  byId("auth-type").addEventListener("change", (event) => {
    form.querySelectorAll("[data-auth]").forEach((field) => { field.hidden = field.dataset.auth !== event.target.value; });
  });

  function needs() {
    if (!byId("found").querySelector("[data-needs=credentials]")) return;
    byId("access").open = true;
    if (byId("auth-type").value === "none") byId("auth-type").focus();
  }

  /* How long it has been looking, and giving it up. */
  let began = 0, ticking = 0;
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!event.target.closest("#new")) return;
    began = Date.now();
    const said = byId("looking-for");
    said.textContent = "";
    byId("looking-at").textContent = "";
    clearInterval(ticking);
    ticking = setInterval(() => { said.textContent = said.dataset.said.replace("{n}", Math.round((Date.now() - began) / 1000)); tell(ticking); }, 1000);
  });
  /* What is being tried just now. */
  async function tell(mine) {
    const place = byId("looking-at");
    const answer = await fetch(place.dataset.url, { credentials: "same-origin" }).catch(() => null);
    if (answer && answer.ok && mine === ticking) place.textContent = await answer.text();
  }
  document.addEventListener("htmx:afterRequest", () => { clearInterval(ticking); ticking = 0; });
  byId("cancel").addEventListener("click", () => form.querySelectorAll(".htmx-request").forEach((each) => htmx.trigger(each, "htmx:abort")) || htmx.trigger(form, "htmx:abort"));

  /* What was decided otherwise than it was detected, and taking it back. */
  const decided = () => [...new FormData(form)].filter(([name, value]) => name.startsWith("set.") && value).filter(([name], _, all) => !asDetected(name, all));
  const asDetected = (name, all) => {
    const was = new FormData(form).getAll(name.replace("set.", "was."));
    return was.length > 0 && JSON.stringify(was) === JSON.stringify(all.filter(([each]) => each === name).map(([, value]) => value));
  };
  const past = [];
  let present = [];
  function decide(pairs) {
    form.querySelectorAll('[name^="was."]').forEach((field) => field.remove());
    form.querySelectorAll('[name^="set."]').forEach((field) => {
      if (field.type === "checkbox") field.checked = false;
      else field.value = "";
    });
    for (const [name, value] of pairs) {
      const fields = [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
      const box = fields.find((field) => field.type === "checkbox" && field.value === value);
      const free = fields.find((field) => field.type !== "checkbox" && !field.value);
      if (box) box.checked = true;
      else {
        if (free) free.value = value;
        if (free && free.value === value) continue;
        const hidden = document.createElement("input");
        hidden.type = "hidden"; hidden.name = name; hidden.value = value;
        byId("found").append(hidden);
      }
    }
    form.requestSubmit(byId("look"));
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-take], [data-as-detected], #undo");
    if (!button) return;
    if (button.id === "undo") { const before = past.pop(); present = before; return decide(before); }
    if (button.dataset.asDetected) return decide(decided().filter(([name]) => name !== button.dataset.asDetected));
    const { location, ...others } = JSON.parse(button.dataset.take);
    if (location) byId("location").value = location[0];
    const taken = Object.entries(others).flatMap(([name, texts]) => texts.map((text) => [`set.${name}`, text]));
    const names = new Set(taken.map(([name]) => name));
    decide([...decided().filter(([name]) => !names.has(name)), ...taken]);
  });
  function remember() {
    const now = decided();
    if (JSON.stringify(now) !== JSON.stringify(present)) { past.push(present); present = now; }
    if (byId("undo")) byId("undo").hidden = !past.length;
  }

  /* Another source has other answers. */
  byId("location").addEventListener("input", () => { byId("found").replaceChildren(); past.length = 0; present = []; });

  function upload(file) {
    const said = form.dataset.uploading.replace("{name}", file.name);
    byId("upload-said").textContent = said;
    byId("upload").hidden = false;
    const body = new FormData();
    body.append("file", file);
    const request = new XMLHttpRequest();
    request.open("POST", "/resources/wrappers/files/upload");
    request.setRequestHeader("X-CSRF-Token", document.querySelector('meta[name="csrf-token"]').content);
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) byId("upload-meter").value = event.loaded / event.total; });
    request.addEventListener("loadend", () => {
      byId("upload").hidden = true;
      byId("file").value = "";
      const answer = request.response || {};
      if (request.status === 401) return slackwater.signedOut();
      if (request.status !== 200) return slackwater.toast(slackwater.sentence(answer) || document.body.dataset.saidFailed, true);
      if (answer.validation_status !== "valid") return slackwater.toast(answer.validation_errors.join(" ") || answer.message, true);
      byId("file-id").value = answer.file_id;
      byId("file-name").value = answer.filename;
      byId("file-said").textContent = answer.filename;
      byId("by-url").hidden = true;
      byId("by-file").hidden = false;
      byId("found").replaceChildren();
      form.requestSubmit(byId("look"));
    });
    request.send(body);
  }

  byId("file").addEventListener("change", (event) => { given([...event.target.files]); });
  const given = (files) => { if (files.length > 1) slackwater.batch(files); else if (files.length) upload(files[0]); };
  const drop = byId("drop");
  drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    given([...event.dataTransfer.files]);
  });
  /* A file that misses the place must not take the page away. */
  for (const kind of ["dragover", "drop"]) window.addEventListener(kind, (event) => event.preventDefault());

  /* At once, since somebody may undo it at once; and when htmx has put the attributes in their places. */
  for (const told of ["htmx:afterSwap", "htmx:afterSettle"]) document.addEventListener(told, (event) => {
    if (event.target.closest("#found")) { needs(); remember(); }
  });
  needs();
  /* An upload that one comes back to is looked at once more. */
  if (byId("file-id").value && !byId("found").querySelector("section")) addEventListener("load", () => form.requestSubmit(byId("look")));
})();
