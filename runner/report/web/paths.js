// All paths of all layers, and overlay's rules on which of them is seen (overlayfs.rst; the same in
// C++: image/layer/stack.h).
"use strict";

const isDir = (entry) => entry.kind === "d" || entry.kind === "o";

const kindWords = {
  d: "directory", o: "opaque directory", f: "file", l: "symlink", w: "whiteout",
  c: "character device", b: "block device", p: "FIFO", s: "socket",
};

/** Reads a tree (runner/report/tree.h) and calls `tell(path, entry)` for each line of it. */
const readTree = (tree, layer, tell) => {
  let dir = "";
  const above = [];
  for (const line of tree.split("\n")) {
    if (line === "" || line === "~") continue;
    if (line === ".") {
      dir = above.pop();
      continue;
    }
    const first = line.indexOf(" ");
    const second = line.indexOf(" ", first + 1);
    const tab = line.indexOf("\t", second);
    const kind = line[0];
    const path = dir + "/" + line.slice(second + 1, tab < 0 ? undefined : tab);
    const [mode, uid = "0", gid = "0"] = line.slice(1, first).split(",");
    const size = Number(line.slice(first + 1, second));
    const target = tab < 0 ? "" : line.slice(tab + 1);
    tell(path, { layer, kind, mode, uid, gid, size, target });
    if (kind === "d" || kind === "o") {
      above.push(dir);
      dir = path;
    }
  }
};

/** `layers`: lowest first, each {name, tree, isMounted}. */
class Paths {
  constructor(layers) {
    this.layers = layers;
    this.byPath = new Map(); // path -> its entries, topmost first
    layers.forEach((layer, index) => {
      readTree(layer.tree ?? "", index, (path, entry) => this.#put(path, entry));
    });
    this.list = [...this.byPath.keys()].sort();
    this.#makeText();
  }

  #put(path, entry) {
    const below = this.byPath.get(path);
    if (below === undefined) this.byPath.set(path, [entry]);
    else below.unshift(entry);
  }

  /** One long text to search in: a thousand times faster than asking each path. */
  #makeText() {
    const lower = this.list.map((path) => path.toLowerCase());
    this.text = lower.join("\n") + "\n";
    this.ends = new Uint32Array(lower.length); // where in it each path ends
    let at = 0;
    for (let i = 0; i < lower.length; i += 1) {
      at += lower[i].length;
      this.ends[i] = at;
      at += 1;
    }
  }

  /** Paths with `query` in them, upper or lower case: the path itself first, then those whose last
   *  part it is, then all others in order. */
  search(query) {
    const wanted = query.toLowerCase();
    if (wanted === "") return this.list;
    const whole = [];
    const named = [];
    const others = [];
    const slash = 0x2f;
    let index = 0;
    let at = this.text.indexOf(wanted);
    while (at >= 0) {
      while (this.ends[index] < at) index += 1;
      const end = this.ends[index];
      const start = index === 0 ? 0 : this.ends[index - 1] + 1;
      const last = end - wanted.length; // where it would stand as the last part
      const isNamed = this.text.charCodeAt(last - 1) === slash && this.text.startsWith(wanted, last);
      if (last === start) whole.push(this.list[index]);
      else if (isNamed) named.push(this.list[index]);
      else others.push(this.list[index]);
      at = this.text.indexOf(wanted, end);
    }
    return whole.length + named.length === 0 ? others : whole.concat(named, others);
  }

  /** Which layers have the path, which of them is seen, and what hides the others. `top`: the
   *  topmost layer that counts; the upper directory, unless somebody asks what was below it. */
  explain(path, top = this.layers.length - 1) {
    const cuts = new Map(); // layer -> what hid it: {by, what, at}
    let alive = this.#mounted(top, cuts);
    let prefix = "";
    const parts = path.split("/").slice(1);
    parts.forEach((part, i) => {
      prefix += "/" + part;
      alive = this.#step(prefix, alive, cuts);
      const isFile = alive.length > 0 && !isDir(this.at(prefix, alive[0]));
      if (isFile && i + 1 < parts.length) alive = []; // below a file there is nothing
    });
    const rows = (this.byPath.get(path) ?? []).filter((entry) => entry.layer <= top);
    return { path, seen: alive, rows, cuts };
  }

  at(path, layer) {
    return this.byPath.get(path)?.find((entry) => entry.layer === layer);
  }

  /** The layers that overlay was given, topmost first. It never asks a root whether it is opaque,
   *  so minirun leaves out what lies below one that is (image/store/store.h, commit_layer). */
  #mounted(top, cuts) {
    const alive = [];
    let lowest = top;
    for (let layer = top; layer >= 0; layer -= 1) {
      if (this.layers[layer].isMounted) {
        alive.push(layer);
        if (!this.layers[layer].isBase) lowest = layer;
      } else cuts.set(layer, { by: lowest, what: "root", at: "/" });
    }
    return alive;
  }

  /** One part of a path further down. Returns the layers that make what is seen there. */
  #step(prefix, alive, cuts) {
    const seen = [];
    let cut = null;
    for (const layer of alive) {
      if (cut !== null) {
        cuts.set(layer, cut);
        continue;
      }
      const entry = this.at(prefix, layer);
      if (entry === undefined) continue;
      if (entry.kind === "w") cut = { by: layer, what: "whiteout", at: prefix };
      else if (isDir(entry)) {
        seen.push(layer);
        if (entry.kind === "o") cut = { by: layer, what: "opaque", at: prefix };
      } else if (seen.length > 0) { // a directory above and a file here: they don't merge
        cut = { by: seen[0], what: "directory", at: prefix };
        cuts.set(layer, cut);
      } else {
        seen.push(layer);
        cut = { by: layer, what: "file", at: prefix };
      }
    }
    return seen;
  }

  /** Follows symlinks on the way, as a process inside would. Returns the path without any, or null
   *  where it leads nowhere. */
  resolve(path, links = 0) {
    const done = [];
    const parts = path.split("/");
    while (parts.length > 0) {
      const part = parts.shift();
      if (part === "" || part === ".") continue;
      if (part === "..") {
        done.pop();
        continue;
      }
      const here = "/" + [...done, part].join("/");
      const { seen } = this.explain(here);
      if (seen.length === 0) return null;
      const entry = this.at(here, seen[0]);
      if (entry.kind === "l") {
        if (links >= 40) return null; // the kernel's own bound: path_resolution(7)
        const base = entry.target.startsWith("/") ? "" : "/" + done.join("/");
        return this.resolve([base, entry.target, ...parts].join("/"), links + 1);
      }
      done.push(part);
    }
    return "/" + done.join("/");
  }
}
