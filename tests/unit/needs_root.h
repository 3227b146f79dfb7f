// Tests of what only root may do. Without root they are skipped, and tests/run counts them.
#pragma once

#include <unistd.h>

#include <iostream>

#include "tests/unit/catch.h"

namespace minirun::test {

/// Says so where it is not root: `if (!test::is_root()) return;`
inline bool is_root() {
  if (::geteuid() == 0) return true;
  std::cout << "SKIPPED, needs root: " << Catch::getResultCapture().getCurrentTestName() << '\n';
  return false;
}

}  // namespace minirun::test
