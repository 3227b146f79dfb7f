// Commands that look into an image. The table in commands.cpp names them.
#pragma once

#include "runner/commands/options.h"

namespace minirun {

int layers_command(const Options& options);
int ls_command(const Options& options);
int cat_command(const Options& options);

}  // namespace minirun
