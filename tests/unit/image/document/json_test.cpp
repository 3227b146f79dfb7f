#include "image/document/json.h"

#include "runner/base/error.h"
#include "tests/unit/catch.h"

using Catch::Contains;
using minirun::ImageError;
using minirun::image::JsonDocument;

namespace {

void refuses(const std::string& text, const std::string& words) {
  CHECK_THROWS_MATCHES(JsonDocument(text, "x.json"), ImageError,
                       Catch::Matchers::Predicate<ImageError>(
                           [&](const ImageError& error) {
                             return std::string(error.what()).starts_with("x.json") &&
                                    std::string(error.what()).find(words) != std::string::npos;
                           },
                           "begins with the name and says: " + words));
}

}  // namespace

TEST_CASE("a value is read by its type, and absent is the same as null") {
  const JsonDocument document(
      R"({"s":"text","n":18446744073709551615,"b":true,"a":["x","y"],"m":{"k":"v"},"z":null})",
      "x.json");
  const auto root = document.root();
  CHECK(root["s"].string() == "text");
  CHECK(root["n"].unsigned_number() == UINT64_MAX);
  CHECK(root["b"].boolean());
  CHECK(root["a"].strings() == std::vector<std::string>{"x", "y"});
  CHECK(root["m"].string_map().at("k") == "v");
  CHECK(root["m"].text() == R"({"k":"v"})");
  for (const char* missing : {"z", "none"}) {
    CHECK(!root[missing]);
    CHECK(root[missing].string().empty());
    CHECK(root[missing]["deeper"].items().empty());
    CHECK(root[missing].unsigned_number() == 0);
  }
}

TEST_CASE("case 57: a million brackets are refused") {
  refuses(std::string(1'000'000, '['), "nested deeper");
}

TEST_CASE("case 57: 64 levels are read") {
  CHECK_NOTHROW(JsonDocument(std::string(64, '[') + std::string(64, ']'), "x.json"));
  refuses(std::string(65, '[') + std::string(65, ']'), "nested deeper");
}

TEST_CASE("case 58: a key that stands twice is refused where it is read, and nowhere else") {
  const JsonDocument document(
      R"([{"b":{"a":1,"c":[],"a":{}},"x":{"l":1,"l":2}},{"a":{"a":1},"b":{"a":2}}])", "x.json");
  const auto items = document.root().items();
  CHECK_THROWS_WITH(items[0]["b"]["a"], "x.json: /0/b: the key \"a\" stands twice in one object");
  CHECK_THROWS_WITH(items[0]["b"].members(), Contains("stands twice"));
  CHECK_THROWS_WITH(items[0]["b"].entry("a"), Contains("stands twice"));
  CHECK(items[0]["b"]["c"].items().empty());
  CHECK(items[1]["a"]["a"].unsigned_number() == 1);
  CHECK(items[1]["b"]["a"].unsigned_number() == 2);
}

TEST_CASE("case 58: keys that stand twice are known however the arrays around them grow") {
  std::string many = R"([{"a":1,"a":2})";
  for (int i = 0; i < 1000; ++i) many += R"(,{"a":1})";
  const JsonDocument document(many + "]", "x.json");
  const auto items = document.root().items();
  CHECK_THROWS_WITH(items[0]["a"], Contains("stands twice"));
  for (size_t i = 1; i < items.size(); ++i) CHECK_NOTHROW(items[i]["a"]);
}

TEST_CASE("case 56a: a struct's keys are found in any case, a map's are not") {
  const JsonDocument document(
      R"({"user":"a","WORKINGDIR":"/","u\u017fed":"long s","\u212aey":"Kelvin","Io.X":"map"})",
      "x.json");
  const auto root = document.root();
  CHECK(root["User"].string() == "a");
  CHECK(root["WorkingDir"].string() == "/");
  CHECK(root["Used"].string() == "long s");
  CHECK(root["key"].string() == "Kelvin");
  CHECK(root.entry("Io.X").string() == "map");
  CHECK(!root.entry("io.x"));
  CHECK_THROWS_WITH(root["User"].items(), Contains("x.json: /user: is a string"));
}

TEST_CASE("case 56a: two keys that differ by case alone are refused where they are read") {
  const JsonDocument document(
      R"({"User":"0","user":"1000","cmd":[],"CMD":[],"a":{"x":1,"X":2},"\u017f":1,"s":null})",
      "x.json");
  const auto root = document.root();
  CHECK_THROWS_WITH(root["User"], Contains("\"User\"") && Contains("\"user\"") &&
                                      Contains("differ by case alone"));
  CHECK_THROWS_WITH(root["Cmd"], Contains("differ by case alone"));
  CHECK_THROWS_WITH(root["S"], Contains("differ by case alone"));
  CHECK(root["a"].members().size() == 2);
  CHECK(root["a"].entry("X").unsigned_number() == 2);
}

TEST_CASE("case 59: a wrong type is refused with its JSON pointer") {
  const JsonDocument document(R"([{"Layers":7,"a/b~c":"x","l":["x",null]}])", "x.json");
  const auto item = document.root().items().at(0);
  CHECK_THROWS_WITH(item["Layers"].items(),
                    "x.json: /0/Layers: is a number; an array belongs there");
  CHECK_THROWS_WITH(item["Layers"].string(), Contains("/0/Layers: is a number; a string"));
  CHECK_THROWS_WITH(item["Layers"]["x"].string(), Contains("an object belongs there"));
  CHECK_THROWS_WITH(item["a/b~c"].boolean(), Contains("/0/a~1b~0c: is a string"));
  CHECK_THROWS_WITH(item["l"].strings(), Contains("/0/l/1: is null"));
}

TEST_CASE("case 60: a number that does not fit is refused, never cut") {
  const JsonDocument document(R"({"neg":-1,"half":1.5,"big":18446744073709551616})", "x.json");
  for (const char* key : {"neg", "half", "big"}) {
    CHECK_THROWS_AS(document.root()[key].unsigned_number(), ImageError);
  }
  CHECK_THROWS_WITH(document.root()["neg"].unsigned_number(), Contains("/neg: is -1"));
}

TEST_CASE("case 61: what is not JSON is refused") {
  refuses("{\xff:1}", "not valid JSON");
  refuses("[NaN]", "not valid JSON");
  refuses("[1e400]", "not valid JSON");
  refuses("{} x", "not valid JSON");
  refuses(std::string("{}\0", 3), "NUL byte");
  refuses(std::string("[1]\0[2]", 7), "NUL byte");
  refuses("", "not valid JSON");
  refuses("{\"a\":", "not valid JSON");
  refuses(std::string(minirun::image::max_json_size + 1, ' '), "at most");
  std::string many = "[";
  for (int i = 0; i < 250'000; ++i) many += "0,";
  refuses(many + "0]", "more than");
}

TEST_CASE("case 62: a NUL in a string or a key is refused") {
  const JsonDocument document(R"({"s":"a\u0000b","m":{"\u0000":1}})", "x.json");
  CHECK_THROWS_WITH(document.root()["s"].string(), Contains("/s: has a NUL"));
  CHECK_THROWS_WITH(document.root()["m"].members(), Contains("NUL"));
}

TEST_CASE("case 61: what is no Unicode text is refused where it is read, and nowhere else") {
  const JsonDocument document(
      "{\"latin1\":\"M\xfcller\",\"cut\":\"\xe2\x82\",\"high\":\"\\ud83d\",\"low\":\"\\uDE00x\","
      "\"swapped\":\"\\ude00\\ud83d\",\"pair\":\"\\ud83d\\ude00\",\"utf8\":\"\xc3\xbc\xc2\x85\","
      "\"escaped\":\"\\\\ud83d\",\"m\":{\"\xff\":1},\"a\":\"fine\"}",
      "x.json");
  const auto root = document.root();
  for (const char* bad : {"latin1", "cut", "high", "low", "swapped"}) {
    INFO(bad);
    CHECK_THROWS_WITH(root[bad].string(), Contains("is no text") && Contains("UTF-8"));
  }
  CHECK_THROWS_WITH(root["m"].members(), Contains("no Unicode text"));
  CHECK(root["pair"].string() == "\xf0\x9f\x98\x80");
  CHECK(root["utf8"].string() == "\xc3\xbc\xc2\x85");
  CHECK(root["escaped"].string() == "\\ud83d");
  CHECK(root["a"].string() == "fine");
}
