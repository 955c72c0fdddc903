// The page's script: reads the controls, asks the program on this machine for figures, and shows them. Texts are only
// ever set as texts, so that no name from the data can be markup.

const county = byId("county");
const court = byId("court"); // null where no record names a court
const courts = court && JSON.parse(court.dataset.courts);
const SPEAK_AFTER = 500; // milliseconds without a change, so that a screen reader is not told every step

// The setting, in the controls, in the address behind #, and in what the program is asked.

function setting() {
  return new URLSearchParams({ county: county.value, ...(court ? { court: court.value } : {}), ...optionsChosen() });
}

const has = (select, value) => [...select.options].some((each) => each.value === value);

// The courts of the county that is picked.
function listCourts(wanted) {
  if (!court) return;
  const own = courts[county.value] || [];
  const option = (text, value) => Object.assign(element("option", text), { value });
  court.replaceChildren(option(county.value ? "All of the county" : "Pick a county first", ""), ...own.map(([name, text]) => option(text, name)));
  court.disabled = !own.length;
  court.value = has(court, wanted) ? wanted : "";
}

function take(given) {
  notice = "";
  const wanted = { county: given.get("county") ?? county.value, court: given.get("court") ?? court?.value ?? "" };
  if (has(county, wanted.county)) county.value = wanted.county;
  listCourts(wanted.court);
  takeOptions(given);
  const there = county.value === wanted.county && (court?.value ?? "") === wanted.court;
  if (!there) notice ||= `This page has no such ${wanted.court ? "court" : "county"}. What is shown is of another place.`;
  kept = given.get("kept") || "";
}

function remember(asked = setting()) {
  if (kept) asked.set("kept", kept);
  history.replaceState(null, "", `#${asked}`);
  byId("shared").value = `#${asked}`;
}

function reset() {
  resetOptions();
  changed();
}

// One question at a time; while it is open, only the last change is remembered.

let answered = null; // what is shown
let asking = false;
let waiting = false;
let speaking = 0;

function changed() {
  describeOptions();
  if (asking) {
    waiting = true;
    return;
  }
  asking = true;
  ask();
}

async function ask() {
  const asked = setting();
  waiting = false;
  try {
    const reply = await fetch(`figures?${asked}`);
    if (!reply.ok) throw new Error((await reply.text()).trim());
    show(await reply.json());
    remember(asked);
    rested();
    byId("csv").href = `figures.csv?${asked}`;
    byId("policy-file").href = `policy.file?${asked}`;
    problem(notice);
  } catch (error) {
    problem(error instanceof TypeError ? "The program on this machine does not answer: was it ended?" : error.message);
  }
  asking = false;
  if (waiting) changed();
}

function problem(text) {
  byId("problem").textContent = text;
  byId("problem").hidden = !text;
}

// Showing.

function show(found) {
  for (const each of all(".place")) each.textContent = found.place;
  byId("lead").replaceChildren(...found.lead.map((text) => element("p", text, "lead")));
  byId("key").replaceChildren(...found.key.map(keyFigure));
  byId("saved-words").textContent = found.saved.words;
  for (const [id, part] of [["options", "text"], ["policy-file", "name"]]) byId(id).hidden = !found.saved[part];
  byId("options").textContent = found.saved.text;
  byId("policy-file").textContent = `Save as ${found.saved.name}`;
  byId("strip").textContent = found.strip;
  answered = found;
  for (const section of all("main section:has(.bars)")) {
    const listing = found.listings[section.id];
    section.hidden = !listing;
    if (!listing) continue;
    fill(section, listing);
    if (section.id === "counties") listFigures(listing);
    draw(section.querySelector(".bars"), section.id, listing);
    if (section.id === "counties" && byId("map")) drawMap(listing);
  }
  clearTimeout(speaking);
  speaking = setTimeout(() => (byId("said").textContent = found.lead.join(" ")), SPEAK_AFTER);
}

function keyFigure([name, figure, own]) {
  const made = element("div");
  const label = element("dt", name);
  if (figure !== own) label.append(element("small", `in the run ${words(own)}`));
  made.append(label, element("dd", words(figure)));
  return made;
}

function fill(section, listing) {
  // Which decisions there are depends on the policy.
  const kind = (at) => (listing.numbers.includes(at) ? "number" : "");
  const titles = listing.columns.map((text, at) => Object.assign(element("th", text, kind(at)), { scope: "col" }));
  section.querySelector("thead tr").replaceChildren(...titles);
  section.querySelector("tbody").replaceChildren(
    ...listing.rows.map((cells, place) => {
      const row = element("tr", undefined, listing.total && place === listing.rows.length - 1 ? "total" : "");
      row.append(...cells.map((cell, at) => (at ? element("td", words(cell), kind(at)) : Object.assign(element("th", cell), { scope: "row" }))));
      return row;
    }),
  );
  section.querySelector(".notes").replaceChildren(...listing.notes.map((text) => element("p", text, "remark")));
}

// Which figure of counties is drawn: the one that was picked, as long as there is one of this name.
function listFigures(listing) {
  const chosen = byId("map-figure");
  const picked = chosen.selectedOptions[0]?.text;
  const named = listing.numbers.map((at) => Object.assign(element("option", listing.columns[at]), { value: at }));
  const kept = named.find((each) => each.text === picked);
  chosen.replaceChildren(...named);
  chosen.value = kept ? kept.value : listing.bars[0];
}

// Shares are texts such as 12.5%, and rows of shares stand one below the other.
function draw(chart, id, listing) {
  const columns = id === "counties" ? [Number(byId("map-figure").value)] : listing.bars;
  const stacked = listing.stacked;
  chart.hidden = !columns.length;
  if (chart.hidden) return;
  const nameOf = (row) => row.slice(0, listing.numbers[0]).filter(Boolean).join(": ");
  const rows = listing.total ? listing.rows.slice(0, -1) : listing.rows;
  const value = (cell) => (typeof cell === "number" ? cell : parseFloat(cell) || 0);
  const length = (row) => (stacked ? columns.reduce((sum, each) => sum + row[each], 0) : Math.max(...columns.map((each) => value(row[each]))));
  const longest = Math.max(1, ...rows.map(length));
  const track = (row, shown) => {
    const made = element("div", undefined, "track");
    for (const each of shown) {
      const part = element("i", undefined, fillOf(id, listing, columns, each));
      part.style.width = `${(100 * value(row[each])) / longest}%`;
      made.append(part);
    }
    return made;
  };
  const bar = (row) => {
    const made = element("div", undefined, "bar");
    const tracks = element("div", undefined, stacked || columns.length === 1 ? "" : "rows");
    tracks.append(...(stacked ? [track(row, columns)] : columns.map((each) => track(row, [each]))));
    const said = stacked ? words(row[columns[columns.length - 1] + 1]) : columns.length === 1 ? words(row[columns[0]]) : row[columns[1]];
    made.append(element("span", nameOf(row)), tracks, element("span", said));
    return made;
  };
  const parts = [];
  const names = columns.map((each) => listing.columns[each]);
  const legend = element("p", undefined, "legend");
  legend.append(...names.map((name, place) => element("span", name, fillOf(id, listing, columns, columns[place]))));
  parts.push(legend, ...rows.map(bar));
  chart.replaceChildren(...parts);
  const told = rows.map((row) => `${nameOf(row)}: ${columns.map((each, place) => `${names[place]} ${words(row[each])}`).join(", ")}`);
  chart.setAttribute("aria-label", `Bars. ${told.join("; ")}.`);
}

// What is left as it is, the last of the decisions, is gray.
function fillOf(id, listing, columns, column) {
  const place = columns.indexOf(column);
  if (id !== "sections") return `fill-${place}`;
  return LEFT.includes(listing.columns[column]) ? "fill-left" : `fill-${Math.min(place, 4)}`;
}

const LEFT = ["Neither", "No determination"];

county.addEventListener("input", () => listCourts(""));
byId("controls").addEventListener("input", () => {
  notice = "";
  changed();
});
byId("map-figure").addEventListener("change", () => show(answered));
byId("controls").addEventListener("submit", (event) => event.preventDefault());
byId("reset").addEventListener("click", reset);
window.addEventListener("hashchange", () => {
  // Links within the page, such as #main, are no setting.
  if (location.hash.includes("=")) {
    take(new URLSearchParams(location.hash.slice(1)));
    changed();
  }
});
listCourts(court?.dataset.first);
take(new URLSearchParams(location.hash.slice(1)));
changed();
