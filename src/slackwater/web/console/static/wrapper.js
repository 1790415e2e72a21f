/* The page of a wrapper: tabs, live log, editing the module with a dry run, settings, rewinding the checkpoint.
 * Whatever comes from a source or a module is put into the page as text, never as markup. */
"use strict";
(() => {
  const id = document.getElementById("details").dataset.wrapper;
  const root = `/resources/wrappers/${id}`;
  const $ = (name) => document.getElementById(name);
  const filled = (text, values) => Object.entries(values).reduce((all, [key, value]) => all.replace(`{${key}}`, value), text);
  const fire = (name) => document.body.dispatchEvent(new CustomEvent(name));

  /* Tabs */
  const tabs = [...document.querySelectorAll('[role="tab"]')];
  function open(tab, focus) {
    for (const each of tabs) {
      const chosen = each === tab;
      each.setAttribute("aria-selected", chosen);
      each.tabIndex = chosen ? 0 : -1;
      $(each.getAttribute("aria-controls")).hidden = !chosen;
    }
    if (focus) tab.focus();
    history.replaceState(history.state, "", `#${tab.id.slice(4)}`);
  }
  tabs.forEach((tab, n) => {
    tab.addEventListener("click", () => open(tab));
    tab.addEventListener("keydown", (event) => {
      const to = { ArrowRight: n + 1, ArrowLeft: n - 1, Home: 0, End: tabs.length - 1 }[event.key];
      if (to !== undefined) { event.preventDefault(); open(tabs[(to + tabs.length) % tabs.length], true); }
    });
  });
  /* The strip of runs is one stop for the keyboard; arrows go along it. */
  document.addEventListener("keydown", (event) => {
    const beat = event.target.closest("[data-beats] .beat"), by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!beat || !by) return;
    const all = [...beat.parentElement.children], next = all[all.indexOf(beat) + by];
    if (next) { event.preventDefault(); beat.tabIndex = -1; next.tabIndex = 0; next.focus(); }
  });
  /* The menu lies above the page, so that what renews itself does not close it. */
  document.addEventListener("beforetoggle", (event) => {
    if (event.target.id !== "more-actions" || event.newState !== "open") return;
    const at = $("more").getBoundingClientRect(), menu = event.target, root = document.documentElement;
    menu.style.display = "grid"; // measured before it is shown: it would be seen to move
    const width = menu.offsetWidth;
    menu.style.display = "";
    // On the root: what renews itself takes no style away from there.
    root.style.setProperty("--menu-top", `${at.bottom + 4}px`);
    root.style.setProperty("--menu-left", `${Math.max(8, at.right - width)}px`);
  }, true);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-open-tab], [data-empty], [data-fill], #more-actions [data-call]");
    if (!button) return;
    if (button.closest("#more-actions")) $("more-actions").hidePopover();
    if (button.dataset.openTab) { const tab = $(`tab-${button.dataset.openTab}`); open(tab, true); tab.scrollIntoView({ block: "start" }); if (button.id === "answer") ask(); }
    if (button.dataset.fill) { const field = $(button.dataset.fill); field.value = button.dataset.value; field.dispatchEvent(new Event("input", { bubbles: true })); field.focus(); }
    if (button.dataset.empty) document.querySelector(button.dataset.empty).replaceChildren();
  });
  const wanted = tabs.find((tab) => `#${tab.id.slice(4)}` === location.hash);
  if (wanted) open(wanted);
  /* What is wrong is about a setting: one is led to its field. */
  function ask() {
    const field = document.querySelector("#settings .asked :is(input, select, textarea)");
    if (field) { field.focus({ preventScroll: true }); field.scrollIntoView({ block: "center" }); }
  }
  if (wanted && wanted.id === "tab-settings" && $("answer")) ask();

  /* What depends on the wrapper's state */
  let known = "";
  function state() {
    const live = $("live").dataset;
    if (!live.status) return; // deleted
    const idle = live.idle === "yes";
    document.querySelectorAll("[data-needs-idle]").forEach((each) => { each.hidden = idle; });
    document.querySelectorAll("[data-idle-only]").forEach((each) => { each.disabled = !idle; });
    const now = `${live.status} ${live.epoch}`;
    if (known && known.split("|")[0] !== now) fire("slackwater:status");
    if (known && known !== `${now}|${live.runs}|${live.version}|${$("progress") ? 1 : 0}`) fire("slackwater:runs");
    known = `${now}|${live.runs}|${live.version}|${$("progress") ? 1 : 0}`;
  }
  document.addEventListener("htmx:afterSettle", state);
  state();

  /* Log: server-sent events, only while the page is looked at; a browser has few connections. */
  const LINES = 1000, LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR"];
  const log = $("log"), pause = $("log-pause"), stateChip = $("log-state");
  let stream = null, last = 0, held = [], paused = false;
  /* The log is written in UTC; it is read in the zone of the page. */
  function placed(text) {
    const zone = slackwater.zone(), [, day, hour, rest] = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)( - .*)$/s.exec(text) || [];
    if (zone.name === "UTC" || !day) return text;
    const at = Date.parse(`${day}T${hour}Z`) / 1000;
    return `${new Date(zone.clock(at) * 1000).toISOString().slice(0, 19).replace("T", " ")} ${zone.label(at)}${rest}`;
  }
  function line(text) {
    const level = (/^[\d-]+ [\d:]+ - ([A-Z]+) - /.exec(text) || [])[1] || "INFO";
    const item = document.createElement("p");
    item.dataset.level = level;
    item.textContent = placed(text);
    item.hidden = LEVELS.indexOf(level) < LEVELS.indexOf($("log-level").value);
    return item;
  }
  function add(texts) {
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    log.append(...texts.map(line));
    while (log.childElementCount > LINES) log.firstElementChild.remove();
    if (atEnd) log.scrollTop = log.scrollHeight;
  }
  function listen() {
    if (stream || document.hidden) return;
    stream = new EventSource(log.dataset.url);
    let batch = [], timer = 0;
    stream.onopen = () => chip("live");
    stream.onerror = () => { chip("lost"); if (stream && stream.readyState === EventSource.CLOSED) { hush(); setTimeout(listen, 3000); } };
    stream.addEventListener("end", () => { hush(); chip("over"); });
    stream.onmessage = (event) => {
      const number = Number(event.lastEventId);
      if (number <= last) return;
      last = number;
      batch.push(event.data);
      timer = timer || setTimeout(() => { timer = 0; const lines = batch; batch = []; paused ? hold(lines) : add(lines); }, 50);
    };
  }
  function hush() { if (stream) { stream.close(); stream = null; } }
  function hold(lines) { held = held.concat(lines).slice(-LINES); pause.textContent = filled(pause.dataset.on, { n: held.length }); }
  function chip(name) { stateChip.textContent = stateChip.dataset[name]; stateChip.className = `chip ${name === "live" ? "good" : name === "lost" ? "warn" : ""}`; }
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", paused);
    if (paused) hold([]);
    else { pause.textContent = pause.dataset.pause; add(held); held = []; }
  });
  $("log-level").addEventListener("change", () => {
    const least = LEVELS.indexOf($("log-level").value);
    for (const item of log.children) item.hidden = LEVELS.indexOf(item.dataset.level) < least;
    log.scrollTop = log.scrollHeight;
  });
  /* A new EventSource knows no last line: what was missed while hidden comes from the newest lines, without doubles. */
  document.addEventListener("visibilitychange", () => { if (document.hidden) hush(); else { listen(); } });
  addEventListener("pagehide", hush);
  listen();

  /* Code */
  document.addEventListener("click", (event) => {
    if (!event.target.closest("#code-edit")) return;
    const shown = $("code-shown");
    $("code-text").value = shown ? shown.textContent : "";
    $("code-editor").hidden = false;
    $("code-view").hidden = true;
    $("code-text").focus();
  });
  const editor = $("code-editor");
  if (editor) {
    const close = () => { editor.hidden = true; $("code-view").hidden = false; };
    $("code-cancel").addEventListener("click", close);
    $("code-try").addEventListener("click", async () => {
      const out = $("code-result"), button = $("code-try");
      out.replaceChildren(paragraph(out.dataset.trying, "muted"));
      button.setAttribute("aria-busy", "true");
      try {
        const answer = await slackwater.call("POST", `${root}/dry-run`, { generated_code: $("code-text").value });
        tried(out, answer);
      } catch { out.replaceChildren(paragraph(document.body.dataset.saidFailed, "note bad")); }
      finally { button.removeAttribute("aria-busy"); }
    });
    $("code-save").addEventListener("click", async () => {
      const answer = await slackwater.call("PATCH", root, { generated_code: $("code-text").value });
      if (!answer.ok) return slackwater.toast(slackwater.sentence(answer.body), true);
      slackwater.toast($("settings").dataset.saved);
      close();
      fire("slackwater:status"); fire("slackwater:changed");
    });
  }
  const lang = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang, zone = slackwater.zone();
  const number = slackwater.number({ maximumSignificantDigits: 6 });
  const moment = (text) => { const at = new Date(text); return `${at.toLocaleString(lang, { timeZone: zone.name, dateStyle: "medium", timeStyle: "short" })} ${zone.label(at.getTime() / 1000)}`; };
  function paragraph(text, kind) { const p = document.createElement("p"); p.className = kind; p.textContent = text; return p; }
  function block(title, lines) {
    const box = document.createElement("details"), head = document.createElement("summary"), pre = document.createElement("pre");
    head.textContent = title; pre.className = "code"; pre.tabIndex = 0; pre.textContent = lines.join("\n");
    box.open = true; box.append(head, pre);
    return box;
  }
  function tried(out, { ok, body }) {
    if (!ok) return out.replaceChildren(paragraph(slackwater.sentence(body), "note bad"));
    const parts = [paragraph(body.message, body.success ? "note good" : "note bad")];
    if (body.sample.length) {
      parts.push(paragraph(body.points === 1 ? out.dataset.givesOne : filled(out.dataset.gives, { n: body.points }), "muted"));
      const table = document.createElement("table"), head = table.createTHead().insertRow(), rows = table.createTBody();
      for (const name of ["time", "value", "series"]) { const th = document.createElement("th"); th.scope = "col"; th.textContent = out.dataset[name]; head.append(th); }
      for (const point of body.sample) { const row = rows.insertRow(); for (const cell of [moment(point.x), number.format(point.y), point.series]) row.insertCell().textContent = cell; }
      const list = document.createElement("div"); list.className = "list"; list.append(table); parts.push(list);
    }
    if (body.traceback) parts.push(block(body.message, [body.traceback]));
    if (body.rejected.length) parts.push(block(out.dataset.refused, body.rejected));
    if (body.logs.length) parts.push(block(out.dataset.printed, body.logs));
    out.replaceChildren(...parts);
  }

  /* Settings: only what was changed is sent. */
  const form = $("settings");
  const value = {
    flag: (field) => field.checked, number: (field) => { const text = field.value.trim(), found = Number(text.replace(",", ".")); return text === "" ? null : Number.isNaN(found) ? text : found; }, // the service says that it is none
    list: (field) => { const lines = field.value.split("\n").map((each) => each.trim()).filter(Boolean); return lines.length ? lines : null; },
    labels: (field) => field.value.split(/[\s,;]+/).filter(Boolean),
    json: (field) => JSON.parse(field.value.trim() || "{}"),
  };
  /* Only the credentials of the chosen kind. */
  const kind = $("config-auth_type");
  if (kind) kind.addEventListener("change", () => form.querySelectorAll("[data-auth]").forEach((each) => { each.hidden = each.dataset.auth !== kind.value; }));
  /* Where a field stands in what is sent; what has no group stands at the top. */
  const GROUPS = { config: "source_config", metadata: "metadata" };
  const raw = (field) => (field.type === "checkbox" ? field.checked : field.value);
  const fields = [...form.querySelectorAll("[data-field]")];
  fields.forEach((field) => { field.before_ = raw(field); });
  /* What is wrong stands beside its field, in plain words; the rest in a toast. */
  const words = { ...JSON.parse(form.dataset.invalid), not_json: form.dataset.badJson };
  async function refused({ ok, body }) {
    form.querySelectorAll(".wrong").forEach((each) => each.remove());
    form.querySelectorAll("[aria-invalid]").forEach((each) => each.removeAttribute("aria-invalid"));
    if (ok) return;
    let first = null;
    for (const error of Array.isArray(body.detail) ? body.detail : []) {
      const field = fields.find((each) => error.loc.includes(each.dataset.field) && error.loc.includes(GROUPS[each.dataset.group] || each.dataset.field));
      if (!field) continue;
      const known = words[error.type];
      const wrong = document.createElement("span");
      wrong.className = "wrong"; wrong.id = `${field.id}-error`; wrong.setAttribute("role", "alert");
      wrong.textContent = known ? filled(known, error.ctx || {}) : await slackwater.say(error.msg.replace(/^Value error, /, "").replace(/^./, (each) => each.toUpperCase()));
      field.setAttribute("aria-invalid", "true");
      field.setAttribute("aria-errormessage", wrong.id);
      field.after(wrong);
      field.closest(".field").hidden = false;
      if (field.closest("details")) field.closest("details").open = true;
      first = first || field;
    }
    if (first) first.focus();
    else slackwater.toast(slackwater.sentence(body), true);
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const changes = {};
    for (const field of fields.filter((each) => raw(each) !== each.before_)) {
      const group = GROUPS[field.dataset.group];
      try { (group ? (changes[group] = changes[group] || {}) : changes)[field.dataset.field] = (value[field.dataset.kind] || ((each) => (each.value.trim() === "" ? null : each.value)))(field); }
      catch { return refused({ ok: false, body: { detail: [{ loc: [group, field.dataset.field], type: "not_json" }] } }); }
    }
    if (!Object.keys(changes).length) return slackwater.toast(form.dataset.unchanged);
    const answer = await slackwater.call("PATCH", root, changes);
    await refused(answer);
    if (!answer.ok) return;
    fields.forEach((field) => { field.before_ = raw(field); });
    slackwater.toast(form.dataset.saved);
    fire("slackwater:changed");
  });

  /* Tags may be changed while the source is followed. */
  const tags = $("tags-form");
  const named = (text) => text.split(",").map((each) => each.trim()).filter(Boolean);
  if (tags) tags.addEventListener("submit", async () => {
    const before = named($("tags-text").defaultValue), after = named($("tags-text").value);
    const answer = await slackwater.call("POST", "/resources/wrappers/tags", { wrapper_ids: [id], add: after, remove: before });
    if (!answer.ok) return slackwater.toast(slackwater.sentence(answer.body), true);
    $("tags-text").defaultValue = after.join(", ");
    fire("slackwater:changed");
  });

  /* Another file in the place of the old one: uploaded, and only then is anything stopped or changed. */
  const replacing = $("replace-form");
  if (replacing) replacing.addEventListener("submit", async () => {
    const file = $("replace-file").files[0], anew = replacing.querySelector("[name=how]:checked").value === "anew";
    const refuse = async (answer) => slackwater.toast(filled(replacing.dataset.saidRefused, { why: await slackwater.say(slackwater.sentence(answer.body)) }), true);
    const body = new FormData();
    body.append("file", file);
    const kept = await slackwater.call("POST", "/resources/wrappers/files/upload", body);
    if (!kept.ok) return refuse(kept);
    if (kept.body.validation_status !== "valid") return refuse({ body: { detail: kept.body.validation_errors.join(" ") || kept.body.message } });
    const steps = [["POST", `${root}/stop`], ["PATCH", root, { source_config: { file_id: kept.body.file_id } }]];
    steps.push(...(anew ? [["POST", `${root}/regenerate`]] : [["DELETE", `${root}/checkpoint`], ["POST", `${root}/execute?wait=0`]]));
    for (const [method, path, given] of steps) {
      const answer = await slackwater.call(method, path, given);
      if (!answer.ok || answer.body.success === false) return refuse(answer);
    }
    slackwater.toast(filled(replacing.dataset.saidDone, { name: file.name }));
    fire("slackwater:changed"); fire("slackwater:runs");
  });

  /* A field that is not read becomes a series: the source is analysed and read again with it. */
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-adds]");
    if (!button || !(await slackwater.confirm(button.dataset.sure, button.textContent.trim()))) return;
    for (const [method, path, given] of [["POST", `${root}/stop`], ["PATCH", root, { source_config: JSON.parse(button.dataset.adds) }], ["POST", `${root}/regenerate`]]) {
      const answer = await slackwater.call(method, path, given);
      if (!answer.ok || answer.body.success === false) return slackwater.toast(slackwater.sentence(answer.body), true);
    }
    $("choices").replaceChildren();
    fire("slackwater:changed"); fire("slackwater:runs");
  });

  /* Rewind: what was read behind a moment counts as read no longer. */
  const rewind = $("rewind");
  if (rewind) rewind.addEventListener("submit", async (event) => {
    event.preventDefault();
    const chosen = $("rewind-from") && $("rewind-from").value;
    if (!chosen) return slackwater.toast(rewind.dataset.bad, true);
    const zone = slackwater.zone(), from = zone.read(chosen.replace("T", " "));
    const answer = await slackwater.call("GET", `${root}/checkpoint`);
    if (!answer.ok) return slackwater.toast(slackwater.sentence(answer.body), true);
    const { covered, backfill_done, backfill_reason } = answer.body;
    const seconds = (text) => new Date(text).getTime() / 1000;
    const again = covered.filter((part) => seconds(part.end) > from).map((part) => [Math.max(seconds(part.start), from), seconds(part.end)]);
    if (!again.length) return slackwater.toast(rewind.dataset.nothing, true);
    const day = (each) => new Date(each * 1000).toLocaleString(document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang, { timeZone: zone.name, dateStyle: "medium", timeStyle: "short" });
    const what = again.map(([start, end]) => filled(rewind.dataset.span, { start: day(start), end: day(end) })).join(", ");
    if (!(await slackwater.confirm(filled(rewind.dataset.confirm, { what }), rewind.dataset.yes))) return;
    const kept = covered.filter((part) => seconds(part.start) < from).map((part) => ({ start: part.start, end: seconds(part.end) > from ? new Date(from * 1000).toISOString() : part.end }));
    const done = await slackwater.call("PUT", `${root}/checkpoint`, { covered: kept, backfill_done: kept.length > 0 && backfill_done, backfill_reason: kept.length ? backfill_reason : null });
    slackwater.toast(done.ok ? rewind.dataset.done : slackwater.sentence(done.body), !done.ok);
    fire("slackwater:changed");
  });
})();
