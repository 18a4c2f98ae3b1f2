// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The memory of an argument as a device sees it: bytes instead of the oracle's
// elements.
#ifndef TERRAZZO_LIB_DRIVER_NATIVE_H
#define TERRAZZO_LIB_DRIVER_NATIVE_H

#include "lib/Interpreter/Interpreter.h"

#include <cstdlib>

namespace terrazzo::driver {

class NativeMemory {
public:
  /// Takes memory and fills it with the elements of \p buffer. Unwritten ones
  /// hold a mark: a NaN with a payload, or bytes 0xCB.
  explicit NativeMemory(const interpreter::Buffer &buffer);

  char *data() { return memory.get() + guard; }
  /// The elements as they are now. Where the mark still stands nothing was
  /// written: the element carries Poison.
  interpreter::Tensor read() const;

  /// Element \p i, an address of the oracle's, is \p real here; read() turns
  /// it back.
  void relocate(size_t i, uint64_t real);

  /// Whether anything was written beside the elements.
  bool wroteOutside() const;
  /// Remembers the bytes, so that a later launch can start from them.
  void remember();
  /// Whether anything in it has a value.
  bool hasValues() const;
  bool hasChanged() const;
  void restore();

private:
  static constexpr size_t guard = 4096;
  const char *data() const { return memory.get() + guard; }
  uint64_t mark() const;

  struct Free {
    void operator()(char *p) const { std::free(p); }
  };
  interpreter::ElementType type;
  size_t count = 0, bytesEach = 0;
  std::vector<bool> unwritten;
  std::unique_ptr<char[], Free> memory;
  uint64_t key = 0; // of the bytes beside the elements
  std::vector<char> remembered;
  struct Address {
    size_t element;
    int64_t symbolic;
    uint64_t real;
  };
  std::vector<Address> addresses;
};

/// Judges what a device computed by the oracle's reference and bounds: bits
/// that differ where integers must be equal, and elements that only one of the
/// two wrote. After a sampled run of the oracle only what its programs stored
/// is compared.
interpreter::Comparison compareWithOracle(const interpreter::Buffer &oracle,
                                          const interpreter::Tensor &device);

} // namespace terrazzo::driver

#endif // TERRAZZO_LIB_DRIVER_NATIVE_H
