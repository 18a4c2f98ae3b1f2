// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loops over the elements of several windows together, row by row.
#ifndef TERRAZZO_LIB_SIMULATOR_NEST_H
#define TERRAZZO_LIB_SIMULATOR_NEST_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

#include <algorithm>
#include <cstdint>

namespace terrazzo::simulator {

struct Nest {
  using Numbers = llvm::SmallVector<int64_t, 6>;
  Numbers shape;
  llvm::SmallVector<Numbers, 4> strides; // of each operand, in bytes

  void add(llvm::ArrayRef<int64_t> of) {
    strides.emplace_back(of.begin(), of.end());
  }
  int64_t count() const {
    int64_t n = 1;
    for (int64_t d : shape)
      n *= d;
    return n;
  }

  /// Fewer and longer rows: drops dimensions of one element, joins neighbours
  /// that are evenly spaced in every operand. At least one dimension stays.
  void merge() {
    auto drop = [&](size_t d) {
      shape.erase(shape.begin() + d);
      for (Numbers &s : strides)
        s.erase(s.begin() + d);
    };
    for (size_t d = shape.size(); d-- > 0;)
      if (shape[d] == 1)
        drop(d);
    for (size_t d = shape.size(); d-- > 1;)
      if (llvm::all_of(strides, [&](Numbers &s) {
            return s[d - 1] == s[d] * shape[d];
          })) {
        shape[d] *= shape[d - 1];
        drop(d - 1);
      }
    if (!shape.empty())
      return;
    shape.push_back(1);
    for (Numbers &s : strides)
      s.push_back(0);
  }

  /// row(bytes from the first element of \p operand, stride, elements, those
  /// before it since \p begin, index in each outer dimension) for elements
  /// \p begin to \p begin + \p n, the last dimension fastest.
  template <typename F>
  void rows(int operand, int64_t begin, int64_t n, F row) const {
    const Numbers &by = strides[operand];
    size_t last = shape.size() - 1;
    Numbers at(shape.size());
    int64_t rest = begin, offset = 0;
    for (size_t d = last + 1; d-- > 0; rest /= shape[d]) {
      at[d] = rest % shape[d];
      offset += at[d] * by[d];
    }
    for (int64_t done = 0; done < n;) {
      int64_t length = std::min(shape[last] - at[last], n - done);
      row(offset, by[last], length, done, at);
      done += length;
      if (done == n)
        return;
      offset -= at[last] * by[last];
      at[last] = 0;
      for (size_t d = last; d-- > 0;) {
        offset += by[d];
        if (++at[d] < shape[d])
          break;
        offset -= at[d] * by[d];
        at[d] = 0;
      }
    }
  }
};

/// \p n elements of \p size bytes, each side with its stride.
void copyRow(char *to, int64_t toStride, const char *from, int64_t fromStride,
             int64_t n, int64_t size);

} // namespace terrazzo::simulator

#endif // TERRAZZO_LIB_SIMULATOR_NEST_H
