// The steps as bars on three lanes. A program may run for a minute and the step before it for 30
// microseconds, so a bar's width can be the time itself, its logarithm, or the same for all.
//
// Only what is in view is drawn, however far it is zoomed: the box scrolls over a wide empty space,
// and the picture stays where the eye is.
"use strict";

const laneHeight = 34;
const gutter = 56;
const headHeight = 24;
const phaseHeight = 24;
const maxZoom = 16384;

const scales = {
  equal: { name: "equal", note: "every step is as wide as any other", width: () => 1 },
  log: {
    name: "logarithmic", note: "ten times as long is one unit wider",
    width: (event) => 0.2 + Math.log10(1 + event.took / 4),
  },
  linear: { name: "linear", note: "widths are times; zoom in to see the short ones", width: null },
};

/** 1, 2 or 5 times a power of ten, so that some eight of them make `span`. */
const niceStep = (span) => {
  const raw = span / 8;
  const power = 10 ** Math.floor(Math.log10(raw));
  return power * [1, 2, 5, 10].find((factor) => factor * power >= raw);
};

class Timeline {
  constructor(box, events, choose) {
    Object.assign(this, { box, choose, zoom: 1, scale: "log", chosen: -1 });
    this.events = events.filter((event) => event.took !== undefined);
    this.lanes = ["load", "host", "child"].filter((lane) =>
      this.events.some((event) => event.lane === lane));
    this.picture = svg("svg", { role: "img", "aria-label": this.#summary() });
    this.space = el("div.timeline-space");
    box.replaceChildren(this.picture, this.space);
    box.addEventListener("scroll", () => this.draw(), { passive: true });
    this.picture.addEventListener("click", (event) => {
      const bar = event.target.closest("[data-index]");
      if (bar !== null) this.choose(Number(bar.getAttribute("data-index")));
    });
    new ResizeObserver(() => this.draw()).observe(box);
    this.setScale("log");
  }

  #summary() {
    const end = Math.max(...this.events.map((event) => event.start + event.took));
    return `${plural(this.events.length, "step")} in ${humanTime(end)}, on the lanes ` +
      `${this.lanes.join(", ")}. The list below has the same.`;
  }

  setScale(name) {
    this.scale = name;
    const { width } = scales[name];
    let at = 0;
    this.places = this.events.map((event) => {
      if (width === null) return { x: event.start, w: event.took };
      const place = { x: at, w: width(event) };
      at += place.w;
      return place;
    });
    this.total = Math.max(1, ...this.places.map(({ x, w }) => x + w));
    this.setZoom(1);
  }

  setZoom(zoom) {
    const middle = this.#middle();
    this.zoom = Math.max(1, Math.min(zoom, maxZoom));
    this.space.style.width = `${gutter + this.#inner() * this.zoom}px`;
    this.box.scrollLeft = middle * this.#unit() - this.#inner() / 2;
    this.draw();
  }

  /** Where a zoom aims at: the chosen step, else what is in the middle of the picture. */
  #middle() {
    const index = this.events.findIndex((event) => event.index === this.chosen);
    if (index >= 0) return this.places[index].x + this.places[index].w / 2;
    return (this.box.scrollLeft + this.#inner() / 2) / this.#unit();
  }

  #inner() {
    return Math.max(100, this.box.clientWidth - gutter);
  }

  #unit() {
    return (this.#inner() * this.zoom) / this.total;
  }

  select(index) {
    this.chosen = index;
    const at = this.events.findIndex((event) => event.index === index);
    if (at >= 0) {
      const x = this.places[at].x * this.#unit();
      const isSeen = x >= this.box.scrollLeft && x < this.box.scrollLeft + this.#inner();
      if (!isSeen) this.box.scrollLeft = x - this.#inner() / 2;
    }
    this.draw();
  }

  draw() {
    const width = gutter + this.#inner();
    const height = headHeight + this.lanes.length * laneHeight + phaseHeight;
    set(this.picture, { viewBox: `0 0 ${width} ${height}`, height });
    const view = svg("svg", { x: gutter, y: 0, width: this.#inner(), height });
    add(view, [this.#ticks(height), this.#links(), this.#bars(), this.#phases(height - phaseHeight),
      this.#name()]);
    this.picture.replaceChildren(...this.#lanes(width), view);
  }

  #lanes(width) {
    return this.lanes.flatMap((lane, i) => [
      svg("line.lane-line", {
        x1: gutter, x2: width,
        y1: headHeight + (i + 0.5) * laneHeight, y2: headHeight + (i + 0.5) * laneHeight,
      }),
      svg("text.lane-name", { x: 0, y: headHeight + (i + 0.5) * laneHeight + 4 }, lane),
    ]);
  }

  #x(units) {
    return units * this.#unit() - this.box.scrollLeft;
  }

  #ticks(height) {
    if (this.scale !== "linear") return [];
    const step = niceStep(this.total / this.zoom);
    const first = Math.floor(this.box.scrollLeft / this.#unit() / step);
    return Array.from({ length: 11 }, (_, i) => (first + i) * step).flatMap((time) => [
      svg("line.tick", { x1: this.#x(time), x2: this.#x(time), y1: headHeight - 6, y2: height }),
      svg("text.tick-name", { x: this.#x(time) + 3, y: headHeight - 8 }, humanTime(time)),
    ]);
  }

  /** Where the child begins and ends, and the program in between. */
  #links() {
    const place = (id) => this.places[this.events.findIndex((e) => e.id === id && !e.isUndo)];
    const [clone, exec, wait] = ["clone", "exec", "wait"].map(place);
    const middleOf = (lane) => headHeight + (this.lanes.indexOf(lane) + 0.5) * laneHeight;
    const [host, child] = ["host", "child"].map(middleOf);
    const line = (x) => svg("line.link", { x1: x, x2: x, y1: host, y2: child });
    const parts = [];
    if (clone) parts.push(line(this.#x(clone.x + clone.w)));
    if (exec && wait) {
      const start = this.#x(this.scale === "linear" ? exec.x + exec.w : wait.x);
      const end = this.#x(wait.x + wait.w);
      const bar = { x: start, y: child - 9, width: Math.max(1, end - start), height: 18, rx: 3 };
      parts.push(line(end), svg("rect.program", bar));
      if (end - start > 130) {
        const middle = Math.max(start, 0) / 2 + Math.min(end, this.#inner()) / 2;
        parts.push(svg("text.program-name", { x: middle, y: child + 4 }, "the program runs"));
      }
    }
    return parts;
  }

  #bars() {
    return this.events.map((event, i) => {
      const x = this.#x(this.places[i].x);
      const full = this.places[i].w * this.#unit();
      if (x + full < -2 || x > this.#inner() + 2) return null;
      const width = Math.max(1.5, full - (full > 4 ? 1 : 0));
      const lane = this.lanes.indexOf(event.lane);
      const y = headHeight + lane * laneHeight + 5;
      const states = [event.lane, event.isUndo && "undo", event.error && "failed",
        event.index === this.chosen && "chosen"].filter(Boolean);
      const bar = svg("g.bar-" + states.join(".bar-"), { "data-index": event.index },
        svg("title", {}, `${event.title}, ${humanTime(event.took)}`),
        svg("rect", { x, y, width, height: laneHeight - 10, rx: Math.min(3, width / 3) }));
      if (width > event.id.length * 7 + 10) {
        bar.append(svg("text.bar-name", { x: Math.max(x, 0) + 6, y: y + 16 }, event.id));
      }
      return bar;
    });
  }

  /** Under the lanes: which phase of the plan the steps above belong to. A name is cut to its room. */
  #phases(y) {
    const phases = [];
    this.events.forEach(({ phase }, i) => {
      if (phase === undefined) return;
      const { x, w } = this.places[i];
      if (phases.at(-1)?.name !== phase) phases.push({ name: phase, from: x });
      phases.at(-1).to = x + w;
    });
    return phases.map(({ name, from, to }) => {
      const left = Math.max(this.#x(from), 0);
      const right = Math.min(this.#x(to), this.#inner()) - 3;
      if (right <= left) return null;
      const room = Math.floor((right - left) / 6.6);
      const text = name.length <= room ? name : `${name.slice(0, room - 1)}…`;
      return svg("g.phase", {},
        svg("title", {}, name),
        svg("line.phase-line", { x1: left, x2: right, y1: y + 4, y2: y + 4 }),
        room > 4 && svg("text.phase-name", { x: left, y: y + 18 }, text));
    });
  }

  /** The chosen step's name above its bar. */
  #name() {
    const i = this.events.findIndex((event) => event.index === this.chosen);
    if (i < 0) return null;
    const event = this.events[i];
    const text = `${event.title} · ${humanTime(event.took)}`;
    const half = text.length * 3.6 + 4;
    const center = this.#x(this.places[i].x + this.places[i].w / 2);
    const x = Math.max(half, Math.min(center, this.#inner() - half));
    const y = headHeight + (this.lanes.indexOf(event.lane) * laneHeight) + 1;
    return [
      svg("rect.name-back", { x: x - half, y: y - 15, width: 2 * half, height: 17, rx: 3 }),
      svg("text.name", { x, y: y - 3 }, text),
    ];
  }
}
