// The stack of layers, topmost first as they lie on each other.
"use strict";

/** All that overlay stacks, lowest first: minirun's mount points, the image's layers, and the upper
 *  directory of a run. Names are short, for a sentence: "layer 2". */
/** What `minirun diff` says of the upper directory, counted. */
const countsOf = (changes) => {
  const count = (kind) => changes.filter((change) => change.startsWith(kind)).length;
  return { added: count("A"), changed: count("C"), hidden: count("D") };
};

const stackOf = (data) => {
  const { image, run } = data;
  const layers = [{
    name: "the mount points", tree: image.mountPoints, counts: image.mountPointCounts,
    isMounted: true, isBase: true, size: 0,
  }];
  (image.layers ?? []).forEach((layer, i) => {
    const at = (image.history ?? []).findIndex((step) => step.layer === i);
    const next = at < 0 ? -1 : image.history.findIndex((step, j) => j > at && step.layer !== null);
    layers.push({
      ...layer,
      name: `layer ${i + 1}`,
      number: i + 1,
      made: at < 0 ? null : image.history[at],
      after: at < 0 ? [] : image.history.slice(at + 1, next < 0 ? undefined : next),
    });
  });
  if (run && typeof run.upper === "string") {
    layers.push({
      name: "the upper directory", tree: run.upper, counts: countsOf(run.changes),
      isMounted: true, isUpper: true, size: 0,
    });
  }
  return layers;
};

/** The size of what a tree's files hold; for the parts of the stack of which nobody counted it. */
const sizeOf = (tree) => {
  let size = 0;
  readTree(tree, 0, (path, entry) => {
    if (entry.kind === "f") size += entry.size;
  });
  return size;
};

/** A build's line without what the builder put around it. */
const madeBy = (step) => {
  if (!step) return "";
  return (step.by || step.comment)
    .replace(/^\/bin\/sh -c #\(nop\)\s*/, "")
    .replace(/^\/bin\/sh -c /, "RUN ")
    .replace(/\s*# buildkit$/, "");
};

const layerTitle = (layer) => {
  if (layer.isUpper) return "Upper directory: what the container wrote";
  if (layer.isBase) return "Mount points: empty, so that no container has to make them";
  return madeBy(layer.made) || "not told how it was made";
};

const changesText = (counts) => {
  const parts = [];
  if (counts.added > 0) parts.push(`${number(counts.added)} added`);
  if (counts.changed > 0) parts.push(`${number(counts.changed)} changed`);
  if (counts.hidden > 0) parts.push(`${number(counts.hidden)} hidden`);
  return parts.join(", ") || "empty";
};

const layerDetails = (layer) => el("dl.facts", {},
  fact("diff id", layer.diffId && el("code", {}, layer.diffId)),
  fact("chain id", layer.chainId && el("code", {}, layer.chainId)),
  fact("short name", layer.short && el("code", {}, "overlay2/l/" + layer.short)),
  fact("made", layer.made?.created),
  fact("by", layer.made && code(layer.made.by || layer.made.comment)),
  fact("then, without a layer",
    layer.after?.length > 0 && layer.after.map((step) => code(madeBy(step)))));

const slab = (layer, largest) => {
  const bar = el("span.bar", { "aria-hidden": "true" }, el("span.bar-fill"));
  // So that a small layer beside a large one is seen: widths are of the square roots.
  bar.firstChild.hidden = layer.size === 0;
  bar.firstChild.style.width = `${Math.sqrt(layer.size / largest) * 100}%`;
  const kind = layer.isUpper ? "slab-upper" : layer.isBase ? "slab-base" : "slab-layer";
  const summary = [
    el("span.slab-number", {}, layer.isUpper ? "up" : layer.isBase ? "–" : layer.number),
    el("span.slab-title", {}, layerTitle(layer)),
    bar,
    el("span.slab-size", {}, humanSize(layer.size)),
    el("span.slab-counts", {}, changesText(layer.counts)),
    !layer.isMounted && el("span.badge.bad", {}, "not mounted: a layer above has an opaque root"),
  ];
  const item = el(`li.slab.${kind}`);
  if (layer.isUpper || layer.isBase) return add(item, [el("div.slab-line", {}, summary)]);
  return add(item, [
    el("details", {}, el("summary.slab-line", {}, summary), layerDetails(layer)),
  ]);
};

/** Of very many layers those in the middle are folded. */
const foldMiddle = (slabs) => {
  const [top, bottom] = [12, 6];
  if (slabs.length <= top + bottom + 12) return slabs;
  const rest = slabs.slice(top, -bottom);
  const folded = el("li.slab-rest-item", {}, el("details.slab-rest", {},
    el("summary", {}, `${number(rest.length)} more layers`), el("ol", {}, rest)));
  return [...slabs.slice(0, top), folded, ...slabs.slice(-bottom)];
};

const showLayers = (layers, paths) => {
  for (const layer of layers) {
    if (layer.isUpper || layer.isBase) layer.size = sizeOf(layer.tree ?? "");
  }
  const largest = Math.max(1, ...layers.map((layer) => layer.size));
  const slabs = layers.map((layer) => slab(layer, largest)).reverse();
  show("stack", foldMiddle(slabs));
  const total = layers.reduce((sum, layer) => sum + (layer.isUpper ? 0 : layer.size), 0);
  const count = layers.filter((layer) => layer.number).length;
  show("stack-note", `${plural(count, "layer")}, ${humanSize(total)}, ` +
    `${plural(paths.list.length, "path")}. A bar's length is the square root of the size. ` +
    "Numbers are of names, against the layers below, as minirun layers has them." +
    (layers.some((layer) => layer.tree?.includes("\n~\n"))
      ? " Directories lie deeper than 200 in each other; what is further down is not listed."
      : ""));
  by("layers").hidden = false;
};
