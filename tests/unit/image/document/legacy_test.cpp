#include "image/document/legacy.h"

#include <map>

#include "image/document/config.h"
#include "runner/base/error.h"
#include "tests/unit/catch.h"

using Catch::Contains;
using namespace minirun;
using image::BlobRef;
using image::Digest;

namespace {

const std::string low(64, '1');
const std::string top(64, '2');

/// What docker save 1.5 wrote for an image of two layers.
std::map<std::string, std::string> saved() {
  return {{low + "/json", R"({"id":")" + low +
                              R"(","created":"2015-03-20T00:00:00Z","container_config":{"Cmd":
                          ["/bin/sh","-c","one"]},"config":{}})"},
          {top + "/json", R"({"id":")" + top + R"(","parent":")" + low +
                              R"(","architecture":"amd64","os":"linux","author":"me","Size":9,
                          "config":{"Cmd":["/t","cat"],"User":"7"}})"}};
}

auto read(std::map<std::string, std::string> files, const std::string& repositories) {
  return image::read_legacy(
      [&files](const BlobRef& ref) -> std::optional<std::string> {
        const auto found = files.find(ref.member);
        return found == files.end() ? std::nullopt : std::optional(found->second);
      },
      [](const std::string& member) { return image::sha256(member); }, repositories);
}

std::string named(const std::string& id) { return R"({"old":{"latest":")" + id + R"("}})"; }

}  // namespace

TEST_CASE("docker save before 1.10: layers by their parents, and a config made of the top's") {
  const auto images = read(saved(), named(top));
  REQUIRE(images.size() == 1);
  CHECK(images[0].names == std::vector<std::string>{"old:latest"});
  REQUIRE(images[0].layers.size() == 2);
  CHECK(images[0].layers[0].member == low + "/layer.tar");
  CHECK(images[0].layers[1].member == top + "/layer.tar");
  const auto config = image::parse_config(images[0].made_config.value(), "made");
  CHECK(config.cmd == std::vector<std::string>{"/t", "cat"});
  CHECK(config.user == "7");
  CHECK(config.platform == image::Platform{"linux", "amd64", ""});
  CHECK(config.diff_ids ==
        std::vector<Digest>{image::sha256(low + "/layer.tar"), image::sha256(top + "/layer.tar")});
  REQUIRE(config.history.size() == 2);
  CHECK(config.history[0].created_by == "/bin/sh -c one");
  CHECK(config.history[0].created == "2015-03-20T00:00:00Z");
}

TEST_CASE("docker save before 1.10: two tags of one image are one image, and layers are shared") {
  const auto images = read(
      saved(), R"({"a":{"1":")" + top + R"(","2":")" + top + R"("},"b":{"1":")" + low + "\"}}");
  REQUIRE(images.size() == 2);
  CHECK(images[0].names == std::vector<std::string>{"b:1"});
  CHECK(images[1].names == std::vector<std::string>{"a:1", "a:2"});
}

TEST_CASE("docker save before 1.10: an id that is none, a missing layer, a loop are refused") {
  CHECK_THROWS_WITH(read(saved(), named("../x")),
                    Contains("/old/latest") && Contains("no layer's"));
  CHECK_THROWS_WITH(read(saved(), "{}"), Contains("no image"));
  CHECK_THROWS_WITH(read(saved(), named(std::string(64, '3'))), Contains("not in the archive"));
  CHECK_THROWS_WITH(read(saved(), R"({"No Name":{"x":")" + top + "\"}}"), Contains("NAME:TAG"));
  auto files = saved();
  files[low + "/json"] = R"({"parent":")" + top + "\"}";
  CHECK_THROWS_WITH(read(files, named(top)), Contains("own ancestor"));
  files[low + "/json"] = R"({"parent":"../../etc"})";
  CHECK_THROWS_WITH(read(files, named(top)), Contains("/parent"));
}
