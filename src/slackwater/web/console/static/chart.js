/* The chart of a time series: the server cuts what is in view into stretches, so that decades and minutes cost the same.
 *
 * <div id="chart" data-url="…"> from chart.html. It follows #live (data-covered, -low, -high, -points) when there is one.
 * What it has drawn is told in data-from, -to, -width, -shown, -drawn-covered, -drawn-low, -drawn-high, -state.
 */
"use strict";
(() => {
  const box = document.getElementById("chart");
  if (!box) return;
  const lang = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang; // days before months, as on the page
  const said = (name, values = {}) => Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, value), box.dataset["said" + name]);
  const base = new URL(box.dataset.url, location.href);
  const legend = document.getElementById("chart-legend");
  const readout = document.getElementById("chart-readout");
  const note = document.getElementById("chart-note");
  const live = () => document.querySelector("#live[data-covered]"); // gone when the wrapper is deleted
  const LEAST = 0.001; // seconds in view
  const STRETCHES = () => Math.max(100, Math.min(700, Math.round(box.clientWidth / 2))); // one for two pixels

  let focused = 0; // of uPlot: the series under the pointer, whose band is shown
  const address = new URLSearchParams(location.search);
  let log = address.get("scale") === "log";
  let plot = null, chart = null, view = null, full = null, asked = 0, fitting = 0, timer = 0, loading = null, drawnSeries = "";
  const hidden = new Set();

  /* Series of one unit share a panel; panels lie one above the other on the same axis of time. */
  const PANELS = 6, GAP = 0.14; // beyond them units share the last one; GAP: between two, in heights of one
  const unitOf = (n) => chart.series[n].unit || "";
  const suffix = (n) => (unitOf(n) ? ` ${unitOf(n)}` : "");
  function panels() {
    const seen = [...new Set(chart.series.filter((each) => !hidden.has(each.name)).map((each) => each.unit || ""))];
    return seen.length ? seen.slice(0, PANELS) : [""];
  }
  const panelOf = (n, units) => { const at = units.indexOf(unitOf(n)); return at < 0 ? units.length - 1 : at; };

  /* Times are of the zone that the service says with the lines: that of the page, or UTC where points are days. */
  let zone = slackwater.zone();
  const formatted = {};
  function time(seconds, options) {
    const key = zone.name + JSON.stringify(options);
    formatted[key] = formatted[key] || new Intl.DateTimeFormat(lang, { timeZone: zone.name, hourCycle: "h23", ...options });
    return formatted[key].format(new Date(seconds * 1000)).replaceAll(" de ", " "); // 2 nov. 2024, as everywhere else
  }
  const ISO = (seconds) => new Date(seconds * 1000).toISOString();
  function tick(seconds, step) {
    if (step >= 364 * 86400) return time(seconds, { year: "numeric" });
    if (step >= 27 * 86400) return time(seconds, { month: "short", year: "numeric" });
    if (step >= 86400) return time(seconds, { day: "numeric", month: "short", year: "2-digit" });
    if (zone.clock(seconds) % 86400 === 0) return time(seconds, { day: "numeric", month: "short" });
    if (step >= 60) return time(seconds, { hour: "2-digit", minute: "2-digit" });
    return time(seconds, { minute: "2-digit", second: "2-digit", ...(step < 1 ? { fractionalSecondDigits: 3 } : {}) });
  }
  function moment(seconds) {
    const span = view ? view[1] - view[0] : 0;
    const day = { day: "numeric", month: "short", year: "numeric" };
    if (chart.days) return time(seconds, day); // they have no hour
    return time(seconds, span > 200 * 86400 ? day : { ...day, hour: "2-digit", minute: "2-digit", ...(span < 7200 ? { second: "2-digit" } : {}) });
  }
  const UNITS = [[31557600, "year"], [604800, "week"], [86400, "day"], [3600, "hour"], [60, "minute"], [1, "second"], [0.001, "millisecond"]];
  function width(seconds) {
    const [size, unit] = UNITS.find(([each]) => seconds >= each - 1e-9) || UNITS.at(-1);
    return new Intl.NumberFormat(lang, { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 1 }).format(seconds / size);
  }
  const written = slackwater.number({ maximumSignificantDigits: 6 }), number = (value) => written.format(value);

  /* Series: [time, value, least, greatest] each; where a stretch is empty, or single points stop coming, the line breaks. */
  function columns(series, step) {
    const [x, y, low, high] = [[], [], [], []];
    const fits = (value) => (log && !(value > 0) ? null : value ?? null); // a logarithm has no place for the others
    const usual = step || typical(series.x);
    const widest = step || regular(series.x, usual) ? 1.5 * usual : 12 * usual; // of regular points each that is missing is a gap
    series.x.forEach((at, n) => {
      if (usual && n && at - series.x[n - 1] > widest) { x.push(series.x[n - 1] + usual); y.push(null); low.push(null); high.push(null); }
      x.push(at); y.push(fits(series.y[n])); low.push(fits(series.low[n])); high.push(fits(series.high[n]));
    });
    return chart.series.some((each) => each.width) ? [x, y, low, high] : [x, y];
  }

  /* The median distance of points; 0 where there are too few to tell. */
  function typical(times) {
    if (times.length < 8) return 0;
    const steps = times.slice(1).map((at, n) => at - times[n]).sort((a, b) => a - b);
    return steps[steps.length >> 1];
  }

  /* Whether nearly all come at the usual distance, months and years among them. */
  const ALIKE = 0.9;
  function regular(times, usual) {
    const alike = times.slice(1).filter((at, n) => Math.abs(at - times[n] - usual) <= 0.1 * usual).length;
    return usual > 0 && alike >= ALIKE * (times.length - 1);
  }

  function colors(count) {
    return Array.from({ length: count }, (_, n) => slackwater.seriesColor(n));
  }
  /* When the colours begin anew, the line tells them apart. */
  const DASHES = [[], [7, 4], [2, 3]];
  const dash = (n) => DASHES[Math.floor(n / slackwater.SERIES) % DASHES.length];
  const faded = (color) => color.replace("rgb(", "rgba(").replace(")", ", 0.18)");

  /* Under the lines: what is not read is shaded, what is read has a bar at the bottom. */
  function coverage() {
    const state = live();
    if (!state) return null;
    const whole = state.dataset.whole === "yes"; // then no stretch of time is missing
    const covered = state.dataset.covered.split(";").filter(Boolean).map((part) => part.split(",").map(Number));
    const mark = (text) => (text === "" ? null : Number(text));
    return { whole, covered, low: mark(state.dataset.low), high: mark(state.dataset.high) };
  }
  function drawCoverage(u) {
    const found = coverage();
    if (!found) return;
    const { ctx, bbox } = u;
    const dpr = devicePixelRatio;
    const [from, to] = [u.scales.x.min, u.scales.x.max];
    const at = (seconds) => u.valToPos(Math.min(Math.max(seconds, from), to), "x", true);
    const bar = 5 * dpr;
    const inside = found.covered.filter(([start, end]) => end > from && start < to);
    ctx.save();
    ctx.beginPath(); ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height + bar); ctx.clip();
    const now = Math.min(Date.now() / 1000, to);
    let place = from;
    const missing = [];
    for (const [start, end] of inside) { if (start > place) missing.push([place, Math.min(start, now)]); place = Math.max(place, end); }
    if (place < now) missing.push([place, now]);
    if (found.whole) missing.length = 0;
    ctx.fillStyle = slackwater.color("--missing");
    for (const [start, end] of missing) if (end > start) ctx.fillRect(at(start), bbox.top, at(end) - at(start), bbox.height);
    ctx.fillStyle = slackwater.color("--water");
    for (const [start, end] of inside) ctx.fillRect(at(start), bbox.top + bbox.height - bar, Math.max(dpr, at(end) - at(start)), bar);
    ctx.restore();
    box.dataset.drawnCovered = inside.map(([start, end]) => `${Math.max(start, from)},${Math.min(end, to)}`).join(";");
    box.dataset.drawnMissing = missing.filter(([start, end]) => end > start).map((part) => part.join(",")).join(";");
  }
  /* A value of a period that goes on will change: its end of the line is dashed, and its point hollow. */
  const UNFINISHED = [3, 3], straight = uPlot.paths.linear();
  /* The places of the last two values of a series, [null, last] where a gap or nothing lies before the last one. */
  function lastOf(u, s) {
    const values = u.data[s];
    let last = values.length - 1;
    while (last >= 0 && (values[last] === null || values[last] === undefined)) last -= 1;
    let before = last - 1;
    while (before >= 0 && values[before] === undefined) before -= 1;
    return last < 0 ? null : [before < 0 || values[before] === null ? last : before, last];
  }
  function drawUnfinished(u, paint, per) {
    const { ctx, bbox } = u, dpr = devicePixelRatio, drawn = [];
    ctx.save();
    ctx.beginPath(); ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height); ctx.clip();
    ctx.lineWidth = 1.5 * dpr;
    chart.series.forEach((series, n) => {
      const s = 1 + n * per, ends = series.unfinished && u.series[s].show && lastOf(u, s);
      if (!ends) return;
      const [from, to] = ends.map((place) => [u.valToPos(u.data[0][place], "x", true), u.valToPos(u.data[s][place], u.series[s].scale, true)]);
      ctx.strokeStyle = paint[n % paint.length];
      ctx.setLineDash(UNFINISHED.map((each) => each * dpr));
      ctx.beginPath(); ctx.moveTo(...from); ctx.lineTo(...to); ctx.stroke();
      ctx.setLineDash([]); ctx.fillStyle = slackwater.color("--surface");
      ctx.beginPath(); ctx.arc(...to, 3 * dpr, 0, 2 * Math.PI); ctx.fill(); ctx.stroke();
      drawn.push(series.name);
    });
    ctx.restore();
    box.dataset.unfinished = JSON.stringify(drawn);
  }
  /* The marks, over grid and lines. */
  function drawEdges(u) {
    const found = coverage();
    if (!found) return;
    const { ctx, bbox } = u, dpr = devicePixelRatio, [from, to] = [u.scales.x.min, u.scales.x.max];
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = slackwater.color("--muted");
    ctx.lineWidth = dpr; ctx.setLineDash([4 * dpr, 3 * dpr]); ctx.font = `${11 * dpr}px system-ui, sans-serif`; ctx.textBaseline = "top";
    const drawn = {};
    for (const [name, when, left] of [["Low", found.low, true], ["High", found.high, false]]) {
      if (when === null || when < from || when > to) continue;
      const x = Math.round(u.valToPos(when, "x", true)) + 0.5;
      ctx.beginPath(); ctx.moveTo(x, bbox.top); ctx.lineTo(x, bbox.top + bbox.height); ctx.stroke();
      const words = said(name), room = ctx.measureText(words).width + 8 * dpr;
      const right = left ? x + room < bbox.left + bbox.width : x - room < bbox.left;
      ctx.textAlign = right ? "left" : "right";
      // A rim in the colour of the ground: no line of the grid goes through the words.
      ctx.save(); ctx.setLineDash([]); ctx.lineWidth = 4 * dpr; ctx.lineJoin = "round"; ctx.strokeStyle = slackwater.color("--surface");
      ctx.strokeText(words, x + (right ? 4 : -4) * dpr, bbox.top + (left ? 3 : 16) * dpr); ctx.restore();
      ctx.fillText(words, x + (right ? 4 : -4) * dpr, bbox.top + (left ? 3 : 16) * dpr);
      drawn[name] = when;
    }
    ctx.restore();
    box.dataset.drawnLow = drawn.Low ?? "";
    box.dataset.drawnHigh = drawn.High ?? "";
  }

  function draw() {
    if (!full) return;
    const banded = chart.series.some((each) => each.width);
    const per = banded ? 3 : 1;
    const units = panels();
    const tables = chart.series.map((series) => columns(series, series.width));
    const EXPAND = 2; // a gap of one series reaches over the times that only others have
    const data = tables.length ? uPlot.join(tables, tables.map((table) => table.map(() => EXPAND))) : [[], []];
    const names = chart.series.map((series) => series.name);
    const paint = colors(names.length);
    const few = !banded && data[0].length < box.clientWidth / 6;
    const signature = JSON.stringify([names, banded, few, units, zone.name, chart.series.map((each) => [each.unit, each.unfinished]), log, document.documentElement.dataset.theme, box.clientWidth]);
    if (plot && signature === drawnSeries) {
      plot.batch(() => { plot.setData(data, false); plot.redraw(false); plot.setScale("x", { min: view[0], max: view[1] }); });
    } else {
      drawnSeries = signature;
      if (plot) plot.destroy();
      plot = new uPlot(options(names, paint, banded, few, units), data, box);
    }
    showLegend(names, paint);
    names.forEach((name, n) => { for (let k = 0; k < per; k++) if (plot.series[1 + n * per + k].show === hidden.has(name)) plot.setSeries(1 + n * per + k, { show: !hidden.has(name) }); });
    box.dataset.from = view[0]; box.dataset.to = view[1]; box.dataset.width = chart.width ?? "";
    box.dataset.shown = Math.max(0, ...chart.series.map((series) => series.x.length));
    box.dataset.series = JSON.stringify(names);
    box.dataset.panels = JSON.stringify(units);
    box.dataset.scale = log ? "log" : "";
    document.querySelectorAll('[data-chart="log"]').forEach((button) => button.setAttribute("aria-pressed", String(log)));
    note.textContent = notes();
    listMarks();
  }
  function notes() {
    const parts = [];
    if (!box.dataset.shown || box.dataset.shown === "0") return said("None");
    if (chart.width) parts.push(said("Every", { width: width(chart.width) }));
    else if (!base.searchParams.get("granularity")) parts.push(said("Raw"));
    if (chart.cut) parts.push(said("Cut"));
    if (chart.unfinished) parts.push(said("Unfinished"));
    if (log && chart.series.some((each) => [...each.y, ...each.low].some((value) => value !== null && value <= 0))) parts.push(said("Positive"));
    if (chart.all_series > chart.series.length) parts.push(said("Some", { shown: chart.series.length, all: chart.all_series }));
    if (!chart.days) parts.push(said("Zone", { zone: zone.name }));
    return parts.join(" ");
  }

  function options(names, paint, banded, few, units) {
    const series = [{}], bands = [];
    names.forEach((name, n) => {
      const stroke = paint[n % paint.length];
      const scale = `y${panelOf(n, units)}`;
      const whole = chart.series[n].unfinished ? { paths: (u, s, from, to) => straight(u, s, from, Math.min(to, (lastOf(u, s) || [to])[0])) } : {};
      series.push({ label: name, scale, stroke, width: 1.5, dash: dash(n), points: { show: few || undefined, size: few ? 5 : 4 }, ...whole });
      if (!banded) return;
      const start = series.length - 1;
      series.push({ scale, stroke: "transparent", width: 0, points: { show: false } }, { scale, stroke: "transparent", width: 0, points: { show: false } });
      bands.push({ series: [start + 2, start + 1], fill: () => (names.length < 3 || focused === start ? faded(stroke) : "transparent") });
    });
    const ink = slackwater.color("--muted"), line = slackwater.color("--line");
    const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 }, font: "12px system-ui, sans-serif" };
    return {
      width: box.clientWidth, height: box.clientHeight, series, bands,
      legend: { show: false }, padding: [24, units.length > 1 ? Math.max(40, 12 + 6.5 * Math.max(...units.map((unit) => unit.length))) : 40, 0, 0],
      cursor: { drag: { x: true, y: false, setScale: false }, focus: { prox: 24, bias: 0 }, points: { show: (u, n) => !banded || n % 3 === 1 ? document.createElement("div") : null } },
      scales: { x: { time: true, range: () => view }, ...Object.fromEntries(units.map((_, k) => [`y${k}`, { distr: log ? 3 : 1, range: (u, low, high) => spread(u, k, units.length, bounds(low, high)) }])) },
      axes: [
        { ...axis, space: lang === "en-GB" ? 80 : 90, size: 34, splits: (u, _, low, high, step) => zone.lines(low, high, step), values: (u, splits, _, __, step) => splits.map((each) => (each === null ? "" : tick(each, step))) },
        ...units.map((_, k) => ({
          ...axis, scale: `y${k}`, values: (u, splits) => splits.map((each) => (each === null ? "" : number(each))), filter: (u, splits) => splits,
          ...(log || units.length > 1 ? { splits: (u) => places(u, k, units.length) } : {}),
          // All begin at the edge of the plot: one of them takes the room of the widest.
          size: (u) => (k < units.length - 1 ? 1 : 14 + 7.2 * Math.max(2, ...(u.axes || []).slice(1).flatMap((each) => each._values || []).map((each) => String(each).length))),
        })),
      ],
      hooks: {
        drawClear: [drawCoverage],
        draw: [(u) => { nameUnits(u, units); drawUnfinished(u, paint, banded ? 3 : 1); drawEdges(u); drawMarks(u); }],
        setSelect: [(u) => { if (u.select.width > 4) zoom(u.posToVal(u.select.left, "x"), u.posToVal(u.select.left + u.select.width, "x")); u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false); }],
        setSeries: [(u, n) => { const now = n === null ? 0 : banded ? n - ((n - 1) % 3) : n; if (now !== focused) { focused = now; if (banded && names.length > 2) u.redraw(false); } }],
        setCursor: [(u) => read(u, names, paint, banded ? 3 : 1)],
      },
    };
  }
  /* What a panel shows of its unit. */
  function bounds(low, high) {
    if (log) return low === null || low === undefined ? [1, 10] : low === high ? [low / 2, high * 2] : [low / 1.1, high * 1.1];
    if (low === null || low === undefined) return [0, 1];
    return low === high ? [low - 1, high + 1] : uPlot.rangeNum(low, high, 0.08, true);
  }
  /* The range of a whole scale, of which panel `k` of `count`, from above, sees its own part. */
  const shares = {};
  function spread(u, k, count, [low, high]) {
    shares[k] = [low, high];
    if (count === 1) return [low, high];
    const below = (count - 1 - k) * (1 + GAP), above = k * (1 + GAP);
    return log ? [low / (high / low) ** below, high * (high / low) ** above] : [low - (high - low) * below, high + (high - low) * above];
  }
  /* Where the lines of a panel's axis are: at round values, as many as there is room for. */
  function places(u, k, count) {
    const [low, high] = shares[k] || [0, 1], room = u.bbox.height / devicePixelRatio / (count + GAP * (count - 1)) / 32;
    const found = [];
    if (log) {
      const decades = Math.log10(high / low), every = Math.max(1, Math.ceil(decades / Math.max(1, room)));
      const within = decades < 1.2 ? [1, 1.5, 2, 3, 5, 7] : decades * 3 < room ? [1, 2, 5] : [1];
      for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) for (const each of within) {
        const value = each * 10 ** power;
        if (value >= low && value <= high && (each !== 1 || power % every === 0)) found.push(Number(value.toPrecision(6)));
      }
      return found;
    }
    const rough = (high - low) / Math.max(2.5, room), power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough);
    for (let n = Math.ceil(low / step); n * step <= high; n++) found.push(Number((n * step).toPrecision(12)));
    return found;
  }
  /* The unit at the head of its axis, of several panels beside each; and a line between two. */
  function nameUnits(u, units) {
    const { ctx, bbox } = u, dpr = devicePixelRatio;
    ctx.save();
    ctx.font = `${11 * dpr}px system-ui, sans-serif`; ctx.textAlign = "left";
    ctx.textBaseline = units.length > 1 ? "top" : "bottom";
    units.forEach((unit, k) => {
      const top = k === 0 ? bbox.top : u.valToPos(shares[k][1], `y${k}`, true);
      ctx.fillStyle = slackwater.color("--ink");
      if (units.length > 1) ctx.fillText(unit, bbox.left + bbox.width + 6 * dpr, top + 3 * dpr);
      else ctx.fillText(unit, 4 * dpr, top - 10 * dpr);
      if (k === 0) return;
      ctx.strokeStyle = slackwater.color("--edge"); ctx.lineWidth = dpr;
      ctx.beginPath(); ctx.moveTo(bbox.left, top); ctx.lineTo(bbox.left + bbox.width, top); ctx.stroke();
    });
    ctx.restore();
  }
  /* Notes and changes: a flag at the head of the chart, told at the pointer and in the list below. */
  const FLAG = 7; // pixels
  const marks = () => chart.marks || [];
  function drawMarks(u) {
    const { ctx, bbox } = u, dpr = devicePixelRatio, [from, to] = [u.scales.x.min, u.scales.x.max];
    const shown = marks().filter((mark) => mark.at >= from && mark.at <= to);
    box.dataset.flags = shown.filter((mark) => mark.more).map((mark) => mark.at).join(";");
    ctx.save();
    for (const mark of shown) {
      const x = Math.round(u.valToPos(mark.at, "x", true)) + 0.5;
      ctx.strokeStyle = ctx.fillStyle = slackwater.color({ note: "--accent", revised: "--warn" }[mark.kind] || "--muted");
      ctx.lineWidth = dpr; ctx.setLineDash([dpr, 3 * dpr]);
      ctx.beginPath(); ctx.moveTo(x, bbox.top); ctx.lineTo(x, bbox.top + bbox.height); ctx.stroke();
      ctx.beginPath(); ctx.moveTo(x, bbox.top - FLAG * dpr); ctx.lineTo(x + FLAG * dpr, bbox.top - 3.5 * dpr); ctx.lineTo(x, bbox.top); ctx.fill();
    }
    ctx.restore();
    box.dataset.marks = shown.length;
  }
  function listMarks() {
    const list = document.getElementById("chart-marks");
    if (!list) return;
    document.getElementById("chart-marks-count").textContent = marks().length;
    const signature = JSON.stringify(marks());
    if (list.dataset.shown === signature) return;
    list.dataset.shown = signature;
    list.replaceChildren(...marks().map((mark) => {
      const item = document.createElement("li"), when = document.createElement("button"), words = document.createElement("span");
      item.className = "row nowrap"; words.className = mark.kind === "note" ? "who grow" : "grow";
      when.type = "button"; when.className = "button quiet small"; when.textContent = time(mark.at, { day: "numeric", month: "short", year: "numeric" });
      when.addEventListener("click", () => { const half = (view[1] - view[0]) / 2; zoom(mark.at - half, mark.at + half); });
      words.textContent = mark.text + (mark.name ? ` – ${mark.name}` : "");
      item.append(when, words);
      if (mark.more && flag) {
        const more = document.createElement("button");
        more.type = "button"; more.className = "button quiet small"; more.textContent = flag.dataset.show;
        more.setAttribute("aria-label", `${flag.dataset.show}: ${mark.text}`);
        more.addEventListener("click", () => open(mark));
        item.append(more);
      }
      if (mark.id && list.dataset.delete) {
        const gone = document.createElement("button");
        gone.type = "button"; gone.className = "button quiet tight"; gone.textContent = "×"; gone.title = list.dataset.delete;
        gone.setAttribute("aria-label", `${list.dataset.delete}: ${mark.text}`);
        gone.addEventListener("click", async () => {
          const answer = await slackwater.call("DELETE", `${list.dataset.url}/${mark.id}`);
          if (answer.ok) later(0); else slackwater.toast(slackwater.sentence(answer.body), true);
        });
        item.append(gone);
      }
      return item;
    }));
  }
  /* What revised values were: a click on a flag, or on its line, opens them. */
  const flag = document.getElementById("flag");
  function open(mark) {
    document.getElementById("flag-title").textContent = mark.text;
    document.getElementById("flag-values").replaceChildren();
    htmx.ajax("GET", mark.more, { target: "#flag-values", swap: "innerHTML" });
    flag.showModal();
  }
  if (flag) box.addEventListener("click", (event) => {
    if (!plot) return;
    const left = event.clientX - plot.over.getBoundingClientRect().left;
    const away = (mark) => Math.abs(plot.valToPos(mark.at, "x") - left);
    const near = marks().filter((mark) => mark.more && away(mark) <= FLAG).sort((a, b) => away(a) - away(b));
    if (near.length) open(near[0]);
  });
  const noteForm = document.getElementById("note-form");
  if (noteForm) {
    let pointed = null; // where the pointer was last
    box.addEventListener("mousemove", () => { if (plot && plot.cursor.left >= 0) pointed = plot.posToVal(plot.cursor.left, "x"); });
    document.getElementById("note").addEventListener("toggle", (event) => {
      if (event.newState === "open" && view) {
        const words = document.getElementById("note-zone");
        words.textContent = words.dataset.said.replace("{zone}", zone.name);
        document.getElementById("note-at").value = new Date(zone.clock(pointed ?? (full ? full[1] : view[1])) * 1000).toISOString().slice(0, 16);
      }
    });
    noteForm.addEventListener("submit", async () => {
      const text = document.getElementById("note-text"), at = document.getElementById("note-at").value;
      const answer = await slackwater.call("POST", noteForm.dataset.url, { at: ISO(zone.read(at.replace("T", " "))), text: text.value });
      if (!answer.ok) return slackwater.toast(slackwater.sentence(answer.body), true);
      text.value = "";
      later(0);
    });
  }
  /* At the pointer: the moment, and all series that have a value there, the greatest first. */
  function read(u, names, paint, per) {
    const index = u.cursor.idx;
    const values = index === null || index === undefined ? [] : names.flatMap((name, n) => {
      const [y, low, high] = [0, 1, 2].map((k) => (k < per ? u.data[1 + n * per + k][index] : null));
      return y === null || y === undefined || hidden.has(name) ? [] : [{ name, n, y, low, high }];
    });
    const near = marks().filter((mark) => Math.abs(u.valToPos(mark.at, "x") - u.cursor.left) <= FLAG);
    readout.hidden = !(values.length || near.length) || u.cursor.left < 0;
    if (readout.hidden) return;
    const units = panels();
    values.sort((a, b) => panelOf(a.n, units) - panelOf(b.n, units) || b.y - a.y);
    const rows = values.map(({ name, n, y, low, high }) => {
      const row = document.createElement("p");
      row.className = 1 + n * per === focused ? "focused" : "";
      const words = called(names.length > 1 ? name : "");
      const value = document.createElement("b");
      value.textContent = `${number(y)}${suffix(n)}`;
      row.append(sign(paint[n]), words, value);
      if (low !== null && low !== high) row.append(` ${number(low)} – ${number(high)}`);
      return row;
    });
    const when = document.createElement("p");
    when.className = "moment";
    const at = values.length ? u.data[0][index] : near[0].at;
    when.textContent = chart.days ? moment(at) : `${moment(at)} ${zone.label(at)}`;
    readout.replaceChildren(when, ...rows, ...near.map((mark) => { const row = document.createElement("p"); row.className = "mark"; row.textContent = `⚑ ${mark.text}`; return row; }));
    const left = u.over.offsetLeft + u.cursor.left, room = box.clientWidth - left;
    const width = readout.offsetWidth, height = readout.offsetHeight;
    const x = room > width + 24 ? left + 14 : Math.max(0, left - width - 14);
    const y = Math.max(0, Math.min(u.over.offsetTop + u.cursor.top - height / 2, box.clientHeight - height));
    readout.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
  }
  const END = 10; // letters of a long name that stay
  function called(name) {
    const words = document.createElement("span"), begin = document.createElement("span"), end = document.createElement("span");
    const cut = name.length > 2 * END ? name.length - END : name.length;
    words.className = "long-name"; end.className = "end";
    begin.textContent = name.slice(0, cut); end.textContent = name.slice(cut);
    words.append(begin, end);
    return words;
  }
  function sign(color) {
    const found = document.createElement("span");
    found.className = "color";
    found.style.background = color;
    return found;
  }
  /* A table of what is in view. A click on a series shows it alone, and all again; with Ctrl or Shift it is switched. */
  function showLegend(names, paint) {
    const rows = chart.series.map((series, n) => {
      const known = series.y.filter((each) => each !== null);
      const least = series.low.length ? series.low : known, most = series.high.length ? series.high : known;
      const extreme = (values, better) => values.reduce((found, each) => (found === null || better(each, found) ? each : found), null);
      return { name: series.name, n, last: series.last ?? known.at(-1) ?? null, least: extreme(least, (a, b) => a < b), most: extreme(most, (a, b) => a > b) };
    });
    const signature = JSON.stringify([rows, chart.series.map((each) => each.unit), [...hidden], paint]);
    if (signature === legend.dataset.shown) return;
    legend.dataset.shown = signature;
    const table = document.createElement("table"), head = table.createTHead().insertRow(), body = table.createTBody();
    for (const key of ["Series", "Last", "Least", "Most"]) { const th = document.createElement("th"); th.scope = "col"; th.textContent = said(key); if (key !== "Series") th.className = "number"; head.append(th); }
    for (const { name, n, last, least, most } of rows) {
      const row = body.insertRow(), th = document.createElement("th"), button = document.createElement("button");
      th.scope = "row";
      button.type = "button"; button.className = "button quiet swatch"; button.setAttribute("aria-pressed", String(!hidden.has(name)));
      button.title = said("Alone", { name });
      button.append(sign(paint[n]), called(name));
      button.addEventListener("click", (event) => choose(names, name, event.ctrlKey || event.metaKey || event.shiftKey));
      th.append(button); row.append(th);
      for (const value of [last, least, most]) { const cell = row.insertCell(); cell.className = "number"; cell.textContent = value === null ? "–" : `${number(value)}${suffix(n)}`; }
    }
    const at = legend.querySelector(":focus") && [...legend.querySelectorAll("button")].indexOf(document.activeElement);
    legend.replaceChildren(table);
    if (typeof at === "number" && at >= 0 && body.rows[at]) body.rows[at].querySelector("button").focus();
  }
  function choose(names, name, more) {
    const alone = names.every((each) => hidden.has(each) === (each !== name));
    if (more) hidden.has(name) ? hidden.delete(name) : hidden.add(name);
    else { hidden.clear(); if (!alone) names.filter((each) => each !== name).forEach((each) => hidden.add(each)); }
    draw();
  }

  /* What is in view, and fetching it. */
  function zoom(from, to) {
    if (to - from < LEAST) { const middle = (from + to) / 2; from = middle - LEAST / 2; to = middle + LEAST / 2; }
    if (full) { const most = (full[1] - full[0]) * 4 + 1; if (to - from > most) return everything(); }
    view = [Math.max(from, -62135596800), Math.min(to, 253402300799)];
    box.dataset.zoomed = "yes";
    if (plot) plot.setScale("x", { min: view[0], max: view[1] });
    later(120);
    box.dispatchEvent(new CustomEvent("slackwater:view", { bubbles: true, detail: view }));
  }
  function everything() {
    delete box.dataset.zoomed;
    base.searchParams.delete("from"); base.searchParams.delete("to");
    view = null;
    later(0);
    box.dispatchEvent(new CustomEvent("slackwater:view", { bubbles: true, detail: null }));
  }
  function later(pause) {
    box.dataset.state = "loading";
    clearTimeout(timer);
    timer = setTimeout(fetchView, pause);
  }
  async function fetchView() {
    const mine = ++asked;
    if (loading) loading.abort();
    loading = new AbortController();
    const url = new URL(base);
    if (view && box.dataset.zoomed) { url.searchParams.set("from", ISO(view[0])); url.searchParams.set("to", ISO(view[1])); }
    fitting = STRETCHES();
    url.searchParams.set("stretches", fitting);
    try {
      const answer = await fetch(url, { signal: loading.signal, headers: { Accept: "application/json" }, credentials: "same-origin" });
      if (!answer.ok) throw new Error(answer.status);
      const got = await answer.json();
      if (mine !== asked) return;
      chart = got;
      zone = slackwater.zone(chart.zone);
      box.dataset.zone = zone.name;
      full = chart.extent;
      if (!view || !box.dataset.zoomed) view = whole();
      awaited();
      if (full) draw();
      box.dataset.state = full ? "ready" : "empty";
      if (!performance.getEntriesByName("slackwater:first-chart").length) performance.mark("slackwater:first-chart");
    } catch (error) {
      if (error.name === "AbortError") return;
      note.textContent = said("Failed", { why: error.message });
      box.dataset.state = "failed";
    }
  }
  /* Everything: the data, and as much of what is read beside it as still lets the data be seen. */
  function whole() {
    let [from, to] = base.searchParams.get("from") || base.searchParams.get("to") || !full ? [chart.from, chart.to] : full;
    const found = coverage();
    if (found && found.covered.length && full && !base.searchParams.get("from")) {
      const span = Math.max(to - from, 60);
      from = Math.max(Math.min(from, found.covered[0][0]), from - 0.1 * span);
      to = Math.min(Math.max(to, found.covered.at(-1)[1]), to + 0.1 * span);
    }
    if (!(to > from)) { from -= 43200; to += 43200; }
    const edge = (to - from) * 0.01;
    return [from - edge, to + edge];
  }

  /* The scale is a part of the address, as the range is. */
  function toggleLog() {
    log = !log;
    const here = new URL(location.href);
    log ? here.searchParams.set("scale", "log") : here.searchParams.delete("scale");
    history.replaceState(history.state, "", here);
    document.querySelectorAll('input[name="scale"]').forEach((field) => { field.value = log ? "log" : ""; });
    if (chart) draw();
  }
  const steps = {
    log: toggleLog,
    in: () => scale(0.5), out: () => scale(2), all: everything,
    earlier: () => move(-0.25), later: () => move(0.25), png,
    last: (button) => { if (full) zoom(full[1] - Number(button.dataset.seconds), full[1]); },
  };
  /* What people say of the units, series by series. */
  const unitsForm = document.getElementById("units-form");
  if (unitsForm) {
    const fields = document.getElementById("units-fields");
    document.getElementById("units").addEventListener("toggle", (event) => {
      if (event.newState === "closed" || !chart) return;
      fields.replaceChildren(...chart.series.map((series) => {
        const label = document.createElement("label"), words = document.createElement("span"), field = document.createElement("input");
        label.className = "field"; words.textContent = series.name;
        field.value = series.said || ""; field.placeholder = series.unit || ""; field.maxLength = 50; field.autocomplete = "off"; field.dataset.series = series.name;
        label.append(words, field);
        return label;
      }));
    });
    unitsForm.addEventListener("submit", async () => {
      const units = { ...(chart.said_units || {}) };
      for (const field of fields.querySelectorAll("input")) {
        delete units[field.dataset.series];
        if (field.value.trim()) units[field.dataset.series] = field.value.trim();
      }
      const answer = await slackwater.call("PUT", unitsForm.dataset.url, { units });
      if (answer.ok) later(0); else slackwater.toast(slackwater.sentence(answer.body), true);
    });
  }
  /* What is seen, with its name, its unit and its series, as an image. */
  function png() {
    if (!plot) return;
    const from = plot.ctx.canvas, dpr = devicePixelRatio, out = document.createElement("canvas"), ctx = out.getContext("2d");
    const shown = chart.series.map((series, n) => [series.name, n]).filter(([name]) => !hidden.has(name));
    const line = 20 * dpr, top = 34 * dpr;
    out.width = from.width; out.height = from.height + top + line * Math.ceil(shown.length / 4) + 10 * dpr;
    ctx.fillStyle = slackwater.color("--surface"); ctx.fillRect(0, 0, out.width, out.height);
    ctx.fillStyle = slackwater.color("--ink"); ctx.font = `600 ${15 * dpr}px system-ui, sans-serif`; ctx.textBaseline = "middle";
    ctx.fillText(box.dataset.name + (panels().length === 1 && panels()[0] ? ` (${panels()[0]})` : ""), 12 * dpr, top / 2);
    if (!chart.days) {
      ctx.font = `${12 * dpr}px system-ui, sans-serif`; ctx.fillStyle = slackwater.color("--muted"); ctx.textAlign = "right";
      ctx.fillText(zone.name, out.width - 12 * dpr, top / 2);
      ctx.textAlign = "left";
    }
    ctx.drawImage(from, 0, top);
    ctx.font = `${12 * dpr}px system-ui, sans-serif`;
    shown.forEach(([name, n], place) => {
      const x = 12 * dpr + (place % 4) * (out.width / 4), y = top + from.height + line * (Math.floor(place / 4) + 0.5);
      ctx.fillStyle = slackwater.seriesColor(n); ctx.fillRect(x, y - 2 * dpr, 16 * dpr, 4 * dpr);
      ctx.fillStyle = slackwater.color("--ink"); ctx.fillText(name, x + 22 * dpr, y, out.width / 4 - 30 * dpr);
    });
    out.toBlob((blob) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob); link.download = `${box.dataset.name || "chart"}.png`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    });
  }
  function scale(factor, around = (view[0] + view[1]) / 2) { if (view) zoom(around - (around - view[0]) * factor, around + (view[1] - around) * factor); }
  function move(share) { if (view) { const by = (view[1] - view[0]) * share; zoom(view[0] + by, view[1] + by); } }
  document.addEventListener("click", (event) => { const button = event.target.closest("[data-chart]"); if (button) steps[button.dataset.chart](button); });
  const KEYS = { "+": "in", "=": "in", "-": "out", ArrowLeft: "earlier", ArrowRight: "later", 0: "all" };
  box.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.key]) return;
    event.preventDefault(); event.stopPropagation();
    steps[KEYS[event.key]]();
  });
  box.addEventListener("mousedown", () => box.focus({ preventScroll: true }));
  box.addEventListener("wheel", (event) => {
    if (document.activeElement !== box || !plot || event.shiftKey) return;
    event.preventDefault();
    const left = event.clientX - plot.over.getBoundingClientRect().left;
    scale(event.deltaY > 0 ? 1.25 : 0.8, plot.posToVal(left, "x"));
  }, { passive: false });

  /* Touch: one finger moves, two stretch; up and down the page scrolls. */
  const fingers = new Map();
  let held = null;
  const place = (x) => plot.posToVal(x - plot.over.getBoundingClientRect().left, "x");
  function hold() {
    const at = [...fingers.values()];
    held = at.length ? { at: at.map(place), view: [...view] } : null;
  }
  box.addEventListener("pointerdown", (event) => { if (event.pointerType === "touch" && plot && view) { fingers.set(event.pointerId, event.clientX); hold(); } });
  box.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId) || !held) return;
    fingers.set(event.pointerId, event.clientX);
    const { left, width } = plot.over.getBoundingClientRect();
    const share = [...fingers.values()].map((x) => (x - left) / width);
    const [from, to] = held.view;
    if (share.length === 1) {
      const span = to - from, start = held.at[0] - share[0] * span;
      if (Math.abs(start - view[0]) > span / 200) zoom(start, start + span);
    } else if (Math.abs(share[0] - share[1]) > 0.02) {
      const span = Math.abs((held.at[0] - held.at[1]) / (share[0] - share[1])), start = held.at[0] - share[0] * span;
      zoom(start, start + span);
    }
  });
  for (const kind of ["pointerup", "pointercancel"]) addEventListener(kind, (event) => { if (fingers.delete(event.pointerId) && plot) hold(); });

  /* Without a point there is no axis to draw: what is waited for stands there instead, as the page says it now. */
  const waits = document.getElementById("chart-waits");
  function awaited() {
    if (chart) { waits.hidden = Boolean(full); box.hidden = !full; }
    const state = live();
    if (state && state.dataset.awaits) waits.textContent = state.dataset.awaits;
  }

  /* New points come in while one looks; a chart that shows everything grows with them, at most every two seconds.
     The first ones are shown at once. */
  let seen = null, refreshing = 0;
  function follow() {
    const state = live();
    if (!state) return;
    awaited();
    const now = [state.dataset.points, state.dataset.version, state.dataset.high, state.dataset.low].join();
    if (seen !== null && now !== seen) {
      if (plot) plot.redraw(false);
      clearTimeout(refreshing);
      refreshing = setTimeout(() => later(0), !full ? 0 : box.dataset.state === "loading" ? 2000 : 700);
    }
    seen = now;
  }
  document.addEventListener("htmx:afterSettle", follow);
  follow();

  /* A box that was hidden, or narrow, when its chart was fetched has room for finer stretches later. */
  let size = 0;
  new ResizeObserver(() => {
    if (Math.abs(box.clientWidth - size) <= 2) return;
    size = box.clientWidth;
    if (!chart) return;
    draw();
    if (chart.width && STRETCHES() > 1.5 * fitting) later(300);
  }).observe(box);
  new MutationObserver(() => chart && draw()).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { drawnSeries = ""; if (chart) draw(); });
  size = box.clientWidth;
  fetchView();
})();
