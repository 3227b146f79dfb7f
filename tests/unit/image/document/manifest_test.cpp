#include "image/document/manifest.h"

#include "runner/base/error.h"
#include "tests/unit/catch.h"
#include "tests/unit/image_maker.h"

using Catch::Contains;
using namespace minirun;
using namespace minirun::test;
using image::BlobRef;
using image::read_manifests;

namespace {

using Files = std::map<std::string, std::string>;

/// An archive of which only the names and bytes of documents matter. It does not verify: that is
/// the archive's work.
image::ReadMember reading(const Files& files) {
  return [files](const BlobRef& ref) -> std::optional<std::string> {
    const auto found = files.find(ref.member);
    return found == files.end() ? std::nullopt : std::optional(found->second);
  };
}

auto docker(const std::string& manifest) {
  return read_manifests(reading({{"manifest.json", manifest}}));
}

std::string hello_manifest(const std::string& tags, const std::string& config = "c.json",
                           const std::string& layer = "l/layer.tar") {
  return R"([{"Config":")" + config + R"(","RepoTags":)" + tags + R"(,"Layers":[")" + layer +
         R"("]}])";
}

constexpr const char* manifest_type = "application/vnd.oci.image.manifest.v1+json";
constexpr const char* index_type = "application/vnd.oci.image.index.v1+json";

std::string annotated(const std::string& key, const std::string& name) {
  return R"(,"annotations":{")" + key + R"(":")" + name + R"("})";
}

}  // namespace

TEST_CASE("docker save: names, config and layers of each image") {
  const auto images = docker(
      R"([{"Config":"c.json","RepoTags":["hello-two:latest","docker.io/library/x"],"Layers":["a/layer.tar","./b//layer.tar"]},
                                 {"Config":"d.json","RepoTags":null,"Layers":null}])");
  REQUIRE(images.size() == 2);
  CHECK(images[0].names == std::vector<std::string>{"hello-two:latest", "x:latest"});
  CHECK(images[0].config.member == "c.json");
  REQUIRE(images[0].layers.size() == 2);
  CHECK(images[0].layers[1].member == "b/layer.tar");
  CHECK(images[1].names.empty());
  CHECK(images[1].layers.empty());
  CHECK_THAT(images[1].text, Contains("d.json") && !Contains("c.json"));
}

TEST_CASE("case 1: a config or layer that is named outside the archive is refused") {
  for (const char* bad : {"../x", "/../x", "a/../../x", "a/..", "", ".", "//"}) {
    INFO(bad);
    CHECK_THROWS_WITH(docker(hello_manifest("null", bad)), Contains("/0/Config"));
    CHECK_THROWS_WITH(docker(hello_manifest("null", "c.json", bad)), Contains("/0/Layers/0"));
  }
}

TEST_CASE("case 1: /x, ./x and x are one member") {
  for (const char* name : {"/c.json", "./c.json", "c.json", "//./c.json"}) {
    CHECK(docker(hello_manifest("null", name)).at(0).config.member == "c.json");
  }
}

TEST_CASE(
    "case 9: a manifest that is missing, null, empty or of another shape is refused, each in its "
    "own words") {
  CHECK_THROWS_WITH(read_manifests(reading({})), Contains("neither"));
  CHECK_THROWS_WITH(docker("null"), Contains("is null"));
  CHECK_THROWS_WITH(docker("[]"), Contains("empty array"));
  CHECK_THROWS_WITH(docker("{}"), Contains("is an object; an array"));
  CHECK_THROWS_WITH(docker("[null]"), Contains("/0/Config"));
  CHECK_THROWS_WITH(docker("[7]"), Contains("/0: is a number"));
  CHECK_THROWS_WITH(docker(R"({"schemaVersion":2,"layers":[]})"), Contains("skopeo's dir:"));
  CHECK_THROWS_WITH(docker(hello_manifest("[\"No Name\"]")), Contains("/0/RepoTags/0"));
  CHECK_THROWS_WITH(
      docker(
          R"([{"Config":"c","RepoTags":["x:1"],"Layers":[]},{"Config":"d","RepoTags":["x:1"],"Layers":[]}])"),
      Contains("both named x:1"));
}

TEST_CASE("OCI: an index leads to manifests through other indexes, and each brings its platform") {
  Blobs blobs;
  const std::string arm = blobs.add_manifest(
      {"arm"}, "arm64", R"(,"platform":{"os":"linux","architecture":"arm64","variant":"v8"})");
  const std::string amd =
      blobs.add_manifest({"amd"}, "amd64", R"(,"platform":{"os":"linux","architecture":"amd64"})");
  const std::string inner = R"({"schemaVersion":2,"mediaType":")" + std::string(index_type) +
                            R"(","manifests":[)" + arm + "," + amd + "]}";
  blobs.set_index({blobs.add(index_type, inner,
                             annotated("io.containerd.image.name", "docker.io/library/hello:v1"))});
  const auto images = read_manifests(reading(blobs.members));
  REQUIRE(images.size() == 2);
  CHECK(images[0].platform == image::Platform{"linux", "arm64", "v8"});
  CHECK(images[1].platform == image::Platform{"linux", "amd64", ""});
  CHECK(images[0].names == std::vector<std::string>{"hello:v1"});
  CHECK(images[1].names == std::vector<std::string>{"hello:v1"});
  REQUIRE(images[1].layers.size() == 1);
  CHECK(images[1].layers[0].digest == image::sha256("amd"));
  CHECK(images[1].layers[0].size == 3);
}

TEST_CASE("OCI: a bare tag is a name's end, and two names of one manifest are one image") {
  Blobs blobs;
  const std::string first =
      blobs.add_manifest({"l"}, "amd64", annotated("org.opencontainers.image.ref.name", "latest"));
  const std::string second = blobs.add_manifest(
      {"l"}, "amd64", annotated("org.opencontainers.image.ref.name", "localhost/hello:latest"));
  const std::string third =
      blobs.add_manifest({"l"}, "amd64", annotated("org.opencontainers.image.ref.name", "v2"));
  blobs.set_index({first, third});
  CHECK(read_manifests(reading(blobs.members)).at(0).names ==
        std::vector<std::string>{":latest", ":v2"});
  blobs.set_index({first, second});
  const auto images = read_manifests(reading(blobs.members));
  REQUIRE(images.size() == 1);
  CHECK(images[0].names == std::vector<std::string>{"localhost/hello:latest"});
}

TEST_CASE("OCI: what a layer is and where else it lies is kept") {
  Blobs blobs;
  const std::string config =
      blobs.add("application/vnd.oci.image.config.v1+json", config_of({"l"}));
  const std::string layer = blobs.add("application/vnd.oci.image.layer.nondistributable.v1.tar",
                                      "l", R"(,"urls":["https://example.com/l"])");
  blobs.set_index({blobs.add(manifest_type, R"({"schemaVersion":2,"config":)" + config +
                                                R"(,"layers":[)" + layer + "]}")});
  const auto found = read_manifests(reading(blobs.members)).at(0).layers.at(0);
  CHECK_THAT(found.media_type, Contains("nondistributable"));
  CHECK(found.url == "https://example.com/l");
}

TEST_CASE(
    "OCI: attestations, unknown media types and blobs that are not there are passed "
    "over") {
  Blobs blobs;
  const std::string good = blobs.add_manifest({"l"}, "amd64");
  const std::string attestation = blobs.add_manifest(
      {"a"}, "unknown", R"(,"platform":{"os":"unknown","architecture":"unknown"})");
  const std::string gone = R"({"mediaType":")" + std::string(manifest_type) +
                           R"(","digest":"sha256:)" + std::string(64, '0') + R"(","size":9})";
  const std::string inner = R"({"schemaVersion":2,"manifests":[)" + gone + "," + good + "]}";
  blobs.set_index(
      {attestation, blobs.add("application/vnd.other", "x"), blobs.add(index_type, inner)});
  CHECK(read_manifests(reading(blobs.members)).size() == 1);
  blobs.set_index({attestation});
  CHECK_THROWS_WITH(read_manifests(reading(blobs.members)), Contains("leads to no image"));
  blobs.set_index({gone});
  CHECK_THROWS_WITH(read_manifests(reading(blobs.members)), Contains("not in the archive"));
  blobs.set_index({gone, good});
  CHECK(read_manifests(reading(blobs.members)).size() == 1);
  blobs.set_index({});
  CHECK_THROWS_WITH(read_manifests(reading(blobs.members)), Contains("empty"));
}

TEST_CASE("case 3: a digest that is none is refused before a path is made of it") {
  const std::vector<std::string> wrong = {"sha256:../../x",
                                          "",
                                          "sha256:",
                                          "sha512:" + std::string(128, 'a'),
                                          "sha256:" + std::string(63, 'a'),
                                          "sha256:" + std::string(64, 'A')};
  for (const std::string& digest : wrong) {
    const Files files = {{"index.json", R"({"schemaVersion":2,"manifests":[{"digest":")" + digest +
                                            R"(","size":1}]})"}};
    const auto never = [&](const BlobRef& ref) {
      CHECK((ref.member == "manifest.json" || ref.member == "index.json"));
      return reading(files)(ref);
    };
    CHECK_THROWS_AS(read_manifests(never), ImageError);
  }
}

TEST_CASE("case 4: a size that is negative, missing or no number is refused") {
  for (const char* size : {"-1", "1.5", "\"3\"", "null"}) {
    const std::string descriptor =
        R"({"digest":"sha256:)" + std::string(64, 'a') + R"(","size":)" + size + "}";
    CHECK_THROWS_WITH(
        read_manifests(reading({{"index.json", R"({"manifests":[)" + descriptor + "]}"}})),
        Contains("/manifests/0/size"));
  }
}

TEST_CASE("case 7: a document that is an index and a manifest at once is refused") {
  Blobs blobs;
  const std::string layers = R"(,"layers":[]})";
  const std::string both = R"({"schemaVersion":2,"manifests":[],"layers":[],"config":{}})";
  for (const char* type : {index_type, manifest_type, ""}) {
    blobs.set_index({blobs.add(type, both)});
    CHECK_THROWS_AS(read_manifests(reading(blobs.members)), ImageError);
  }
  CHECK_THROWS_WITH(read_manifests(reading({{"index.json", both}})), Contains("at once"));
}

TEST_CASE("case 7: a media type that says otherwise is refused") {
  Blobs blobs;
  std::string manifest = blobs.add_manifest({"l"}, "amd64");
  manifest.replace(manifest.find(manifest_type), std::string(manifest_type).size(), index_type);
  blobs.set_index({manifest});
  CHECK_THROWS_WITH(read_manifests(reading(blobs.members)), Contains("not what it was said to be"));
}

TEST_CASE("case 8: an index that refers to itself, or is too deep, or too wide, is refused") {
  const std::string digest = "sha256:" + std::string(64, 'a');
  const std::string self = R"({"schemaVersion":2,"manifests":[{"mediaType":")" +
                           std::string(index_type) + R"(","digest":")" + digest +
                           R"(","size":1}]})";
  CHECK_THROWS_WITH(read_manifests(reading(
                        {{"index.json", self}, {"blobs/sha256/" + std::string(64, 'a'), self}})),
                    Contains("refers to itself"));

  Blobs deep;
  std::string next = deep.add_manifest({"l"}, "amd64");
  for (int level = 0; level < 1000; ++level)
    next = deep.add(index_type, R"({"schemaVersion":2,"manifests":[)" + next + "]}");
  deep.set_index({next});
  CHECK_THROWS_WITH(read_manifests(reading(deep.members)), Contains("nested deeper"));

  Blobs wide;
  std::string below = wide.add_manifest({"l"}, "amd64");
  for (int level = 0; level < 7; ++level) {
    below = wide.add(index_type, R"({"schemaVersion":2,"manifests":)" +
                                     array(std::vector<std::string>(50, below)) + "}");
  }
  wide.set_index({below});
  CHECK_THROWS_WITH(read_manifests(reading(wide.members)), Contains("more than"));
}

TEST_CASE("case 10: both forms are read where they agree, and bring the digests with them") {
  Blobs blobs;
  blobs.set_index({blobs.add_manifest(
      {"l"}, "amd64", annotated("io.containerd.image.name", "docker.io/library/hello:v1"))});
  const std::string config = "blobs/sha256/" + image::sha256(config_of({"l"})).hex();
  const std::string layer = "blobs/sha256/" + image::sha256("l").hex();
  blobs.members["manifest.json"] = hello_manifest("[\"hello:v1\"]", config, layer);
  const auto images = read_manifests(reading(blobs.members));
  REQUIRE(images.size() == 1);
  CHECK(images[0].names == std::vector<std::string>{"hello:v1"});
  CHECK(images[0].layers.at(0).digest == image::sha256("l"));
}

TEST_CASE("case 10: where manifest.json and index.json disagree, manifest.json decides") {
  Blobs blobs;
  const std::string name = annotated("io.containerd.image.name", "hello:v1");
  const std::string good = blobs.add_manifest({"l"}, "amd64", name);
  const std::string other = blobs.add_manifest({"m"}, "amd64", name);
  const std::string config = "blobs/sha256/" + image::sha256(config_of({"l"})).hex();
  const std::string layer = "blobs/sha256/" + image::sha256("l").hex();
  // What it says is taken, and the difference is told once.
  const auto decides = [&](const std::string& with_config, const std::string& with_layer,
                           const std::vector<std::string>& index, const std::string& words) {
    INFO(words);
    blobs.members["manifest.json"] = hello_manifest("[\"hello:v1\"]", with_config, with_layer);
    if (!index.empty()) blobs.set_index(index);
    std::vector<std::string> notes;
    const auto images = read_manifests(reading(blobs.members),
                                       [&](const std::string& line) { notes.push_back(line); });
    REQUIRE(images.size() == 1);
    CHECK(images[0].names == std::vector<std::string>{"hello:v1"});
    CHECK(images[0].config.member == with_config);
    CHECK(images[0].layers.at(0).member == with_layer);
    REQUIRE(notes.size() == (words.empty() ? 0 : 1));
    if (!words.empty()) {
      CHECK_THAT(notes[0], Contains(words) && Contains("manifest.json decides"));
    }
  };
  decides("c.json", layer, {good}, "both name an image hello:v1, but not the same one");
  decides(config, "other/layer.tar", {good}, "disagree on the layers of " + config);
  decides(config, layer, {good, other}, "both name an image hello:v1");
  decides(config, layer, {other, other}, "both name an image hello:v1");
  decides(config, layer, {good, blobs.add_manifest({"n"}, "amd64")}, "index.json has an image");
  decides(config, layer, {good}, "");
  blobs.members["index.json"] = "{";
  decides(config, layer, {}, "index.json can't be used");
}

TEST_CASE("case 10: what index.json lacks beside a manifest.json is no disagreement") {
  const std::string config = "blobs/sha256/" + std::string(64, 'c');
  const std::string gone = R"({"digest":"sha256:)" + std::string(64, 'a') + R"(","size":1})";
  for (const std::string& manifests : {std::string("null"), std::string("[]"), "[" + gone + "]"}) {
    INFO(manifests);
    const auto images = read_manifests(
        reading({{"manifest.json", hello_manifest("null", config)},
                 {"index.json", R"({"schemaVersion":2,"manifests":)" + manifests + "}"}}),
        [](const std::string& line) { FAIL(line); });
    REQUIRE(images.size() == 1);
    CHECK(images[0].config.digest == image::Digest::from_hex(std::string(64, 'c')));
  }
}

TEST_CASE("case 10: index.json adds the other platforms of an image of manifest.json") {
  Blobs blobs;
  const std::string name = annotated("io.containerd.image.name", "hello:v1");
  const auto platform = [](const std::string& architecture) {
    return R"(,"platform":{"os":"linux","architecture":")" + architecture + "\"}";
  };
  const std::string inner = R"({"schemaVersion":2,"manifests":[)" +
                            blobs.add_manifest({"l"}, "amd64", platform("amd64")) + "," +
                            blobs.add_manifest({"m"}, "arm64", platform("arm64")) + "]}";
  blobs.set_index({blobs.add(index_type, inner, name)});
  blobs.members["manifest.json"] =
      hello_manifest("[\"hello:v1\"]", "blobs/sha256/" + image::sha256(config_of({"l"})).hex(),
                     "blobs/sha256/" + image::sha256("l").hex());
  const auto images =
      read_manifests(reading(blobs.members), [](const std::string& line) { FAIL(line); });
  REQUIRE(images.size() == 2);
  CHECK(images[0].platform->architecture == "amd64");
  CHECK(images[1].platform->architecture == "arm64");
}
