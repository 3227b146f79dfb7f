#include "runner/base/error.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <future>

#include "tests/unit/catch.h"

using namespace minirun;

TEST_CASE("a failed call says its errno in words, and what usually causes it") {
  const SysError error(ENOSPC, "write /f");
  CHECK(std::string(error.what()) == "write /f: No space left on device");
  CHECK_THAT(error.hint(), Catch::Contains("df -h"));
  CHECK(error.attempt() == "write /f");
  CHECK(error.number() == ENOSPC);
}

TEST_CASE("what an errno means to a certain call is said instead of its usual cause") {
  CHECK(SysError(ENOSPC, "unshare", "a limit on namespaces").hint() == "a limit on namespaces");
}

TEST_CASE("an errno that means something else to each call has no usual cause") {
  for (const int number : {EINVAL, ENOENT, ENOTDIR, EEXIST, EBUSY, ELOOP}) {
    INFO(errno_words(number));
    CHECK(usual_cause(number).empty());
  }
}

TEST_CASE("what is forbidden is forbidden to root by something else than to others") {
  if (::geteuid() != 0) {
    CHECK_THAT(usual_cause(EPERM), Catch::Contains("this is user " + std::to_string(::geteuid())));
    return;
  }
  CHECK_THAT(usual_cause(EPERM), Catch::Contains("even root"));
  // The raw call changes the user of one thread only: credentials(7), "Modifying process user and
  // group IDs".
  const std::string as_user = std::async(std::launch::async, [] {
                                ::syscall(SYS_setresuid, -1, 1000, -1);
                                return usual_cause(EACCES);
                              }).get();
  CHECK(as_user == "it may take root, and this is user 1000");
}
