// Curves over each threshold, and two choices side by side. Both are asked for once the controls rest.

const CURVE = { width: 360, height: 150, left: 46, right: 12, top: 12, bottom: 24 };
const RESTS = 250; // milliseconds without a change

let drawn = null; // the last curves
let kept = ""; // the choice to compare with, as an address has it
let resting = 0;

function rested() {
  clearTimeout(resting);
  resting = setTimeout(() => Promise.all([askCurves(), askCompared()]).catch(() => {}), RESTS);
}

// One question at a time: what comes in between is asked for when it is answered, and only the last of it.

let drawing = false;

async function askCurves() {
  if (drawing) return;
  drawing = true;
  const query = setting();
  try {
    const reply = await fetch(`curves?${query}`);
    if (reply.ok && String(query) === String(setting())) showCurves(await reply.json(), query);
  } finally {
    drawing = false;
  }
  if (String(query) !== String(setting())) rested();
}

function showCurves(found, query) {
  drawn = { ...found, policy: query.get("policy") };
  byId("curves-csv").href = `curves.csv?${query}`;
  const chosen = byId("curve-figure");
  const picked = chosen.selectedOptions[0]?.text;
  chosen.replaceChildren(...drawn.words.map((text, at) => Object.assign(element("option", text), { value: at })));
  chosen.value = drawn.words.includes(picked) ? drawn.words.indexOf(picked) : drawn.picked;
  drawCurves();
}

function drawCurves() {
  // Numbers of another policy may have the same names: its curves come soon.
  if (!drawn || drawn.policy !== setting().get("policy")) return;
  const at = Number(byId("curve-figure").value);
  const every = Object.values(drawn.curves).flatMap((curve) => curve.figures.map((figures) => figures[at]));
  const most = Math.max(1, ...every);
  for (const each of moving()) {
    drawCurve(each, drawn.curves[nameOf(each)], at, most);
  }
}

function drawCurve(control, curve, at, most) {
  const place = byId(`curve-${control.id}`);
  const values = curve.figures.map((figures) => figures[at]);
  const [first, last] = [Number(control.min), Number(control.max)];
  const placeOf = (setting) => (setting === curve.off ? last : setting);
  const here = curve.settings.findIndex((setting) => placeOf(setting) === Number(control.value)); // or -1, until it is counted
  const { width, height, left, right, top, bottom } = CURVE;
  const across = (place) => left + ((width - left - right) * (place - first)) / Math.max(last - first, 1);
  const x = (step) => across(placeOf(curve.settings[step]));
  const y = (value) => top + (height - top - bottom) * (1 - value / most);
  const named = (step) => (curve.settings[step] === curve.off ? "off" : words(curve.settings[step]));
  const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true", focusable: "false" });
  for (const value of [0, most]) {
    svg.append(shape("line", { x1: left, x2: width - right, y1: y(value), y2: y(value), class: "grid" }));
    svg.append(shape("text", { x: left - 6, y: y(value) + 4, "text-anchor": "end" }, words(value)));
  }
  for (const step of new Set([0, Math.floor((values.length - 1) / 2), values.length - 1])) {
    svg.append(shape("text", { x: x(step), y: height - 6, "text-anchor": "middle" }, named(step)));
  }
  // Off is no number of years: the line to it is broken.
  const off = curve.settings.at(-1) === curve.off;
  const line = values.slice(0, off ? -1 : undefined).map((value, step) => `${x(step)},${y(value)}`);
  svg.append(shape("polyline", { points: line.join(" "), class: "curve" }));
  if (off && values.length > 1) {
    svg.append(shape("line", { x1: x(values.length - 2), y1: y(values.at(-2)), x2: x(values.length - 1), y2: y(values.at(-1)), class: "curve off" }));
  }
  const marked = across(Number(control.value));
  svg.append(shape("line", { x1: marked, x2: marked, y1: top, y2: height - bottom, class: "here" }));
  values.forEach((value, step) => svg.append(shape("circle", { cx: x(step), cy: y(value), r: step === here ? 6 : 2.5, class: step === here ? "now" : "dot" })));
  place.replaceChildren(svg);
  place.setAttribute("aria-valuemin", control.min);
  place.setAttribute("aria-valuemax", control.max);
  place.setAttribute("aria-valuenow", control.value);
  const said = byId(`${control.id}-said`).textContent;
  const figure = here < 0 ? "" : `: ${words(values[here])}`;
  place.setAttribute("aria-valuetext", figure ? `${said}${figure} ${drawn.words[at]}` : said);
  byId(`curve-${control.id}-said`).textContent = `${said}${figure}`;
  const rows = values.map((value, step) => {
    const row = element("tr", undefined, step === here ? "total" : "");
    row.append(Object.assign(element("th", named(step)), { scope: "row" }), element("td", words(value), "number"));
    return row;
  });
  byId(`curve-${control.id}-rows`).replaceChildren(...rows);
}

function move(control, value) {
  control.value = Math.min(Number(control.max), Math.max(Number(control.min), value));
  control.dispatchEvent(new Event("input", { bubbles: true }));
  drawCurves();
}

for (const control of thresholds) {
  const place = byId(`curve-${control.id}`);
  const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -5, PageUp: 5 };
  place.addEventListener("keydown", (event) => {
    const ends = { Home: control.min, End: control.max };
    if (!(event.key in ends) && !(event.key in steps)) return;
    event.preventDefault();
    move(control, event.key in ends ? Number(ends[event.key]) : Number(control.value) + steps[event.key]);
  });
  place.addEventListener("click", (event) => {
    const box = place.getBoundingClientRect();
    const { width, left, right } = CURVE;
    const share = (((event.clientX - box.left) / box.width) * width - left) / (width - left - right);
    move(control, Number(control.min) + Math.round(share * (Number(control.max) - Number(control.min))));
  });
}
byId("curve-figure").addEventListener("change", drawCurves);

// Two choices side by side.

async function askCompared() {
  byId("compared").hidden = !kept;
  if (!kept) return;
  const query = `${setting()}&${new URLSearchParams({ kept })}`;
  const reply = await fetch(`compared?${query}`);
  if (!reply.ok) {
    kept = "";
    return;
  }
  const found = await reply.json();
  byId("compared-csv").href = `compared.csv?${query}`;
  byId("kept-said").textContent = describeKept();
  const sign = (figure) => (figure > 0 ? `+${words(figure)}` : words(figure));
  byId("compared-rows").replaceChildren(
    ...found.rows.map(([name, before, now, difference]) => {
      const row = element("tr", undefined, difference ? "differs" : "");
      row.append(Object.assign(element("th", name), { scope: "row" }), ...[words(before), words(now), sign(difference)].map((text) => element("td", text, "number")));
      return row;
    }),
  );
}

function describeKept() {
  const before = new URLSearchParams(kept);
  const now = optionsChosen();
  const differing = Object.keys(now).filter((name) => before.has(name) && before.get(name) !== now[name]);
  if (!differing.length) return "Both choices are the same: move a control to see what differs.";
  return `They differ in ${differing.map((name) => `${labelOf(name)} (${saidOf(before.get(name), name)}; now ${saidOf(now[name], name)})`).join(", ")}.`;
}

function keep(choice) {
  kept = choice;
  remember();
  rested();
}

byId("keep").addEventListener("click", () => keep(String(new URLSearchParams(optionsChosen()))));
byId("keep-own").addEventListener("click", () => keep(String(new URLSearchParams(ownOptions()))));
byId("unkeep").addEventListener("click", () => keep(""));

// A choice to send: what stands behind # in the address, without the token, which opens the page.

byId("copy").addEventListener("click", async () => {
  await navigator.clipboard.writeText(byId("shared").value);
  byId("copied").textContent = "Copied.";
});
byId("take-shared").addEventListener("click", () => {
  const given = byId("given").value.trim();
  location.hash = given.slice(given.indexOf("#") + 1);
});
