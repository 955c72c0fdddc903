"use strict";
// The controls of eligibility options.

const sections = all("[data-section]");
const thresholds = all("[data-threshold]");
const switches = all("[data-switch]");

function optionsChosen() {
  const chosen = (kind) => sections.filter((each) => each.value === kind).map((each) => each.dataset.section).join(",");
  const found = { dismiss: chosen("dismiss"), reduce: chosen("reduce") };
  for (const each of thresholds) found[each.id] = each.value === each.max ? "0" : each.value;
  for (const each of switches) found[each.id] = String(each.checked);
  return found;
}

function takeOptions(given) {
  if (given.has("dismiss") || given.has("reduce")) {
    const listed = (kind) => (given.get(kind) || "").split(",");
    for (const each of sections) {
      const of = (kind) => listed(kind).includes(each.dataset.section);
      each.value = of("dismiss") ? "dismiss" : of("reduce") ? "reduce" : "neither";
    }
  }
  for (const each of thresholds) {
    const value = given.get(each.id);
    if (value !== null && /^\d{1,2}$/.test(value)) each.value = value === "0" ? each.max : value;
  }
  for (const each of switches) if (given.has(each.id)) each.checked = given.get(each.id) === "true";
}

function resetOptions() {
  for (const each of [...sections, ...thresholds]) each.value = each.dataset.own;
  for (const each of switches) each.checked = each.dataset.own === "true";
}

function describeOptions() {
  for (const each of thresholds) {
    const said = each.value === each.max ? "off" : `${each.value} ${each.dataset.threshold}`;
    byId(`${each.id}-said`).textContent = said;
    each.setAttribute("aria-valuetext", said);
  }
}

// What curves and choices side by side ask of controls.

const moving = () => thresholds; // the numbers that can be moved now
const nameOf = (control) => control.id; // as addresses have it
const labelOf = (name) => ({ dismiss: "dismissed sections", reduce: "reduced sections" })[name] || document.querySelector(`label[for="${name}"]`).textContent;
const saidOf = (value) => ({ "": "none", 0: "off", true: "on", false: "off" })[value] || value;
const ownOptions = () => {
  const chosen = (kind) => sections.filter((each) => each.dataset.own === kind).map((each) => each.dataset.section).join(",");
  const found = { dismiss: chosen("dismiss"), reduce: chosen("reduce") };
  for (const each of thresholds) found[each.id] = each.dataset.own === each.max ? "0" : each.dataset.own;
  for (const each of switches) found[each.id] = each.dataset.own;
  return found;
};
