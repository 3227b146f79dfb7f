// The listeners of a run: one for each option that asks for one.
#pragma once

#include <memory>
#include <vector>

#include "runner/commands/options.h"
#include "runner/run/listener.h"

namespace minirun {

using Listeners = std::vector<std::unique_ptr<Listener>>;

/// The listeners in the order in which they are called. Throws UsageError, SysError (a file can't
/// be opened).
Listeners make_listeners(const Options& options);

}  // namespace minirun
