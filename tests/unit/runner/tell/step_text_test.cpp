#include "runner/tell/step_text.h"

#include "tests/unit/catch.h"

using namespace minirun;

namespace {

const Prose plain(false, 60);

}  // namespace

TEST_CASE("a command that is too wide is broken so that a shell reads the same words") {
  const std::string text =
      plain.command("shell", "install -d -m 755 -o 0 -g 0 '/var/lib/a directory/containers/diff'");
  CHECK(text ==
        "  shell  install -d -m 755 -o 0 -g 0 \\\n"
        "             '/var/lib/a directory/containers/diff'\n");
}

TEST_CASE("a comment is wrapped as comments are") {
  CHECK(plain.command("shell",
                      "# no shell equivalent: a filter is compiled, and no program loads it") ==
        "  shell  # no shell equivalent: a filter is compiled, and no\n"
        "         # program loads it\n");
}

TEST_CASE("words are wrapped at the width, and one that is wider is cut") {
  CHECK(plain.field("why", "one two three four five six seven eight nine ten eleven") ==
        "    why  one two three four five six seven eight nine ten\n"
        "         eleven\n");
  CHECK(plain.field("why", std::string(60, 'x')) ==
        "    why  " + std::string(51, 'x') + "\n         " + std::string(9, 'x') + "\n");
  CHECK(plain.field("why", "").empty());
}

TEST_CASE("many calls are shortened, with how many were left out") {
  const std::vector<std::string> calls = {"a()", "b()", "c()", "d()", "e()", "f()", "g()"};
  CHECK(plain.calls(calls, 3) ==
        "   call  a()\n"
        "         b()\n"
        "         ... and 5 more: --trace FILE has all\n");
  CHECK(plain.calls({"a()"}) == "   call  a()\n");
  CHECK(plain.calls({}).empty());
}

TEST_CASE("what a name in an image holds can't steer the terminal") {
  CHECK(plain.field("runs", "a\033[2Jb").find('\033') == std::string::npos);
  CHECK(plain.command("shell", "rm 'a\033[2Jb'").find('\033') == std::string::npos);
}

TEST_CASE("colour is where it was asked for") {
  CHECK(Prose(true, 60).heading("step", "host").find("\033[1mstep\033[0m") != std::string::npos);
  CHECK(plain.heading("step", "host") == "\nstep" + std::string(52, ' ') + "host\n");
}
