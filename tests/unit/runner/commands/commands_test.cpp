#include "runner/commands/commands.h"

#include "runner/base/error.h"
#include "runner/commands/shared.h"
#include "tests/unit/catch.h"

using namespace minirun;
using Catch::Contains;

TEST_CASE("a kernel that is too old is said in a sentence; later ones and odd names pass") {
  for (const char* old : {"5.11.0", "5.4.0-100-generic", "4.19.0-21-amd64", "3.10"}) {
    INFO(old);
    CHECK_THROWS_WITH(check_kernel(old), Contains("needs 5.12 or later"));
  }
  for (const char* good : {"5.12.0", "5.15", "6.1.0-18-amd64", "6.18.44-fc", "10.0", "unknown"}) {
    INFO(good);
    CHECK_NOTHROW(check_kernel(good));
  }
}

TEST_CASE("the store: --root, relative to where one stands, or MINIRUN_ROOT or the default") {
  Options options;
  options.root = "/a/../b/";
  CHECK(store_root(options) == "/b");
  options.root = "relative";
  CHECK_THAT(store_root(options), Catch::EndsWith("/relative"));
  CHECK(store_root(options).front() == '/');
}
