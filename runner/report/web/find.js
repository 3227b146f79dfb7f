// The search: which layers have a path, which one is seen, and why.
"use strict";

const maxCells = 24; // of an image with more layers a row says in words where its path is from

/** Sentences about a path, for people. */
class Teller {
  constructor(paths, mounts) {
    this.paths = paths;
    this.mounts = mounts;
  }

  name(layer) {
    return this.paths.layers[layer].name;
  }

  why({ by: layer, what, at }) {
    const name = this.name(layer);
    switch (what) {
      case "whiteout": return `hidden: ${name} has a whiteout of ${at}`;
      case "opaque": return `hidden: ${at} is opaque in ${name}`;
      case "directory":
        return `hidden: ${at} is a directory in ${name}, and those don't merge with anything else`;
      case "root": return `not in the stack: the root of ${name} is opaque`;
      default: return `hidden: ${name} has ${at}, and the topmost one is seen`;
    }
  }

  /** What the container sees there, in one sentence. */
  verdict({ path, seen, rows, cuts }) {
    if (seen.length === 0) {
      const hidden = rows.find((entry) => entry.kind !== "w");
      const cut = hidden && cuts.get(hidden.layer);
      if (cut) {
        return `The container doesn't see it. It is ${this.why(cut)}.` + this.stillThere(hidden);
      }
      return "The container doesn't see it.";
    }
    const name = this.name(seen[0]);
    const { kind } = this.paths.at(path, seen[0]);
    if (seen.length > 1) {
      return `The container sees one directory, merged of ${seen.length}; its mode and owner are ` +
        `those of ${name}.`;
    }
    if (this.paths.layers[seen[0]].isUpper) {
      return `The container sees what it wrote itself: the ${kindWords[kind]} in ${name}.`;
    }
    const others = rows.some((entry) => entry.layer !== seen[0]);
    return `The container sees the ${kindWords[kind]} of ${name}` +
      (others ? ", the topmost one that has the name." : "; no other has the name.");
  }

  /** What was deleted in an upper layer is not gone from the image. */
  stillThere(entry) {
    const layer = this.paths.layers[entry.layer];
    if (layer.isUpper || layer.isBase) return "";
    return ` But it is still in the image: whoever has the image can read it in ${layer.name}.`;
  }

  row(entry, { seen, cuts }) {
    const place = seen.indexOf(entry.layer);
    if (place === 0) return { state: "seen", text: seen.length > 1 ? "seen, on top" : "seen" };
    if (place > 0) return { state: "merged", text: "merged: what it holds is seen too" };
    const cut = cuts.get(entry.layer);
    if (entry.kind === "w") {
      return { state: "whiteout", text: "a whiteout: hides the name in all layers below" };
    }
    return { state: "hidden", text: cut ? this.why(cut) : "hidden" };
  }

  /** The mount that covers the path while the container runs; null where none does. */
  cover(path) {
    let found = null;
    for (const mount of this.mounts) {
      if (mount.point === "/") continue;
      if (path === mount.point || path.startsWith(mount.point + "/")) found = mount;
    }
    return found;
  }
}

const stateOf = (teller, entry, story) => entry && teller.row(entry, story).state;

/** A square for each layer, lowest first. */
const strip = (teller, story) => el("span.strip", { "aria-hidden": "true" },
  teller.paths.layers.map((layer, index) => {
    const entry = story.rows.find((each) => each.layer === index);
    return el(`span.cell.${stateOf(teller, entry, story) ?? "none"}`);
  }));

const marked = (path, query) => {
  const at = query === "" ? -1 : path.toLowerCase().lastIndexOf(query.toLowerCase());
  if (at < 0) return [path];
  const end = at + query.length;
  return [path.slice(0, at), el("mark", {}, path.slice(at, end)), path.slice(end)];
};

const entryText = (entry) => {
  if (entry.kind === "w") return "whiteout";
  const size = entry.kind === "f" ? `, ${humanSize(entry.size)}` : "";
  const owner = entry.uid === "0" && entry.gid === "0" ? "root" : `${entry.uid}:${entry.gid}`;
  const target = entry.kind === "l" ? ` to ${entry.target}` : "";
  return `${kindWords[entry.kind]}${target}, ${entry.mode.padStart(4, "0")}, ${owner}${size}`;
};

/** The layers that have to do with the path, topmost first. */
const pathRows = (teller, story) => {
  const rows = story.rows.map((entry) => ({ layer: entry.layer, entry }));
  for (const { by: layer, at } of story.cuts.values()) { // a whiteout of a directory above it, say
    if (at !== story.path && !rows.some((row) => row.layer === layer)) rows.push({ layer, at });
  }
  rows.sort((a, b) => b.layer - a.layer);
  return rows.map(({ layer, entry, at }) => {
    const { state, text } = entry
      ? teller.row(entry, story)
      : { state: "blocker", text: `decides over ${at}, which lies on the way` };
    return el(`li.verdict.${state}`, {},
      el("span.cell." + (state === "blocker" ? "none" : state), { "aria-hidden": "true" }),
      el("strong", {}, teller.name(layer)),
      el("span.verdict-text", {}, text),
      entry && el("span.verdict-entry", {}, entryText(entry)));
  });
};

const pathDetail = (teller, path) => {
  const story = teller.paths.explain(path);
  const cover = teller.cover(path);
  const top = story.seen.length > 0 ? teller.paths.at(path, story.seen[0]) : null;
  const target = top?.kind === "l" ? teller.paths.resolve(path) : null;
  return [
    el("h3", { id: "path-name" }, path),
    el("p.verdict-line", {}, teller.verdict(story)),
    cover && el("p.notice", {},
      `While it ran, the mount on ${cover.point} (${cover.type}) covered this.`),
    el("ol.verdicts", { "aria-label": "Layers, topmost first" }, pathRows(teller, story)),
    target && target !== path && el("p", {}, "The symlink leads to ", pathLink(target), "."),
  ];
};

const pathLink = (path) => el("a", { href: "#search=" + encodeURIComponent(path) }, path);

class Search {
  constructor(paths, mounts, changed) {
    this.paths = paths;
    this.teller = new Teller(paths, mounts);
    this.input = by("query");
    this.query = "";
    const fits = paths.layers.length <= maxCells;
    this.list = new List(by("results"), {
      rowHeight: 30,
      draw: (path) => {
        const story = paths.explain(path);
        const isSeen = story.seen.length > 0;
        const where = isSeen ? this.teller.name(story.seen[0]) : "hidden";
        return [
          fits ? strip(this.teller, story) : el("span.where", {}, where),
          el("span.path" + (isSeen ? "" : ".gone"), {}, marked(path, this.query)),
          fits && said(isSeen ? `seen, from ${where}` : where),
        ];
      },
      choose: (path) => {
        show("path", pathDetail(this.teller, path));
        changed();
      },
    });
    this.list.input = this.input;
    this.input.addEventListener("input", () => {
      this.run(this.input.value);
      changed();
    });
    this.input.addEventListener("keydown", (event) => this.list.key(event, true));
    show("legend", [["seen", "seen"], ["merged", "merged into it"], ["hidden", "hidden"],
      ["whiteout", "whiteout"], ["none", "has nothing there"]].map(([state, text]) =>
      el("li", {}, el(`span.cell.${state}`, { "aria-hidden": "true" }), text)));
    by("find").hidden = false;
  }

  run(query) {
    this.query = query.trim();
    this.input.value = query;
    const found = this.paths.search(this.query);
    this.list.fill(found);
    const all = number(this.paths.list.length);
    show("count", this.query === "" ? `${all} paths` : `${number(found.length)} of ${all} paths`,
      found.length > this.list.length && `; the first ${number(this.list.length)} are listed`);
    if (found.length > 0) show("path", el("p.hint", {}, "Choose a path to see where it is from."));
    else show("path", this.#nothing());
  }

  /** /bin/sh is no path of an image whose /bin is a symlink to usr/bin; that is worth saying. */
  #nothing() {
    const target = this.query.startsWith("/") ? this.paths.resolve(this.query) : null;
    if (target === null || target === this.query) {
      return el("p.hint", {}, "No layer has such a path.");
    }
    return el("p.hint", {}, "No layer has this path, but symlinks on the way lead to ",
      pathLink(target), ".");
  }

  get chosen() {
    return this.list.chosen < 0 ? null : this.list.items[this.list.chosen];
  }
}
