/* Charts of first points: of what was found, and one for each answer to a question. */
"use strict";
(() => {
  const lang = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
  const number = slackwater.number({ maximumSignificantDigits: 6 });
  const charts = new Map();
  /* Which line is which. */
  function names(series) {
    const list = document.createElement("p");
    list.className = "sample-names";
    list.append(...series.map((each, n) => {
      const name = document.createElement("span"), line = document.createElement("i");
      line.style.background = slackwater.seriesColor(n);
      name.append(line, each.name);
      return name;
    }));
    return list;
  }
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
      const { times, series } = JSON.parse(place.dataset.sample);
      if (times.length) charts.set(place, drawn(place));
      if (times.length && series.length > 1) place.append(names(series));
    });
  }
  document.addEventListener("htmx:afterSettle", (event) => {
    const here = event.target;
    if (here.closest("#found, #choices") || here.querySelector("[data-sample]")) draw();
  });
  window.addEventListener("resize", () => charts.forEach((chart, place) => chart.setSize({ width: place.clientWidth, height: chart.height })));
  draw();
})();
