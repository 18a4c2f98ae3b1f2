// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Take: elements by a map of their indices.
#include "lib/Simulator/Executor.h"

#include <cstring>

using namespace terrazzo;
using namespace terrazzo::simulator;

/// The position along one dimension of the source.
static int64_t position(llvm::ArrayRef<Take::Row> rows,
                        llvm::ArrayRef<int64_t> at, const Word *registers) {
  int64_t sum = 0;
  for (const Take::Row &row : rows) {
    int64_t v = valueOf(row.offset, registers);
    for (auto [factor, i] : llvm::zip(row.factors, at))
      v += factor * i;
    // Toward minus infinity, as affine maps have it.
    int64_t q = v / row.divisor - (v % row.divisor < 0);
    if (row.modulus) {
      q %= row.modulus;
      q += q < 0 ? row.modulus : 0;
    }
    sum += q * row.times;
  }
  return sum;
}

static void outside(int64_t position, int64_t extent) {
  throw Fault{DiagnosticKind::TileTakeOutside,
              {std::to_string(position), std::to_string(extent)},
              {}};
}

void Executor::take(const Take &work, const Word *registers) {
  Place in = source(work.in, registers), out = resolve(work.out, registers);
  memory.touch(out.allocation);
  bool isStrided = true;
  for (const auto &rows : work.rows)
    for (const Take::Row &row : rows)
      isStrided &= row.divisor == 1 && row.modulus == 0 && row.times == 1;
  if (!isStrided)
    return takeEach(work, out, in, registers);
  size_t rank = out.shape.size();
  llvm::SmallVector<int64_t, 4> strides(rank, 0);
  Place from = in;
  for (auto [d, rows] : llvm::enumerate(work.rows)) {
    int64_t low = 0, high = 0;
    for (const Take::Row &row : rows) {
      int64_t offset = valueOf(row.offset, registers);
      low += offset;
      high += offset;
      from.offset += offset * in.strides[d];
      for (size_t i = 0; i < rank; ++i) {
        strides[i] += row.factors[i] * in.strides[d];
        int64_t reach = row.factors[i] * (out.shape[i] - 1);
        (reach < 0 ? low : high) += reach;
      }
    }
    if (low < 0 || high >= in.shape[d])
      outside(low < 0 ? low : high, in.shape[d]);
  }
  Nest nest;
  nest.shape.assign(out.shape.begin(), out.shape.end());
  nest.add(out.strides);
  nest.add(strides);
  nest.merge();
  copy(nest, out, from);
}

void Executor::takeEach(const Take &work, const Place &out, const Place &in,
                        const Word *registers) {
  size_t rank = out.shape.size();
  Nest nest;
  nest.shape.assign(out.shape.begin(), out.shape.end());
  nest.add(out.strides);
  if (rank == 0)
    nest.merge();
  bool isWhole = this->isWhole(in);
  char *to = data(out);
  const char *from = data(in);
  llvm::SmallVector<int64_t, 6> index;
  auto one = [&](int64_t at) {
    int64_t offset = 0;
    for (auto [d, rows] : llvm::enumerate(work.rows)) {
      int64_t p =
          position(rows, llvm::ArrayRef(index).take_front(rank), registers);
      if (p < 0 || p >= in.shape[d])
        outside(p, in.shape[d]);
      offset += p * in.strides[d];
    }
    std::memcpy(to + at, from + offset, size_t(out.size));
    uint8_t missing = !isWhole && !hasValue(in, offset);
    memory.write(out.allocation, out.offset + at, out.size, 1, out.size,
                 missing ? &missing : nullptr);
  };
  nest.rows(0, 0, nest.count(),
            [&](int64_t at, int64_t stride, int64_t count, int64_t,
                const Nest::Numbers &first) {
              index.assign(first.begin(), first.end());
              for (int64_t i = 0; i < count; ++i, ++index.back())
                one(at + i * stride);
            });
}
