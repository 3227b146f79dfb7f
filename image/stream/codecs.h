// The decoders. Each format has its own library, linked into the binary. gzip has two.
//
// ISA-L reads gzip three times as fast as zlib. Debian has no static ISA-L, and a binary with a
// shared library starts a seventh slower, even if it unpacks nothing. So the build makes a static
// one (build-isal). If that failed, the library's functions are weak symbols without a definition.
//
// Source: RFC 1952; isa-l/igzip_lib.h.
#pragma once

#include <memory>

#include "image/stream/packed.h"

namespace minirun::image {

std::unique_ptr<Decoder> make_bzip2_decoder();
std::unique_ptr<Decoder> make_xz_decoder();
std::unique_ptr<Decoder> make_zstd_decoder();

/// Null if minirun was built without ISA-L.
std::unique_ptr<Decoder> make_isal_decoder();
std::unique_ptr<Decoder> make_zlib_decoder();

}  // namespace minirun::image
