// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Simulator/Traffic.h"

#include "lib/Interpreter/Interpreter.h"
#include "lib/Simulator/Arithmetic.h"

using namespace terrazzo;
using namespace terrazzo::simulator;

void Traffic::mark(int64_t address, int64_t bytes) {
  auto [buffer, at] = interpreter::placeOf(address);
  // The run reports an address outside; a block's number must fit.
  if (at < 0 || buffer < 0 || at + bytes > int64_t(1) << 38)
    return;
  llvm::BitVector &bits = blocks[buffer];
  unsigned first = unsigned(at / block),
           last = unsigned((at + bytes - 1) / block);
  if (bits.size() <= last)
    bits.resize(std::max(last + 1, bits.size() * 2));
  bits.set(first, last + 1);
}

void Traffic::touch(const GlobalWindow &window, const Word *registers) {
  int64_t size = bytesOf(window.type), rank = int64_t(window.shape.size());
  llvm::SmallVector<int64_t, 4> low, count, step;
  int64_t elements = 1;
  for (int64_t d = 0; d < rank; ++d) {
    int64_t from = window.low.empty() ? 0 : valueOf(window.low[d], registers);
    int64_t to =
        window.high.empty()
            ? window.shape[d]
            : std::min(window.shape[d], valueOf(window.high[d], registers));
    low.push_back(std::max<int64_t>(from, 0));
    count.push_back(std::max<int64_t>(to - low.back(), 0));
    elements *= count.back();
  }
  if (elements == 0)
    return;
  moved += elements * size;
  if (window.index) {
    picked += elements * size;
    return;
  }
  int64_t base = valueOf(window.base, registers);
  for (int64_t d = 0; d < rank; ++d) {
    step.push_back(valueOf(window.strides[d], registers) * size);
    base += low[d] * step[d];
  }
  // Adjacent elements of the last dimension are one run.
  bool dense = rank && step[rank - 1] == size;
  int64_t run = dense ? count[rank - 1] * size : size;
  int64_t outer = dense ? rank - 1 : rank;
  llvm::SmallVector<int64_t, 4> at(size_t(outer), 0);
  for (;;) {
    int64_t address = base;
    for (int64_t d = 0; d < outer; ++d)
      address += at[d] * step[d];
    mark(address, run);
    int64_t d = outer - 1;
    while (d >= 0 && ++at[d] == count[d])
      at[d--] = 0;
    if (d < 0)
      return;
  }
}

void Traffic::join(const Traffic &other) {
  for (const auto &[buffer, bits] : other.blocks)
    blocks[buffer] |= bits;
  picked += other.picked;
  moved += other.moved;
}

double Traffic::bytes(int64_t capacity) const {
  double once = double(picked);
  for (const auto &[buffer, bits] : blocks)
    once += double(bits.count()) * double(block);
  if (once <= double(capacity))
    return once;
  // Of what is moved again, the share that stayed is not fetched again.
  double again = std::max(0.0, double(moved) - once);
  return once + again * (1 - double(capacity) / once);
}
