// Paper can't be scrolled or clicked: before printing, what stands in boxes is written out, as far
// as somebody would read it, and what is folded is opened.
"use strict";

const paperRows = 200;

const cutNote = (all) => (all > paperRows
  ? el("p.aside", {}, `${number(all - paperRows)} more are in the page on the screen.`) : null);

const paperSteps = (steps) => [
  el("h2", {}, "Steps, one by one"),
  steps.events.map((event) => el("article.paper-step", {}, stepDetail(event))),
];

const paperSearch = (search) => {
  if (search.query === "") return null; // nobody asked for anything
  const found = search.paths.search(search.query);
  const rows = found.slice(0, paperRows).map((path) => {
    const story = search.paths.explain(path);
    return el("tr", {}, el("td", {}, el("code", {}, path)),
      el("td", {}, story.seen.length > 0 ? search.teller.name(story.seen[0]) : "hidden"));
  });
  return [
    el("h2", {}, `Paths with “${search.query}”`),
    el("table", {},
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "path"),
        el("th", { scope: "col" }, "seen from"))),
      el("tbody", {}, rows)),
    cutNote(found.length),
  ];
};

const paperWrote = (paths, changes) => [
  el("h2", {}, "Changed paths"),
  el("table", {},
    el("thead", {}, el("tr", {}, ["", "path", "size", "how"].map((head) =>
      head === "" ? el("td") : el("th", { scope: "col" }, head)))),
    el("tbody", {}, changes.slice(0, paperRows).map((change) => el("tr", {},
      el("td", {}, change.kind), el("td", {}, el("code", {}, change.path)),
      el("td", {}, change.hasSize ? humanSize(change.size) : ""),
      el("td", {}, changeText(paths, change)))))),
  cutNote(changes.length),
];

const writeOnPaper = ({ search, steps, changes }) => {
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const details of folded) details.open = true;
    show("paper", search && paperSearch(search), steps && paperSteps(steps),
      changes?.length > 0 && paperWrote(search.paths, changes));
  });
  addEventListener("afterprint", () => {
    for (const details of folded) details.open = false;
    show("paper");
  });
};
