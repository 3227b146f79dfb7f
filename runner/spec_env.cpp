// The program's environment: which variables it gets, and whose value wins.
#include <algorithm>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/text.h"
#include "runner/spec.h"

namespace minirun {

namespace {

std::string_view name_of(std::string_view variable) {
  return variable.substr(0, variable.find('='));
}

/// Variables in the order in which they were first set; a later value takes the earlier's place.
class Environment {
 public:
  void set(const std::string& variable) {
    const auto at = find(name_of(variable));
    if (at == variables_.end()) {
      variables_.push_back(variable);
    } else {
      *at = variable;
    }
  }
  void remove(std::string_view name) {
    if (const auto at = find(name); at != variables_.end()) variables_.erase(at);
  }
  /// "K=V" sets; "K" takes the caller's, and removes K where the caller has none.
  void set_or_inherit(const std::string& word, FindVariable caller) {
    if (word.find('=') != std::string::npos) return set(word);
    if (const auto value = caller(word)) {
      set(cat(word, "=", *value));
    } else {
      remove(word);
    }
  }
  std::vector<std::string> take() { return std::move(variables_); }

 private:
  std::vector<std::string>::iterator find(std::string_view name) {
    return std::find_if(variables_.begin(), variables_.end(),
                        [name](const std::string& variable) { return name_of(variable) == name; });
  }
  std::vector<std::string> variables_;
};

void check_variable(const std::string& word, std::string_view where) {
  if (word.empty() || word.front() == '=') {
    throw UsageError(cat(where, ": a variable needs a name"),
                     "NAME=value, or NAME alone for yours");
  }
}

/// Docker's format: a K=V or K a line; "#" begins a comment line; nothing is unquoted.
std::vector<std::string> read_env_file(const std::string& path) {
  std::vector<std::string> words;
  const std::string text = files::read_file(AT_FDCWD, path);
  for (std::string_view line : split(text, '\n')) {
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
  return words;
}

}  // namespace

std::vector<std::string> environment_of(const Options& options, const image::Config& config,
                                        const std::string& hostname, FindVariable caller) {
  Environment environment;
  environment.set("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  environment.set(cat("HOSTNAME=", hostname));
  for (const std::string& variable : config.env) environment.set(variable);
  for (const std::string& file : options.env_files) {
    for (const std::string& word : read_env_file(file)) environment.set_or_inherit(word, caller);
  }
  for (const std::string& word : options.env) {
    check_variable(word, cat("-e ", word));
    environment.set_or_inherit(word, caller);
  }
  return environment.take();
}

}  // namespace minirun
