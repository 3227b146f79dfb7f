// The data of the report's page, as JSON. runner/report/web/*.js show it.
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
// A part that doesn't exist is left out: "run" if there is only an image, "child" if the run failed
// before clone.
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

/// All facts about an image, with its files. `name` is the name that the user gave.
ReportJson image_facts(const image::Store& store, const image::Image& image,
                       const std::string& name);

/// A process as /proc shows it: {"pid", "namespaces": {"mnt": "mnt:[4026531841]"...}, "status",
/// "mountinfo"}. The last two have the kernel's text. What can't be read is left out.
ReportJson process_facts(pid_t pid);

/// A text of several lines, each made printable().
std::string shown_lines(std::string_view text);

/// The data in the form for a page: no name in it can end the HTML element that holds the data.
std::string json_for_page(const ReportJson& data);

/// `minirun layers --report FILE.html IMAGE`. Throws SysError, UsageError (FILE can't be written).
void write_layers_report(const image::Store& store, const image::Image& image,
                         const std::string& file);

}  // namespace minirun
