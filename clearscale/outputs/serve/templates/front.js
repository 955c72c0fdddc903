// The front page: files, and what was found. What differs by the kind of files is in front-charges.js, policies and
// results are in front-results.js. Everything
// that it knows it asks of the program on this machine, so that a reload, or another start of it, shows the same.

let folder = { extracts: [], maps: [], people: [], policies: [], offices: [], stores: [], runs: [] };
let job = { status: "none" };
let chosen = new Set(); // names of extracts
let known = new Set(); // those that were listed before: new ones are chosen at once
const accepted = new Set(); // findings that a person has looked at
const allowed = new Set();

const POLL = [50, 500]; // milliseconds, at first and at most
const megabytes = (size) => (size < 1e6 ? `${Math.ceil(size / 1e3).toLocaleString("en-US")} kB` : `${Math.round(size / 1e6).toLocaleString("en-US")} MB`);
const busy = () => job.status === "running";

// Asking.

async function asked(path, options) {
  let reply;
  try {
    reply = await fetch(path, options);
  } catch {
    throw new Error("The program on this machine does not answer: was it ended?");
  }
  if (!reply.ok) throw new Error((await reply.text()).trim());
  return reply.json();
}

const send = (path, document_) => asked(path, { method: "POST", body: JSON.stringify(document_) });

function problem(lines) {
  byId("problem").replaceChildren(...lines.map((line) => element("p", line)));
  byId("problem").hidden = !lines.length;
}

async function trying(work) {
  try {
    problem([]);
    await work();
  } catch (error) {
    problem(error.message.split("\n"));
    byId("problem").scrollIntoView({ block: "center" });
  }
}

const start = (kind, given) =>
  trying(async () => {
    job = await send("start", { kind, given });
    showJob();
    poll();
  });

// The work under way.

let polling = false;

async function poll() {
  if (polling) return;
  polling = true;
  for (let pause = POLL[0]; busy(); pause = Math.min(2 * pause, POLL[1])) {
    await new Promise((done) => setTimeout(done, pause));
    try {
      job = await asked("job");
      problem([]);
    } catch (error) {
      problem([error.message]);
    }
    showJob();
  }
  polling = false;
  await trying(listFolder);
  ended();
}

const KINDS = { look: "Looking at the files", ingest: "Taking the files in", run: "Deciding", files: "Making files", controls: "Opening the page with controls", draft: "Drafting a map", link: "Finding out who is who" };
let said = "";

function showJob() {
  byId("work").hidden = !busy();
  for (const name of ["look", "take", "run", "make", "controls", "draft", "link"]) if (byId(name)) byId(name).disabled = busy();
  if (!busy()) return;
  const bar = byId("work-bar");
  if (job.total) [bar.max, bar.value] = [job.total, job.done];
  else bar.removeAttribute("value");
  const text = KINDS[job.kind] + (job.label ? `: ${job.label}` : "");
  if (text !== said) byId("work-said").textContent = said = text; // a screen reader is told each change
}

function ended() {
  if (job.status === "failed") {
    problem(job.lines);
    if (job.kind === "look") byId("ways").open = true; // where a file's county is chosen, and more
    byId("problem").scrollIntoView({ block: "center" });
  }
  if (job.status === "canceled") problem(["Canceled. Nothing is half-written, and the same again goes on from here."]);
  if (job.kind === "look" || job.kind === "ingest") showFound();
  if (job.kind === "ingest" && job.status === "done") showStore(job.result.store);
  if (job.kind === "run") showAllowing();
  if (job.status === "done") resulted(job);
}

byId("cancel").addEventListener("click", () => trying(() => send("cancel", {})));

// Extracts.

async function listFolder() {
  folder = await asked("folder");
  const names = folder.extracts.flatMap((each) => each.files.map((file) => file.name));
  for (const name of names) if (!known.has(name) && name.startsWith("uploads/")) chosen.add(name);
  known = new Set(names);
  chosen = new Set([...chosen].filter((name) => known.has(name)));
  byId("listed").replaceChildren(...folder.extracts.map(listed));
  fill(byId("store"), folder.stores.map((each) => [each.name, each.name]));
  byId("held").replaceChildren(...folder.stores.map(held));
  byId("policy-none").hidden = folder.stores.length > 0;
  byId("deciding").hidden = !folder.stores.length;
  listMaps();
  listFitting();
  listChosen();
  listRuns();
  listOffices();
}

function fill(select, pairs) {
  const before = select.value;
  select.replaceChildren(...pairs.map(([value, text]) => Object.assign(element("option", text), { value })));
  if (pairs.some(([value]) => value === before)) select.value = before;
}

function listed(each) {
  const made = element("fieldset");
  made.append(element("legend", each.name === "." ? "In the served folder" : each.name));
  for (const file of each.files) {
    const row = element("p", undefined, "field switch");
    const box = Object.assign(element("input"), { type: "checkbox", id: `file-${file.name}`, checked: chosen.has(file.name) });
    box.addEventListener("change", () => {
      if (box.checked) chosen.add(file.name);
      else chosen.delete(file.name);
      listChosen();
      showFound();
    });
    const label = Object.assign(element("label", `${file.name.split("/").pop()} (${megabytes(file.size)})`), { htmlFor: box.id });
    row.append(box, label);
    if (each.name === "uploads") {
      const remove = Object.assign(element("button", "Remove"), { type: "button" });
      remove.setAttribute("aria-label", `Remove ${file.name.split("/").pop()}`);
      remove.addEventListener("click", () => trying(async () => (await send("remove", { name: file.name }), await listFolder())));
      label.append(" ", remove);
    }
    made.append(row);
  }
  if (each.more) made.append(element("p", `and ${words(each.more)} more, which a person with a shell can take in`, "remark"));
  return made;
}

const COUNTIES = JSON.parse(byId("listed").dataset.counties || "[]");

function listChosen() {
  const place = byId("file-counties");
  const before = Object.fromEntries(all("#file-counties select").map((each) => [each.dataset.file, each.value]));
  place.replaceChildren(
    ...[...chosen].map((name, at) => {
      const row = element("p", undefined, "field stored");
      const select = Object.assign(element("select"), { id: `county-of-${at}` });
      select.dataset.file = name.split("/").pop();
      fill(select, [["", "as its records tell"], ...COUNTIES]);
      select.value = before[select.dataset.file] || "";
      row.append(Object.assign(element("label", `County of ${select.dataset.file}`), { htmlFor: select.id }), select);
      return row;
    }),
  );
}

function givenExtracts() {
  const counties = Object.fromEntries(all("#file-counties select").map((each) => [each.dataset.file, each.value]));
  const given = { format: byId("format").value, files: [...chosen].sort(), store: byId("into").value };
  for (const name of ["add", "quarantine"]) given[name] = byId(name).checked;
  if (!given.format) return { ...given, counties, statewide: byId("statewide").checked };
  return byId("of-people").hidden ? given : { ...given, people: byId("people").value, with_doubtful: byId("with_doubtful").checked };
}

byId("choice").addEventListener("submit", (event) => {
  event.preventDefault();
  accepted.clear();
  start("look", givenExtracts());
});

// Uploads, one after the other, so that each is written at the speed of the disk.

async function upload(kind, files) {
  const refused = []; // each is told: who mends one would only then hear of the next
  for (const file of files) {
    const row = element("li", `${file.name}: `);
    const bar = Object.assign(element("progress"), { max: 1, value: 0 });
    bar.setAttribute("aria-label", `Copying ${file.name}`);
    row.append(bar);
    byId("uploading").append(row);
    try {
      await send("expect", { kind, name: file.name, size: file.size }); // what is refused is not sent first
      await sendFile(kind, file, bar);
    } catch (error) {
      refused.push(...error.message.split("\n"));
    }
    row.remove();
  }
  await listFolder().catch((error) => refused.push(error.message));
  problem(refused);
  if (refused.length) byId("problem").scrollIntoView({ block: "center" });
}

function sendFile(kind, file, bar) {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest(); // unlike fetch, it tells how much was sent
    request.open("POST", `upload?${new URLSearchParams({ kind, name: file.name })}`);
    request.upload.addEventListener("progress", (event) => (bar.value = event.total ? event.loaded / event.total : 0));
    request.addEventListener("load", () => (request.status === 200 ? done() : failed(new Error(request.responseText.trim()))));
    request.addEventListener("error", () => failed(new Error(`${file.name}: was not copied to its end; is the program still there, and has the disk room?`)));
    request.send(file);
  });
}

byId("upload").addEventListener("change", async (event) => {
  await upload("uploads", [...event.target.files]);
  event.target.value = "";
});
for (const [name, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
  byId("drop").addEventListener(name, (event) => {
    event.preventDefault();
    byId("drop").classList.toggle("over", over);
    if (name === "drop") upload("uploads", [...event.dataTransfer.files]);
  });
}

// What was found.

let looked = null; // what the last look, or the last ingest, was given and found

function showFound() {
  if (job.kind === "look" || job.kind === "ingest") looked = job;
  const same = looked && (looked.given.format || "") === byId("format").value && JSON.stringify(looked.given.files) === JSON.stringify([...chosen].sort());
  const passable = looked && looked.kind === "ingest" && looked.status === "failed" ? looked.passable : [];
  const shown = Boolean(looked && same && (looked.status === "done" || passable.length));
  byId("doubts-none").hidden = shown;
  byId("taking").hidden = !shown;
  if (!shown) return;
  const found = looked.result.findings ? looked.result : { findings: [], counties: {}, added: [], unchanged: [] };
  const taken = looked.kind === "ingest" && looked.status === "done";
  const refusing = found.findings.filter((each) => each.refuses);
  const looks = taken ? "Taken in." : "Nothing is stored yet.";
  const nothing = found.unchanged.length && !found.added.length ? " The store has all of these files already." : "";
  byId("looked").textContent = passable.length
    ? "Refused. What is named above can be passed, if you have looked at it."
    : `${looks}${nothing} ${found.findings.length ? `${words(found.findings.length)} finding${found.findings.length === 1 ? "" : "s"}, ${words(refusing.length)} of which refuse${refusing.length === 1 ? "s" : ""} a file.` : "Nothing is doubtful."}`;
  const figures = passable.length ? [] : [["records read", found.records], [taken ? "records stored" : "records that would be stored", found.stored], ["set aside", found.quarantined]];
  if (taken) figures.push(...(found.held || []));
  byId("looked-key").replaceChildren(...figures.map(keyFigure));
  byId("looked-counties").replaceChildren(
    ...Object.entries(found.counties).map(([file, county]) => element("li", `${file}: ${county}`)),
    ...(found.remarks || []).map((line) => element("li", line)),
  );
  const named = [...new Set(passable)].map((name) => ({ name, file: "", refuses: true, words: "refused the files; see above" }));
  byId("findings").replaceChildren(...[...refusing, ...named, ...found.findings.filter((each) => !each.refuses)].map(finding));
  byId("take").hidden = taken;
  judge();
}

function keyFigure([name, figure]) {
  const made = element("div");
  made.append(element("dt", name), element("dd", words(figure)));
  return made;
}

function finding(each, at) {
  const made = element("li", undefined, each.refuses ? "finding refuses" : "finding");
  const head = element("p");
  const grade = each.refuses ? "refuses" : each.accepted ? "looked at, and passed" : "to know";
  head.append(element("strong", each.name.replaceAll("-", " ")), ` - ${grade}${each.file ? ` - ${each.file}` : ""}`);
  made.append(head, element("p", each.words));
  if (each.refuses) made.append(tick(`finding-${at}`, each.name, accepted, judge, "I have looked at it, and it is right all the same"));
  return made;
}

function tick(id, name, among, then, text) {
  const row = element("p", undefined, "field switch");
  const box = Object.assign(element("input"), { type: "checkbox", id, checked: among.has(name) });
  box.dataset.passes = name;
  box.addEventListener("change", () => {
    if (box.checked) among.add(name);
    else among.delete(name);
    for (const other of all(`[data-passes="${name}"]`)) other.checked = box.checked; // it is passed by its name
    then();
  });
  row.append(box, Object.assign(element("label", text), { htmlFor: id }));
  return row;
}

function judge() {
  const left = new Set(all("#findings [data-passes]").filter((each) => !each.checked).map((each) => each.dataset.passes));
  const unusable = looked.result.unusable || 0; // they would refuse their file, whatever is passed
  byId("take").disabled = busy() || left.size > 0 || unusable > 0;
  byId("take-said").textContent = unusable ? `${words(unusable)} records cannot be used: mend the files, or choose above to set such records aside, and look again.` : left.size ? `${words(left.size)} to look at first; or mend the files and look again.` : "";
}

byId("taking").addEventListener("submit", (event) => {
  event.preventDefault();
  start("ingest", { ...looked.given, accept: [...accepted] });
});
