// Two readers of gzip: ISA-L, three times as fast, where the machine has it, else zlib.
//
// ISA-L has no static library in Debian, and linking the shared one costs every start 0.3 ms, also
// those that unpack nothing. So it is looked for with dlopen(3) when the first gzip byte is met.
//
// Source: RFC 1952; isa-l/igzip_lib.h.
#pragma once

#include <memory>

#include "image/packed.h"

namespace minirun::image {

/// Nothing if libisal.so.2 isn't there.
std::unique_ptr<Decoder> make_isal_decoder();
std::unique_ptr<Decoder> make_zlib_decoder();

}  // namespace minirun::image
