// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A value of the oracle: elements of one type, each float with three numbers:
// what a device computes, a float64 reference, and a bound on the distance
// between the reference and any honest result.
#ifndef TERRAZZO_LIB_INTERPRETER_TENSOR_H
#define TERRAZZO_LIB_INTERPRETER_TENSOR_H

#include "lib/Numerics/Format.h"

#include "mlir/IR/Types.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

namespace terrazzo::interpreter {

enum Flag : uint8_t {
  Poison = 1,    // never written, or masked off without `other`
  Overflow = 2,  // an integer operation wrapped, if the number has a sign
  Ambiguous = 4, // a decision within the error went one of two ways
  Carry = 8,     // an integer operation wrapped, if the number has no sign
};

/// Integers have no sign; the ops that read them do. What went wrong under the
/// other reading, \p right being this one's, no longer matters.
inline uint8_t readAs(Flag right, uint8_t flag) {
  uint8_t rest = flag & ~(Overflow | Carry);
  return flag & right ? rest | Overflow | Carry : rest;
}

struct ElementType {
  enum class Kind : uint8_t { Integer, Float, Pointer } kind = Kind::Integer;
  unsigned bits = 32;
  numerics::Format format = numerics::Format::F32;
  bool isFloat() const { return kind == Kind::Float; }
  bool operator==(const ElementType &) const = default;
};

/// The element type of an MLIR type; bits is 0 when the oracle lacks it.
ElementType elementTypeOf(mlir::Type type);

struct Window; // Window.h
struct Ring;   // Channels.h

struct Tensor {
  ElementType type;
  std::vector<int64_t> shape; // empty: a scalar
  std::vector<int64_t> ints;  // integers (sign extended) and addresses
  std::vector<double> values, reference, error; // floats
  std::vector<uint8_t> flags;                   // empty: all zero
  std::shared_ptr<const Window> window; // a view has this and no elements
  std::shared_ptr<Ring> ring;           // so has a channel
  size_t bare = 0; // elements without contents, where only their number counts

  size_t size() const {
    return type.isFloat() ? std::max(values.size(), bare) : ints.size();
  }
  uint8_t flag(size_t i) const { return flags.empty() ? 0 : flags[i]; }
  void setFlag(size_t i, uint8_t f) {
    if (f && flags.empty())
      flags.assign(size(), 0);
    if (f)
      flags[i] |= f;
  }
  void allocate(size_t count) {
    if (type.isFloat()) {
      values.resize(count);
      reference.resize(count);
      error.resize(count);
    } else {
      ints.resize(count);
    }
  }
  /// Element \p from of \p other becomes element \p to.
  void take(size_t to, const Tensor &other, size_t from) {
    if (type.isFloat()) {
      values[to] = other.values[from];
      reference[to] = other.reference[from];
      error[to] = other.error[from];
    } else {
      ints[to] = other.ints[from];
    }
    setFlag(to, other.flag(from));
  }
};

using Shared = std::shared_ptr<const Tensor>;

inline int64_t signExtend(int64_t v, unsigned bits) {
  return bits >= 64 ? v : int64_t(uint64_t(v) << (64 - bits)) >> (64 - bits);
}
inline uint64_t zeroExtend(int64_t v, unsigned bits) {
  return bits >= 64 ? uint64_t(v) : uint64_t(v) & ((uint64_t(1) << bits) - 1);
}

} // namespace terrazzo::interpreter

#endif // TERRAZZO_LIB_INTERPRETER_TENSOR_H
