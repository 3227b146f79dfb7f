// The archives that the tests are about: each has an id, a line that says what it is, and a
// function that makes it.
//
// "case-18-..." is case 18 of the list of hostile input; "good-..." has to work.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "tests/forge/image_builder.h"

namespace minirun::forge {

struct Options {
  std::string busybox = "/bin/busybox";        ///< a static one, for images that need a shell
  std::string victim = "/tmp/minirun-victim";  ///< what hostile archives aim at
};

/// An archive file; `zeros` more bytes follow as a hole, so that it takes no room.
struct ArchiveFile {
  std::string bytes;
  uint64_t zeros = 0;
};
/// An archive file, or the files of a directory.
using Product = std::variant<ArchiveFile, Files>;

struct Case {
  std::string_view id;
  std::string_view what;
  Product (*make)(const Options&);
};

std::span<const Case> good_cases();
std::span<const Case> good_oci_cases();
std::span<const Case> form_cases();
std::span<const Case> document_cases();
std::span<const Case> digest_cases();
std::span<const Case> stream_cases();
std::span<const Case> entry_path_cases();
std::span<const Case> entry_header_cases();
std::span<const Case> entry_kind_cases();
std::span<const Case> whiteout_cases();
std::span<const Case> name_cases();
std::span<const Case> xattr_cases();
std::span<const Case> bomb_cases();
std::span<const Case> json_cases();
std::span<const Case> tool_cases();

// What many of them start from.

/// The files as an uncompressed archive.
inline Product archive(const Files& files) { return ArchiveFile{archive_of(files).bytes()}; }
/// A layer with /hello, which prints hello_text.
std::string hello_layer();
/// A layer with /bin/busybox and /bin/sh.
std::string busybox_layer(const Options& options);
/// An image that prints hello_text, with `upper` layers on top.
Image hello_image(const std::vector<std::string>& upper = {});
/// The hello image and a second layer with /etc/note.txt, both packed so.
Image noted_image(Packing packing = Packing::none);
/// An image that runs busybox's shell, has /hello too, with `upper` layers on top.
Image shell_image(const Options& options, const std::vector<std::string>& upper);
/// The archive, in the legacy form, of the hello image with one layer on top.
Product on_hello(const Tar& upper);
/// The archive, in the legacy form, of the shell image with layers on top.
Product on_shell(const Options& options, const std::vector<Tar>& upper);

}  // namespace minirun::forge
