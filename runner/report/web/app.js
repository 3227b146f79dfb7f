// The page: reads its data, shows what there is, and keeps in the address what was chosen, so that
// a link leads to it: #search=/etc/passwd, #step=pivot-root&scale=linear.
"use strict";

const exitText = (run) => {
  if (run.failed !== undefined) return `failed at step ${run.steps[run.failed].id}`;
  if (run.exit < 0) return "stopped before its end";
  if (run.exit > 128) return `exit status ${run.exit}: signal ${run.exit - 128}, or its own`;
  return `exit status ${run.exit}`;
};

const exitBadge = (run) =>
  el(`span.badge.${run.exit === 0 ? "good" : "bad"}`, {}, exitText(run));

/** A run that ended before its time: which step, and why. */
const outcome = (run) => {
  if (run.exit >= 0 && run.failed === undefined) return null;
  const undone = run.steps.filter((step) => step.undone);
  const problems = undone.filter((step) => step.undone.problem);
  const after = problems.length > 0 ? " Not all of it could be undone."
    : undone.length > 0 ? " What was done was undone." : "";
  if (run.failed === undefined) {
    const last = run.steps.findLast((step) => step.took !== undefined);
    return el("p.notice.bad", {}, last ? `The run was stopped after step ${last.id}.` :
      "The run was stopped before its first step.", after);
  }
  const { id, hint } = run.steps[run.failed];
  const error = run.steps[run.failed].error.replace(`step ${id}: `, "");
  return el("p.notice.bad", {}, el("strong", {}, `Step ${id} failed. `), error,
    hint ? `. Hint: ${hint}.` : ".", after, " ",
    el("a", { href: "#step=" + encodeURIComponent(id) }, "See the step"));
};

/** What its cgroups counted; of memory and processes the most at a time. */
const usedText = (used) => used && [
  used.cpu !== undefined && `processor time ${humanTime(used.cpu)}`,
  used.memory !== undefined && `memory ${humanSize(used.memory)}`,
  used.processes !== undefined && plural(used.processes, "process", "processes"),
].filter(Boolean).join(", ");

const longest = (run) => run.steps.reduce((end, step) =>
  Math.max(end, (step.undone ?? step).start + (step.undone ?? step).took || 0), 0);

const showHeader = ({ image, run, made, minirun, kernel }) => {
  document.title = `${visible(image.name)}: minirun report`;
  show("title", image.name);
  if (run) show("command", el("span.prompt", { "aria-hidden": "true" }, "$ "), run.command);
  show("facts",
    run && fact("ended with", exitBadge(run)),
    run && fact("container", run.name, run.name && " ", el("code", {}, run.id)),
    run && fact("took", humanTime(longest(run))),
    run && fact("used", usedText(run.used)),
    fact("image", el("code", {}, image.id.slice(0, 19))),
    fact("names", image.names?.filter((name) => name !== image.name).join(", ")),
    fact("platform", image.platform),
    fact("date", el("time", { datetime: made }, new Date(made).toLocaleString())));
  if (run) show("outcome", outcome(run));
  show("made", `Written by minirun ${minirun} on ${kernel}. One file; it loads nothing.`);
};

const showNav = () => {
  const parts = [...document.querySelectorAll("main > section:not([hidden])")];
  show("nav", el("ul", {}, parts.map((part) => el("li", {},
    el("a", { href: "#" + part.id }, by(`${part.id}-title`).textContent)))));
};

/** "#search=/etc&step=exec" as a map; nothing where the fragment only names a part of the page. */
const readAddress = () =>
  (location.hash.includes("=") ? new URLSearchParams(location.hash.slice(1)) : null);

/** The search and the steps share the address; whoever changed last is not asked again. */
class Address {
  constructor(view) {
    this.view = view;
    addEventListener("hashchange", () => this.obey());
    // A link to the step that the address names already changes nothing, and shall lead there too.
    document.addEventListener("click", (event) => {
      if (event.target.closest?.("a")?.hash === location.hash) this.obey();
    });
  }

  obey() {
    const wanted = readAddress();
    if (wanted === null) return;
    const { search, steps } = this.view;
    if (search && wanted.has("search")) {
      search.run(wanted.get("search"));
      const chosen = search.list.items.indexOf(wanted.get("path") ?? search.list.items[0]);
      if (chosen >= 0) search.list.select(chosen);
      by("find").scrollIntoView({ behavior: "instant" });
    }
    if (steps && wanted.has("scale")) steps.setScale(wanted.get("scale"));
    if (steps && wanted.has("step")) {
      steps.select(wanted.get("step"));
      if (!wanted.has("search")) by("steps").scrollIntoView({ behavior: "instant" });
    }
  }

  /** Puts what is chosen into the address, without a step in the browser's history for each key;
   *  a moment later, since browsers refuse to do it a hundred times a second. */
  keep() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#write(), 250);
  }

  #write() {
    const { search, steps } = this.view;
    const words = new URLSearchParams();
    if (search?.query) words.set("search", search.query);
    if (search?.query && search.chosen) words.set("path", search.chosen);
    if (steps && steps.list.chosen !== steps.first) words.set("step", steps.chosen);
    if (steps && steps.scale !== "log") words.set("scale", steps.scale);
    const text = words.toString().replaceAll("%2F", "/");
    history.replaceState(null, "", text === "" ? "#" : "#" + text);
  }
}

const start = () => {
  const data = JSON.parse(by("data").textContent);
  if (data === null) {
    by("empty").hidden = false;
    return;
  }
  showHeader(data);
  const { image, run } = data;
  const view = {};
  let address = null;
  const changed = () => address?.keep();
  const mounts = mountsOf(run?.child);
  if (image.layers) {
    const layers = stackOf(data);
    const paths = new Paths(layers);
    showLayers(layers, paths);
    const isPivoted = mounts.some((mount) => mount.point === "/" && mount.type === "overlay");
    view.search = new Search(paths, isPivoted ? mounts : [], changed);
    view.search.run("");
    if (typeof run?.upper === "string") {
      view.changes = changesOf(paths, run.changes);
      showWrote(paths, view.changes);
    }
  }
  if (run) {
    view.steps = new Steps(run, changed);
    if (run.child) showNamespaces(run);
    if (run.child) showPowers(run);
    if (mounts.length > 0) showMounts(run, mounts);
  }
  showNav();
  writeOnPaper(view);
  address = new Address(view);
  address.obey();
};

start();
