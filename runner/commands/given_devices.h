// --device, and the devices of --privileged.
//
// Source: docker-run(1), "--device".
#pragma once

#include <string_view>
#include <vector>

#include "mount/dev.h"
#include "runner/commands/options.h"

namespace minirun {

/// A value of --device: SOURCE[:PATH][:rwm]. The numbers are still 0. Throws UsageError.
mount::GivenDevice parse_device(std::string_view text);

/// Looks the devices up on this machine. Throws UsageError if a path is missing or is no device.
std::vector<mount::GivenDevice> given_devices(const Options& options);

}  // namespace minirun
