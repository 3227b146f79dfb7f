// What commands share: the store, the image that is meant, what is printed.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "image/load/load.h"
#include "image/load/preview.h"
#include "runner/commands/options.h"

namespace minirun {

/// Where the store is: --root, else MINIRUN_ROOT, else /var/lib/minirun.
std::string store_root(const Options& options);

/// Throws Error where we aren't root or the kernel is too old, before the first call fails with an
/// errno.
void require_host();
/// Of a release as uname(2) gives it: "6.1.0-18-amd64". Throws Error below 5.12.
void check_kernel(const std::string& release);

/// What loading needs to know of the command line; progress and warnings go to stderr.
image::LoadOptions load_options(const Options& options);

/// The IMAGE that the first argument means: an archive or directory, which is loaded if it isn't
/// yet (a path that exists wins over a name; "./x" is always a path, "-" standard input), or the
/// name or id of an image in the store. Throws UsageError.
image::Image find_image(image::Store& store, const Options& options,
                        std::function<void(const image::LoadRecord&)> tell = {},
                        std::function<void(std::string_view id)> begins = {});

/// The same without root and without any change: what isn't in the store, or where the store can't
/// be read, is read from the archive. `tell` hears what loading would do, if it would.
image::Preview look_for_image(const Options& options,
                              const std::function<void(const image::LoadRecord&)>& tell);

/// One line on stderr, marked as a note.
void note(const std::string& text);

/// On stdout. A closed or full one is an error like any other, so that `minirun images > /dev/full`
/// doesn't lie.
void print(const std::string& text);
/// A cell of a table: at least that wide, and the gap after it.
std::string padded(std::string text, size_t width);

}  // namespace minirun
