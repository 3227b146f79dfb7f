#include "namespaces/signals.h"

#include <signal.h>

#include "tests/unit/catch.h"

using namespace minirun;

TEST_CASE("a signal is known by name, with or without SIG, in any case, and by number") {
  for (const char* name : {"TERM", "SIGTERM", "term", "sigterm", "15"}) {
    CHECK(ns::parse_signal(name) == SIGTERM);
  }
  CHECK(ns::parse_signal("QUIT") == SIGQUIT);
  CHECK(ns::parse_signal("SIGPOLL") == ns::parse_signal("SIGIO"));
  CHECK(ns::parse_signal("SIGRTMIN+3") == 37);  // systemd's
  CHECK(ns::parse_signal("RTMIN") == 34);
  CHECK(ns::parse_signal("rtmax-1") == 63);
  CHECK(ns::parse_signal("64") == 64);
}

TEST_CASE("what names no signal is none") {
  for (const char* name :
       {"", "0", "65", "-9", "+9", "9x", "SIG", "SIGSIGTERM", "NOSUCH", "RTMIN+31", "RTMIN-1",
        "RTMAX+1", "RTMIN+", "RTMIN+x", "99999999999999999999"}) {
    INFO(name);
    CHECK_FALSE(ns::parse_signal(name));
  }
}

TEST_CASE("the name of a signal is read back as that signal") {
  for (int signal = 1; signal <= 64; ++signal) {
    if (signal == 32 || signal == 33) continue;  // the C library's own
    INFO(signal);
    CHECK(ns::parse_signal(ns::signal_name(signal)) == signal);
  }
}
