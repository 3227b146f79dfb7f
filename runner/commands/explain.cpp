#include "runner/commands/explain.h"

#include <unistd.h>

#include <algorithm>

#include "image/load/load.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/near.h"
#include "runner/base/page.h"
#include "runner/base/text.h"
#include "runner/commands/commands.h"
#include "runner/commands/shared.h"
#include "runner/plan/plan.h"
#include "runner/plan/skip.h"
#include "runner/process/json.h"
#include "runner/tell/essay.h"
#include "runner/tell/lessons.h"

namespace minirun {
namespace {

constexpr size_t columns = 80;
constexpr std::string_view usage = "minirun explain [STEP|WORD] | --pid PID [--json]";

/// What every container has.
ContainerSpec plain_spec() {
  ContainerSpec spec;
  spec.id = "0123456789ab";
  spec.store = "/var/lib/minirun";
  spec.lower = {"l/TOP", "init/diff"};
  spec.argv = {"/bin/sh"};
  spec.cgroups = {{"/sys/fs/cgroup/minirun-0123456789ab", false, {}}};
  return spec;
}

/// A family of steps: "bind" for bind-1 and bind-2.
struct Entry {
  std::string name;
  Step step;  ///< the first of them
  bool is_numbered = false;
  bool is_optional = false;
};

std::vector<Entry> entries() {
  const Plan plain = build_plan(plain_spec());
  std::vector<Entry> all;
  for (const Step& step : full_plan()) {
    const std::string name(family_of(step.id));
    const auto is_it = [&](const auto& other) { return family_of(other.id) == name; };
    const bool is_known =
        std::any_of(all.begin(), all.end(), [&](const Entry& other) { return other.name == name; });
    if (is_known) continue;
    all.push_back({name, step, name != step.id, std::none_of(plain.begin(), plain.end(), is_it)});
  }
  return all;
}

std::string_view title_of(std::string_view name) {
  const auto essay = find_essay(name);
  return essay ? essay->title : "";
}

std::string list_line(std::string_view mark, std::string_view side, std::string name) {
  const std::string_view title = title_of(family_of(name));
  name.resize(19, ' ');
  return cat("  ", mark, " ", side, "  ", name, title, "\n");
}

std::string list_of_steps() {
  std::string text = "Loading an image:\n";
  for (const std::string_view id : image::load_record_ids) {
    text += list_line(" ", "host ", std::string(id));
  }
  text +=
      "\nA run, in this order. The host's steps are done by minirun itself, the child's by the\n"
      "process that becomes the program. What has a * is there only where an option or the image\n"
      "asks for it; what has a number is there once for each that is asked for.\n";
  Phase phase;
  for (const Entry& entry : entries()) {
    if (!(entry.step.phase == phase)) {
      phase = entry.step.phase;
      text += cat("\n", page::wrapped("", cat(phase.name, ": ", phase.why), columns));
    }
    text += list_line(entry.is_optional ? "*" : " ",
                      entry.step.side == Side::host ? "host " : "child", entry.step.id);
  }
  return text + "\nminirun explain STEP tells more of one.\n";
}

/// The place of a step in the plan, the process that does it, and the plan's reason.
std::string place_in_plan(const std::vector<Entry>& all, size_t index) {
  const Entry& entry = all[index];
  std::string where = entry.step.side == Side::host
                          ? "A step of minirun itself, on the host"
                          : "A step of the child, the process that becomes the program";
  if (index > 0) where += cat(", after ", all[index - 1].name);
  if (index + 1 < all.size()) where += cat(", before ", all[index + 1].name);
  where += ".";
  if (entry.is_optional) where += " Only where an option or the image asks for it.";
  return cat(page::wrapped("", where, columns), "\n",
             page::wrapped("Why: ", cat(entry.step.why, "."), columns));
}

std::string how_to_see(const std::string& id, const Essay& essay) {
  std::string text = "\nTo see it happen:\n    sudo minirun --debug=full IMAGE\n";
  text += cat("    sudo minirun --break-after ", id, " IMAGE\n");
  if (const auto reason = needed_for(id); !reason.empty()) {
    return text + "\n" + page::wrapped("", cat("It can't be left out: ", reason, "."), columns);
  }
  std::string with;
  for (const std::string_view other : goes_with(id)) with += cat(" Step ", other, " goes with it.");
  return cat(text, "    sudo minirun --skip ", id, " IMAGE\n\n",
             page::wrapped("", cat("Left out: ", essay.without, ".", with), columns));
}

/// "Lesson: 6. chroot, ... (lessons/06-chroot)", a line for each.
std::string lines_of(const std::vector<Lesson>& lessons) {
  std::string lines;
  for (const Lesson& lesson : lessons) {
    lines +=
        page::wrapped("Lesson: ", cat(lesson.name(), " (lessons/", lesson.directory, ")"), columns);
  }
  return lines;
}

std::string page_of(const std::string& id, const std::vector<Entry>& all) {
  const std::string name(family_of(id));
  const auto at =
      std::find_if(all.begin(), all.end(), [&](const Entry& entry) { return entry.name == name; });
  const Essay essay = find_essay(name).value();
  std::string text = cat(name, ": ", essay.title, "\n\n");
  text += at == all.end() ? "Done by minirun itself, on the host, while an image is loaded.\n"
                          : place_in_plan(all, static_cast<size_t>(at - all.begin()));
  text += cat("Code: ", essay.source, "\n", lines_of(lessons_of(name)), "\n", essay.text);
  const bool needs_number = at != all.end() && at->is_numbered && name == id;
  return text + how_to_see(needs_number ? id + "-1" : id, essay);
}

[[noreturn]] void throw_unknown(const std::string& word, const std::vector<Entry>& all) {
  std::vector<std::string> names(image::load_record_ids.begin(), image::load_record_ids.end());
  for (const Entry& entry : all) names.push_back(entry.name);
  std::string near;
  for (const std::string& name : near_matches(word, names)) {
    near += cat(near.empty() ? "did you mean " : ", ", name);
  }
  const std::string list = "minirun explain lists the steps";
  throw UsageError(cat("no step ", printable(word), ", and no page tells of it"),
                   near.empty() ? list : cat(near, "? ", list));
}

/// The lessons and the steps' pages that are about a word that is no step: "whiteout".
std::string concept_page(const std::string& word, const std::vector<Entry>& all) {
  constexpr size_t most = 8;
  const std::vector<Essay> about = essays_about(word);
  const std::string lessons = lines_of(lessons_about(word));
  if (about.empty() && lessons.empty()) throw_unknown(word, all);
  std::string text = cat(printable(word), " is no step of its own.\n", lessons);
  if (about.empty()) return text;
  text += "These pages tell of it, the one that says most first:\n";
  for (size_t i = 0; i < std::min(most, about.size()); ++i) {
    text += cat("  ", padded(std::string(about[i].step), 17), about[i].title, "\n");
  }
  return text + "\nminirun explain STEP shows one.\n";
}

}  // namespace

Plan full_plan() {
  ContainerSpec spec = plain_spec();
  spec.name = "name";
  spec.read_only = true;
  spec.flush = true;
  spec.working_dir = "/work";
  MountSpec bind;
  bind.make_source = true;
  MountSpec volume;
  volume.kind = MountSpec::Kind::volume;
  MountSpec tmpfs;
  tmpfs.kind = MountSpec::Kind::tmpfs;
  spec.mounts = {bind, volume, tmpfs};
  spec.cgroups.front().controllers = {"memory", "cpu", "cpuset", "pids"};
  spec.resources.memory = spec.resources.pids = spec.resources.cpu_quota = 1 << 24;
  spec.resources.cpus = "0";
  spec.devices.emplace_back();
  spec.terminal = true;
  Plan plan = build_plan(spec);
  // No run has both of these. Each step that only the other has goes behind the step that it
  // follows there.
  spec.terminal = false;
  spec.host_ipc = true;
  const Plan other = build_plan(spec);
  for (size_t i = 0; i < other.size(); ++i) {
    const auto place = [&plan](const std::string& id) {
      return std::find_if(plan.begin(), plan.end(), [&](const Step& s) { return s.id == id; });
    };
    if (place(other[i].id) != plan.end()) continue;
    plan.insert(place(other[i - 1].id) + 1, other[i]);
  }
  return plan;
}

namespace {

void explain_step(const Options& options) {
  std::string text;
  if (options.arguments.empty()) {
    text = list_of_steps();
  } else {
    std::string id;
    for (const std::string& word : options.arguments) {
      if (word.starts_with('-')) throw UsageError(cat("usage: ", usage), "options come first");
      id += cat(id.empty() ? "" : " ", word);
    }
    const std::vector<Entry> all = entries();
    const bool is_step = std::any_of(all.begin(), all.end(), [&](const Entry& entry) {
      return id == entry.name || (entry.is_numbered && family_of(id) == entry.name);
    });
    if (!is_step && !is_load_record(id)) return print(concept_page(id, all));
    text = page_of(id, all);
  }
  print(text);
}

pid_t parse_pid(const std::string& word) {
  const auto pid = parse_number(word, INT32_MAX);
  if (pid && *pid > 0) return static_cast<pid_t>(*pid);
  throw UsageError(cat("--pid ", word, ": not the number of a process"),
                   "ps -e lists them, in the column PID");
}

}  // namespace

int explain_command(const Options& options) {
  if (options.pid.empty()) {
    if (options.json) throw UsageError("--json means nothing to `minirun explain STEP`");
    explain_step(options);
    return 0;
  }
  if (!options.arguments.empty()) {
    throw UsageError(cat("usage: ", usage), "a step of a container, or a process: one of them");
  }
  const ProcessFacts facts = read_process(parse_pid(options.pid));
  print(options.json ? explain_json(facts) : explain_text(facts));
  return 0;
}

}  // namespace minirun
