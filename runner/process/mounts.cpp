// What a process has for a root, and what is mounted there.
#include <algorithm>

#include "runner/base/error.h"
#include "runner/base/text.h"
#include "runner/process/parts.h"

namespace minirun::explain {
namespace {

constexpr size_t point_width = 34;
constexpr size_t type_width = 10;
constexpr size_t most_lower = 12;

std::string joined(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) list += cat(list.empty() ? "" : ", ", printable(word));
  return list;
}

std::string root_words(const ProcessFacts& facts) {
  if (!facts.root) return unread(facts, "root");
  std::string path = printable(*facts.root);
  if (!facts.has_your_root) return path;
  return *facts.has_your_root
             ? cat(path, ", the directory that is your / too")
             : cat(path, ", another directory than your /; look into it: ls /proc/", facts.pid,
                   "/root/");
}

/// "shared with group 1, receives from group 2": mount_namespaces(7), "SHARED SUBTREES".
std::string propagation_words(const std::vector<std::string>& tags) {
  if (tags.empty()) return "private";
  std::string words;
  for (const std::string& tag : tags) {
    const size_t colon = tag.find(':');
    const std::string name = tag.substr(0, colon);
    const std::string group = colon == std::string::npos ? "" : tag.substr(colon + 1);
    words += cat(words.empty() ? "" : ", ",
                 name == "shared"           ? "shared, in group "
                 : name == "master"         ? "slave of group "
                 : name == "propagate_from" ? "by way of group "
                                            : name,
                 group);
  }
  return words;
}

/// What is mounted, where its type doesn't say it: "/dev/sda1", "only /hosts of /dev/sda1".
std::string source_words(const mount::MountLine& line) {
  const bool says_type = line.source == line.type || line.source == "none" || line.source.empty();
  std::string source = says_type ? "" : printable(line.source);
  if (line.root == "/") return source;
  return cat("only ", printable(line.root), " of ", source.empty() ? "it" : source);
}

/// What there is to say of a mount beside where it is: "rw, nosuid; private; /dev/sda1"
std::string mount_words(const mount::MountLine& line) {
  std::string words =
      cat(joined(line.options), "; ", printable(propagation_words(line.propagation)));
  if (const std::string source = source_words(line); !source.empty()) words += "; " + source;
  // The options of an overlay are its directories, which follow; of a part, they are the whole's.
  if (line.type == "overlay" || line.root != "/") return words;
  auto options = line.super_options;
  std::erase(options, "rw");
  return options.empty() ? words : cat(words, "; file system: ", joined(options));
}

std::string overlay_words(const mount::OverlayDirs& dirs) {
  const std::string indent(8, ' ');
  std::string text = page::wrapped(
      indent, "an overlay: these directories seen as one; of each name the topmost shows");
  for (size_t i = 0; i < dirs.lower.size() && i < most_lower; ++i) {
    text += page::wrapped(cat(indent, i == 0 ? "lower  " : "       "), printable(dirs.lower[i]));
  }
  if (dirs.lower.size() > most_lower) {
    text += cat(indent, "       … and ", dirs.lower.size() - most_lower, " more\n");
  }
  if (dirs.upper.empty()) return text + indent + "no upper: nothing can be written\n";
  text += page::wrapped(indent + "upper  ",
                        printable(dirs.upper) + " (on top of them: what is written)");
  return text +
         page::wrapped(indent + "work   ", printable(dirs.work) + " (where overlay prepares it)");
}

std::string mount_line(const mount::MountLine& line, size_t depth) {
  // Deeper than this the paths themselves tell the nesting.
  const std::string point =
      cat(std::string(2 * std::min<size_t>(depth + 1, 8), ' '), printable(line.point));
  std::string start = point;
  std::string text;
  if (page::width(point) > point_width) {
    text = point + "\n";
    start.clear();
  }
  start += std::string(point_width + 2 - page::width(start), ' ') + printable(line.type);
  const size_t used = page::width(start);
  const size_t wanted = point_width + 2 + type_width;
  start += used < wanted ? std::string(wanted - used, ' ') : "  ";
  text += page::wrapped(start, mount_words(line));
  if (const auto dirs = mount::overlay_dirs(line)) text += overlay_words(*dirs);
  return text;
}

}  // namespace

std::string mounts_part(const ProcessFacts& facts) {
  std::string part =
      cat("ROOT AND MOUNTS\n", row("root", root_words(facts)),
          row("directory", facts.cwd ? printable(*facts.cwd) : unread(facts, "cwd")));
  if (facts.mounts.empty()) {
    const bool is_known = !facts.problems.contains("mounts");
    return part + row("mounts", is_known ? "none that it can see: its root is no mount point, and "
                                           "has none below it (chroot(2))"
                                         : unread(facts, "mounts"));
  }
  part += row("mounts", cat(facts.mounts.size(),
                            ", each below the one it is mounted on: where, type, options, "
                            "propagation, what of. proc(5); cat /proc/",
                            facts.pid, "/mountinfo"));
  for (const mount::TreeLine& line : mount::mount_tree(facts.mounts)) {
    part += mount_line(facts.mounts[line.index], line.depth);
  }
  return part;
}

}  // namespace minirun::explain
