// `minirun explain --pid PID`: what the kernel knows of a process, told to a person or a program.
#pragma once

#include <string>

#include "runner/process/facts.h"

namespace minirun {

/// A page of at most 100 columns (words that are longer stay whole).
std::string explain_text(const ProcessFacts& facts);

/// One object. What is not known is null (an array: empty), and `problems` says why. Bytes that are
/// no printable UTF-8 stand as \xNN. Members are only ever added.
///
///     {"pid": 4711, "comm": "sleep", "exe": "/bin/busybox", "command": ["sleep", "9"],
///      "state": "S (sleeping)", "kernel_thread": false, "zombie": false, "threads": 1,
///      "process": 4711,                   another number where PID is that of a thread
///      "parent": {"pid": 4700, "comm": "minirun"},
///      "pids": [4711, 1],                 as yours is the first, and on to the innermost namespace
///      "in_container": true,
///      "namespaces": {"mnt": {"inode": 4026532647, "yours": 4026531841, "shared": false}, …},
///      "root": "/", "same_root_as_yours": false, "cwd": "/",
///      "mounts": [{"id": 36, "parent": 35, "device": "0:52", "root": "/", "point": "/",
///                  "type": "overlay", "source": "overlay", "options": ["rw", …],
///                  "super_options": [...], "propagation": ["shared:1"],     none: private
///                  "overlay": {"lower": [topmost first], "upper": …, "work": …}}, …],
///      "uid": {"real": 1000, "effective": 1000, "saved": 1000, "fs": 1000}, "gid": {…},
///      "groups": [4, 24],
///      "uid_map": [{"inside": 0, "outside": 1000, "count": 1}], "gid_map": […],
///      "capabilities": {"effective": ["cap_chown", …], "permitted": […], "inheritable": […],
///                       "bounding": […], "ambient": […]},
///      "no_new_privs": true, "seccomp": {"mode": "filter", "filters": 1},
///                                         mode: "off", "strict", "filter"
///      "securebits": null,                /proc doesn't show them
///      "label": "docker-default (enforce)",
///      "cgroups": [{"hierarchy": 0, "controllers": [], "path": "/minirun-…",
///                   "directory": "/sys/fs/cgroup/minirun-…", "problem": null,
///                   "limits": [{"file": "memory.max", "value": "67108864",
///                               "directory": "/sys/fs/cgroup/…"}]}],
///      "problems": {"exe": "Permission denied: …", "namespaces.mnt": "…"}}
std::string explain_json(const ProcessFacts& facts);

}  // namespace minirun
