#include "runner/commands/cli.h"

#include <getopt.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <set>

#include "runner/base/error.h"
#include "runner/base/page.h"
#include "runner/base/text.h"
#include "runner/base/version.h"
#include "runner/commands/commands.h"
#include "runner/commands/shared.h"

namespace minirun {
namespace {

using cli::Command;
using cli::Option;

/// getopt_long(3) in the words of our table: it knows clusters ("-it"), "--name=value" and "--".
class Parser {
 public:
  explicit Parser(const std::vector<std::string>& words) {
    arguments_.push_back(const_cast<char*>("minirun"));
    for (const std::string& word : words) arguments_.push_back(const_cast<char*>(word.c_str()));
    arguments_.push_back(nullptr);
    shorts_ = "+:";  // options stop at the first word that is none; ':' tells a missing value from
                     // an unknown option
    for (const Option& option : cli::options()) {
      // "--rm=true", "--read-only=false": Docker's flags may have a value.
      longs_.push_back({option.name,
                        option.value == nullptr ? optional_argument : required_argument, nullptr,
                        0});
      if (option.letter == 0) continue;
      shorts_ += option.letter;
      if (option.value != nullptr) shorts_ += ':';
    }
    longs_.push_back({nullptr, 0, nullptr, 0});
  }

  /// Takes options into `options` up to the first word that is none; returns that word's index
  /// among the words.
  size_t take(Options& options, size_t from);
  const std::set<std::string_view>& given() const { return given_; }

 private:
  bool take_flag_with_value(Options& options, int at, int count);
  const Option& found(int code, int long_index) const;
  void set(Options& options, const Option& option, const std::string& value);

  std::vector<char*> arguments_;
  std::vector<::option> longs_;
  std::string shorts_;
  std::set<std::string_view> given_;
};

std::string option_name(const Option& option) { return cat("--", option.name); }

[[noreturn]] void throw_unknown(std::string_view word) {
  if (const cli::Refused* refused = cli::find_refused(word)) {
    throw UsageError(cat(word, " is Docker's, and minirun doesn't have it: ", refused->reason),
                     refused->instead);
  }
  throw UsageError(cat("unknown option ", word),
                   "minirun help lists the options; they stand before IMAGE");
}

size_t Parser::take(Options& options, size_t from) {
  ::optind = static_cast<int>(from) + 1;
  ::opterr = 0;
  const int count = static_cast<int>(arguments_.size()) - 1;
  for (;;) {
    const int at = ::optind;
    if (take_flag_with_value(options, at, count)) continue;
    int index = -1;
    const int code =  // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread
        ::getopt_long(count, arguments_.data(), shorts_.c_str(), longs_.data(), &index);
    if (code == -1) return static_cast<size_t>(::optind) - 1;
    const char* word_at = arguments_[static_cast<size_t>(at)];
    const std::string word = word_at;
    const std::string name = word.substr(0, word.find('='));
    const bool is_long = name.starts_with("--");
    if (code == '?')
      throw_unknown(is_long ? name : cat("-", std::string(1, static_cast<char>(::optopt))));
    if (code == ':') throw UsageError(cat(name, " needs a value"), "see minirun help");
    const Option& option = found(code, index);
    // getopt_long takes "--net" for "--network"; a script that relies on it breaks with the next
    // option that begins so.
    if (is_long && name != option_name(option)) throw_unknown(name);
    std::string value = ::optarg == nullptr ? "" : ::optarg;
    // "-e=K=V" is "-e K=V" to Docker.
    if (!is_long && ::optarg > word_at && ::optarg <= word_at + word.size() &&
        value.starts_with('=')) {
      value.erase(0, 1);
    }
    set(options, option, value);
  }
}

/// "-i=false", which getopt_long(3) would take for a cluster of letters.
bool Parser::take_flag_with_value(Options& options, int at, int count) {
  const std::string_view word = at < count ? arguments_[static_cast<size_t>(at)] : "";
  if (word.size() < 3 || word[0] != '-' || word[2] != '=') return false;
  for (const Option& option : cli::options()) {
    if (option.letter != word[1] || option.value != nullptr) continue;
    set(options, option, std::string(word.substr(3)));
    ::optind = at + 1;
    return true;
  }
  return false;
}

const Option& Parser::found(int code, int long_index) const {
  if (code == 0) return cli::options()[static_cast<size_t>(long_index)];
  const auto is_it = [code](const Option& option) { return option.letter == code; };
  return *std::find_if(cli::options().begin(), cli::options().end(), is_it);
}

void Parser::set(Options& options, const Option& option, const std::string& value) {
  const bool is_on = value.empty() || (option.word != nullptr && value == option.word);
  const auto flag = is_on ? std::optional<bool>(true) : parse_bool(value);
  if (option.value == nullptr && !flag) {
    throw UsageError(cat(option_name(option), "=", value, ": ",
                         option.word == nullptr ? "" : cat(option.word, ", "),
                         "true or false belongs there"));
  }
  if (option.value != nullptr && value.empty() && !option.may_be_empty) {
    throw UsageError(cat(option_name(option), " needs a value that is not empty"));
  }
  if (!given_.insert(option.name).second && !option.repeats) {
    throw UsageError(cat(option_name(option), " is given twice"), "which one is meant?");
  }
  if (option.value != nullptr || *flag != option.is_on) option.set(options, value);
}

void check_options_fit(const std::set<std::string_view>& given, const Command& command) {
  for (const Option& option : cli::options()) {
    if (given.count(option.name) != 0 && (option.commands & command.bit) == 0) {
      throw UsageError(cat(option_name(option), " means nothing to `minirun ", command.name, "`"));
    }
  }
}

}  // namespace

Options parse_command_line(const std::vector<std::string>& words) {
  Options options;
  Parser parser(words);
  size_t next = parser.take(options, 0);
  const Command* command = next < words.size() ? cli::find_command(words[next]) : nullptr;
  if (command != nullptr) {
    next = parser.take(options, next + 1);
  } else {
    command = cli::find_command("run");
  }
  options.command = command->name;
  if (parser.given().count("help") != 0 || parser.given().count("version") != 0) {
    options.command = parser.given().count("help") != 0 ? "help" : "version";
    return options;
  }
  check_options_fit(parser.given(), *command);
  options.arguments.assign(words.begin() + static_cast<std::ptrdiff_t>(next), words.end());
  if (options.arguments.size() < command->least || options.arguments.size() > command->most) {
    throw UsageError(cat("usage: minirun ", command->name, " ", command->arguments),
                     "see minirun help");
  }
  return options;
}

std::string help_text(size_t columns) {
  std::string text =
      "minirun runs a saved container image and shows what a container is.\n\n"
      "    sudo minirun hello-world.tar.gz\n"
      "    sudo minirun -v ./data:/data IMAGE COMMAND\n\n";
  text += page::wrapped("",
                        "IMAGE is an archive (docker save, OCI; packed or not), an OCI layout "
                        "directory, - for standard input, or the name or id of an image in the "
                        "store. Options stand before IMAGE.",
                        columns);
  text += "\nCommands:\n";
  const auto row = [&text, columns](std::string left, std::string_view right) {
    if (left.size() < 34) left.resize(34, ' ');
    text += page::wrapped(cat("  ", left, " "), right, columns);
  };
  for (const Command& command : cli::commands()) {
    row(cat(command.name, " ", command.arguments), command.help);
  }
  text += "\nOptions:\n";
  for (const Option& option : cli::options()) {
    const std::string letter =
        option.letter == 0 ? "    " : cat("-", std::string(1, option.letter), ", ");
    row(cat(letter, option_name(option), option.value == nullptr ? "" : " ",
            option.value == nullptr ? "" : option.value),
        option.help);
  }
  return text;
}

int help_command(const Options& /*options*/) {
  print(help_text(page::columns_of(STDOUT_FILENO)));
  return 0;
}

int version_command(const Options& /*options*/) {
  print(cat("minirun ", version, "\n"));
  return 0;
}

}  // namespace minirun
