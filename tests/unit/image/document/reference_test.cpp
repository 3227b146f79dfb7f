#include "image/document/reference.h"

#include "tests/unit/catch.h"

using minirun::image::is_id_prefix;
using minirun::image::normalise;

TEST_CASE("references have one familiar form") {
  CHECK(normalise("hello") == "hello:latest");
  CHECK(normalise("hello:v1") == "hello:v1");
  CHECK(normalise("docker.io/library/hello") == "hello:latest");
  CHECK(normalise("index.docker.io/library/hello:1") == "hello:1");
  CHECK(normalise("docker.io/user/hello") == "user/hello:latest");
  CHECK(normalise("library/hello") == "hello:latest");
  CHECK(normalise("localhost/hello-podman:latest") == "localhost/hello-podman:latest");
  CHECK(normalise("example.com:5000/team/hello") == "example.com:5000/team/hello:latest");
  CHECK(normalise("a__b/c-d--e/f.g:T_1") == "a__b/c-d--e/f.g:T_1");
}

TEST_CASE("what is no reference has no form") {
  for (const char* bad : {"",
                          ":",
                          ":tag",
                          "Hello",
                          "a b",
                          "a//b",
                          "/a",
                          "a/",
                          "a:",
                          "a:.x",
                          "a..b",
                          "a___b",
                          "-a",
                          "a-",
                          "a@sha256:00",
                          "../x",
                          "example.com:99999/x",
                          "example..com/x",
                          "a:b:c",
                          "a\n"}) {
    INFO(bad);
    CHECK(!normalise(bad));
  }
  CHECK(!normalise(std::string(256, 'a')));
  CHECK(!normalise("a:" + std::string(129, 'x')));
  CHECK(!normalise(std::string(64, 'a')));  // an image id
}

TEST_CASE("an id prefix is 4 to 64 hexadecimal digits") {
  CHECK(is_id_prefix("252b"));
  CHECK(is_id_prefix("sha256:252ba83580894ad24d1a679313c1471006a219c8a0068eb37a5a9fe446a2b942"));
  for (const char* bad : {"", "252", "sha256:25", "252G", "252B", "sha512:2525", "hello"})
    CHECK(!is_id_prefix(bad));
  CHECK(!is_id_prefix(std::string(65, 'a')));
}
