// Checks the records of a pax extended header: "27 path=a/file\n". Does not apply them.
//
// The guard learns only what it needs to find the next header: how long the entry's data is. A
// global header may hold a comment (git archive writes its commit there), but nothing that changes
// entries, because readers differ in how they apply that.
//
// Source: pax(1), "pax Header Block", "pax Extended Header".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace minirun::image {

constexpr uint64_t max_tar_size = uint64_t{1} << 60;
constexpr uint64_t max_tar_id = UINT32_MAX - 1;  // chown(2) takes 2^32-1 for "leave it"
constexpr uint64_t max_sparse_extents = 100'000;

struct PaxFacts {
  std::optional<uint64_t> size;
  bool path = false;
  bool linkpath = false;
  bool sparse = false;
  bool sparse_in_data = false;  ///< GNU sparse 1.0: the map comes before the data
};

/// Checks all records. Throws ImageError that begins with `where`.
PaxFacts check_pax(std::string_view records, bool global, const std::string& where);

}  // namespace minirun::image
