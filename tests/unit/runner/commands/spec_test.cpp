#include "runner/base/error.h"
#include "runner/commands/make_spec.h"
#include "runner/containers/state.h"
#include "tests/unit/catch.h"

using namespace minirun;
using Catch::Contains;
using Words = std::vector<std::string>;

namespace {

image::Config config_of(Words entrypoint, Words cmd) {
  image::Config config;
  config.entrypoint = std::move(entrypoint);
  config.cmd = std::move(cmd);
  return config;
}

Options options_of(Words arguments, std::optional<std::string> entrypoint = {}) {
  Options options;
  options.arguments = std::move(arguments);
  options.entrypoint = std::move(entrypoint);
  return options;
}

std::optional<std::string> caller(const std::string& name) {
  if (name == "MINE") return "caller's";
  return std::nullopt;
}

}  // namespace

TEST_CASE("Entrypoint and Cmd are joined as Docker joins them") {
  struct Row {
    Words entrypoint, cmd;
    std::optional<std::string> option;
    Words command, expected;
  };
  const std::vector<Row> table = {
      {{}, {"c"}, {}, {}, {"c"}},
      {{"e"}, {}, {}, {}, {"e"}},
      {{"e", "1"}, {"c", "2"}, {}, {}, {"e", "1", "c", "2"}},
      {{"e"}, {"c"}, {}, {"x", "y"}, {"e", "x", "y"}},
      {{}, {"c"}, {}, {"x"}, {"x"}},
      {{"e"}, {"c"}, "o", {}, {"o"}},
      {{"e"}, {"c"}, "o p", {}, {"o p"}},
      {{"e"}, {"c"}, "o", {"x"}, {"o", "x"}},
      {{"e"}, {"c"}, "", {"x"}, {"x"}},
  };
  for (const Row& row : table) {
    Words arguments = {"image"};
    arguments.insert(arguments.end(), row.command.begin(), row.command.end());
    CHECK(command_of(options_of(arguments, row.option), config_of(row.entrypoint, row.cmd)) ==
          row.expected);
  }
  CHECK_THROWS_WITH(command_of(options_of({"image"}), config_of({}, {})),
                    Contains("names no program"));
  CHECK_THROWS_WITH(command_of(options_of({"image"}, ""), config_of({"e"}, {"c"})),
                    Contains("names no program"));
  CHECK_THROWS_WITH(command_of(options_of({"image", ""}), config_of({}, {})), Contains("is empty"));
}

TEST_CASE("variables: PATH and HOSTNAME < image < -e; a bare name takes the caller's or removes") {
  image::Config config;
  config.env = {"PATH=/image", "A=image", "B=image", "MINE=image"};
  Options options;
  options.env = {"A=option", "MINE", "B", "C=a=b"};
  CHECK(environment_of(options, config, "host", caller) ==
        Words{"PATH=/image", "HOSTNAME=host", "A=option", "MINE=caller's", "C=a=b"});
  for (const char* bad : {"=x", ""}) {
    options.env = {bad};
    CHECK_THROWS_WITH(checked(options), Contains("needs a name"));
  }
}

TEST_CASE(
    "a bare name that the caller has not: on the command line it removes, in a file it stays") {
  image::Config config;
  config.env = {"A=image", "B=image"};
  Options options;
  options.env = {"A"};
  options.env_file_words = {"B", "MINE", "C=file"};
  CHECK(environment_of(options, config, "host", caller) ==
        Words{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOSTNAME=host",
              "B=image", "MINE=caller's", "C=file"});
}

TEST_CASE("what an option says is checked before an image is looked at") {
  const auto with = [](auto change) {
    Options options;
    change(options);
    return options;
  };
  const std::vector<Options> bad = {
      with([](Options& o) { o.name = "a b"; }),
      with([](Options& o) { o.hostname = "-x"; }),
      with([](Options& o) { o.network = "bridge"; }),
      with([](Options& o) { o.workdir = "rel"; }),
      with([](Options& o) { o.volumes = {"/a:/b:maybe"}; }),
      with([](Options& o) { o.mounts = {"type=bind,source=/no/such,target=/x"}; }),
      with([](Options& o) { o.tmpfs = {"/t:size=x"}; })};
  for (const Options& options : bad) CHECK_THROWS_AS(checked(options), UsageError);
  CHECK_NOTHROW(checked(Options{}));
}

TEST_CASE("a container's state is read back as it was written, and anything else is none") {
  ContainerState state;
  state.id = "0123456789ab";
  state.command = "sh -c '\xff'";  // bytes that are no UTF-8 are replaced, not fatal
  state.anonymous_volumes = {"a", "b"};
  state.volumes = {"named"};
  state.keep = true;
  const auto read = ContainerState::from_json(state.to_json());
  REQUIRE(read);
  CHECK(read->id == state.id);
  CHECK(read->anonymous_volumes == state.anonymous_volumes);
  CHECK(read->volumes == state.volumes);
  CHECK(read->keep);
  for (const char* bad : {"", "{", "[]", "null"}) CHECK_FALSE(ContainerState::from_json(bad));
}
