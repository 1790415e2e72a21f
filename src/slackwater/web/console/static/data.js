/* The data page: a chart that is moved moves the form, the address, the downloads, the requests and the table. */
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  /* As people write it: no finer than one sees. */
  function readable(seconds, span) {
    const text = new Date(seconds * 1000).toISOString();
    if (span > 60 * 86400) return text.slice(0, 10);
    return text.replace("T", " ").slice(0, span > 600 ? 16 : span > 10 ? 19 : 23);
  }
  let timer = 0;
  document.addEventListener("slackwater:view", (event) => {
    const seen = event.detail;
    const range = seen && seen.map((each) => readable(each, seen[1] - seen[0]));
    const set = (params) => {
      params.delete("from"); params.delete("to"); params.delete("cursor");
      if (range) { params.set("from", range[0]); params.set("to", range[1]); }
    };
    byId("from").value = range ? range[0] : "";
    byId("to").value = range ? range[1] : "";
    const here = new URL(location.href);
    set(here.searchParams);
    history.replaceState(history.state, "", here);
    for (const link of document.querySelectorAll("a[download]")) {
      const url = new URL(link.href);
      set(url.searchParams);
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
