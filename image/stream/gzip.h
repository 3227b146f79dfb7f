// Two readers of gzip: ISA-L, three times as fast, where minirun was built with it, else zlib.
//
// Debian has no static ISA-L, and a binary that loads any shared library starts a seventh later,
// also where it unpacks nothing. So the build makes one (build-isal); where it could not, the
// library's functions are weak symbols that nobody defined.
//
// Source: RFC 1952; isa-l/igzip_lib.h.
#pragma once

#include <memory>

#include "image/stream/packed.h"

namespace minirun::image {

/// Nothing if minirun was built without it.
std::unique_ptr<Decoder> make_isal_decoder();
std::unique_ptr<Decoder> make_zlib_decoder();

}  // namespace minirun::image
