// What a run would be, without running it: --dry-run and --print-script. Needs no root and changes
// nothing, but that for root a script's image is loaded, so that the script runs.
#pragma once

#include <vector>

#include "image/load/load.h"
#include "runner/commands/options.h"
#include "runner/plan/plan.h"

namespace minirun {

struct Foreseen {
  std::vector<image::LoadRecord> load;  ///< what loading the image would do; empty: it is loaded
  ContainerSpec spec;
  Plan plan;
};

/// Reads the archive, where the image isn't in the store (or the store can't be read), to its end.
/// Throws as a run would, and UsageError for an option that only a run can obey.
Foreseen foresee(const Options& options);

/// The whole of it for people, in the narrator's form.
std::string dry_run_text(const Foreseen& foreseen, int fd);

}  // namespace minirun
