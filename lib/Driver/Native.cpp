// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Driver/Native.h"

#include "lib/Driver/Binding.h"

#include <atomic>
#include <cmath>
#include <cstring>
#include <new>

#include <sys/mman.h>

using namespace terrazzo;
using namespace terrazzo::driver;
using interpreter::Buffer;
using interpreter::Comparison;
using interpreter::Tensor;
using numerics::Format;

static constexpr size_t hugePage = size_t(2) << 20;

/// A quiet NaN whose payload no computation makes; where a format has a single
/// NaN, that one.
uint64_t NativeMemory::mark() const {
  if (!type.isFloat())
    return 0xCBCBCBCBCBCBCBCB;
  switch (type.format) {
  case Format::F64:
    return 0x7FF8CBCBCBCBCBCB;
  case Format::F32:
    return 0x7FC0CBCB;
  case Format::F16:
    return 0x7ECB;
  case Format::BF16:
    return 0x7FCB;
  default:
    return numerics::encode(type.format, NAN);
  }
}

static uint64_t bitsOf(const Tensor &data, size_t i) {
  if (!data.type.isFloat())
    return data.type.bits == 1 ? data.ints[i] & 1 : uint64_t(data.ints[i]);
  double v = data.values[i];
  if (data.type.format == Format::F64)
    return llvm::bit_cast<uint64_t>(v);
  if (data.type.format == Format::F32)
    return llvm::bit_cast<uint32_t>(float(v));
  return numerics::encode(data.type.format, v);
}

/// What stands at byte \p i beside the elements. It differs from argument to
/// argument: a kernel that copies beyond the ends of two must be seen.
static uint8_t guardByte(uint64_t key, size_t i) {
  uint64_t word = (key * 4096 + i / 8 + 1) * 0x9E3779B97F4A7C15;
  word = (word ^ (word >> 31)) * 0xBF58476D1CE4E5B9;
  return uint8_t(word >> (i % 8 * 8));
}

NativeMemory::NativeMemory(const Buffer &buffer)
    : type(buffer.data.type), count(buffer.data.size()),
      bytesEach(size_t(elementBytes(type))), unwritten(count) {
  static std::atomic<uint64_t> made = 0;
  key = ++made;
  size_t bytes = count * bytesEach + 2 * guard;
  size_t align = bytes >= 2 * hugePage ? hugePage : guard;
  bytes = llvm::alignTo(bytes, align);
  memory.reset(static_cast<char *>(std::aligned_alloc(align, bytes)));
  if (!memory) {
    if (std::new_handler handler = std::get_new_handler())
      handler();
    throw std::bad_alloc();
  }
  if (align == hugePage)
    madvise(memory.get(), bytes, MADV_HUGEPAGE);
  for (size_t i = 0; i < guard; ++i) {
    memory[i] = char(guardByte(key, i));
    data()[count * bytesEach + i] = char(guardByte(key, guard + i));
  }
  uint64_t unset = mark();
  for (size_t i = 0; i < count; ++i) {
    unwritten[i] = buffer.data.flag(i) & interpreter::Poison;
    uint64_t bits = unwritten[i] ? unset : bitsOf(buffer.data, i);
    std::memcpy(data() + i * bytesEach, &bits, bytesEach);
  }
}

Tensor NativeMemory::read() const {
  Tensor out;
  out.type = type;
  out.allocate(count);
  out.flags.assign(count, 0);
  uint64_t unset = mark() & interpreter::zeroExtend(-1, bytesEach * 8);
  for (size_t i = 0; i < count; ++i) {
    uint64_t bits = 0;
    std::memcpy(&bits, data() + i * bytesEach, bytesEach);
    if (unwritten[i] && bits == unset)
      out.flags[i] = interpreter::Poison;
    if (!type.isFloat())
      out.ints[i] = interpreter::signExtend(int64_t(bits), type.bits);
    else if (type.format == Format::F64)
      out.values[i] = llvm::bit_cast<double>(bits);
    else if (type.format == Format::F32)
      out.values[i] = llvm::bit_cast<float>(uint32_t(bits));
    else
      out.values[i] = numerics::decode(type.format, bits);
  }
  for (const Address &a : addresses)
    if (uint64_t(out.ints[a.element]) == a.real)
      out.ints[a.element] = a.symbolic;
  return out;
}

void NativeMemory::relocate(size_t i, uint64_t real) {
  int64_t symbolic;
  std::memcpy(&symbolic, data() + i * bytesEach, sizeof symbolic);
  std::memcpy(data() + i * bytesEach, &real, sizeof real);
  addresses.push_back({i, symbolic, real});
}

bool NativeMemory::hasValues() const {
  uint64_t unset = mark() & interpreter::zeroExtend(-1, bytesEach * 8);
  for (size_t i = 0; i < count; ++i) {
    uint64_t bits = 0;
    std::memcpy(&bits, data() + i * bytesEach, bytesEach);
    if (!unwritten[i] || bits != unset)
      return true;
  }
  return false;
}

bool NativeMemory::wroteOutside() const {
  const char *behind = data() + count * bytesEach;
  for (size_t i = 0; i < guard; ++i)
    if (uint8_t(memory[i]) != guardByte(key, i) ||
        uint8_t(behind[i]) != guardByte(key, guard + i))
      return true;
  return false;
}

void NativeMemory::remember() {
  remembered.assign(data(), data() + count * bytesEach);
}
bool NativeMemory::hasChanged() const {
  return std::memcmp(remembered.data(), data(), remembered.size()) != 0;
}
void NativeMemory::restore() {
  std::memcpy(data(), remembered.data(), remembered.size());
}

Comparison driver::compareWithOracle(const Buffer &oracle,
                                     const Tensor &device) {
  Tensor expected = oracle.data;
  std::vector<double> got(device.size());
  bool sampled = !oracle.written.empty(), agrees = true;
  int64_t skipped = 0;
  // No computation makes the mark of a wide float; of others it is a number.
  bool markSays = device.type.isFloat() && device.type.bits > 8;
  for (size_t i = 0; i < got.size(); ++i) {
    got[i] = device.type.isFloat() ? device.values[i] : double(device.ints[i]);
    // Another program may have part in what an atomic combined.
    if (sampled && oracle.written[i] != interpreter::Stored) {
      expected.setFlag(i, interpreter::Poison);
      ++skipped;
      continue;
    }
    bool oracleWrote = !(expected.flag(i) & interpreter::Poison);
    bool deviceWrote = !(device.flag(i) & interpreter::Poison);
    if (oracleWrote ? markSays && !deviceWrote : deviceWrote)
      agrees = false;
    // Beyond 2^53 doubles do not tell integers apart.
    if (oracleWrote && !device.type.isFloat() &&
        !(expected.flag(i) & interpreter::Ambiguous) &&
        device.ints[i] != expected.ints[i])
      agrees = false;
  }
  Comparison c = interpreter::compare(expected, &got);
  c.unwritten -= skipped;
  c.ok = c.ok && agrees;
  return c;
}
