#include "runner/report/data.h"

#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "image/layer/changes.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/text.h"
#include "runner/base/version.h"
#include "runner/report/page.h"
#include "runner/report/tree.h"

namespace minirun {
namespace {

std::string now_as_text() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

std::string tree_of(const std::string& path) {
  return tree_text(files::open_at(AT_FDCWD, path, O_RDONLY | O_DIRECTORY).get());
}

/// What a directory of files is against those below it (topmost first): the numbers of
/// `minirun layers` and of `minirun diff`.
ReportJson counts_of(const std::string& dir, const std::vector<std::string>& below) {
  const image::ChangeCounts counts = image::count_changes(dir, below);
  return {{"added", counts.added}, {"changed", counts.changed}, {"hidden", counts.deleted}};
}

ReportJson layers_of(const image::Store& store, const image::Image& image) {
  const auto mounted = store.lower(image);
  ReportJson layers = ReportJson::array();
  std::vector<std::string> below;
  for (size_t i = 0; i < image.chain.size(); ++i) {
    const image::Digest& chain = image.chain[i];
    const std::string diff = cat(store.overlay_dir(), "/", chain.hex(), "/diff");
    const std::string name = image::short_name(chain);
    const bool is_mounted = std::find(mounted.begin(), mounted.end(), "l/" + name) != mounted.end();
    layers.push_back({{"diffId", image.config.diff_ids[i].str()},
                      {"chainId", chain.str()},
                      {"short", name},
                      {"size", store.layer_size(chain)},
                      {"isMounted", is_mounted},
                      {"counts", counts_of(diff, below)},
                      {"tree", tree_of(diff)}});
    below.insert(below.begin(), diff);
  }
  return layers;
}

ReportJson history_of(const image::Image& image) {
  ReportJson history = ReportJson::array();
  size_t layer = 0;
  for (const image::History& step : image.config.history) {
    ReportJson row = {{"created", printable(step.created)},
                      {"by", shown_lines(step.created_by)},
                      {"comment", shown_lines(step.comment)},
                      {"layer", nullptr}};
    if (!step.empty_layer && layer < image.chain.size()) row["layer"] = layer++;
    history.push_back(std::move(row));
  }
  return history;
}

/// A file of procfs; nullopt where the process has gone, or may not be looked at.
std::optional<std::string> read_proc(int dir, const std::string& name) {
  const UniqueFd fd(::openat(dir, name.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return std::nullopt;
  return files::read_all(fd.get(), name, 64 << 20);
}

}  // namespace

ReportJson report_head() {
  utsname name{};
  check(::uname(&name), "uname");
  return {{"minirun", version},
          {"made", now_as_text()},
          {"kernel", cat(name.sysname, " ", name.release, " ", name.machine)}};
}

ReportJson image_facts(const image::Store& store, const image::Image& image,
                       const std::string& name) {
  ReportJson names = ReportJson::array();
  for (const std::string& each : image.names) names.push_back(printable(each));
  return {{"name", printable(name)},
          {"id", image.id.str()},
          {"names", std::move(names)},
          {"platform", printable(image.config.platform.str())},
          {"created", printable(image.config.created)},
          {"layers", layers_of(store, image)},
          {"history", history_of(image)},
          {"mountPoints", tree_of(store.overlay_dir() + "/init/diff")},
          {"mountPointCounts", counts_of(store.overlay_dir() + "/init/diff", {})}};
}

ReportJson process_facts(pid_t pid) {
  ReportJson facts = {{"pid", pid}, {"namespaces", ReportJson::object()}};
  const UniqueFd dir(::open(cat("/proc/", pid).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!dir) return facts;
  for (const char* name : {"mnt", "pid", "uts", "ipc", "net", "cgroup", "user", "time"}) {
    std::array<char, 64> link{};
    const ssize_t length =
        ::readlinkat(dir.get(), cat("ns/", name).c_str(), link.data(), link.size());
    if (length > 0) {
      facts["namespaces"][name] = std::string(link.data(), static_cast<size_t>(length));
    }
  }
  for (const char* name : {"status", "mountinfo"}) {
    if (const auto text = read_proc(dir.get(), name)) facts[name] = shown_lines(*text);
  }
  return facts;
}

std::string shown_lines(std::string_view text) {
  std::string shown;
  for (const std::string_view line : split(text, '\n')) {
    if (line.data() != text.data()) shown += '\n';
    shown += printable(line);
  }
  return shown;
}

std::string json_for_page(const ReportJson& data) {
  const std::string json = data.dump(-1, ' ', false, ReportJson::error_handler_t::replace);
  std::string text;
  text.reserve(json.size());
  // JSON has this character in strings only. It is escaped, so the data has no "</script>", and no
  // "<!--", which together with "<script" would hide the end of the element (HTML, "Restrictions
  // for contents of script elements").
  for (const char c : json) {
    if (c == '<') {
      text += "\\u003c";
    } else {
      text += c;
    }
  }
  return text;
}

void write_layers_report(const image::Store& store, const image::Image& image,
                         const std::string& file) {
  const ReportFile page(file);
  ReportJson data = report_head();
  data["image"] =
      image_facts(store, image, image.names.empty() ? image.id.str() : image.names.front());
  page.write(report_page(json_for_page(data)));
}

}  // namespace minirun
