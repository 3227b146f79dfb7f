// Catch2's own main, compiled once: the header is large.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
