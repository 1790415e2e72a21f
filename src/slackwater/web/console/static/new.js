/* The page of a new source: uploads with progress, credentials as they are asked for, the chart of the sample. */
"use strict";
(() => {
  const form = document.getElementById("new");
  const byId = (id) => document.getElementById(id);

  byId("auth-type").addEventListener("change", (event) => {
    form.querySelectorAll("[data-auth]").forEach((field) => { field.hidden = field.dataset.auth !== event.target.value; });
  });

  /* Another source has other answers. */
  byId("location").addEventListener("input", () => { byId("found").replaceChildren(); });

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

  byId("file").addEventListener("change", (event) => { if (event.target.files.length) upload(event.target.files[0]); });
  const drop = byId("drop");
  drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (event.dataTransfer.files.length) upload(event.dataTransfer.files[0]);
  });
  /* A file that misses the place must not take the page away. */
  for (const kind of ["dragover", "drop"]) window.addEventListener(kind, (event) => event.preventDefault());

  let chart = null;
  function draw() {
    const place = byId("sample-chart");
    if (chart) { chart.destroy(); chart = null; }
    if (!place) return;
    place.replaceChildren();
    const { times, series } = JSON.parse(place.dataset.points);
    const colors = ["--water", "--warn", "--good", "--bad", "--accent"].map(slackwater.color);
    const ink = slackwater.color("--muted");
    const line = slackwater.color("--line");
    const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { stroke: line } };
    chart = new uPlot({
      width: place.clientWidth, height: 220, legend: { show: series.length > 1, live: false }, cursor: { y: false },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1e3), "Etc/UTC"),
      axes: [axis, { ...axis, size: 64 }],
      series: [{}, ...series.map((each, place) => ({
        label: each.name, stroke: colors[place % colors.length], width: 1.5, spanGaps: true, points: { show: true, size: 5 },
      }))],
    }, [times, ...series.map((each) => each.values)], place);
  }
  document.addEventListener("htmx:afterSettle", (event) => { if (event.target.id === "found" || event.target.closest("#found")) draw(); });
  window.addEventListener("resize", () => { if (chart) chart.setSize({ width: byId("sample-chart").clientWidth, height: 220 }); });
  draw();
})();
