"use strict";
// What pages share: making elements. Texts are only ever set as texts, so that no name from the data can be markup.

const byId = (id) => document.getElementById(id);
const all = (selector) => [...document.querySelectorAll(selector)];
const words = (figure) => (typeof figure === "number" ? figure.toLocaleString("en-US") : figure);

let notice = ""; // what is wrong with the address that was taken

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function shape(name, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}
