/* Several files at once: each is uploaded and looked at by the very API; what is clear is created by one click. */
"use strict";
(() => {
  const section = document.getElementById("batch"), body = document.getElementById("batch-rows"), create = document.getElementById("batch-create");
  const AT_ONCE = 2;
  const said = (name, values = {}) => Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, value), section.dataset[`said${name[0].toUpperCase()}${name.slice(1)}`]);
  const number = slackwater.number();
  const rows = [];

  function tell(row, state, text) {
    row.state = state;
    row.cell.textContent = text;
    row.cell.className = state === "failed" ? "wide wrong" : "wide";
    row.line.dataset.state = state;
    const ready = rows.filter((each) => each.state === "found").length;
    create.textContent = said(ready === 1 ? "createOne" : "create", { n: number.format(ready) });
    create.disabled = !ready;
  }
  function added(file) {
    const line = body.insertRow(), head = document.createElement("th"), name = document.createElement("input");
    head.scope = "row"; head.textContent = file.name; head.className = "who";
    line.append(head);
    name.value = file.name.replace(/\.[^.]*$/, "").replace(/[_\W]+/gu, (each) => (/[\p{L}\p{N}]/u.test(each) ? each : " ")).trim() || file.name;
    name.maxLength = 300;
    name.setAttribute("aria-label", `${said("name")}: ${file.name}`);
    line.insertCell().append(name);
    const row = { file, line, name, cell: line.insertCell() };
    rows.push(row);
    tell(row, "waiting", said("waiting"));
    return row;
  }
  async function looked(row) {
    tell(row, "uploading", said("uploading"));
    const form = new FormData();
    form.append("file", row.file);
    const kept = await slackwater.call("POST", "/resources/wrappers/files/upload", form);
    if (!kept.ok || kept.body.validation_status !== "valid") {
      const why = kept.ok ? kept.body.validation_errors.join(" ") || kept.body.message : slackwater.sentence(kept.body);
      return tell(row, "failed", said("failed", { why: await slackwater.say(why) }));
    }
    row.source = { source_type: /\.csv$/i.test(row.file.name) ? "CSV" : "XLSX", source_config: { file_id: kept.body.file_id } };
    tell(row, "looking", said("looking"));
    const found = await slackwater.call("POST", "/resources/wrappers/discover", row.source);
    if (found.ok && found.body.found) {
      row.discovery = found.body.discovery;
      return tell(row, "found", said("found", { n: found.body.series.slice(0, 3).join(", ") + (found.body.series.length > 3 ? "…" : "") }));
    }
    const why = found.ok ? (found.body.questions[0] || {}).message || found.body.message : slackwater.sentence(found.body);
    tell(row, found.ok ? "asked" : "failed", said(found.ok ? "asked" : "failed", { why: await slackwater.say(why) }));
    const link = document.createElement("a");
    link.href = `/new?file=${kept.body.file_id}`; link.target = "_blank"; link.textContent = said("open");
    row.cell.append(" ", link);
  }
  async function each(list, deed) {
    const left = [...list];
    const one = async () => {
      for (let row = left.shift(); row; row = left.shift()) {
        try { await deed(row); } catch { tell(row, "failed", said("failed", { why: document.body.dataset.saidFailed })); }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
  }
  create.addEventListener("click", async () => {
    create.setAttribute("aria-busy", "true");
    await each(rows.filter((row) => row.state === "found"), async (row) => {
      const answer = await slackwater.call("POST", "/resources/wrappers/generate", { ...row.source, discovery: row.discovery, metadata: { name: row.name.value } });
      if (!answer.ok) return tell(row, "failed", said("failed", { why: await slackwater.say(slackwater.sentence(answer.body)) }));
      tell(row, "created", "");
      row.name.readOnly = true;
      const link = document.createElement("a");
      link.href = `/wrappers/${answer.body.wrapper_id}`; link.textContent = said("created");
      row.cell.replaceChildren(link);
    });
    create.removeAttribute("aria-busy");
  });
  slackwater.batch = (files) => {
    section.hidden = false;
    document.getElementById("step-1").closest("section").hidden = true;
    document.getElementById("found").replaceChildren();
    return each(files.map(added), looked);
  };
})();
