// What commands share: finding the store and the image, and printing.
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

/// Throws Error if we aren't root or the kernel is too old. Without this check a later system call
/// would fail, and its errno would not say why.
void require_host();
/// `release` is the kernel's, from uname(2): "6.1.0-18-amd64". Throws Error if it is below 5.12.
void check_kernel(const std::string& release);

/// The options for loading, from the command line. Progress and warnings go to stderr.
image::LoadOptions load_options(const Options& options);

/// The IMAGE in the first argument. It is a path of an archive or directory, which is loaded if it
/// isn't in the store yet, or the name or id of an image in the store. A path that exists comes
/// before a name. "./x" is always a path. "-" is standard input. Throws UsageError.
image::Image find_image(image::Store& store, const Options& options,
                        std::function<void(const image::LoadRecord&)> tell = {},
                        std::function<void(std::string_view id)> begins = {});

/// The same without root and without any change. If the image isn't in the store, or the store
/// can't be read, reads the archive. Calls `tell` for each thing that loading would do.
image::Preview look_for_image(const Options& options,
                              const std::function<void(const image::LoadRecord&)>& tell);

/// One line on stderr, marked as a note.
void note(const std::string& text);

/// Writes to stdout. Throws if that fails, so `minirun images > /dev/full` is an error. Where the
/// reader has gone, SIGPIPE ends us.
void print(std::string_view text);
/// A cell of a table: at least `width` columns, and the gap after it.
std::string padded(std::string text, size_t width);

}  // namespace minirun
