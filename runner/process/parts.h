// The parts of the page that `minirun explain --pid` prints, in its order.
#pragma once

#include <string>
#include <string_view>

#include "runner/base/page.h"
#include "runner/process/facts.h"

namespace minirun::explain {

/// A line "  name   text", wrapped. The text begins in column `column`, or two after the name.
std::string row(std::string_view name, std::string_view text, size_t column = 16);
/// Why a field is empty: "Permission denied"; "none" where it is so.
std::string unread(const ProcessFacts& facts, const std::string& field);
/// "4711 (sleep)"
std::string called(pid_t pid, const std::string& comm);

std::string mounts_part(const ProcessFacts& facts);
std::string ids_part(const ProcessFacts& facts);
std::string powers_part(const ProcessFacts& facts);
std::string cgroups_part(const ProcessFacts& facts);
std::string limits_part(const ProcessFacts& facts);

}  // namespace minirun::explain
