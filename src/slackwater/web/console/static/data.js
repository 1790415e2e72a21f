/* The data page: a chart that is moved moves the range of the form, of the address, of the downloads and of the curl line. */
"use strict";
document.addEventListener("slackwater:view", (event) => {
  const range = event.detail && event.detail.map((each) => new Date(each * 1000).toISOString().replace(/\.000Z$/, "Z"));
  const set = (params) => {
    params.delete("from"); params.delete("to"); params.delete("cursor");
    if (range) { params.set("from", range[0]); params.set("to", range[1]); }
  };
  document.getElementById("from").value = range ? range[0] : "";
  document.getElementById("to").value = range ? range[1] : "";
  const here = new URL(location.href);
  set(here.searchParams);
  history.replaceState(history.state, "", here);
  for (const link of document.querySelectorAll("a[download]")) {
    const url = new URL(link.href);
    set(url.searchParams);
    link.href = url.pathname + url.search;
    if (link.id === "download-csv") {
      url.searchParams.delete("format");
      document.getElementById("curl").textContent = `curl -H "X-API-Key: $SLACKWATER_KEY" '${url.href.replaceAll("'", "'\\''")}'`;
    }
  }
  copyable();
});
function copyable() { document.getElementById("view-link").value = location.href; }
copyable();
