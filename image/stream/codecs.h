// The decoders of bzip2, xz and zstd: each the format's own library, linked into the binary.
#pragma once

#include <memory>

#include "image/stream/packed.h"

namespace minirun::image {

std::unique_ptr<Decoder> make_bzip2_decoder();
std::unique_ptr<Decoder> make_xz_decoder();
std::unique_ptr<Decoder> make_zstd_decoder();

}  // namespace minirun::image
