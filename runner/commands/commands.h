// The commands. Each prints its result on stdout and returns the exit status. The table in
// tables.cpp gives them their names.
#pragma once

#include "runner/commands/options.h"

namespace minirun {

int run_command(const Options& options);
int load_command(const Options& options);
int images_command(const Options& options);
int rmi_command(const Options& options);
int inspect_command(const Options& options);
int history_command(const Options& options);
int layers_command(const Options& options);
int ls_command(const Options& options);
int cat_command(const Options& options);
int why_command(const Options& options);
int explain_command(const Options& options);
int containers_command(const Options& options);
int diff_command(const Options& options);
int rm_command(const Options& options);
int volumes_command(const Options& options);
int volume_command(const Options& options);
int gc_command(const Options& options);
int version_command(const Options& options);
int help_command(const Options& options);

}  // namespace minirun
