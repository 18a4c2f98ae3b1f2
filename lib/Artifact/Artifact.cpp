// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Artifact/Artifact.h"

#include "lib/Artifact/Sha256.h"

using namespace terrazzo::artifact;

static constexpr std::string_view magic = "TRZART\r\n";
static constexpr size_t headerBytes = 8 + 4 + 32;

static void put32(std::string &out, uint32_t n) {
  for (int i = 0; i < 4; ++i)
    out += char(n >> (8 * i));
}

static void put(std::string &out, std::string_view text) {
  put32(out, uint32_t(text.size()));
  out += text;
}

namespace {

/// Takes the fields of a payload one after another; what does not fit is
/// empty, and `torn` afterwards.
struct Fields {
  std::string_view rest;
  bool torn = false;

  uint32_t number() {
    if (rest.size() < 4) {
      torn = true;
      rest = {};
      return 0;
    }
    uint32_t n = 0;
    for (int i = 0; i < 4; ++i)
      n |= uint32_t(uint8_t(rest[i])) << (8 * i);
    rest.remove_prefix(4);
    return n;
  }
  std::string text() {
    uint32_t n = number();
    if (n > rest.size()) {
      torn = true;
      n = 0;
    }
    std::string out(rest.substr(0, n));
    rest.remove_prefix(n);
    return out;
  }
};

} // namespace

std::string terrazzo::artifact::write(const Artifact &a) {
  std::string payload;
  for (const std::string *field :
       {&a.kernel, &a.chip, &a.compiler, &a.source, &a.options, &a.constants})
    put(payload, *field);
  put32(payload, uint32_t(a.parameters.size()));
  for (const Parameter &p : a.parameters) {
    put(payload, p.name);
    put(payload, p.type);
  }
  put(payload, a.code);
  std::string out(magic);
  put32(out, version);
  Digest digest = sha256(payload);
  out.append(reinterpret_cast<const char *>(digest.data()), digest.size());
  return out + payload;
}

std::optional<Artifact> terrazzo::artifact::read(std::string_view bytes,
                                                 std::string &error) {
  auto bad = [&](const char *what) {
    error = what;
    return std::nullopt;
  };
  if (bytes.size() < headerBytes || bytes.substr(0, magic.size()) != magic)
    return bad("not an artifact");
  Fields head{bytes.substr(magic.size())};
  if (head.number() != version)
    return bad("an artifact of another version");
  std::string_view payload = bytes.substr(headerBytes);
  Digest digest = sha256(payload);
  std::string_view wanted(reinterpret_cast<const char *>(digest.data()),
                          digest.size());
  if (bytes.substr(magic.size() + 4, digest.size()) != wanted)
    return bad("a torn artifact: its checksum is wrong");
  Fields fields{payload};
  Artifact a;
  for (std::string *field :
       {&a.kernel, &a.chip, &a.compiler, &a.source, &a.options, &a.constants})
    *field = fields.text();
  uint32_t count = fields.number();
  for (uint32_t i = 0; i < count && !fields.torn; ++i) {
    Parameter p;
    p.name = fields.text();
    p.type = fields.text();
    a.parameters.push_back(std::move(p));
  }
  a.code = fields.text();
  if (fields.torn || !fields.rest.empty())
    return bad("a torn artifact: its fields do not fit");
  return a;
}
