// Every step has its page, and the pages are what they promise to be.
#include "runner/tell/essay.h"

#include <cxxabi.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <regex>
#include <set>

#include "image/load/load.h"
#include "runner/base/error.h"
#include "runner/base/near.h"
#include "runner/base/text.h"
#include "runner/commands/explain.h"
#include "runner/plan/skip.h"
#include "tests/unit/catch.h"
#include "tests/unit/scratch.h"

using namespace minirun;

namespace {

std::set<std::string> families() {
  std::set<std::string> names;
  for (const Step& step : full_plan()) names.insert(std::string(family_of(step.id)));
  return names;
}

/// "PivotRoot" of the step pivot-root.
std::string op_name(const Op& op) {
  const char* mangled = std::visit([](const auto& it) { return typeid(it).name(); }, op);
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> name(
      abi::__cxa_demangle(mangled, nullptr, nullptr, &status), std::free);
  REQUIRE(status == 0);
  const std::string whole = name.get();
  return whole.substr(whole.rfind(':') + 1);
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      words.back() += static_cast<char>(std::tolower(c));
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

/// How much of `text` stands in `other` too, four words at a time, from 0 to 1.
double repeated(std::string_view text, std::string_view other) {
  const auto runs = [](std::string_view of) {
    const auto words = words_of(of);
    std::vector<std::string> all;
    for (size_t i = 0; i + 4 <= words.size(); ++i) {
      all.push_back(cat(words[i], " ", words[i + 1], " ", words[i + 2], " ", words[i + 3]));
    }
    return all;
  };
  const auto mine = runs(text);
  const auto theirs = runs(other);
  const auto same = std::count_if(mine.begin(), mine.end(), [&](const std::string& run) {
    return std::find(theirs.begin(), theirs.end(), run) != theirs.end();
  });
  return mine.empty() ? 0 : static_cast<double>(same) / static_cast<double>(mine.size());
}

}  // namespace

TEST_CASE("the plan with everything has every kind of step that there is") {
  std::set<size_t> kinds;
  for (const Step& step : full_plan()) kinds.insert(step.op.index());
  CHECK(kinds.size() == std::variant_size_v<Op>);
  // And every id that plan_*.cpp writes.
  const std::regex id("to\\.(host|child)\\(\\s*(cat\\()?\"([a-z-]+?)-?\"");
  const auto known = families();
  for (const char* file : {"runner/plan/host.cpp", "runner/plan/root.cpp", "runner/plan/kernel.cpp",
                           "runner/plan/process.cpp"}) {
    const std::string source = scratch::read_file(file);
    size_t found = 0;
    for (std::sregex_iterator at(source.begin(), source.end(), id), end; at != end; ++at, ++found) {
      INFO(file << ": " << (*at)[3]);
      CHECK(known.count((*at)[3]) == 1);
    }
    CHECK(found > 5);
  }
}

TEST_CASE("each step and each part of loading has a page, and no page is of nothing") {
  std::set<std::string> wanted = families();
  wanted.insert(image::load_record_ids.begin(), image::load_record_ids.end());
  std::set<std::string> written;
  for (const Essay& essay : essays()) written.insert(std::string(essay.step));
  CHECK(written == wanted);
}

TEST_CASE("a page names the file that holds the step's code") {
  for (const Step& step : full_plan()) {
    INFO(step.id);
    const Essay essay = find_essay(step.id).value();
    const std::string source = scratch::read_file(std::string(essay.source));
    CHECK(source.find(cat("void ", op_name(step.op), "::apply(")) != std::string::npos);
  }
  const std::map<std::string, std::string> tellings = {{"open-archive", "story_.opened("},
                                                       {"read-manifest", "story_.read_manifest("},
                                                       {"read-config", "story_.read_config("},
                                                       {"unpack-layer", "story_.unpacked_layer("},
                                                       {"commit", "story_.committed("}};
  for (const std::string_view id : image::load_record_ids) {
    INFO(id);
    const std::string source = scratch::read_file(std::string(find_essay(id).value().source));
    CHECK(source.find(tellings.at(std::string(id))) != std::string::npos);
  }
}

TEST_CASE("pages fit a terminal and a person's patience, and lead on") {
  for (const Essay& essay : essays()) {
    INFO(essay.step);
    const auto lines = split(essay.text.substr(0, essay.text.size() - 1), '\n');
    CHECK(lines.size() >= 8);
    CHECK(lines.size() <= 25);
    for (const std::string_view line : lines) {
      INFO(line);
      CHECK(line.size() <= 80);
      CHECK(printable(line) == line);
      CHECK((line.empty() || line.back() != ' '));
    }
    CHECK_FALSE(essay.title.empty());
    CHECK(essay.title.size() <= 52);
    CHECK(essay.text.find("\nIn Docker: ") != std::string_view::npos);
    CHECK(essay.text.find("\nTry:\n    ") != std::string_view::npos);
    const size_t sources = essay.text.find("\nSources: ");
    REQUIRE(sources != std::string_view::npos);
    const std::string rest(essay.text.substr(sources));
    CHECK(std::regex_search(rest, std::regex("[a-z_.-]+\\([1-8]\\)|\\.rst|\\.md|Docker docs")));
  }
}

TEST_CASE("a page says what may happen without its step, unless it can't be left out") {
  for (const Essay& essay : essays()) {
    INFO(essay.step);
    CHECK(essay.without.empty() == !needed_for(essay.step).empty());
    CHECK(essay.without.size() <= 100);
    CHECK((essay.without.empty() || essay.without.back() != '.'));
  }
}

TEST_CASE("a page doesn't only repeat the step's why") {
  for (const Step& step : full_plan()) {
    INFO(step.id);
    const Essay essay = find_essay(step.id).value();
    CHECK(repeated(step.why, essay.text) < 0.34);
    CHECK(repeated(essay.without, step.why) < 0.67);
  }
}

TEST_CASE("bind-2 is one of the steps bind, and bind-hosts is not") {
  CHECK(family_of("bind-2") == "bind");
  CHECK(family_of("make-volume-12") == "make-volume");
  CHECK(family_of("bind-hosts") == "bind-hosts");
  CHECK(family_of("bind2") == "bind2");
  CHECK(family_of("7") == "7");
  CHECK(family_of("") == "");
  CHECK(find_essay("bind-2")->step == "bind");
  CHECK_FALSE(find_essay("nothing"));
}

TEST_CASE("a word that is nearly a step's name finds it, and another finds nothing") {
  const std::vector<std::string> names = {"proc", "pivot-root", "dev", "dev-nodes", "hostname"};
  CHECK(near_matches("pivotroot", names) == std::vector<std::string>{"pivot-root"});
  CHECK(near_matches("pivot", names) == std::vector<std::string>{"pivot-root"});
  CHECK(near_matches("hostnmae", names) == std::vector<std::string>{"hostname"});
  CHECK(near_matches("dev-node", names) == std::vector<std::string>{"dev-nodes", "dev"});
  CHECK(near_matches("umbrella", names).empty());
  CHECK(near_matches("", names).empty());
}
