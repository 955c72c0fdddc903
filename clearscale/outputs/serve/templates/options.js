"use strict";
// What pages share: making elements, and the controls of eligibility options. Texts are only ever set as texts, so
// that no name from the data can be markup.

const byId = (id) => document.getElementById(id);
const all = (selector) => [...document.querySelectorAll(selector)];
const words = (figure) => (typeof figure === "number" ? figure.toLocaleString("en-US") : figure);

const sections = all("[data-section]");
const thresholds = all("[data-threshold]");
const switches = all("[data-switch]");

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

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
