// The version of this minirun: the Makefile puts in the output of `git describe`.
#pragma once

namespace minirun {

extern const char* const version;

}  // namespace minirun
