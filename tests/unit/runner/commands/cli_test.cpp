#include "runner/commands/cli.h"

#include <set>
#include <string_view>

#include "runner/base/error.h"
#include "tests/unit/catch.h"

using namespace minirun;
using Catch::Contains;
using Words = std::vector<std::string>;

TEST_CASE("options stop at IMAGE, and what follows is the program's") {
  const Options options = parse_command_line({"-e", "A=1", "image.tar", "ls", "-e", "--user", "x"});
  CHECK(options.command == "run");
  CHECK(options.env == Words{"A=1"});
  CHECK(options.arguments == Words{"image.tar", "ls", "-e", "--user", "x"});
  CHECK(options.user.empty());
}

TEST_CASE("options are read before and after the command's name, short, long, joined and with =") {
  const Options options = parse_command_line({"--root", "/r", "run", "-iu1000", "--workdir=/w",
                                              "--keep", "-v", "a:/b", "-va:/c", "--", "image"});
  CHECK(options.root == "/r");
  CHECK(options.interactive);
  CHECK(options.user == "1000");
  CHECK(options.workdir == "/w");
  CHECK(options.keep);
  CHECK(options.volumes == Words{"a:/b", "a:/c"});
  CHECK(options.arguments == Words{"image"});
}

TEST_CASE("--entrypoint may be empty, and that is not the same as not given") {
  CHECK_FALSE(parse_command_line({"image"}).entrypoint);
  CHECK(parse_command_line({"--entrypoint", "", "image"}).entrypoint == "");
}

TEST_CASE("every option: missing, empty and repeated values are usage errors") {
  for (const cli::Option& option : cli::options()) {
    if (option.value == nullptr) continue;
    const std::string name = cat("--", option.name);
    INFO(name);
    const std::string command = (option.commands & 1) != 0 ? "run" : "load";
    CHECK_THROWS_WITH(parse_command_line({command, name}), Contains("needs a value"));
    if (!option.may_be_empty) {
      CHECK_THROWS_WITH(parse_command_line({command, name, "", "x"}), Contains("not empty"));
    }
    // What is read at once has to be right.
    static const std::set<std::string_view> numbers = {
        "stop-timeout", "max-size",   "memory",   "memory-swap", "memory-reservation", "cpus",
        "cpu-shares",   "pids-limit", "shm-size", "cpuset-cpus", "oom-score-adj"};
    const std::string value = std::string(option.name) == "cpu-shares" ? "1024"
                              : numbers.count(option.name) != 0        ? "1"
                                                                       : "v";
    if (!option.repeats) {
      CHECK_THROWS_WITH(parse_command_line({command, name, value, name, value, "x"}),
                        Contains("is given twice"));
    } else {
      CHECK_NOTHROW(parse_command_line({command, name, value, name, value, "x"}));
    }
  }
}

TEST_CASE(
    "unknown and abbreviated options are refused; Docker's by name with what to use instead") {
  CHECK_THROWS_WITH(parse_command_line({"--frob", "image"}), Contains("unknown option --frob"));
  CHECK_THROWS_WITH(parse_command_line({"--entry", "x", "image"}),
                    Contains("unknown option --entry"));
  CHECK_THROWS_WITH(parse_command_line({"-Z", "image"}), Contains("unknown option -Z"));
  for (const char* word : {"-d", "-p", "--restart", "--restart=always", "--link", "--gpus"}) {
    INFO(word);
    try {
      parse_command_line({word, "image"});
      FAIL("was taken");
    } catch (const UsageError& error) {
      CHECK_THAT(error.what(), Contains("is Docker's"));
      CHECK_FALSE(error.hint().empty());
    }
  }
}

TEST_CASE("an option of another command, and a wrong number of arguments, are usage errors") {
  CHECK_THROWS_WITH(parse_command_line({"images", "--keep"}),
                    Contains("means nothing to `minirun images`"));
  CHECK_THROWS_WITH(parse_command_line({"-v", "a:/b", "load", "x"}),
                    Contains("means nothing to `minirun load`"));
  CHECK_THROWS_WITH(parse_command_line({}), Contains("usage: minirun run IMAGE"));
  CHECK_THROWS_WITH(parse_command_line({"load"}), Contains("usage: minirun load"));
  CHECK_THROWS_WITH(parse_command_line({"rmi", "a", "b"}), Contains("usage: minirun rmi"));
  CHECK(parse_command_line({"--help"}).command == "help");
  CHECK(parse_command_line({"load", "--help"}).command == "help");
}

TEST_CASE("sizes take Docker's units") {
  CHECK(parse_command_line({"--max-size", "512m", "x"}).max_size == 512U << 20);
  CHECK(parse_command_line({"--max-size", "2G", "x"}).max_size == uint64_t{2} << 30);
  CHECK(parse_command_line({"--max-size", "100", "x"}).max_size == 100);
  for (const char* bad : {"0", "-1", "k", "1x", "1.5g", "99999999999g"}) {
    INFO(bad);
    CHECK_THROWS_WITH(parse_command_line({"--max-size", bad, "x"}), Contains("not a size"));
  }
}

TEST_CASE("the help names every command and option, in as many columns as there are") {
  const size_t columns = GENERATE(80, 100);
  const std::string help = help_text(columns);
  for (const auto& command : cli::commands())
    CHECK_THAT(help, Contains(std::string("  ") + command.name));
  for (const auto& option : cli::options())
    CHECK_THAT(help, Contains(std::string("--") + option.name));
  size_t start = 0;
  for (size_t end = help.find('\n'); end != std::string::npos; end = help.find('\n', start)) {
    CHECK(end - start <= columns);
    start = end + 1;
  }
}

TEST_CASE("a letter's value may follow an =, and a flag may have true or false, as with Docker") {
  const Options options = parse_command_line({"-e=K=V", "-v=/a:/b", "-w=/x", "-eA==b", "-Di",
                                              "--rm=true", "--read-only=false", "image", "-i=x"});
  CHECK(options.env == std::vector<std::string>{"K=V", "A==b"});
  CHECK(options.volumes == std::vector<std::string>{"/a:/b"});
  CHECK(options.workdir == "/x");
  CHECK(options.debug);
  CHECK(options.interactive);
  CHECK(options.rm);
  CHECK_FALSE(options.read_only);
  CHECK(options.arguments == std::vector<std::string>{"image", "-i=x"});
  CHECK_FALSE(parse_command_line({"-i=false", "image"}).interactive);
  CHECK(parse_command_line({"-i=1", "image"}).interactive);
  CHECK_THROWS_WITH(parse_command_line({"-i=maybe", "image"}), Contains("true or false"));
  CHECK_THROWS_WITH(parse_command_line({"--rm=maybe", "image"}), Contains("true or false"));
  CHECK_THROWS_WITH(parse_command_line({"-w=", "image"}), Contains("not empty"));
  CHECK(parse_command_line({"-u=", "image"}).user.empty());
  CHECK_THROWS_WITH(parse_command_line({"-x=1", "image"}), Contains("unknown option -x"));
}
