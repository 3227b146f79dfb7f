// Two processes beside each other as /proc shows them: the minirun that made the container, and its
// child; and the child's mounts.
"use strict";

const namespaceWords = {
  mnt: "which mounts there are", pid: "which processes, and their numbers", uts: "the hostname",
  ipc: "shared memory and message queues", net: "interfaces, addresses, ports",
  cgroup: "where the cgroup tree begins", user: "who is root", time: "when the machine booted",
};

// Which step of the run made it so.
const namespaceSteps = {
  mnt: "clone", pid: "clone", uts: "uts-namespace", ipc: "ipc-namespace", net: "network-namespace",
  cgroup: "cgroup-namespace",
};

/** A link to a step, if the run has it: "by step overlay". */
const byStep = (run, id) => run.steps.some((step) => step.id === id) &&
  el("span.by", {}, "by step ", el("a", { href: `#step=${id}` }, id));

const inode = (link) => link.replace(/^.*\[(\d+)\]$/, "$1");

const namespaceRow = ([kind, words], run) => {
  const { host, child } = run;
  const before = host.namespaces[kind];
  const after = child.namespaces[kind];
  if (before === undefined || after === undefined) return null;
  const shared = before === after;
  const pill = (link, side) => el(`span.pill.${side}`, {}, inode(link));
  return el("tr", {},
    el("th", { scope: "row" }, kind),
    el("td", {}, words),
    shared
      ? el("td.shared", { colspan: "2" }, el("span.pill.both", {}, inode(before)))
      : [el("td", {}, pill(before, "host")), el("td", {}, pill(after, "child"))],
    el("td", {}, shared ? "shared with the host" : ["new ", byStep(run, namespaceSteps[kind])]));
};

const showNamespaces = (run) => {
  const { host, child } = run;
  const rows = Object.entries(namespaceWords).map((each) => namespaceRow(each, run));
  const heads = [
    "namespace", "decides over", `host, pid ${host.pid}`, `container, pid ${child.pid}`, "so it is",
  ];
  show("namespace-table", el("table", {},
    el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", {}, rows)));
  by("namespaces").hidden = false;
};

/** /proc/PID/status as a map from its names. */
const statusOf = (process) => new Map((process.status ?? "").split("\n").map((line) => {
  const colon = line.indexOf(":");
  return [line.slice(0, colon), line.slice(colon + 1).replaceAll("\\x09", " ").trim()];
}));

// capability.h, in the order of its bits.
const capNames = ("chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap " +
  "linux_immutable net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner " +
  "sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time " +
  "sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog " +
  "wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore").split(" ");

const capsOf = (hex) => {
  const set = BigInt("0x" + (hex || "0"));
  return capNames.filter((_, bit) => (set >> BigInt(bit)) & 1n);
};

const ids = (text) => [...new Set(text.split(/\s+/))].join(", ") || "none";
const yesNo = (value) => ({ 0: "no", 1: "yes" }[value] ?? value);
const seccompWords = (mode) => ({ 0: "off", 1: "strict", 2: "a filter" }[mode] ?? mode);

const capRow = (name, key, host, child) => {
  const before = capsOf(host.get(key));
  const after = capsOf(child.get(key));
  const lost = before.filter((cap) => !after.includes(cap));
  return [name, plural(before.length, "capability", "capabilities"), [
    plural(after.length, "capability", "capabilities"),
    after.length > 0 && el("span.chips", {}, after.map((cap) => [el("code", {}, cap), " "])),
    lost.length > 0 && el("details", {}, el("summary", {}, `without ${lost.length}`),
      el("span.chips", {}, lost.map((cap) => [el("code", {}, cap), " "]))),
  ]];
};

const powerSteps = {
  "process ids": "clone", "user ids": "user", "group ids": "user", "further groups": "user",
  "no_new_privs": "no-new-privs", "seccomp": "seccomp", "effective": "caps", "bounding set": "bounding",
};

const showPowers = (run) => {
  const host = statusOf(run.host);
  const child = statusOf(run.child);
  if (host.size < 2 || child.size < 2) return;
  const row = (name, key, words) => [name, words(host.get(key) ?? ""), words(child.get(key) ?? "")];
  const rows = [
    row("process ids", "NSpid", ids),
    row("user ids", "Uid", ids),
    row("group ids", "Gid", ids),
    row("further groups", "Groups", ids),
    row("no_new_privs", "NoNewPrivs", yesNo),
    row("seccomp", "Seccomp", seccompWords),
    capRow("effective", "CapEff", host, child),
    capRow("bounding set", "CapBnd", host, child),
  ];
  show("power-table", el("table", {},
    el("thead", {}, el("tr", {}, ["", "host", "container"].map((head) =>
      head === "" ? el("td") : el("th", { scope: "col" }, head)))),
    el("tbody", {}, rows.map(([name, before, after]) =>
      el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, before),
        el("td", {}, after, " ", byStep(run, powerSteps[name])))))));
  by("powers").hidden = false;
};

/** /proc/PID/mountinfo, a mount a line (proc(5)); a space in a path stands there as \040. */
const mountsOf = (process) => (process?.mountinfo ?? "").split("\n").filter(Boolean).map((line) => {
  const plain = (text) =>
    text.replace(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(parseInt(digits, 8)));
  const [front, back] = line.split(" - ");
  const [id, parent, , root, point, options] = front.split(" ");
  const [type, source, more] = back.split(" ");
  return {
    id, parent, root: plain(root), point: plain(point), options: options.split(","),
    type, source: plain(source), more,
  };
});

/** The steps of mounts by where they mount, as their calls have it: <merged/proc>. */
const stepsByPoint = (run) => {
  const steps = new Map();
  for (const step of run.steps) {
    for (const call of step.calls ?? []) {
      const attached = call.match(/^move_mount\([^,]*, "", <merged(\/[^>]*)>/);
      if (attached) steps.set(attached[1], step.id);
      if (call.startsWith('mount("overlay"')) steps.set("/", step.id);
    }
  }
  return steps;
};

/** Overlay's have no space in them and are long: a line may end after any comma. */
const mountOptions = (options) => el("code", {}, options.flatMap((option, i) =>
  (i === 0 ? [option] : [",", el("wbr"), option])));

const mountItem = (mount, above, { run, mounts, steps }) => {
  const below = mounts.filter((each) => each.parent === mount.id && each !== mount);
  const place = mount.point.startsWith(above) && above !== "/"
    ? [el("span.mount-above", {}, above), mount.point.slice(above.length)] : mount.point;
  const isReadOnly = mount.options.includes("ro");
  const from = mount.root !== "/" ? `${mount.root} of ${mount.source}` : mount.source;
  return el("li", {},
    el("div.mount", {},
      el("code.mount-point", {}, place),
      el("span.badge", {}, mount.type),
      mount.root !== "/" && el("span.mount-options", {}, `its ${mount.root} alone`),
      isReadOnly && el("span.badge.ro", {}, "read only"),
      el("span.mount-options", {},
        mount.options.filter((each) => !["ro", "rw", "relatime"].includes(each)).join(" ")),
      steps.has(mount.point) && byStep(run, steps.get(mount.point)),
      el("details.mount-more", {}, el("summary", {}, "more"),
        el("dl.facts", {}, fact("what", from), fact("the mount", mountOptions(mount.options)),
          fact("the file system", mountOptions(mount.more.split(",")))))),
    below.length > 0 && el("ul", {}, below.map((each) => mountItem(each, mount.point, { run, mounts, steps }))));
};

const showMounts = (run, mounts) => {
  const steps = stepsByPoint(run);
  const isTop = (mount) => !mounts.some((each) => each.id === mount.parent && each !== mount);
  show("mount-tree", el("ul.mount-tree", {},
    mounts.filter(isTop).map((mount) => mountItem(mount, "/", { run, mounts, steps }))));
  by("mounts").hidden = false;
};
