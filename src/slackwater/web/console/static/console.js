/* What every page of the console shares. No page needs it to be read; it makes acting and watching quicker.
 *
 * In the markup:
 *   data-call="POST /resources/…"  a button that calls the API with the session's CSRF header, shows what it answered
 *                                  and then fires `slackwater:changed` on <body> (hx-trigger="slackwater:changed from:body")
 *   data-confirm="consequence"     asks first;  data-confirm-yes="Delete" names the button
 *   data-said="words"              what it tells when the API's answer has no sentence
 *   data-then="/path"              goes there when it has succeeded
 *   data-dialog="id"               opens a <dialog>
 *   data-close                     closes the <dialog> that it stands in
 *   data-copy="#id"                copies the text of an element
 *   data-submit                    on a <select>: sends its form at once
 * For scripts: slackwater.call(method, path, body), .toast(text, bad), .confirm(text, yes), .color("--accent").
 */
"use strict";
(() => {
  const said = (name) => document.body.dataset["said" + name];
  const csrf = () => document.querySelector('meta[name="csrf-token"]').content;

  async function call(method, path, body) {
    const headers = { "X-CSRF-Token": csrf(), Accept: "application/json" };
    if (body !== undefined && !(body instanceof FormData)) {
      headers["Content-Type"] = "application/json";
      body = JSON.stringify(body);
    }
    const answer = await fetch(path, { method, headers, body, credentials: "same-origin" });
    if (answer.status === 401) signedOut();
    const json = (answer.headers.get("content-type") || "").includes("json");
    return { ok: answer.ok, status: answer.status, body: json ? await answer.json() : await answer.text() };
  }

  /* The session has ended. A page on which something may have been typed stays, and one signs in on top of it. */
  const dialog = document.getElementById("session");
  function signedOut() {
    if (!dialog || !document.querySelector("[data-keep]")) return location.reload();
    if (!dialog.open) dialog.showModal();
  }
  function renew(token) {
    document.querySelector('meta[name="csrf-token"]').content = token;
    document.querySelectorAll("input[name=csrf_token]").forEach((field) => { field.value = token; });
  }
  async function signedInAs(html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    const token = page.querySelector('meta[name="csrf-token"]');
    if (!token || !token.content) return false;
    renew(token.content);
    return true;
  }
  if (dialog) document.getElementById("session-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const key = document.getElementById("session-key"), wrong = document.getElementById("session-error");
    const answer = await fetch("/login", { method: "POST", body: new URLSearchParams({ key: key.value, next: "/data" }), credentials: "same-origin" });
    if (answer.ok && (await signedInAs(await answer.text()))) { key.value = ""; wrong.textContent = ""; dialog.close(); }
    else wrong.textContent = wrong.dataset.said;
  });
  if (dialog) document.getElementById("session-leave").addEventListener("click", () => location.reload());
  addEventListener("focus", async () => { // perhaps somebody has signed in elsewhere
    if (dialog && dialog.open && (await signedInAs(await (await fetch("/data", { credentials: "same-origin" })).text()))) dialog.close();
  });
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (event.detail.xhr.status === 401) { event.preventDefault(); signedOut(); }
  });

  function sentence(body) {
    if (!body) return "";
    if (typeof body.detail === "string") return body.detail;
    if (Array.isArray(body.detail)) return body.detail.map((each) => `${each.loc.slice(1).join(".")}: ${each.msg}`).join("; ");
    return body.message || "";
  }

  /* What the service says comes in English and in the words of the API; the page's are asked for. */
  async function say(text) {
    if (!text || (document.documentElement.lang === "en" && !/wrapper|resource|source_config|\dT\d\d:/i.test(text))) return text;
    try {
      const answer = await fetch(`/console/said?text=${encodeURIComponent(text.slice(0, 4000))}`, { credentials: "same-origin" });
      return answer.ok ? await answer.text() : text;
    } catch { return text; }
  }

  async function toast(english, bad = false) {
    const text = await say(english);
    const box = document.createElement("div");
    box.className = bad ? "toast bad" : "toast";
    if (bad) box.setAttribute("role", "alert");
    const words = document.createElement("span");
    words.textContent = text;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "button quiet tight";
    close.textContent = "×";
    close.setAttribute("aria-label", document.querySelector("#shortcuts .button").textContent);
    close.addEventListener("click", () => box.remove());
    box.append(words, close);
    document.getElementById("toasts").append(box);
    if (!bad) setTimeout(() => box.remove(), 8000);
  }

  function confirm(text, yes) {
    const dialog = document.getElementById("confirm");
    const button = document.getElementById("confirm-yes");
    document.getElementById("confirm-text").textContent = text;
    button.textContent = yes || button.dataset.said;
    dialog.returnValue = "no";
    dialog.showModal();
    return new Promise((done) => dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true }));
  }

  /* A token of the stylesheet as a colour that a canvas understands. */
  function color(token) {
    const probe = document.createElement("span");
    probe.className = "sr";
    probe.style.color = `var(${token})`;
    document.body.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  }

  /* Colours of series, told apart by those who see few of them as well; more series go on with other lightnesses. */
  const SERIES = 12;
  const seriesColor = (n) => color(`--series-${(n % SERIES) + 1}`);

  async function act(button) {
    const { call: order, confirm: consequence, confirmYes, then } = button.dataset;
    if (consequence && !(await confirm(consequence, confirmYes))) return;
    const [method, path] = order.split(" ", 2);
    button.setAttribute("aria-busy", "true");
    try {
      const answer = await call(method, path);
      const failed = !answer.ok || answer.body.success === false;
      toast(sentence(answer.body) || button.dataset.said || said("Done"), failed);
      if (!failed && then) location.assign(then);
    } catch {
      toast(said("Failed"), true);
    } finally {
      button.removeAttribute("aria-busy");
      document.body.dispatchEvent(new CustomEvent("slackwater:changed"));
    }
  }

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-call], [data-dialog], [data-copy]"), closing = event.target.closest("[data-close]");
    if (closing) closing.closest("dialog").close();
    document.querySelectorAll("details.picker[open]").forEach((picker) => picker.contains(event.target) || (picker.open = false));
    document.querySelectorAll("details.menu[open]").forEach((menu) => menu.contains(event.target) || (menu.open = false));
    if (!target || target.disabled) return;
    if (target.dataset.dialog) return document.getElementById(target.dataset.dialog).showModal();
    if (target.dataset.copy) {
      const from = document.querySelector(target.dataset.copy);
      return navigator.clipboard.writeText(from.value || from.textContent).then(() => toast(said("Copied")));
    }
    event.preventDefault();
    if (target.getAttribute("aria-busy") !== "true") act(target);
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
    if (event.target.matches("#preferences select[name=theme]")) document.documentElement.dataset.theme = event.target.value;
  });

  /* Hovering over a time tells the browser's own as well, and UTC's. */
  document.addEventListener("mouseover", (event) => {
    const time = event.target.closest && event.target.closest("time[datetime]");
    if (!time || time.dataset.local) return;
    time.dataset.local = "yes";
    const shown = document.documentElement.dataset.zone, own = slackwater.browserZone();
    const told = (timeZone) => new Date(time.dateTime).toLocaleString(document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang, { timeZone, dateStyle: "medium", timeStyle: "medium" });
    const more = [shown !== own && own !== "UTC" && `${told(own)} (${said("Local")})`, shown !== "UTC" && `${told("UTC")} (UTC)`];
    time.title = [time.title, ...more].filter(Boolean).join(" · ");
  });

  /* The time zone: the browser's own is told to the service, and told anew when it has changed. */
  const zoneForm = document.getElementById("preferences");
  if (zoneForm) {
    const own = slackwater.browserZone(), choice = document.getElementById("timezone"), name = document.getElementById("zone-name");
    const zones = Intl.supportedValuesOf ? ["UTC", ...Intl.supportedValuesOf("timeZone")] : [];
    const [browser] = [...choice.options].filter((option) => option.value === "browser");
    document.getElementById("browser-zone").value = own;
    browser.textContent = browser.dataset.said.replace("{zone}", own);
    name.addEventListener("focus", () => {
      const list = document.getElementById("zones");
      if (!list.childElementCount) list.append(...zones.map((each) => new Option(each)));
    });
    const check = () => {
      let known = choice.value !== "other";
      try { known = known || Boolean(name.value.trim() && new Intl.DateTimeFormat("en", { timeZone: name.value.trim().replaceAll(" ", "_") })); } catch { /* none */ }
      name.setCustomValidity(known ? "" : name.dataset.wrong);
    };
    for (const kind of ["input", "change"]) zoneForm.addEventListener(kind, check);
    check();
    const followed = document.documentElement.dataset.follows;
    if (followed && followed !== own && sessionStorage.getItem("slackwater-zone") !== own) {
      sessionStorage.setItem("slackwater-zone", own); // once: the service may know it by another name
      fetch("/preferences", { method: "POST", body: new URLSearchParams({ timezone: "browser", browser_zone: own, next: "/docs" }), credentials: "same-origin", redirect: "manual" })
        .then(() => document.querySelector("[data-keep]") || location.reload());
    }
  }
  const zoneSwitch = document.getElementById("zone-switch");
  if (zoneSwitch) {
    const other = document.documentElement.dataset.zone === "UTC" ? slackwater.browserZone() : "UTC", here = new URL(location.href);
    here.searchParams.set("tz", other);
    zoneSwitch.href = here.pathname + here.search;
    zoneSwitch.textContent = zoneSwitch.dataset.said.replace("{zone}", other);
    zoneSwitch.hidden = other === document.documentElement.dataset.zone;
  }

  /* Keyboard: never while somebody types, never with a modifier. */
  const WAYS = { o: "/", n: "/new", d: "/data" };
  let leading = 0;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") document.querySelectorAll("details.menu[open]").forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const led = Date.now() - leading < 1500;
    leading = 0;
    if (led && WAYS[event.key]) {
      const link = document.querySelector(`.places a[href="${WAYS[event.key]}"]`);
      if (link) link.click();
    } else if (event.key === "g") leading = Date.now();
    else if (event.key === "?") document.getElementById("shortcuts").showModal();
    else if (event.key === "/") {
      const search = document.querySelector('input[type="search"]');
      if (search) { event.preventDefault(); search.focus(); search.select(); }
    } else if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
  });

  function step(by) {
    const links = [...document.querySelectorAll("[data-rows] tbody th > a")];
    const next = links[links.indexOf(document.activeElement) + by] || links[by > 0 ? 0 : links.length - 1];
    if (next) next.focus();
  }

  const current = document.querySelector(".places [aria-current]");
  if (current) current.parentElement.scrollLeft = current.offsetLeft - 40; // on a phone it may lie outside

  document.addEventListener("htmx:configRequest", (event) => { event.detail.headers["X-CSRF-Token"] = csrf(); });
  const offline = (lost) => {
    const box = document.getElementById("offline");
    box.hidden = !lost;
    box.textContent = lost ? said("Offline") : "";
  };
  document.addEventListener("htmx:sendError", () => offline(true));
  document.addEventListener("htmx:afterOnLoad", () => offline(false));
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.requestConfig.verb !== "get") toast(sentence(parsed(event.detail.xhr.responseText)) || said("Failed"), true);
  });
  function parsed(text) { try { return JSON.parse(text); } catch { return null; } }

  Object.assign(window.slackwater, { call, signedOut, toast, confirm, color, seriesColor, SERIES, sentence, say });
})();
