#include "runner/base/version.h"

namespace minirun {

const char* const version = MINIRUN_VERSION;

}  // namespace minirun
