// The whole story of a container, written down before anything happens. Read plan.cpp first.
#pragma once

#include "runner/plan/spec.h"
#include "runner/plan/step.h"

namespace minirun {

/// Decides everything and changes nothing: reads no file, makes no call.
Plan build_plan(const ContainerSpec& spec);

}  // namespace minirun
