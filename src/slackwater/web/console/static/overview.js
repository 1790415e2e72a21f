/* Saved views and tags; and choosing sources of the list, over its pages and its renewals, and doing one thing with all of them. */
"use strict";
(() => {
  /* What is saved is what is looked at now, after all that was typed and chosen. */
  document.querySelectorAll("#views form").forEach((form) => form.addEventListener("submit", () => {
    const query = new URLSearchParams(location.search);
    query.delete("page");
    form.querySelector("[data-here]").value = form.action.endsWith("/delete") ? location.pathname + location.search : `${location.pathname}?${query}`;
  }));
  /* On a phone the filters are folded away; how many are set is told. */
  const filters = document.getElementById("filters"), fields = document.getElementById("filter-fields");
  if (filters) {
    const tell = () => {
      const tags = fields.querySelectorAll("[name=tag]:checked").length ? 1 : 0;
      const set = tags + [...fields.querySelectorAll("select")].filter((each) => each.id !== "sort" && each.value).length;
      filters.textContent = filters.dataset.said + (set ? `: ${set}` : "");
    };
    filters.addEventListener("click", () => filters.setAttribute("aria-expanded", String(filters.getAttribute("aria-expanded") !== "true")));
    fields.addEventListener("change", tell);
    tell();
  }
  /* The list may have been sorted by its head; its renewals ask with what the form says. */
  const sort = document.getElementById("sort"), unnamed = sort && [...sort.options].find((each) => each.textContent === "–");
  if (sort) document.addEventListener("htmx:afterSettle", (event) => {
    const order = event.target.id === "live" && event.target.dataset.sort;
    if (!order || order === sort.value) return;
    const known = [...sort.options].find((each) => each.value === order && each !== unnamed);
    if (known) known.selected = true;
    else sort.add(new Option("–", order, false, true));
  });
  const byTag = document.getElementById("by-tag");
  if (byTag) byTag.addEventListener("change", () => {
    const count = byTag.querySelectorAll(":checked").length;
    byTag.querySelector("summary").textContent = byTag.dataset.said + (count ? `: ${count}` : "");
  });
})();
(() => {
  const bar = document.getElementById("bulk");
  if (!bar) return;
  const AT_ONCE = 6;
  const chosen = new Set();
  const filled = (text, values) => Object.entries(values).reduce((all, [key, value]) => all.replace(`{${key}}`, value), text);
  const boxes = () => [...document.querySelectorAll("[data-pick]")];
  const number = slackwater.number();

  function show() {
    boxes().forEach((box) => { box.checked = chosen.has(box.dataset.pick); });
    const here = boxes();
    document.querySelectorAll("[data-pick-page]").forEach((page) => { page.checked = here.length > 0 && here.every((box) => box.checked); page.indeterminate = !page.checked && here.some((box) => box.checked); });
    bar.hidden = !chosen.size && !choosing();
    bar.querySelectorAll("[data-needs-some]").forEach((button) => { button.disabled = !chosen.size; });
    document.getElementById("bulk-count").textContent = filled(bar.dataset.selected, { n: number.format(chosen.size) });
    const list = document.querySelector("[data-matching]"), all = document.getElementById("bulk-all");
    const matching = list ? Number(list.dataset.matching) : 0;
    all.hidden = matching <= here.length || chosen.size >= matching;
    all.textContent = filled(all.dataset.said, { n: number.format(matching) });
  }
  document.addEventListener("change", (event) => {
    if ("pickPage" in event.target.dataset) boxes().forEach((box) => (event.target.checked ? chosen.add(box.dataset.pick) : chosen.delete(box.dataset.pick)));
    else if (event.target.dataset.pick) event.target.checked ? chosen.add(event.target.dataset.pick) : chosen.delete(event.target.dataset.pick);
    else return;
    event.stopPropagation();
    show();
  }, true);
  document.addEventListener("htmx:afterSettle", show);
  /* On a phone the boxes are there once somebody wants to choose; the list renews itself, so that the page holds it. */
  const choose = document.getElementById("choose");
  const choosing = () => choose.getAttribute("aria-pressed") === "true";
  function turn(on) {
    choose.setAttribute("aria-pressed", String(on));
    document.body.classList.toggle("choosing", on);
    if (!on) chosen.clear();
    show();
  }
  document.addEventListener("click", (event) => { if (choosing() && event.target.matches(".pick")) event.target.querySelector("input").click(); });
  choose.addEventListener("click", () => turn(!choosing()));
  document.getElementById("bulk-none").addEventListener("click", () => turn(false));
  document.getElementById("bulk-all").addEventListener("click", async () => {
    const answer = await slackwater.call("GET", `/console/selection${location.search}`);
    if (answer.ok) answer.body.forEach((id) => chosen.add(id));
    show();
  });
  bar.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-bulk]");
    if (!button || bar.getAttribute("aria-busy") === "true") return;
    if (!(await slackwater.confirm(filled(button.dataset.sure, { n: number.format(chosen.size) }), button.textContent.trim()))) return;
    const [method, deed = ""] = button.dataset.bulk.split(" ");
    const left = [...chosen], failed = [];
    let done = 0;
    bar.setAttribute("aria-busy", "true");
    const one = async () => {
      for (let id = left.pop(); id !== undefined; id = left.pop()) {
        try {
          const answer = await slackwater.call(method, `/resources/wrappers/${id}${deed && "/" + deed}`);
          if (answer.ok && answer.body.success !== false) { done += 1; chosen.delete(id); } else failed.push(slackwater.sentence(answer.body));
        } catch { failed.push(document.body.dataset.saidFailed); }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
    bar.removeAttribute("aria-busy");
    if (done) slackwater.toast(filled(bar.dataset.done, { n: number.format(done) }));
    if (failed.length) slackwater.toast(filled(bar.dataset.failed, { n: number.format(failed.length), why: failed[0] }), true);
    document.body.dispatchEvent(new CustomEvent("slackwater:changed"));
    show();
  });
  document.getElementById("bulk-compare").addEventListener("click", async () => {
    const answer = await slackwater.call("GET", `/console/resources?${new URLSearchParams([...chosen].slice(0, 20).map((id) => ["id", id]))}`);
    if (answer.ok) location.assign(`/compare?${new URLSearchParams(answer.body.map((id) => ["id", id]))}`);
  });
  /* Tags are changed by one request, for all or none. */
  document.getElementById("bulk-tags-form").addEventListener("submit", async (event) => {
    const field = document.getElementById("bulk-tags-text"), how = event.submitter.value;
    const tags = field.value.split(",").map((each) => each.trim()).filter(Boolean);
    if (!tags.length || !chosen.size) return;
    const answer = await slackwater.call("POST", "/resources/wrappers/tags", { wrapper_ids: [...chosen], [how]: tags });
    if (!answer.ok) return slackwater.toast(slackwater.sentence(answer.body), true);
    slackwater.toast(filled(bar.dataset.done, { n: number.format(chosen.size) }));
    field.value = "";
    chosen.clear();
    document.body.dispatchEvent(new CustomEvent("slackwater:changed"));
    show();
  });
  show();
})();
