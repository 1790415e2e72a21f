/* The data page: a chart that is moved moves the form, the address, the downloads, the requests and the table. */
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  /* As people write it, in the zone of the chart: no finer than one sees. */
  const zone = () => slackwater.zone(byId("chart").dataset.zone);
  const readable = (seconds, span) => zone().text(seconds, span > 60 * 86400 ? 10 : span > 600 ? 16 : span > 10 ? 19 : 23);
  let timer = 0;
  document.addEventListener("slackwater:view", (event) => {
    const seen = event.detail;
    const range = seen && seen.map((each) => readable(each, seen[1] - seen[0])), utc = zone().name === "UTC";
    const inUtc = range && (utc ? range : range.map((each, n) => new Date(Math.floor(zone().read(each, n === 1) * 1000)).toISOString()));
    const set = (params, given, tz) => {
      for (const name of ["from", "to", "tz", "cursor"]) params.delete(name);
      if (given) { params.set("from", given[0]); params.set("to", given[1]); }
      if (given && tz) params.set("tz", tz);
    };
    byId("from").value = range ? range[0] : "";
    byId("to").value = range ? range[1] : "";
    const here = new URL(location.href);
    set(here.searchParams, range, utc ? "" : zone().name);
    history.replaceState(history.state, "", here);
    for (const link of document.querySelectorAll("a[download]")) {
      const url = new URL(link.href);
      set(url.searchParams, inUtc);
      link.href = url.pathname + url.search;
      if (link.id === "download-csv") written(url.href);
    }
    copyable();
    clearTimeout(timer);
    timer = setTimeout(() => htmx.ajax("GET", here.pathname + here.search, { target: "#rows", swap: "outerHTML" }), 250);
  });
  function written(url) {
    document.querySelectorAll("[data-snippet]").forEach((code) => { code.textContent = code.dataset.snippet.replace("{url}", url.replaceAll("'", "%27")); });
  }
  function copyable() { byId("view-link").value = location.href; }
  copyable();
})();
