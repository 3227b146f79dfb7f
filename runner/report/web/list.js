// A listbox of any length: only the rows in view are elements, so that 100,000 paths cost what 30
// do. Arrow keys, Page Up and Down, Home and End choose; aria-activedescendant tells a screen reader
// which row that is, aria-posinset and -setsize where it stands (WAI-ARIA Authoring Practices,
// "Listbox").
"use strict";

const maxHeight = 16000000; // browsers draw nothing below some 17 to 33 million pixels

class List {
  /** `draw(item)` returns what is in a row; `choose(item, index)` is told of each choice,
   *  `open(item)` of a click or Enter. */
  constructor(box, { rowHeight, draw, choose, open = null }) {
    Object.assign(this, { box, rowHeight, draw, choose, open });
    this.items = [];
    this.chosen = -1;
    this.space = el("div.list-space", { role: "presentation" });
    box.replaceChildren(this.space);
    box.addEventListener("scroll", () => this.#draw(), { passive: true });
    box.addEventListener("keydown", (event) => this.key(event));
    box.addEventListener("focus", () => {
      if (this.chosen < 0 && this.items.length > 0) this.select(0);
    });
    this.space.addEventListener("click", (event) => {
      const row = event.target.closest("[role=option]");
      if (row === null) return;
      this.select(Number(row.getAttribute("aria-posinset")) - 1);
      if (this.open) this.open(this.items[this.chosen]);
    });
    new ResizeObserver(() => this.#draw()).observe(box);
  }

  /** How many items are shown: all, but for lists longer than a browser can draw. */
  get length() {
    return Math.min(this.items.length, Math.floor(maxHeight / this.rowHeight));
  }

  /** New items; nothing is chosen, and nobody is told. */
  fill(items) {
    this.items = items;
    this.chosen = -1;
    this.space.style.height = `${this.length * this.rowHeight}px`;
    this.box.scrollTop = 0;
    this.#draw();
  }

  select(index, tell = true) {
    if (this.length === 0) return;
    this.chosen = Math.max(0, Math.min(index, this.length - 1));
    const top = this.chosen * this.rowHeight;
    const bottom = top + this.rowHeight - this.box.clientHeight;
    if (this.box.scrollTop > top) this.box.scrollTop = top;
    if (this.box.scrollTop < bottom) this.box.scrollTop = bottom;
    this.#draw();
    if (tell) this.choose(this.items[this.chosen], this.chosen);
  }

  /** Also told of the keys of an input that leads the list. Returns whether it knew the key. */
  key(event, isInput = false) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const page = Math.max(1, Math.floor(this.box.clientHeight / this.rowHeight) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page };
    if (event.key in steps) this.select(this.chosen < 0 ? 0 : this.chosen + steps[event.key]);
    else if (event.key === "Home" && !isInput) this.select(0);
    else if (event.key === "End" && !isInput) this.select(this.length - 1);
    else if (event.key === "Enter" && this.open && this.chosen >= 0) {
      this.open(this.items[this.chosen]);
    } else return;
    event.preventDefault();
  }

  rowId(index) {
    return `${this.box.id}-row-${index}`;
  }

  #draw() {
    const first = Math.max(0, Math.floor(this.box.scrollTop / this.rowHeight) - 4);
    const last = Math.min(this.length,
      Math.ceil((this.box.scrollTop + this.box.clientHeight) / this.rowHeight) + 4);
    const rows = [];
    // The chosen row stays, however far away one scrolls: it is what has the focus.
    if (this.chosen >= 0 && this.chosen < first) rows.push(this.#row(this.chosen));
    for (let index = first; index < last; index += 1) rows.push(this.#row(index));
    if (this.chosen >= last) rows.push(this.#row(this.chosen));
    this.space.replaceChildren(...rows);
    for (const element of [this.box, this.input]) {
      if (!element) continue;
      if (this.chosen < 0) element.removeAttribute("aria-activedescendant");
      else element.setAttribute("aria-activedescendant", this.rowId(this.chosen));
    }
  }

  #row(index) {
    const row = el("div.row", {
      id: this.rowId(index),
      role: "option",
      "aria-selected": String(index === this.chosen),
      "aria-posinset": index + 1,
      "aria-setsize": this.items.length,
    }, this.draw(this.items[index]).flatMap((part) => [part, " "])); // spaces: to be read as words
    row.style.transform = `translateY(${index * this.rowHeight}px)`;
    row.style.height = `${this.rowHeight}px`;
    return row;
  }
}
