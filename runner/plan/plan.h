// All steps of a container, written down before the first is done. Read plan.cpp first.
#pragma once

#include "runner/plan/spec.h"
#include "runner/plan/step.h"

namespace minirun {

/// Decides all steps. Changes nothing: reads no file and makes no system call.
Plan build_plan(const ContainerSpec& spec);

}  // namespace minirun
