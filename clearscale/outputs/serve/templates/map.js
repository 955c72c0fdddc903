// The map of counties, a tile each: the report's, in its steps and colors, of the figure that is picked.

const TILE = { width: 66, height: 34, gap: 4 };
const tiles = byId("map") ? JSON.parse(byId("map").dataset.tiles) : [];

// Where the color changes: 1, 2 or 5 times a power of ten, so that about as many counties have each.
function stepsOf(counts) {
  const round = [...Array(8).keys()].flatMap((power) => [1, 2, 5].map((base) => base * 10 ** power));
  const ordered = [...counts].sort((a, b) => a - b);
  const found = [];
  for (const part of [0.2, 0.45, 0.7, 0.9]) {
    const wanted = ordered.length ? ordered[Math.min(Math.floor(part * ordered.length), ordered.length - 1)] : 0;
    const step = Math.max(1, ...round.filter((each) => each <= Math.max(wanted, 1)));
    if (step > 1 && !found.includes(step)) found.push(step);
  }
  return found;
}

function stepWords(steps, place) {
  if (!steps.length) return "any number";
  if (!place) return `fewer than ${words(steps[0])}`;
  return place === steps.length ? `${words(steps[place - 1])} or more` : `${words(steps[place - 1])} to ${words(steps[place] - 1)}`;
}

function drawMap(listing) {
  const none = byId("map").dataset.none;
  const at = Number(byId("map-figure").value);
  const counts = new Map((listing.total ? listing.rows.slice(0, -1) : listing.rows).map((row) => [row[0], row[at]]));
  const steps = stepsOf([...counts.values()]);
  const [wide, high] = [2, 3].map((axis) => 1 + Math.max(...tiles.map((tile) => tile[axis])));
  const svg = shape("svg", { viewBox: `0 0 ${wide * TILE.width} ${high * TILE.height}`, "aria-hidden": "true", focusable: "false" });
  for (const [name, letters, x, y] of tiles) {
    const known = counts.has(name);
    const place = steps.filter((step) => counts.get(name) >= step).length;
    const tile = shape("g", { class: known ? `step-${place}` : "step-none", transform: `translate(${x * TILE.width} ${y * TILE.height})` });
    const middle = TILE.width / 2;
    tile.append(
      shape("rect", { x: TILE.gap / 2, y: 1, width: TILE.width - TILE.gap, height: TILE.height - 3 }),
      shape("text", { x: middle, y: 14, class: "letters" }, letters),
      shape("text", { x: middle, y: 28 }, known ? words(counts.get(name)) : "-"),
      shape("title", {}, `${name}: ${known ? words(counts.get(name)) : none}`),
    );
    svg.append(tile);
  }
  const most = [...counts].filter(([, count]) => count).sort((a, b) => b[1] - a[1]).slice(0, 3);
  byId("map").setAttribute("aria-label", `A map of tiles, one for each county, darker for more: ${listing.columns[at]}. Most: ${most.map(([name, count]) => `${name} ${words(count)}`).join(", ") || "none"}.`);
  byId("map").replaceChildren(svg);
  const legend = [...Array(steps.length + 1).keys()].map((place) => element("span", stepWords(steps, place), `step-${place}`));
  if (tiles.some(([name]) => !counts.has(name))) legend.push(element("span", none, "step-none"));
  byId("map-legend").replaceChildren(...legend);
}
