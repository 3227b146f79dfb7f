// A second copy of an unpacked layer, made of hard links: a stream can't be read twice, and one
// member may be two layers of an image (the same empty layer, test case 15) or of two images.
// Layers never change, so they may share files.
#pragma once

namespace minirun::image {

/// Makes the directory `to` (empty) hold what `from` holds: directories are made, all else is
/// linked.
void link_tree(int from, int to);

}  // namespace minirun::image
