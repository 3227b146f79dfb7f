// How the page makes elements. Names in an image are a stranger's: they become text here and
// nowhere else, and never HTML.
"use strict";

const byte = (character) =>
  "\\x" + (character.charCodeAt(0) - 0xe000).toString(16).padStart(2, "0");
const codePoint = (character) =>
  "\\u{" + character.codePointAt(0).toString(16) + "}";

/** Text as people may safely read it: bytes that are no text as \xNN (runner/report/tree.h), and
 *  what would change the order of what stands beside it, or not be seen, as \u{NNNN}. */
const visible = (text) =>
  String(text)
    .replace(/[\ue000-\ue0ff]/g, byte)
    .replace(/[\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g,
             codePoint);

const add = (element, children) => {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : visible(child));
  }
  return element;
};

const set = (element, attributes) => {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : visible(value));
  }
  return element;
};

/** el("p.note", {id: "x"}, "text", child...): strings become text. */
const el = (what, attributes = {}, ...children) => {
  const [tag, ...classes] = what.split(".");
  const element = document.createElement(tag);
  if (classes.length > 0) element.className = classes.join(" ");
  return add(set(element, attributes), children);
};

const svg = (what, attributes = {}, ...children) => {
  const [tag, ...classes] = what.split(".");
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  if (classes.length > 0) element.setAttribute("class", classes.join(" "));
  return add(set(element, attributes), children);
};

/** For a screen reader alone: what the eye takes from a colour or a shape. */
const said = (...words) => el("span.said", {}, ...words);

const by = (id) => document.getElementById(id);

const show = (id, ...children) => {
  const element = by(id);
  element.replaceChildren();
  element.hidden = false;
  return add(element, children);
};

/** "684 kB": units of 1000, as the command prints them. */
const humanSize = (bytes) => {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  let size = bytes;
  while (size >= 999.5 && unit + 1 < units.length) {
    size /= 1000;
    unit += 1;
  }
  return (unit === 0 || size >= 99.95 ? size.toFixed(0) : size.toFixed(1)) + " " + units[unit];
};

/** Of microseconds: "38 µs", "1.3 ms", "2.04 s". */
const humanTime = (us) => {
  if (us < 1000) return `${us} µs`;
  if (us < 100000) return `${(us / 1000).toFixed(1)} ms`;
  if (us < 1000000) return `${(us / 1000).toFixed(0)} ms`;
  if (us < 120000000) return `${(us / 1000000).toFixed(2)} s`;
  return `${(us / 60000000).toFixed(1)} min`;
};

const number = (value) => value.toLocaleString("en");
const plural = (count, one, many = one + "s") => `${number(count)} ${count === 1 ? one : many}`;

/** A term and what it is, for a <dl>; nothing where there is nothing. */
const fact = (term, ...what) =>
  what.every((each) => [undefined, null, false, ""].includes(each))
    ? null
    : el("div", {}, el("dt", {}, term), el("dd", {}, ...what));

const code = (text) => el("pre", { tabindex: "0" }, el("code", {}, text));
