// The front page: what differs by what files hold, extracts or charges: formats, packs and policy files that fit, courts.

const CHARGES = "charges";
const holding = (format) => (format ? CHARGES : "extracts");
const inWords = (state) => state.replaceAll("_", " ").replace(/\b\w/g, (letter) => letter.toUpperCase());

// Shows what is for files of this kind, and hides what is for others.
function showFor(place, holds) {
  for (const each of all(`${place} [data-of]`)) each.hidden = each.dataset.of !== holds;
}

// Kinds of files.

function listMaps() {
  const place = byId("format-maps");
  const before = byId("format").value;
  place.replaceChildren(
    ...folder.maps.map((each) => {
      const made = Object.assign(element("option", `${each.title} (${each.name})`), { value: each.name });
      Object.assign(made.dataset, { about: each.about, person: String(each.person) });
      return made;
    }),
  );
  place.hidden = !folder.maps.length;
  byId("format").value = before;
  showFormat();
}

function showFormat() {
  if (byId("format").selectedIndex < 0) byId("format").value = formatBefore = ""; // a map that is not there any more
  const option = byId("format").selectedOptions[0];
  const format = option.value;
  byId("format-about").textContent = format ? option.dataset.about : byId("format").dataset.about;
  byId("map-edit").disabled = !format;
  byId("map-remove").hidden = !format.startsWith("maps/");
  showFor("#choice", holding(format));
  byId("of-people").hidden = !format || option.dataset.person === "true";
  fill(byId("people"), [["", "each case by itself"], ...folder.people.map((name) => [name, name])]);
  const fitting = folder.stores.filter((each) => each.holds === holding(format));
  fill(byId("into"), [["", "the front page's own"], ...fitting.map((each) => [each.name, each.name])]);
}

// The kind of files that were looked at last or, without any, that of a store, if all hold charges.
function beginFormat() {
  const looks = job.kind === "look" || job.kind === "ingest";
  const store = folder.stores.find((each) => each.holds !== CHARGES) || folder.stores[0];
  const format = looks ? job.given.format : store && store.format;
  const option = [...byId("format").options].find((each) => format && (each.value === format || each.value.endsWith(`/${format}.toml`)));
  if (option) byId("format").value = formatBefore = option.value;
  showFormat();
}

// Files that are chosen for each kind: those that were taken in as another kind are none of this one.
const chosenAs = new Map();
let formatBefore = "";

function changeFormat() {
  const format = byId("format").value;
  const taken = looked && looked.kind === "ingest" && looked.status === "done" ? looked.given.files : [];
  chosenAs.set(formatBefore, chosen);
  const before = chosenAs.get(format) || [...chosen].filter((name) => !taken.includes(name));
  chosen = new Set([...before].filter((name) => known.has(name)));
  formatBefore = format;
  showFormat();
  byId("listed").replaceChildren(...folder.extracts.map(listed));
  listChosen();
  showFound();
}

byId("format").addEventListener("change", changeFormat);
function held(store) {
  const { people, convictions, charges } = store.counts;
  if (store.holds === CHARGES) return element("li", `${store.name} holds ${words(charges)} charges of ${words(people)} people, read as ${store.format}.`);
  const counties = store.counties.map((name) => named(name)).join(", ");
  return element("li", `${store.name} holds ${words(people)} people with ${words(convictions)} convictions, of ${counties}.`);
}

// Policies that fit the store that is chosen.

const storeChosen = () => folder.stores.find((each) => each.name === byId("store").value);
const fits = (holds, state, store) => holds === store.holds && (!state || !store.state || state === store.state);

function showStore(name) {
  byId("store").value = name;
  listFitting();
}

function listFitting() {
  const store = storeChosen();
  if (store) {
    showFor("#deciding", store.holds);
    fill(byId("county"), [["", "all counties"], ...store.counties.map((name) => [name, named(name)])]);
    const packs = all("[data-pack]").filter((each) => fits(each.dataset.holds, each.dataset.state, store));
    fill(byId("pack"), packs.map((each) => [each.dataset.pack, each.querySelector("legend").textContent]));
    const policies = folder.policies.filter((each) => each.holds === store.holds);
    const other = (each) => (fits(each.holds, each.state, store) ? "" : ` (of ${inWords(each.state)})`);
    fill(byId("policy-file"), policies.map((each) => [each.name, each.name.split("/").pop() + other(each)]));
    byId("kind-pack").closest("p").hidden = !packs.length;
    const checked = document.querySelector("[name=kind]:checked");
    if (checked.closest("[hidden]")) (packs.length ? byId("kind-pack") : byId("kind-file")).checked = true;
  }
  showKind();
}

function sayPolicyFile() {
  const store = storeChosen();
  const left = store ? folder.policies.filter((each) => each.holds !== store.holds).length : 0;
  byId("policy-file-said").hidden = !left;
  byId("policy-file-said").textContent = `${words(left)} more ${left === 1 ? "is" : "are"} for stores of ${store && store.holds === CHARGES ? "extracts" : "charges"}.`;
  byId("policy-remove").hidden = !byId("policy-file").value;
}

byId("policy-upload").addEventListener("change", async (event) => {
  await upload("policies", [...event.target.files]);
  event.target.value = "";
});
byId("policy-remove").addEventListener("click", () => trying(async () => (await send("remove", { name: byId("policy-file").value }), await listFolder())));

// Runs like the one that is shown, and its courts.

function listLike(run) {
  const holds = figures.holds;
  const like = folder.runs.filter((each) => each.holds === holds);
  const texts = new Map([...byId("shown-run").options].map((each) => [each.value, each.text]));
  fill(byId("other-run"), [["", "no other run"], ...like.filter((each) => each.name !== run).map((each) => [each.name, texts.get(each.name)])]);
  showFor("#making", holds);
}

function listCourts(county, court) {
  const courts = figures.courts.filter(([of]) => of === county);
  fill(byId("shown-court"), [["", "all courts"], ...courts.map(([, name]) => [name, named(name)])]);
  byId("shown-court").value = court;
  byId("of-court").hidden = !courts.length;
}
