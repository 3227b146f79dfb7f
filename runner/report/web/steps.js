// The steps: a time line, a list of the same, and all that there is to say about one of them.
"use strict";

/** Loads, steps and what was undone, in the order in which they happened. */
const eventsOf = (run) => {
  const loads = run.loads.map((load) => ({ ...load, lane: "load", title: load.id }));
  const steps = run.steps.map((step, i) => ({
    ...step, lane: step.side, number: i + 1, title: step.id,
  }));
  const undone = run.steps.filter((step) => step.undone).map((step) => ({
    id: step.id, lane: "host", isUndo: true, title: `undo ${step.id}`, shell: step.undoShell,
    start: step.undone.start, took: step.undone.took, error: step.undone.problem,
    why: "It outlives the container, so it is taken back at the end: newest first, whatever " +
      "happened.",
  }));
  undone.sort((a, b) => a.start - b.start);
  const events = [...loads, ...steps, ...undone];
  events.forEach((event, index) => { event.index = index; });
  return events;
};

const sideWords = {
  load: "while the image was loaded", host: "done by the host", child: "done by the child",
};

const stepState = (event) => {
  if (event.error) return el("span.badge.bad", {}, "failed");
  if (event.took === undefined) return el("span.badge", {}, "not reached");
  return null;
};

/** A why as a sentence; "ps(1)" and "/proc" keep their first letter. */
const sentence = (why) =>
  why.replace(/^[a-z](?=[a-z']*[ ,;])/, (letter) => letter.toUpperCase()).replace(/\.?$/, ".");

const stepDetail = (event) => [
  el("h3", {}, event.title, " ", stepState(event)),
  el("p.meta", {}, [
    event.number && `step ${event.number}, of the phase “${event.phase}”, `, sideWords[event.lane],
    event.took !== undefined && `, ${humanTime(event.took)}`,
    event.start !== undefined && `, ${humanTime(event.start)} after the beginning`,
  ]),
  event.error && el("p.notice.bad", {}, event.error, event.errno && ` (errno ${event.errno})`),
  event.hint && el("p.notice", {}, "Hint: ", event.hint),
  el("p.why", {}, sentence(event.why)),
  el("dl.facts", {},
    fact("result", event.result),
    fact("calls", event.calls?.length > 0 && code(event.calls.join("\n"))),
    fact("in shell", event.shell && code(event.shell)),
    fact("look", event.look && code(event.look)),
    fact("to undo it", event.undoShell && code(event.undoShell)),
    fact("see", event.see)),
];

const stepRow = (event) => [
  el(`span.lane-tag.tag-${event.lane}`, {}, event.isUndo ? "undo" : event.lane),
  el("span.row-number", {}, event.number ?? ""),
  el("span.row-name", {}, event.id),
  stepState(event) ?? el("span.row-time", {}, humanTime(event.took)),
];

class Steps {
  constructor(run, changed) {
    by("steps").hidden = false;
    this.events = eventsOf(run);
    this.list = new List(by("step-list"), {
      rowHeight: 30,
      draw: stepRow,
      choose: (event) => {
        show("step", stepDetail(event));
        this.timeline.select(event.index);
        changed();
      },
    });
    this.list.fill(this.events);
    this.timeline = new Timeline(by("timeline"), this.events, (index) => this.list.select(index));
    this.#makeScale(changed);
    this.#makeZoom();
    // What one looks for first: what went wrong, else where the container begins.
    const failed = this.events.findIndex((event) => event.error);
    const clone = this.events.findIndex((event) => event.id === "clone");
    this.first = failed >= 0 ? failed : Math.max(clone, 0);
    this.list.select(this.first, false);
    show("step", stepDetail(this.events[this.first]));
    this.timeline.select(this.first);
  }

  #makeScale(changed) {
    for (const [value, scale] of Object.entries(scales)) {
      const input = el("input", {
        type: "radio", name: "scale", value, id: `scale-${value}`,
        onchange: () => {
          this.setScale(value);
          changed();
        },
      });
      by("scale").append(el("label", { for: `scale-${value}` }, input, scale.name));
    }
    this.setScale("log");
  }

  #makeZoom() {
    const button = (label, name, factor) => el("button", {
      type: "button", "aria-label": name,
      onclick: () => this.timeline.setZoom(factor === 0 ? 1 : this.timeline.zoom * factor),
    }, label);
    add(by("zoom"), [
      button("−", "Zoom out", 0.5), button("+", "Zoom in", 2), button("all", "Show all", 0),
    ]);
  }

  setScale(value) {
    if (!Object.hasOwn(scales, value)) return;
    by(`scale-${value}`).checked = true;
    show("scale-note", scales[value].note);
    this.timeline.setScale(value);
  }

  get scale() {
    return this.timeline.scale;
  }

  select(id) {
    const index = this.events.findIndex((event) => event.title === id);
    if (index >= 0) this.list.select(index);
  }

  get chosen() {
    return this.list.chosen < 0 ? null : this.list.items[this.list.chosen].title;
  }
}
