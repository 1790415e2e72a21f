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
    const taken = Object.entries(JSON.parse(button.dataset.take)).flatMap(([name, texts]) => texts.map((text) => [`set.${name}`, text]));
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

  /* The first points: one chart of what was found, or one for each answer to a question. */
  const lang = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
  const number = slackwater.number({ maximumSignificantDigits: 6 });
  const charts = new Map();
  function drawn(place) {
    const { times, series, zone: name } = JSON.parse(place.dataset.sample), zone = slackwater.zone(name);
    const small = place.classList.contains("offer-chart");
    const ink = slackwater.color("--muted"), line = slackwater.color("--line");
    const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { stroke: line }, font: "12px system-ui, sans-serif" };
    const span = times.length ? times.at(-1) - times[0] : 0;
    const shape = (step) => (step >= 364 * 86400 ? { year: "numeric" } : step >= 28 * 86400 ? { month: "short", year: "2-digit" } : step >= 86400 ? { day: "numeric", month: "short" } : { hour: "2-digit", minute: "2-digit" });
    const day = (step) => new Intl.DateTimeFormat(lang, { timeZone: zone.name, hourCycle: "h23", ...shape(step) });
    /* Midnight is told by its day. */
    const ticks = (step) => (each) => {
      const at = new Date(each * 1000), text = day(step).format(at);
      return (text === "00:00" ? day(86400).format(at) : text).replaceAll(" de ", " ");
    };
    const edge = span / 40 || 43200;
    /* Each unit has its own scale, the first two an axis with it. */
    const units = [...new Set(series.map((each) => each.unit))], room = (u, values) => 14 + 7.2 * Math.max(2, ...(values || []).map((each) => String(each).length));
    const range = (u, low, high) => (low === null ? [0, 1] : low === high ? [low - 1, high + 1] : uPlot.rangeNum(low, high, 0.1, true));
    const colors = (k) => series.flatMap((each, n) => (each.unit === units[k] ? [slackwater.seriesColor(n)] : []));
    return new uPlot({
      width: place.clientWidth, height: small ? 110 : 220, legend: { show: false }, cursor: { show: false }, padding: [10, 24, 0, 0],
      scales: { x: { time: true, range: () => (times.length ? [times[0] - edge, times.at(-1) + edge] : [0, 1]) }, ...Object.fromEntries(units.map((_, k) => [`y${k}`, { range }])) },
      axes: [
        { ...axis, space: small ? 60 : 80, splits: (u, _, low, high, step) => zone.lines(low, high, step), values: (u, splits, _, __, step) => splits.map(ticks(step)) },
        ...units.slice(0, 2).map((unit, k) => ({
          ...axis, scale: `y${k}`, side: k ? 1 : 3, grid: k ? { show: false } : axis.grid, space: small ? 20 : 30, size: room,
          stroke: units.length > 1 && colors(k).length === 1 ? colors(k)[0] : ink,
          values: (u, splits) => splits.map((each) => number.format(each)), ...(unit && units.length > 1 ? { label: unit, labelSize: 18, labelFont: axis.font } : {}),
        })),
      ],
      series: [{}, ...series.map((each, n) => ({ label: each.name, scale: `y${units.indexOf(each.unit)}`, stroke: slackwater.seriesColor(n), width: 1.5, spanGaps: true, points: { show: true, size: 5 } }))],
    }, [times, ...series.map((each) => each.values)], place);
  }
  function draw() {
    charts.forEach((chart) => chart.destroy());
    charts.clear();
    document.querySelectorAll("[data-sample]").forEach((place) => {
      place.replaceChildren();
      if (JSON.parse(place.dataset.sample).times.length) charts.set(place, drawn(place));
    });
  }
  document.addEventListener("htmx:afterSettle", (event) => { if (event.target.id === "found" || event.target.closest("#found")) { draw(); needs(); remember(); } });
  window.addEventListener("resize", () => charts.forEach((chart, place) => chart.setSize({ width: place.clientWidth, height: chart.height })));
  draw();
  needs();
  /* An upload that one comes back to is looked at once more. */
  if (byId("file-id").value && !byId("found").querySelector("section")) addEventListener("load", () => form.requestSubmit(byId("look")));
})();
