// Which minirun this is: `git describe`, put in by the Makefile.
#pragma once

namespace minirun {

extern const char* const version;

}  // namespace minirun
