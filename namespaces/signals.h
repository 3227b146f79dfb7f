// Signals by name and number.
//
// Source: signal(7); image-spec, config.md "StopSignal".
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace minirun::ns {

/// The number of "TERM", "SIGTERM", "term", "15", "SIGRTMIN+3", "RTMAX-1"; nullopt where no signal
/// has that name.
std::optional<int> parse_signal(std::string_view text);

/// "TERM", "RTMIN+3".
std::string signal_name(int signal);

}  // namespace minirun::ns
