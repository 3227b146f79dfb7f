// A directory tree as text for the report's page: a line for each entry, depth first, with the
// names of each directory sorted by their bytes. A directory's name is written once, in its own
// line. So 100,000 paths take 3 MB and not 8.
//
//     d755 0 bin                  a directory; its entries follow ...
//     f4755,0,42 35128 su         kind and mode (octal), owner and group unless root's; size; name
//     l777 4 sh<tab>dash          a symlink, and where it points
//     .                           ... until here
//     o755 0 opt                  an opaque directory: it hides that of the layers below
//     w0 0 core                   a whiteout (a character device 0:0)
//     d755 0 deep
//     ~                           not read: too deep
//     .
//
// Kinds: d directory, o opaque directory, f file, l symlink, w whiteout, c b p s as in ls(1).
//
// A name is bytes; a page's text is Unicode. Some bytes are written as the character U+E000 + byte:
// invalid UTF-8, control characters, and the bytes of the characters U+E000 to U+E0FF. So two
// different names are never the same text, and the page can show each such byte as \xNN.
//
// Read by: report/paths.js.
#pragma once

#include <string>
#include <string_view>

namespace minirun {

/// The tree below an open directory, without the directory itself. Throws SysError.
std::string tree_text(int dir);

/// A name in the form of the tree's text.
std::string name_text(std::string_view name);

}  // namespace minirun
