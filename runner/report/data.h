// What the report's page knows, as JSON: gathered here, shown by runner/report/web/*.js.
//
//     {"minirun", "made", "kernel",
//      "image": {"name", "id", "names", "platform", "created",
//                "layers": [{"diffId", "chainId", "short", "size", "isMounted", "counts",   lowest
//                            "tree"}],                                                      first
//                "history": [{"created", "by", "comment", "layer"}],
//                "mountPoints": tree below all layers, "mountPointCounts"},
//      "run": {"id", "name", "hostname", "command", "exit", "failure",
//              "loads": [...], "steps": [...],          runner/report/report.cpp
//              "host": process, "child": process,
//              "upper": tree,                           runner/report/tree.h
//              "changes": ["A /path", ...]}}            as minirun diff prints them
//
// What there was not is not there: of an image alone the run, of a run that failed before the clone
// the child.
#pragma once

#include <sys/types.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "image/store/store.h"

namespace minirun {

using ReportJson = nlohmann::ordered_json;

/// "minirun", "made", "kernel".
ReportJson report_head();

/// All about an image, its files included. `name` is what people call it.
ReportJson image_facts(const image::Store& store, const image::Image& image,
                       const std::string& name);

/// A process as /proc shows it: {"pid", "namespaces": {"mnt": "mnt:[4026531841]"...}, "status",
/// "mountinfo"}, the last two as the kernel writes them. What can't be read is left out.
ReportJson process_facts(pid_t pid);

/// Text with lines, each printable().
std::string shown_lines(std::string_view text);

/// The data as it stands in a page: whatever a name holds, it can't end the element it is in.
std::string json_for_page(const ReportJson& data);

/// `minirun layers --report FILE.html IMAGE`. Throws SysError, UsageError (FILE can't be written).
void write_layers_report(const image::Store& store, const image::Image& image,
                         const std::string& file);

}  // namespace minirun
