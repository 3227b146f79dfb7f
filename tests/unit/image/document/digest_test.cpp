#include "image/document/digest.h"

#include "runner/base/error.h"
#include "tests/unit/catch.h"

namespace minirun::image {
namespace {

constexpr std::string_view empty_hex =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

TEST_CASE("SHA-256 is that of FIPS 180-4's examples") {
  CHECK(sha256("").hex() == empty_hex);
  CHECK(sha256("abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("bytes that come in pieces have the digest of the whole, and the next ones begin anew") {
  const std::string text(100'000, 'x');
  Sha256 hash;
  for (size_t at = 0; at < text.size(); at += 777) {
    hash.update(
        std::as_bytes(std::span(text)).subspan(at, std::min<size_t>(777, text.size() - at)));
  }
  CHECK(hash.finish() == sha256(text));
  CHECK(hash.finish().hex() == empty_hex);
}

TEST_CASE("a digest reads back as it was written") {
  const Digest digest = sha256("abc");
  CHECK(Digest::parse(digest.str(), "here") == digest);
  CHECK(Digest::from_hex(digest.hex()) == digest);
  CHECK(digest.str() == "sha256:" + digest.hex());
  CHECK(digest.short_hex() == "ba7816bf8f01");
}

TEST_CASE(
    "case 3: what is not exactly a SHA-256 digest is refused, and the error says where it stood") {
  const std::string hex(empty_hex);
  std::string upper = hex;
  upper[0] = 'E';
  for (const std::string& text :
       {std::string("sha256:../../x"), "sha256:" + upper, "sha256:" + hex.substr(1),
        "sha256:" + hex + "0", "sha512:" + hex, hex, std::string(), std::string("sha256:"),
        "SHA256:" + hex, "sha256:" + hex.substr(2) + "/.", " sha256:" + hex,
        "sha256:" + hex.substr(1) + std::string(1, '\0')}) {
    CAPTURE(text);
    CHECK_THROWS_AS(Digest::parse(text, "index.json: /manifests/0"), ImageError);
    CHECK_THROWS_WITH(Digest::parse(text, "index.json: /manifests/0"),
                      Catch::StartsWith("index.json: /manifests/0: "));
  }
  CHECK_FALSE(Digest::from_hex(upper));
  CHECK_FALSE(Digest::from_hex(""));
}

TEST_CASE("the chain id of the lowest layer is its diff id, of others that of parent and diff id") {
  const Digest lowest = sha256("a");
  const Digest upper = sha256("b");
  CHECK(chain_id(std::nullopt, lowest) == lowest);
  CHECK(chain_id(lowest, upper) == sha256(lowest.str() + " " + upper.str()));
}

}  // namespace
}  // namespace minirun::image
