// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Products of matrices: operands are packed as the loops want them, whatever
// their formats and strides.
#include "lib/Simulator/Executor.h"

#include <cstring>

using namespace terrazzo;
using namespace terrazzo::simulator;

template <typename T>
static T *room(std::vector<char> &memory, int64_t elements) {
  size_t bytes = size_t(elements) * sizeof(T) + 64;
  if (memory.size() < bytes)
    memory.resize(bytes);
  auto begin = reinterpret_cast<uintptr_t>(memory.data());
  return reinterpret_cast<T *>(memory.data() + (64 - begin % 64) % 64);
}

template <typename T> static Lane laneOfType() {
  if (std::is_floating_point_v<T>)
    return sizeof(T) == 8 ? Lane::Double : Lane::Float;
  return sizeof(T) == 8 ? Lane::Long : Lane::Integer;
}

/// Elements of any type as numbers that the sums have.
template <typename T>
static void load(const ElementType &type, const char *from, int64_t stride,
                 T *to, int64_t n) {
  if (laneOf(type) == laneOfType<T>())
    return laneLoops().load(type, from, stride, to, n);
  for (int64_t i = 0; i < n; ++i) {
    Word w = loadElement(type, from + i * stride);
    to[i] = type.isFloat() ? T(w.real) : T(w.integer);
  }
}

/// rows x columns elements, each row dense.
template <typename T>
static void packRows(const Place &from, const char *data, T *to, int64_t rows,
                     int64_t columns) {
  for (int64_t i = 0; i < rows; ++i)
    load(from.type, data + i * from.strides[0], from.strides[1],
         to + i * columns, columns);
}

/// Panels of columns; the last one is filled up with zeros.
template <typename T>
static void packPanels(const Place &from, const char *data, T *to, int64_t k,
                       int64_t n) {
  for (int64_t j = 0; j < n; j += panel<T>) {
    int64_t columns = std::min(panel<T>, n - j);
    for (int64_t p = 0; p < k; ++p, to += panel<T>) {
      load(from.type, data + p * from.strides[0] + j * from.strides[1],
           from.strides[1], to, columns);
      std::fill(to + columns, to + panel<T>, T(0));
    }
  }
}

/// Of integers that no chip's matrix unit has: as written.
static void multiplyLong(const int64_t *a, const int64_t *b, int64_t *acc,
                         int64_t stride, int64_t m, int64_t n, int64_t k) {
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < n; ++j) {
      auto sum = uint64_t(acc[i * stride + j]);
      const int64_t *column =
          b + j / panel<int64_t> * panel<int64_t> * k + j % panel<int64_t>;
      for (int64_t p = 0; p < k; ++p)
        sum += uint64_t(a[i * k + p]) * uint64_t(column[p * panel<int64_t>]);
      acc[i * stride + j] = int64_t(sum);
    }
}

template <typename T>
void Executor::multiplyAs(const Place &acc, const Place &a, const Place &b,
                          bool fresh) {
  int64_t m = a.shape[0], k = a.shape[1], n = b.shape[1];
  const LaneLoops &loops = laneLoops();
  T *left = room<T>(packedA, m * k);
  packRows(a, data(a), left, m, k);
  T *right = room<T>(packedB, (n + panel<T> - 1) / panel<T> * panel<T> * k);
  packPanels(b, data(b), right, k, n);
  bool isInPlace = acc.size == int64_t(sizeof(T)) &&
                   acc.strides[1] == acc.size &&
                   acc.strides[0] % acc.size == 0 &&
                   reinterpret_cast<uintptr_t>(data(acc)) % sizeof(T) == 0;
  T *out = isInPlace ? reinterpret_cast<T *>(data(acc)) : room<T>(sums, m * n);
  int64_t stride = isInPlace ? acc.strides[0] / acc.size : n;
  if (fresh)
    for (int64_t i = 0; i < m; ++i)
      std::fill_n(out + i * stride, n, T(0));
  else if (!isInPlace)
    packRows(acc, data(acc), out, m, n);
  if constexpr (std::is_same_v<T, float>)
    loops.multiplyFloat(left, right, out, stride, m, n, k);
  else if constexpr (std::is_same_v<T, double>)
    loops.multiplyDouble(left, right, out, stride, m, n, k);
  else if constexpr (sizeof(T) == 4)
    loops.multiplyInteger(left, right, out, stride, m, n, k);
  else
    multiplyLong(left, right, out, stride, m, n, k);
  if (isInPlace)
    return;
  for (int64_t i = 0; i < m; ++i)
    loops.store(acc.type, out + i * n, data(acc) + i * acc.strides[0],
                acc.strides[1], n);
}

/// An element of the result has a value where its row, its column and what it
/// was before have.
void Executor::flagProduct(const Place &acc, const Place &a, const Place &b,
                           bool fresh) {
  int64_t m = a.shape[0], k = a.shape[1], n = b.shape[1];
  std::vector<uint8_t> columns(size_t(n), 0), row(static_cast<size_t>(n));
  for (int64_t p = 0; p < k; ++p)
    memory.flag(b.allocation, b.offset + p * b.strides[0], b.strides[1], n,
                b.size, columns.data());
  for (int64_t i = 0; i < m; ++i) {
    row = columns;
    if (memory.flag(a.allocation, a.offset + i * a.strides[0], a.strides[1], k,
                    a.size, nullptr))
      std::fill(row.begin(), row.end(), 1);
    int64_t at = acc.offset + i * acc.strides[0];
    if (!fresh)
      memory.flag(acc.allocation, at, acc.strides[1], n, acc.size, row.data());
    bool any = std::memchr(row.data(), 1, row.size()) != nullptr;
    memory.write(acc.allocation, at, acc.strides[1], n, acc.size,
                 any ? row.data() : nullptr);
  }
}

void Executor::multiply(const Multiply &work, const Word *registers) {
  bool fresh = valueOf(work.fresh, registers) != 0;
  Place a = source(work.a, registers), b = source(work.b, registers);
  Place acc =
      fresh ? resolve(work.acc, registers) : source(work.acc, registers);
  flagProduct(acc, a, b, fresh);
  Lane lane = laneOf(acc.type);
  if (lane == Lane::Double)
    multiplyAs<double>(acc, a, b, fresh);
  else if (lane == Lane::Float)
    multiplyAs<float>(acc, a, b, fresh);
  else if (lane == Lane::Integer)
    multiplyAs<int32_t>(acc, a, b, fresh);
  else
    multiplyAs<int64_t>(acc, a, b, fresh);
}
