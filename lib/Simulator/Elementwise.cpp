// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Maps, reductions and scans: lambdas over rows of lanes.
#include "lib/Simulator/Executor.h"

#include <cstring>
#include <numeric>

using namespace terrazzo;
using namespace terrazzo::simulator;

static constexpr int64_t width = LaneProgram::width;

void Executor::rowFlags(const Nest &nest, int operand, const Place &place,
                        int64_t begin, int64_t n, Register r) {
  uint8_t *flags = frame.flags(r);
  std::memset(flags, 0, size_t(n));
  if (isWhole(place))
    return;
  nest.rows(operand, begin, n,
            [&](int64_t at, int64_t stride, int64_t count, int64_t done,
                const Nest::Numbers &) {
              memory.flag(place.allocation, place.offset + at, stride, count,
                          place.size, flags + done);
            });
}

bool Executor::loadRow(const Nest &nest, int operand, const Place &place,
                       int64_t begin, int64_t n, Register r, bool withFlags) {
  const LaneLoops &loops = laneLoops();
  const char *from = data(place);
  auto *row = static_cast<char *>(frame.row(r));
  Lane lane = laneOf(place.type);
  int64_t each = lane == Lane::Double || lane == Lane::Long ? 8 : 4;
  nest.rows(operand, begin, n,
            [&](int64_t at, int64_t stride, int64_t count, int64_t done,
                const Nest::Numbers &) {
              loops.load(place.type, from + at, stride, row + done * each,
                         count);
            });
  if (!withFlags)
    return false;
  rowFlags(nest, operand, place, begin, n, r);
  const uint8_t *flags = frame.flags(r);
  return std::memchr(flags, 1, size_t(n)) != nullptr;
}

void Executor::storeRow(const Nest &nest, int operand, const Place &place,
                        int64_t begin, int64_t n, Register r, bool withFlags) {
  const LaneLoops &loops = laneLoops();
  char *to = data(place);
  auto *row = static_cast<const char *>(frame.row(r));
  Lane lane = laneOf(place.type);
  int64_t each = lane == Lane::Double || lane == Lane::Long ? 8 : 4;
  const uint8_t *flags = withFlags ? frame.flags(r) : nullptr;
  nest.rows(operand, begin, n,
            [&](int64_t at, int64_t stride, int64_t count, int64_t done,
                const Nest::Numbers &) {
              loops.store(place.type, row + done * each, to + at, stride,
                          count);
              memory.write(place.allocation, place.offset + at, stride, count,
                           place.size, flags ? flags + done : nullptr);
            });
}

/// The strides of an operand that spans some dimensions of the result.
static llvm::SmallVector<int64_t, 4>
spread(const Place &place, llvm::ArrayRef<int> dims, size_t rank) {
  llvm::SmallVector<int64_t, 4> out(rank, 0);
  for (auto [i, d] : llvm::enumerate(dims))
    if (place.shape[i] != 1)
      out[d] = place.strides[i];
  return out;
}

void Executor::map(const Map &work, const LaneProgram &lanes,
                   const Word *registers) {
  llvm::SmallVector<Place, 4> ins, outs;
  for (const Window &w : work.ins)
    ins.push_back(source(w, registers));
  for (const Window &w : work.outs)
    outs.push_back(resolve(w, registers));
  size_t rank = outs[0].shape.size();
  Nest nest;
  nest.shape.assign(outs[0].shape.begin(), outs[0].shape.end());
  for (const Place &out : outs)
    nest.add(out.strides);
  for (auto [in, dims] : llvm::zip(ins, work.dims))
    nest.add(spread(in, dims, rank));
  bool usesIndex = false;
  for (size_t d = 0; d < rank; ++d)
    usesIndex |= lanes.isUsed[d];
  if (!usesIndex || rank == 0)
    nest.merge();
  bool withFlags = llvm::any_of(ins, [&](Place &p) { return !isWhole(p); });
  int64_t total = nest.count(), first = int64_t(outs.size());
  lanes.begin(frame, registers, total);
  for (int64_t begin = 0; begin < total; begin += width) {
    int64_t n = std::min(width, total - begin);
    bool flagged = false;
    for (auto [i, in] : llvm::enumerate(ins))
      if (Register r = Register(rank + i); lanes.isUsed[r])
        flagged |= loadRow(nest, int(first + i), in, begin, n, r, withFlags);
    for (size_t d = 0; usesIndex && d < rank; ++d) {
      if (!lanes.isUsed[d])
        continue;
      auto *row = static_cast<int64_t *>(frame.row(Register(d)));
      std::memset(frame.flags(Register(d)), 0, size_t(n));
      nest.rows(0, begin, n,
                [&](int64_t, int64_t, int64_t count, int64_t done,
                    const Nest::Numbers &at) {
                  if (d + 1 == rank)
                    std::iota(row + done, row + done + count, at[d]);
                  else
                    std::fill_n(row + done, count, at[d]);
                });
    }
    lanes.run(frame, n);
    if (flagged)
      lanes.runFlags(frame, n);
    for (auto [i, out] : llvm::enumerate(outs))
      storeRow(nest, int(i), out, begin, n, lanes.lambda.results[i], flagged);
  }
}

//===-- Along a dimension -------------------------------------------------===//

static void copyLanes(LaneProgram::Frame &frame, Register to, Register from,
                      int64_t n) {
  std::memmove(frame.row(to), frame.row(from), size_t(n) * 8);
  std::memmove(frame.flags(to), frame.flags(from), size_t(n));
}

/// Runs along the dimension for results \p begin … \p begin + \p n; the nest
/// has the operands without the dimension. store(position) sees the running
/// values in the left arguments.
template <typename Store>
void Executor::combine(const LaneProgram &lanes, const Nest &nest,
                       llvm::ArrayRef<Place> ins, int dimension, int64_t begin,
                       int64_t n, bool reverse, bool withFlags, Store store) {
  int64_t length = ins[0].shape[dimension], count = int64_t(ins.size());
  for (int64_t step = 0; step < length; ++step) {
    int64_t k = reverse ? length - 1 - step : step;
    bool isFirst = step == 0;
    for (int64_t i = 0; i < count; ++i) {
      Place here = ins[i];
      here.offset += k * here.strides[dimension];
      Register r = Register(isFirst ? i : count + i);
      loadRow(nest, int(i), here, begin, n, r, withFlags);
    }
    if (!isFirst) {
      lanes.run(frame, n);
      if (withFlags)
        lanes.runFlags(frame, n);
      // A result may be an argument that an earlier copy would overwrite.
      llvm::SmallVector<Register, 2> results = lanes.lambda.results;
      for (int64_t i = 0; i < count; ++i) {
        for (int64_t j = i + 1; j < count; ++j)
          if (results[j] == i) {
            copyLanes(frame, Register(count + i), Register(i), n);
            results[j] = Register(count + i);
          }
        if (results[i] != i)
          copyLanes(frame, Register(i), results[i], n);
      }
    }
    store(k);
  }
}

/// The shape and the strides without one dimension.
static Nest without(llvm::ArrayRef<Place> ins, int dimension) {
  Nest nest;
  nest.shape.assign(ins[0].shape.begin(), ins[0].shape.end());
  nest.shape.erase(nest.shape.begin() + dimension);
  for (const Place &in : ins) {
    llvm::SmallVector<int64_t, 4> strides = in.strides;
    strides.erase(strides.begin() + dimension);
    nest.add(strides);
  }
  return nest;
}

/// Neighbours are combined, then neighbours of these; of an odd number the last
/// waits. \p rows has, of each operand, \p length rows of \p n lanes.
static void combineTree(const LaneProgram &lanes, LaneProgram::Frame &frame,
                        std::vector<std::vector<char>> &rows,
                        std::vector<std::vector<uint8_t>> &flags,
                        int64_t length, int64_t n, bool withFlags) {
  int64_t count = int64_t(rows.size());
  auto take = [&](int64_t operand, int64_t row, Register r, int64_t lane) {
    std::memcpy(static_cast<char *>(frame.row(r)) + lane * 8 * n,
                rows[operand].data() + row * n * 8, size_t(n) * 8);
    std::memcpy(frame.flags(r) + lane * n, flags[operand].data() + row * n,
                size_t(n));
  };
  for (; length > 1; length = length / 2 + length % 2) {
    for (int64_t pair = 0; pair < length / 2; ++pair) {
      for (int64_t i = 0; i < count; ++i) {
        take(i, 2 * pair, Register(i), 0);
        take(i, 2 * pair + 1, Register(count + i), 0);
      }
      lanes.run(frame, n);
      if (withFlags)
        lanes.runFlags(frame, n);
      for (int64_t i = 0; i < count; ++i) {
        Register r = lanes.lambda.results[i];
        std::memcpy(rows[i].data() + pair * n * 8, frame.row(r), size_t(n) * 8);
        std::memcpy(flags[i].data() + pair * n, frame.flags(r), size_t(n));
      }
    }
    if (length % 2)
      for (int64_t i = 0; i < count; ++i) {
        std::memcpy(rows[i].data() + length / 2 * n * 8,
                    rows[i].data() + (length - 1) * n * 8, size_t(n) * 8);
        std::memcpy(flags[i].data() + length / 2 * n,
                    flags[i].data() + (length - 1) * n, size_t(n));
      }
  }
  for (int64_t i = 0; i < count; ++i)
    take(i, 0, Register(i), 0);
}

static Word laneWord(const LaneProgram::Frame &, Lane lane, const void *row) {
  Word w;
  switch (lane) {
  case Lane::Float:
    w.real = *static_cast<const float *>(row);
    break;
  case Lane::Double:
    w.real = *static_cast<const double *>(row);
    break;
  case Lane::Integer:
    w.integer = *static_cast<const int32_t *>(row);
    break;
  case Lane::Long:
    w.integer = *static_cast<const int64_t *>(row);
    break;
  }
  return w;
}

void Executor::reduce(const Reduce &work, const LaneProgram &lanes,
                      Word *registers) {
  llvm::SmallVector<Place, 2> ins, outs;
  for (const Window &w : work.ins)
    ins.push_back(source(w, registers));
  for (const Window &w : work.outs)
    outs.push_back(resolve(w, registers));
  int64_t length = ins[0].shape[work.dim], count = int64_t(ins.size());
  Nest nest = without(ins, work.dim);
  for (const Place &out : outs)
    nest.add(out.strides);
  nest.merge();
  bool withFlags = llvm::any_of(ins, [&](Place &p) { return !isWhole(p); });
  // A tree keeps all rows at hand.
  int64_t together =
      work.tree ? std::max<int64_t>(1, std::min(width, 65536 / length)) : width;
  int64_t total = nest.count();
  lanes.begin(frame, registers, total);
  std::vector<std::vector<char>> rows(work.tree ? count : 0);
  std::vector<std::vector<uint8_t>> flags(rows.size());
  for (int64_t begin = 0; begin < total; begin += together) {
    int64_t n = std::min(together, total - begin);
    if (!work.tree) {
      combine(lanes, nest, ins, work.dim, begin, n, false, withFlags,
              [](int64_t) {});
    } else {
      for (int64_t i = 0; i < count; ++i) {
        rows[i].resize(size_t(length * n) * 8);
        flags[i].assign(size_t(length * n), 0);
        for (int64_t k = 0; k < length; ++k) {
          Place here = ins[i];
          here.offset += k * here.strides[work.dim];
          if (loadRow(nest, int(i), here, begin, n, Register(i), withFlags))
            std::memcpy(flags[i].data() + k * n, frame.flags(Register(i)),
                        size_t(n));
          std::memcpy(rows[i].data() + k * n * 8, frame.row(Register(i)),
                      size_t(n) * 8);
        }
      }
      combineTree(lanes, frame, rows, flags, length, n, withFlags);
    }
    for (auto [i, out] : llvm::enumerate(outs))
      storeRow(nest, int(count + int64_t(i)), out, begin, n, Register(i),
               withFlags);
  }
  for (auto [i, r] : llvm::enumerate(work.scalars)) {
    if (withFlags && frame.flags(Register(i))[0])
      throw Fault{DiagnosticKind::PoisonUsed, {"a scalar"}, {}};
    registers[r] = laneWord(frame, laneOf(ins[i].type), frame.row(Register(i)));
  }
}

void Executor::scan(const Scan &work, const LaneProgram &lanes,
                    const Word *registers) {
  llvm::SmallVector<Place, 2> ins, outs, all;
  for (const Window &w : work.ins)
    ins.push_back(source(w, registers));
  for (const Window &w : work.outs)
    outs.push_back(resolve(w, registers));
  all.append(ins.begin(), ins.end());
  all.append(outs.begin(), outs.end());
  Nest nest = without(all, work.dim);
  nest.merge();
  bool withFlags = llvm::any_of(ins, [&](Place &p) { return !isWhole(p); });
  int64_t total = nest.count();
  lanes.begin(frame, registers, total);
  for (int64_t begin = 0; begin < total; begin += width) {
    int64_t n = std::min(width, total - begin);
    combine(lanes, nest, ins, work.dim, begin, n, work.reverse, withFlags,
            [&](int64_t k) {
              for (auto [i, out] : llvm::enumerate(outs)) {
                Place here = out;
                here.offset += k * here.strides[work.dim];
                storeRow(nest, int(ins.size() + i), here, begin, n, Register(i),
                         withFlags);
              }
            });
  }
}
