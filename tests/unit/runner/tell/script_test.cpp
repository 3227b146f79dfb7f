// The script is compared with the plan; tests/e2e/script.bats runs it.
#include "runner/tell/script.h"

#include <algorithm>
#include <regex>

#include "runner/base/error.h"
#include "runner/base/text.h"
#include "runner/commands/mounts.h"
#include "runner/plan/plan.h"
#include "tests/unit/catch.h"

using namespace minirun;

namespace {

ContainerSpec some_spec() {
  ContainerSpec spec;
  spec.id = "0123456789ab";
  spec.hostname = "host";
  spec.image = "image:tag";
  spec.image_id = image::Digest::parse("sha256:" + std::string(64, 'a'), "a test");
  spec.store = "/store";
  spec.lower = {"l/TOP", "l/BOTTOM", "init/diff"};
  spec.cgroups = {{"/sys/fs/cgroup/minirun-0123456789ab", false, {}}};
  spec.argv = {"/bin/true"};
  spec.caps = ns::default_caps();
  spec.mounts.push_back(parse_volume_option("v:/v", "/"));
  spec.mounts.push_back(parse_volume_option("./a:/a:ro", "/here"));
  return spec;
}

std::string script_of(const ContainerSpec& spec) { return script_of(spec, build_plan(spec)); }

/// Lines that were broken, whole again.
std::string joined(const std::string& script) {
  return std::regex_replace(script, std::regex(" \\\\\n *"), " ");
}

/// Where each of the texts stands, one after the other.
void check_in_order(const std::string& script, const std::vector<std::string>& texts) {
  size_t at = 0;
  for (const std::string& text : texts) {
    INFO(text);
    const size_t found = script.find(text, at);
    REQUIRE(found != std::string::npos);
    at = found + text.size();
  }
}

}  // namespace

TEST_CASE("the script has every step in order: its number, its reason, its commands") {
  const ContainerSpec spec = some_spec();
  const Plan plan = build_plan(spec);
  const std::string script = script_of(spec, plan);
  const std::string prose = std::regex_replace(script, std::regex("\n# "), " ");
  std::vector<std::string> headings;
  std::vector<std::string> reasons;
  std::vector<std::string> commands;
  for (size_t i = 0; i < plan.size(); ++i) {
    headings.push_back(cat("# --- ", i + 1, " of ", plan.size(), ": ", plan[i].id, " -"));
    reasons.emplace_back(plan[i].why);
    commands.push_back(joined(cat("\n", shell(plan[i].op), "\n")));
  }
  check_in_order(script, headings);
  check_in_order(prose, reasons);
  check_in_order(joined(script), commands);
}

TEST_CASE("lines are no longer than a page, but for words that can't be broken") {
  const std::string script = script_of(some_spec());
  for (const std::string_view line : split(script, '\n')) {
    INFO(line);
    const bool is_one_word = line.find(' ', line.find_first_not_of(' ')) == std::string_view::npos;
    const bool has_long_word = std::regex_search(std::string(line), std::regex("[^ ]{50}"));
    CHECK((line.size() <= 100 || is_one_word || has_long_word));
  }
}

TEST_CASE("what outlives the container is undone by the trap, newest first") {
  const ContainerSpec spec = some_spec();
  const Plan plan = build_plan(spec);
  const std::string script = script_of(spec, plan);
  for (size_t i = 0; i < plan.size(); ++i) {
    const std::string name = cat("undo_", i + 1);
    INFO(plan[i].id);
    const bool has_undo = !undo_shell(plan[i].op).empty();
    CHECK((script.find(cat("\n", name, "() {\n")) != std::string::npos) == has_undo);
    // Before the step's own commands: a part of them may be done when the rest fails.
    if (has_undo) {
      check_in_order(script, {cat("undo=\"", name, " $undo\"\n"), shell(plan[i].op).substr(0, 20)});
    }
  }
  check_in_order(script, {"trap finish EXIT", "undo_1()"});
}

TEST_CASE("one unshare makes the namespaces of the whole plan") {
  ContainerSpec spec = some_spec();
  CHECK_THAT(script_of(spec), Catch::Contains("namespaces='--uts --ipc --net --cgroup'\n"));
  spec.host_network = true;
  CHECK_THAT(script_of(spec), Catch::Contains("namespaces='--uts --ipc --cgroup'\n"));
  Plan plan = build_plan(spec);
  std::erase_if(plan, [](const Step& step) { return step.id.ends_with("-namespace"); });
  CHECK_THAT(script_of(spec, plan), Catch::Contains("namespaces=''\n"));
}

TEST_CASE("the script says which layers have to be there") {
  CHECK_THAT(script_of(some_spec()), Catch::Contains("for layer in l/TOP l/BOTTOM init/diff; do") &&
                                         Catch::Contains("/store/overlay2/\"$layer\"") &&
                                         Catch::Contains("minirun load ARCHIVE"));
}

TEST_CASE("a hostile name stays inside its comment, and inside its quotes") {
  ContainerSpec spec = some_spec();
  spec.image = "a\nreboot #";
  spec.argv = {"sh", "-c", "a\n'; reboot\n\x1b[2J"};
  spec.env = {"A=x\n$(reboot)"};
  const std::string script = script_of(spec);
  const std::string head = script.substr(0, script.find("\nset -eu"));
  for (const std::string_view line : split(head, '\n')) {
    INFO(line);
    CHECK(line.starts_with('#'));
    CHECK(line.find('\x1b') == std::string_view::npos);
  }
  CHECK_THAT(script, Catch::Contains("sh -c 'a\n'\\''; reboot\n\x1b[2J'\n"));
  CHECK_THAT(script, Catch::Contains("'A=x\n$(reboot)' \\\n"));
}

TEST_CASE("long commands are broken only outside of quotes") {
  ContainerSpec spec = some_spec();
  const std::string words = "a word and a newline\n    and \"more\" words \\\n in a quote ";
  spec.argv = {"sh", "-c", words + words + words, "x", std::string(90, 'y'), "z", "it's"};
  CHECK_THAT(script_of(spec), Catch::Contains("'" + words + words + words + "'"));
  CHECK_THAT(script_of(spec), Catch::Contains(" \\\n    " + std::string(90, 'y') + " z"));
}

TEST_CASE("a program that env(1) would take for a variable is not run as something else") {
  ContainerSpec spec = some_spec();
  spec.argv = {"a=b", "c"};
  CHECK_THAT(script_of(spec), Catch::Contains("# no shell equivalent: env(1)"));
  CHECK_THAT(script_of(spec), !Catch::Contains("./bin/env"));
}
