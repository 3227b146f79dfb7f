// What the run wrote, told from its upper directory as `minirun diff` tells it (runner/commands/diff.h).
"use strict";

const changeWords = { A: "added", C: "changed", D: "deleted" };

/** {kind, path, size, hasSize, from} of each change, by path; `from` is the layer that had it.
 *  `told`: "A /path", as `minirun diff` prints it. */
const changesOf = (paths, told) => {
  const upper = paths.layers.length - 1;
  return told.map((line) => {
    const kind = line[0];
    const path = line.slice(2);
    const entry = kind === "D" ? undefined : paths.at(path, upper);
    const below = paths.explain(path, upper - 1).seen;
    const hasSize = entry?.kind === "f";
    return { kind, path, size: hasSize ? entry.size : 0, hasSize, from: below[0] ?? null };
  });
};

const changeText = (paths, change) => {
  const from = change.from === null ? "" : `, ${change.kind === "D" ? "was in" : "from"} ` +
    paths.layers[change.from].name;
  return `${changeWords[change.kind]}${from}`;
};

const showWrote = (paths, changes) => {
  const list = new List(by("wrote-list"), {
    rowHeight: 30,
    draw: (change) => [
      el(`span.change.change-${change.kind}`, { title: changeWords[change.kind] }, change.kind),
      said(changeWords[change.kind]),
      el("span.path", {}, change.path),
      el("span.row-from", {}, change.from === null ? "" : paths.layers[change.from].name),
      el("span.row-time", {}, change.hasSize ? humanSize(change.size) : ""),
    ],
    choose: () => {},
    open: (change) => { location.hash = "#search=" + encodeURIComponent(change.path); },
  });
  list.fill(changes);
  by("wrote-list").style.maxHeight = `${Math.min(14, changes.length) * 30 + 2}px`;
  by("wrote-list").hidden = changes.length === 0;
  const counts = ["A", "C", "D"].map((kind) => {
    const count = changes.filter((change) => change.kind === kind).length;
    return count > 0 && `${number(count)} ${changeWords[kind]}`;
  }).filter(Boolean);
  const size = changes.reduce((sum, change) => sum + change.size, 0);
  show("wrote-count", changes.length === 0 ? "The container wrote nothing."
    : `${counts.join(", ")}; ${humanSize(size)}. `,
    changes.length > 0 && el("span.on-screen", {}, "Enter or a click shows a path's layers."));
  by("wrote").hidden = false;
};
