// Ctrl-C while an image is loaded: the load ends as it would by an error, so that what is half
// unpacked is removed at once and not by the next start's sweep.
#pragma once

namespace minirun {

/// From here on SIGINT, SIGTERM, SIGHUP and SIGQUIT are remembered; a second one of the same kind
/// kills.
void remember_interrupts();

/// The first signal that came, 0 if none did.
int interrupted_by();

/// Throws Error if one came.
void check_interrupt();

/// From here on nothing has to be undone, so signals end us as they end any program. Throws Error
/// if one came before.
void forget_interrupts();

}  // namespace minirun
