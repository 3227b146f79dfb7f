// The program's environment: which variables it gets, and whose value wins.
#include <optional>
#include <unordered_map>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/text.h"
#include "runner/commands/make_spec.h"

namespace minirun {

namespace {

// UTF-8's, as editors of Windows write it.
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr size_t max_env_file = 1 << 20;

std::string_view name_of(std::string_view variable) {
  return variable.substr(0, variable.find('='));
}

/// Variables in the order in which they were first set; a later value takes the earlier's place. An
/// image may have as many as its config has room for, so each is found by its name's hash.
class Environment {
 public:
  void set(const std::string& variable) {
    const auto [place, is_new] = places_.emplace(std::string(name_of(variable)), variables_.size());
    if (is_new) {
      variables_.emplace_back(variable);
    } else {
      variables_[place->second] = variable;
    }
  }
  void remove(const std::string& name) {
    const auto place = places_.find(name);
    if (place == places_.end()) return;
    variables_[place->second].reset();
    places_.erase(place);
  }
  /// "K=V" sets; "K" takes the caller's. Returns false, and does nothing, where the caller has
  /// none.
  bool set_or_inherit(const std::string& word, FindVariable caller) {
    if (word.find('=') != std::string::npos) {
      set(word);
      return true;
    }
    const auto value = caller(word);
    if (value) set(cat(word, "=", *value));
    return value.has_value();
  }
  std::vector<std::string> take() {
    std::vector<std::string> all;
    all.reserve(places_.size());
    for (auto& variable : variables_) {
      if (variable) all.push_back(std::move(*variable));
    }
    return all;
  }

 private:
  std::vector<std::optional<std::string>> variables_;  // absent: removed
  std::unordered_map<std::string, size_t> places_;     // by name, in variables_
};

}  // namespace

void check_variable(const std::string& word, std::string_view where) {
  if (word.empty() || word.front() == '=') {
    throw UsageError(cat(where, ": a variable needs a name"),
                     "NAME=value, or NAME alone for the value in your environment");
  }
}

void read_env_file(const std::string& path, std::vector<std::string>& words) {
  const UniqueFd file = files::open_at(AT_FDCWD, path, O_RDONLY);
  const std::string text = files::read_all(file.get(), path, max_env_file);
  std::string_view rest = text;
  if (rest.starts_with(byte_order_mark)) rest.remove_prefix(byte_order_mark.size());
  for (std::string_view line : split(rest, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    while (line.starts_with(' ') || line.starts_with('\t')) line.remove_prefix(1);
    if (line.empty() || line.starts_with('#')) continue;
    const std::string where = cat("--env-file ", path, ": ", line);
    if (line.find('\0') != std::string_view::npos) throw UsageError(cat(where, ": has a NUL byte"));
    if (name_of(line).find_first_of(" \t") != std::string_view::npos) {
      throw UsageError(cat(where, ": a variable's name has no spaces"));
    }
    check_variable(std::string(line), where);
    words.emplace_back(line);
  }
}

std::vector<std::string> environment_of(const Options& options, const image::Config& config,
                                        const std::string& hostname, FindVariable caller) {
  Environment environment;
  environment.set("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  environment.set(cat("HOSTNAME=", hostname));
  if (options.terminal) environment.set(cat("TERM=", caller("TERM").value_or("xterm")));
  for (const std::string& variable : config.env) environment.set(variable);
  // A bare name in a file that the caller has not leaves the image's; on the command line it
  // removes.
  for (const std::string& word : options.env_file_words) environment.set_or_inherit(word, caller);
  for (const std::string& word : options.env) {
    if (!environment.set_or_inherit(word, caller)) environment.remove(word);
  }
  return environment.take();
}

}  // namespace minirun
