#include "image/document/config.h"

#include "runner/base/error.h"
#include "tests/unit/catch.h"

using Catch::Contains;
using namespace minirun;
using image::Config;
using image::parse_config;
using image::Platform;

namespace {

std::string with_config(const std::string& members) { return R"({"config":{)" + members + "}}"; }

}  // namespace

TEST_CASE("a config's fields are read") {
  const std::string id(64, 'a');
  const Config config = parse_config(
      R"({"os":"linux","architecture":"arm64","variant":"v8","created":"2022-11-29T21:16:36Z",
    "config":{"Env":["A=1","B="],"Entrypoint":["/e"],"Cmd":["c","d"],"WorkingDir":"/w","User":"u:g","StopSignal":"SIGINT",
    "Volumes":{"/b":{},"/a":{}},"ExposedPorts":{"80/tcp":{}}},
    "rootfs":{"type":"layers","diff_ids":["sha256:)" +
          id + R"("]},
    "history":[{"created_by":"RUN x","empty_layer":true},{"created":"now","comment":"c"}]})",
      "c.json");
  CHECK(config.platform == Platform{"linux", "arm64", "v8"});
  CHECK(config.env == std::vector<std::string>{"A=1", "B="});
  CHECK(config.entrypoint == std::vector<std::string>{"/e"});
  CHECK(config.cmd == std::vector<std::string>{"c", "d"});
  CHECK(config.working_dir == "/w");
  CHECK(config.user == "u:g");
  CHECK(config.stop_signal == "SIGINT");
  CHECK(config.volumes == std::vector<std::string>{"/a", "/b"});
  CHECK(config.exposed_ports == std::vector<std::string>{"80/tcp"});
  REQUIRE(config.diff_ids.size() == 1);
  CHECK(config.diff_ids[0].hex() == id);
  REQUIRE(config.history.size() == 2);
  CHECK(config.history[0].empty_layer);
  CHECK(config.history[1].comment == "c");
}

TEST_CASE("null and absent members of a config are empty") {
  const Config config =
      parse_config(with_config(R"("Env":null,"Cmd":null,"Volumes":null)"), "c.json");
  CHECK(config.env.empty());
  CHECK(config.cmd.empty());
  CHECK(config.volumes.empty());
  CHECK(parse_config("{}", "c.json").diff_ids.empty());
}

TEST_CASE("case 59: wrong types in a config are refused with the JSON pointer") {
  CHECK_THROWS_WITH(parse_config(with_config(R"("Cmd":7)"), "c.json"),
                    "c.json: /config/Cmd: is a number; an array belongs there");
  CHECK_THROWS_WITH(parse_config(with_config(R"("User":0)"), "c.json"),
                    Contains("/config/User: is a number"));
  CHECK_THROWS_WITH(parse_config(with_config(R"("Volumes":["/a"])"), "c.json"),
                    Contains("/config/Volumes: is an array"));
  CHECK_THROWS_WITH(parse_config("[]", "c.json"), Contains("is an array; an object"));
  CHECK_THROWS_WITH(parse_config(R"({"rootfs":{"type":"snapshot"}})", "c.json"),
                    Contains("/rootfs/type"));
}

TEST_CASE("case 62: a NUL anywhere, and an Env without a name, are refused") {
  for (const char* members :
       {R"("Cmd":["a\u0000"])", R"("Env":["A=\u0000"])", R"("WorkingDir":"\u0000")",
        R"("User":"a\u0000b")", R"("Volumes":{"/a\u0000":{}})"}) {
    CHECK_THROWS_AS(parse_config(with_config(members), "c.json"), ImageError);
  }
  CHECK_THROWS_WITH(parse_config(with_config(R"("Env":["=1"])"), "c.json"),
                    Contains("/config/Env/0"));
}

TEST_CASE("an Env entry without = is dropped and remembered; a string is a list of one") {
  const Config config = parse_config(
      with_config(R"("Env":["A=1","B","C="],"Cmd":"a b","Entrypoint":[""])"), "c.json");
  CHECK(config.env == std::vector<std::string>{"A=1", "C="});
  CHECK(config.dropped_env == std::vector<std::string>{"B"});
  CHECK(config.cmd == std::vector<std::string>{"a b"});
  CHECK(config.entrypoint.empty());
  CHECK(parse_config(with_config(R"("Entrypoint":["",""])"), "c.json").entrypoint.size() == 2);
}

TEST_CASE("case 56a: a config whose keys are in lower case says the same") {
  const Config config = parse_config(
      R"({"OS":"linux","config":{"env":["A=1"],"entrypoint":["/e"],"cmd":["c"],"user":"1000",
    "workingdir":"/w","stopsignal":"9","volumes":{"/V":{},"/v":{}}},"RootFS":{"type":"layers"}})",
      "c.json");
  CHECK(config.platform.os == "linux");
  CHECK(config.env == std::vector<std::string>{"A=1"});
  CHECK(config.entrypoint == std::vector<std::string>{"/e"});
  CHECK(config.cmd == std::vector<std::string>{"c"});
  CHECK(config.user == "1000");
  CHECK(config.working_dir == "/w");
  CHECK(config.stop_signal == "9");
  CHECK(config.volumes == std::vector<std::string>{"/V", "/v"});
}

TEST_CASE("case 56a: a label that nobody reads harms nobody, whatever it is") {
  const Config config = parse_config(
      with_config(
          R"("User":"1","Labels":{"a":"\ud800","a":7,"A":[],"\udfff":"x"},"Healthcheck":9)"),
      "c.json");
  CHECK(config.user == "1");
}

TEST_CASE("case 56a: User in two spellings is refused") {
  CHECK_THROWS_WITH(parse_config(with_config(R"("User":"0","user":"1000")"), "c.json"),
                    Contains("/config: has the keys \"User\" and \"user\""));
}

TEST_CASE("case 3: a diff id that is no sha256 digest is refused") {
  for (const char* id : {"sha256:../../x", "sha256:", "", "md5:abc"}) {
    CHECK_THROWS_AS(
        parse_config(R"({"rootfs":{"diff_ids":[")" + std::string(id) + R"("]}})", "c.json"),
        ImageError);
  }
}

TEST_CASE("platforms are parsed as OS/ARCHITECTURE/VARIANT") {
  CHECK(image::parse_platform("linux/arm64/v8") == Platform{"linux", "arm64", "v8"});
  CHECK(image::parse_platform("linux/amd64") == Platform{"linux", "amd64", ""});
  CHECK(image::parse_platform("arm64") == Platform{"linux", "arm64", ""});
  CHECK(Platform{"linux", "arm", "v7"}.str() == "linux/arm/v7");
  for (const char* bad : {"", "/", "linux/", "a/b/c/d", "Linux/AMD64", "linux/ amd64"}) {
    CHECK_THROWS_AS(image::parse_platform(bad), UsageError);
  }
}

TEST_CASE("a platform matches if nothing that both say differs") {
  const auto fits = [](const char* made, const char* wanted) {
    return matches(image::parse_platform(made), image::parse_platform(wanted));
  };
  CHECK(fits("linux/amd64", "linux/amd64"));
  CHECK(fits("linux/arm64", "linux/arm64/v8"));
  CHECK(fits("linux/arm64/v8", "linux/arm64"));
  CHECK(fits("linux/arm/v6", "linux/arm"));
  CHECK(!fits("linux/arm/v6", "linux/arm/v7"));
  CHECK(!fits("linux/arm64", "linux/amd64"));
  CHECK(!fits("windows/amd64", "linux/amd64"));
  CHECK(fits("linux/x86_64", "linux/amd64"));
  CHECK(fits("linux/amd64", "x86_64"));
  CHECK(fits("linux/aarch64", "linux/arm64"));
  CHECK(fits("linux/i386", "linux/386"));
  CHECK(!fits("linux/x86_64", "linux/386"));
  CHECK(image::matches({"Linux", "AMD64", ""}, {"linux", "amd64", ""}));
  CHECK(matches(image::host_platform(), image::host_platform()));
}
