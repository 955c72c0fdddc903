// The front page: the policy, and what came of it.

// Policy.

const named = (place) => (figures && figures.words[place]) || (COUNTIES.find(([name]) => name === place) || [place, place])[1];

function showKind() {
  const kind = document.querySelector("[name=kind]:checked").value;
  for (const name of ["options", "pack", "file"]) byId(`of-${name}`).hidden = name !== kind;
  sayPolicyFile();
  for (const each of all("[data-pack]")) each.hidden = each.dataset.pack !== byId("pack").value;
  describeOptions();
  byId("policy-json").href = `policy.json?${new URLSearchParams(optionsChosen())}`;
}

function givenPolicy() {
  const kind = document.querySelector("[name=kind]:checked").value;
  if (kind === "options") return { kind, options: optionsChosen() };
  if (kind === "file") return { kind, file: byId("policy-file").value };
  const controls = all(`[data-pack="${byId("pack").value}"] [data-parameter]`);
  const value = (each) => (each.type === "checkbox" ? String(each.checked) : each.value);
  return { kind, pack: byId("pack").value, parameters: Object.fromEntries(controls.map((each) => [each.dataset.parameter, value(each)])) };
}

function showAllowing() {
  const names = job.status === "failed" ? job.passable : [];
  byId("allowing").replaceChildren(...names.map((name, at) => tick(`allow-${at}`, name, allowed, () => {}, `${name.replaceAll("-", " ")}: I have looked at it, and it is meant`)));
}

byId("deciding").addEventListener("input", showKind);
byId("store").addEventListener("change", listFitting);
byId("reset").addEventListener("click", () => {
  resetOptions();
  showKind();
});
byId("deciding").addEventListener("submit", (event) => {
  event.preventDefault();
  start("run", { store: byId("store").value, as_of: byId("as_of").value, policy: givenPolicy(), allow: [...allowed], county: byId("county").value });
});

// Results.

let figures = null;
let choices = 0; // of what is shown: an answer to an earlier one comes too late

function listRuns() {
  fill(byId("shown-run"), folder.runs.map((each) => [each.name, `${each.as_of}: ${each.policy} (${each.name.split("/").pop()})`]));
  byId("results-none").hidden = folder.runs.length > 0;
  byId("result").hidden = !folder.runs.length;
}

function resulted(done) {
  mapped(done);
  if (done.kind === "run") showRun(done.result.run, done.given.county || "").then(() => byId("results").scrollIntoView());
  if (done.kind === "files") showRun(done.result.run, done.result.county, done.result.folder, done.result.court || "");
  if (done.kind === "controls") {
    byId("shown-run").value = done.result.run;
    showRun(done.result.run, byId("shown-county").value).then(() => {
      byId("controls-link").href = done.address;
      byId("controls-link").hidden = !done.address;
    });
  }
}

const showRun = (run, county, made = "", court = "") =>
  trying(async () => {
    const choice = ++choices;
    const found = await asked(`figures?${new URLSearchParams({ run, county, court })}`);
    if (choice !== choices) return;
    figures = found;
    byId("shown-run").value = run;
    listLike(run);
    listCourts(county, court);
    fill(byId("shown-county"), [["", "all counties"], ...figures.counties.map((name) => [name, named(name)])]);
    byId("shown-county").value = county;
    byId("lead").replaceChildren(element("p", `${figures.title}. ${figures.subtitle}`, "remark"), ...figures.lead.map((text) => element("p", text, "lead")));
    byId("key").replaceChildren(...figures.key.map(([value, name]) => keyFigure([name, value])));
    byId("tables").replaceChildren(...figures.tables.map(tableOf));
    byId("controls-link").hidden = true;
    await showBeside();
    byId("made").hidden = !made;
    if (made) await listFiles(made, court ? named(court) : county ? figures.titles[county] : "all counties");
  });

// Runs of any two policies, such as a pack and a county's options, in the same county.

async function showBeside() {
  const run = byId("other-run").value;
  byId("beside").hidden = true;
  byId("of-other").hidden = !run;
  if (!run || !figures) return;
  const other = await asked(`figures?${new URLSearchParams({ run, county: byId("shown-county").value, court: byId("shown-court").value })}`);
  const before = new Map(other.key.map(([value, name]) => [name, value]));
  const count = (text) => Number(text.replaceAll(",", ""));
  byId("beside-rows").replaceChildren(
    ...figures.key.map(([value, name]) => {
      const known = before.has(name);
      const difference = known ? count(value) - count(before.get(name)) : 0;
      const row = element("tr", undefined, difference ? "differs" : "");
      const sign = `${difference > 0 ? "+" : ""}${words(difference)}`;
      row.append(Object.assign(element("th", name), { scope: "row" }), ...[known ? before.get(name) : "", value, known ? sign : ""].map((text) => element("td", text, "number")));
      return row;
    }),
  );
  byId("beside").hidden = false;
}

function tableOf(table) {
  const made = element("details");
  made.append(element("summary", table.caption));
  const scroll = element("div", undefined, "scroll");
  scroll.tabIndex = 0;
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", `Table: ${table.caption}`);
  const shown = element("table");
  const cell = (name, text, at) => element(name, text, table.numbers.includes(at) ? "number" : "");
  const head = element("tr");
  head.append(...table.columns.map((text, at) => Object.assign(cell("th", text, at), { scope: "col" })));
  const body = element("tbody");
  body.append(
    ...table.rows.map((texts, place) => {
      const row = element("tr", undefined, table.total && place === table.rows.length - 1 ? "total" : "");
      row.append(...texts.map((text, at) => (at ? cell("td", text, at) : Object.assign(cell("th", text, at), { scope: "row" }))));
      return row;
    }),
  );
  const top = element("thead");
  top.append(head);
  shown.append(element("caption", table.caption), top, body);
  scroll.append(shown);
  made.append(scroll, ...table.notes.map((text) => element("p", text, "remark")));
  return made;
}

async function listFiles(made, place) {
  const found = await asked(`files?${new URLSearchParams({ folder: made })}`);
  byId("made-title").textContent = `Files of ${place}`;
  byId("made-zip").href = `zip?${new URLSearchParams({ folder: made })}`;
  byId("made-files").replaceChildren(
    ...found.files.map((file) => {
      const row = element("li");
      const link = Object.assign(element("a", file.name.slice(made.length + 1)), { href: `file?${new URLSearchParams({ name: file.name })}` });
      if (file.name.endsWith(".html")) Object.assign(link, { target: "_blank", rel: "noopener" });
      row.append(link, ` (${megabytes(file.size)})`);
      return row;
    }),
  );
}

byId("shown-run").addEventListener("change", () => showRun(byId("shown-run").value, ""));
byId("shown-county").addEventListener("change", () => showRun(byId("shown-run").value, byId("shown-county").value));
byId("shown-court").addEventListener("change", () => showRun(byId("shown-run").value, byId("shown-county").value, "", byId("shown-court").value));
byId("other-run").addEventListener("change", () => trying(showBeside));
byId("making").addEventListener("submit", (event) => {
  event.preventDefault();
  const given = { run: byId("shown-run").value, county: byId("shown-county").value, court: byId("shown-court").value, other: byId("other-run").value };
  for (const each of all("#making input[id^=make-]")) given[each.id.replace("make-", "")] = each.checked && !each.closest("[hidden]");
  if (byId("office")) given.office = byId("office").value;
  start("files", given);
});

// Papers for a court.

function listOffices() {
  if (!byId("office")) return;
  fill(byId("office"), [["", "a made-up office"], ...folder.offices.map((name) => [name, name.split("/").pop()])]);
  showOffice();
}

function showOffice() {
  byId("of-papers").hidden = !byId("make-papers").checked;
  byId("office-remove").hidden = !byId("office").value;
}

if (byId("office")) {
  byId("making").addEventListener("input", showOffice);
  byId("office-upload").addEventListener("change", async (event) => {
    await upload("offices", [...event.target.files]);
    event.target.value = "";
    const added = folder.offices.at(-1);
    if (added && !byId("office").value) byId("office").value = added;
    showOffice();
  });
  byId("office-remove").addEventListener("click", () => trying(async () => (await send("remove", { name: byId("office").value }), await listFolder())));
}
byId("controls").addEventListener("click", () => start("controls", { run: byId("shown-run").value }));

// What the folder has, and what is under way or was done last.

async function begin() {
  job = await asked("job");
  if ((job.kind === "look" || job.kind === "ingest") && job.given.files) {
    chosen = new Set(job.given.files);
    accepted.clear();
    for (const name of job.given.accept || []) accepted.add(name);
  }
  await listFolder();
  beginFormat();
  showJob();
  if (busy()) poll();
  else {
    if (folder.runs.length && job.kind !== "run" && job.kind !== "files") await showRun(folder.runs[0].name, "");
    ended();
  }
}

trying(begin);
