// The unit tests' main, with Catch2's own code in version 2, where it is a header: compiled once.
#define CATCH_CONFIG_RUNNER
#include "tests/unit/catch.h"

int main(int argc, char** argv) { return Catch::Session().run(argc, argv); }
