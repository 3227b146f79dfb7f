// The decoders: each the format's own library, linked into the binary. For gzip there are two.
//
// ISA-L reads gzip three times as fast as zlib. Debian has no static one, and a binary that loads
// any shared library starts a seventh later, also where it unpacks nothing. So the build makes one
// (build-isal). Where it could not, the library's functions are weak symbols that nobody defined.
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
