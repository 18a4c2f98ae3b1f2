// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The memories of one core, with which allocation wrote each byte last: bytes
// that another wrote, or nobody, have no value for a reader.
#ifndef TERRAZZO_LIB_SIMULATOR_COREMEMORY_H
#define TERRAZZO_LIB_SIMULATOR_COREMEMORY_H

#include "lib/Simulator/Program.h"

namespace terrazzo::simulator {

class CoreMemory {
public:
  explicit CoreMemory(const Program &program);

  /// Nothing is written.
  void reset();
  char *data(int allocation) const { return at[allocation].data; }
  /// Whether every byte of it has a value.
  bool isWhole(int allocation) const {
    return at[allocation].owned == at[allocation].bytes;
  }
  /// Whether anything has written to it, were it no element.
  bool isTouched(int allocation) const { return at[allocation].touched; }
  void touch(int allocation) { at[allocation].touched = true; }

  /// flags[i] |= whether element i of \p n, each of \p size bytes and \p stride
  /// bytes apart from byte \p from on, has no value; whether any has none.
  bool flag(int allocation, int64_t from, int64_t stride, int64_t n,
            int64_t size, uint8_t *flags) const;
  /// They get a value, but not those with a flag.
  void write(int allocation, int64_t from, int64_t stride, int64_t n,
             int64_t size, const uint8_t *flags = nullptr);

private:
  using Owner = uint16_t;
  struct Place {
    char *data;
    Owner *owner;
    int64_t bytes, owned = 0;
    bool touched = false;
  };
  void own(Owner mine, Owner *owner, int64_t bytes);
  std::vector<std::vector<char>> bytes; // by memory, as far as it is used
  std::vector<std::vector<Owner>> owners;
  std::vector<Place> at; // by allocation

public:
  static constexpr size_t mostAllocations = UINT16_MAX - 1;
};

} // namespace terrazzo::simulator

#endif // TERRAZZO_LIB_SIMULATOR_COREMEMORY_H
