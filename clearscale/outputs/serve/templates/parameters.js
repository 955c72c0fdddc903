"use strict";
// The controls of policies: which one, and its parameters. A number has a field, which holds the setting, and a slider
// beside it, whose right end is off where the number can be off.

const policy = byId("policy");
const groups = all("[data-policy]");
const thresholds = all("[data-threshold]");
const fieldOf = (slider) => byId(`${slider.id}-field`);
const group = (key = policy.value) => groups.find((each) => each.dataset.policy === key);
const common = all("[data-common] [data-name]"); // whatever the policy
const controlsOf = (of) => [...of.querySelectorAll("[data-name]"), ...common];
const valueOf = (control) => (control.type === "checkbox" ? String(control.checked) : control.value);

function optionsChosen() {
  return { policy: policy.value, ...Object.fromEntries(controlsOf(group()).map((each) => [each.dataset.name, settled(each)])) };
}

// What is being typed is no setting yet: until it is one, the last that was stays.
function settled(control) {
  if (isSetting(control)) control.dataset.last = valueOf(control);
  return control.dataset.last ?? control.dataset.own;
}

function isSetting(control) {
  if (control.type === "number") {
    const value = Number(control.value);
    if (!/^-?\d+$/.test(control.value)) return false;
    return control.value === control.dataset.off || (value >= Number(control.dataset.least) && value <= Number(control.dataset.most));
  }
  return control.type === "checkbox" || control.checkValidity();
}

function put(control, value) {
  if (control.type === "checkbox") control.checked = value === "true";
  else control.value = value;
  if (isSetting(control)) control.dataset.last = valueOf(control);
}

function takeOptions(given) {
  const named = given.get("policy");
  notice = named === null || group(named) ? "" : `This page has no policy ${named}: start it with --policy and that file. What is shown is another one.`;
  if (notice) return;
  if (named !== null) policy.value = named;
  for (const each of controlsOf(group())) if (given.has(each.dataset.name)) put(each, given.get(each.dataset.name));
}

function resetOptions() {
  policy.value = policy.dataset.own;
  for (const of of groups) for (const each of controlsOf(of)) put(each, each.dataset.own);
}

function describeOptions() {
  for (const each of groups) each.hidden = each.dataset.policy !== policy.value;
  for (const each of thresholds) byId(`panel-${each.id}`).hidden = each.closest("[data-policy]").hidden;
  byId("over").hidden = !moving().length;
  for (const each of controlsOf(group())) {
    if (each.type !== "checkbox") each.setAttribute("aria-invalid", String(!isSetting(each)));
  }
  for (const slider of moving()) {
    const field = fieldOf(slider);
    const value = settled(field);
    const off = field.dataset.off !== "";
    if (value !== field.dataset.off) {
      // The field may go beyond the slider's window, which then grows.
      slider.min = Math.min(Number(slider.min), Number(value));
      slider.dataset.last = Math.max(Number(slider.dataset.last), Number(value));
      slider.max = Number(slider.dataset.last) + (off ? 1 : 0);
    }
    slider.value = off && value === field.dataset.off ? slider.max : value;
    const said = off && value === field.dataset.off ? "off" : words(Number(value));
    byId(`${slider.id}-said`).textContent = said;
    slider.setAttribute("aria-valuetext", said);
  }
}

for (const slider of thresholds) {
  slider.addEventListener("input", () => {
    const field = fieldOf(slider);
    put(field, field.dataset.off !== "" && slider.value === slider.max ? field.dataset.off : slider.value);
  });
}

// What curves and choices side by side ask of controls.

const moving = () => thresholds.filter((each) => each.closest("[data-policy]").dataset.policy === policy.value);
const nameOf = (control) => control.dataset.threshold;
const titleOf = (key) => [...policy.options].find((each) => each.value === key)?.textContent ?? key;

function labelOf(name) {
  if (name === "policy") return "policy";
  const control = controlsOf(group()).find((each) => each.dataset.name === name);
  return document.querySelector(`label[for="${CSS.escape(control.id)}"]`).firstChild.data.trim();
}

const saidOf = (value, name) => (name === "policy" ? titleOf(value) : ({ true: "on", false: "off" })[value] || value);
const ownOptions = () => {
  const of = group(policy.dataset.own);
  return { policy: policy.dataset.own, ...Object.fromEntries(controlsOf(of).map((each) => [each.dataset.name, each.dataset.own])) };
};
