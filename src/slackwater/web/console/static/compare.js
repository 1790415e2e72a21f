/* The page that compares sources: its address, and all that leads on from it, hold what is in view. */
"use strict";
(() => {
  const keep = (url) => {
    const here = new URL(location.href).searchParams;
    for (const name of ["from", "to", "scale"]) here.has(name) ? url.searchParams.set(name, here.get(name)) : url.searchParams.delete(name);
    return url;
  };
  document.addEventListener("slackwater:view", (event) => {
    const here = new URL(location.href);
    for (const [name, at] of [["from", 0], ["to", 1]]) event.detail ? here.searchParams.set(name, new Date(event.detail[at] * 1000).toISOString()) : here.searchParams.delete(name);
    history.replaceState(history.state, "", here);
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-view]");
    if (link) link.href = keep(new URL(link.href)).href;
    const copied = event.target.closest("[data-copy]");
    if (copied) document.getElementById("view-link").value = location.href;
  }, true);
  /* A link that shows only the range in view, on the scale that is chosen. */
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb !== "post" || !event.detail.path.startsWith("/compare/shares")) return;
    for (const [name, value] of keep(new URL(location.href)).searchParams) if (name !== "id" && name !== "q") event.detail.parameters[name] = value;
  });
  document.getElementById("compare-search").addEventListener("submit", (event) => {
    const url = keep(new URL("/compare", location.href));
    for (const field of event.target.querySelectorAll("[name=id], [name=q]")) url.searchParams.append(field.name, field.value);
    event.preventDefault();
    location.assign(url);
  });
})();
