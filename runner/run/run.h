// The loop that obeys a plan and decides nothing.
#pragma once

#include <span>
#include <string>

#include "runner/run/listener.h"

namespace minirun {

/// Performs the plan and returns the program's exit status as a shell would say it. Whatever
/// happens, what was done is undone, newest first. A step that fails is an Error whose text begins
/// with "step ID: ". A listener's own failure is one too.
///
/// With a listener the steps are done one at a time; without one, consecutive steps of the child go
/// in one message. `note` says to the person what a step notes. Signals stay blocked from here on:
/// they are passed to the program once it runs.
int run(const Plan& plan, std::span<Listener* const> listeners,
        void (*note)(const std::string& text));

}  // namespace minirun
