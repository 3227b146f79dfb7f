// What a container may do, and what it may use: --cap-add and others, -m and others. Options have
// Docker's names and units.
//
// Source: docker-run(1); docker/oci/caps (the order of --cap-add and --cap-drop).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "namespaces/caps.h"
#include "namespaces/resources.h"
#include "runner/commands/options.h"
#include "runner/plan/spec.h"

namespace minirun {

/// "64m" is 64 MiB. Docker's units: b, k, m, g, powers of 1024. Throws UsageError that begins with
/// the option.
uint64_t parse_size(std::string_view text, std::string_view option);
/// "1.5" processors are 150000 µs in each period of 100000. Throws UsageError.
uint64_t parse_cpus(std::string_view text);
/// "0-2,4" as it is, if it is such a list. Throws UsageError.
std::string parse_cpu_list(std::string_view text);
/// A number of processes; 0 and -1 are no limit. Throws UsageError.
std::optional<uint64_t> parse_pids(std::string_view text);

/// The container's capabilities: the default set and what is added, without what is dropped. As in
/// Docker, a capability that is both added and dropped stays. ALL stands for all of `all`. Throws
/// UsageError for an unknown name.
ns::CapSet resolve_caps(const std::vector<std::string>& added,
                        const std::vector<std::string>& dropped, ns::CapSet all);

/// Throws UsageError for values that don't fit each other. Looks at no image.
void check_confinement(const Options& options);
/// Fills in what the options say. Looks the devices up. Throws UsageError, and Error if this
/// machine has no controller for a limit.
void confine(const Options& options, ContainerSpec& spec);

}  // namespace minirun
