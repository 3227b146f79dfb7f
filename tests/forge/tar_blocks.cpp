#include "tests/forge/tar_blocks.h"

#include <array>
#include <cstdio>

#include "runner/base/error.h"

namespace minirun::forge {
namespace {

constexpr size_t block_size = 512;

void put_field(std::string& block, Field field, std::string_view bytes) {
  put(block, field.offset, bytes.substr(0, field.length));
}

/// The sum of all bytes, those of the checksum itself counted as spaces.
std::string checksum(const std::string& block) {
  unsigned sum = 0;
  for (const char byte : block) sum += static_cast<unsigned char>(byte);
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%06o", sum & 0777777);
  text[7] = ' ';
  return {text.data(), text.size()};
}

std::string padding(size_t size) {
  return std::string((block_size - size % block_size) % block_size, '\0');
}

}  // namespace

void put(std::string& block, size_t offset, std::string_view bytes) {
  block.replace(offset, bytes.size(), bytes);
}

void seal(std::string& block) {
  put_field(block, field::checksum, "        ");
  put_field(block, field::checksum, checksum(block));
}

std::string octal(uint64_t number, size_t length) {
  if (number >> (3 * (length - 1)) != 0) return base256(static_cast<int64_t>(number), length);
  std::string digits(length, '\0');
  for (size_t i = length - 1; i-- > 0; number >>= 3) {
    digits[i] = static_cast<char>('0' + (number & 7));
  }
  return digits;
}

std::string base256(int64_t number, size_t length) {
  std::string bytes(length, number < 0 ? '\xff' : '\0');
  for (size_t i = length; i-- > 0 && length - i <= sizeof number; number >>= 8) {
    bytes[i] = static_cast<char>(number & 0xff);
  }
  bytes[0] = static_cast<char>(static_cast<unsigned char>(bytes[0]) | 0x80);
  return bytes;
}

std::string pax_record(std::string_view key, std::string_view value) {
  const std::string rest = cat(" ", key, "=", value, "\n");
  size_t length = rest.size();
  while (std::to_string(length).size() + rest.size() != length) {
    length = std::to_string(length).size() + rest.size();
  }
  return cat(length, rest);
}

std::string header_block(const Header& header, uint64_t size) {
  std::string block(block_size, '\0');
  put_field(block, field::name, header.name);
  put_field(block, field::mode, octal(header.mode, field::mode.length));
  put_field(block, field::uid, octal(header.uid, field::uid.length));
  put_field(block, field::gid, octal(header.gid, field::gid.length));
  put_field(block, field::size, octal(size, field::size.length));
  put_field(block, field::mtime,
            header.mtime < 0 ? base256(header.mtime, field::mtime.length)
                             : octal(static_cast<uint64_t>(header.mtime), 12));
  put_field(block, field::type, std::string(1, header.type));
  put_field(block, field::link, header.link);
  put_field(block, field::magic, std::string_view("ustar\00000", 8));
  if (header.type == '3' || header.type == '4') {
    put_field(block, field::major, octal(header.major, field::major.length));
    put_field(block, field::minor, octal(header.minor, field::minor.length));
  }
  for (const auto& [where, bytes] : header.raw) put_field(block, where, bytes);
  if (header.good_checksum) {
    seal(block);
  } else {
    put_field(block, field::checksum, "012345");
  }
  return block;
}

Tar& Tar::add(const Header& header, std::string_view content) {
  std::string records;
  if (header.name.size() > field::name.length) records += pax_record("path", header.name);
  if (header.link.size() > field::link.length) records += pax_record("linkpath", header.link);
  if (!records.empty()) pax(records);
  return add_sized(header, content.size(), content);
}

Tar& Tar::add_sized(const Header& header, uint64_t size, std::string_view content) {
  bytes_ += header_block(header, size);
  bytes_ += content;
  bytes_ += padding(content.size());
  return *this;
}

Tar& Tar::pax(std::string_view records, char type) {
  Header header;
  header.name = type == 'g' ? "pax_global_header" : "PaxHeaders/next";
  header.type = type;
  return add_sized(header, records.size(), records);
}

Tar& Tar::gnu_long(std::string_view name, char type) {
  Header header;
  header.name = "././@LongLink";
  header.type = type;
  header.raw = {{field::magic, std::string("ustar  \0", 8)}};
  return add_sized(header, name.size() + 1, cat(name, std::string(1, '\0')));
}

Tar& Tar::raw(std::string_view bytes) {
  bytes_ += bytes;
  return *this;
}

Tar& Tar::file(const std::string& name, std::string_view content, uint32_t mode) {
  Header header;
  header.name = name;
  header.mode = mode;
  return add(header, content);
}

Tar& Tar::dir(const std::string& name, uint32_t mode) {
  Header header;
  header.name = name;
  header.type = '5';
  header.mode = mode;
  return add(header);
}

Tar& Tar::symlink(const std::string& name, const std::string& target) {
  Header header;
  header.name = name;
  header.type = '2';
  header.mode = 0777;
  header.link = target;
  return add(header);
}

Tar& Tar::hardlink(const std::string& name, const std::string& target) {
  Header header;
  header.name = name;
  header.type = '1';
  header.link = target;
  return add(header);
}

Tar& Tar::fifo(const std::string& name) {
  Header header;
  header.name = name;
  header.type = '6';
  return add(header);
}

Tar& Tar::device(const std::string& name, char type, uint32_t major, uint32_t minor) {
  Header header;
  header.name = name;
  header.type = type;
  header.major = major;
  header.minor = minor;
  return add(header);
}

Tar& Tar::file_with_xattrs(const std::string& name,
                           const std::vector<std::pair<std::string, std::string>>& xattrs) {
  std::string records;
  for (const auto& [key, value] : xattrs) records += pax_record(cat("SCHILY.xattr.", key), value);
  return pax(records).file(name, "with attributes\n");
}

}  // namespace minirun::forge
