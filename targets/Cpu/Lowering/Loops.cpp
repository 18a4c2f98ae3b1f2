// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loops over blocks, the innermost over vectors.
#include "targets/Cpu/Lowering/Emitter.h"

using namespace terrazzo;
using namespace terrazzo::cpu;
using namespace mlir;

/// Lanes of a full vector of work on such elements. Narrow elements are mostly
/// computed in 32 bits: their vectors are as long as those.
unsigned Emitter::widthFor(Type element) {
  unsigned bits = std::max<unsigned>(32, bytesOf(element) * 8);
  return vectorBits / bits;
}

void Emitter::loop(int64_t from, int64_t to, int64_t step,
                   llvm::function_ref<void(Value)> body, Value end) {
  carryingLoop(
      from, to, step, {},
      [&](Value i, ValueRange) {
        body(i);
        return llvm::SmallVector<Value>();
      },
      end);
}

/// A loop that carries values; no loop at all for a single step. It ends before
/// \p to where \p end says so.
llvm::SmallVector<Value> Emitter::carryingLoop(
    int64_t from, int64_t to, int64_t step, ValueRange inits,
    llvm::function_ref<llvm::SmallVector<Value>(Value, ValueRange)> body,
    Value end) {
  if (from >= to)
    return llvm::SmallVector<Value>(inits);
  auto outside = cache;
  llvm::SmallVector<Value> results;
  if (from + step >= to && !end) {
    results = body(index(from), inits);
  } else {
    auto loop = scf::ForOp::create(b, loc, index(from), end ? end : index(to),
                                   index(step), inits);
    OpBuilder::InsertionGuard guard(b);
    if (inits.empty())
      loop.getBody()->getTerminator()->erase();
    b.setInsertionPointToStart(loop.getBody());
    scf::YieldOp::create(
        b, loc, body(loop.getInductionVar(), loop.getRegionIterArgs()));
    results.assign(loop.getResults().begin(), loop.getResults().end());
  }
  cache = std::move(outside);
  return results;
}

/// The indices of a dimension, \p width lanes at a time; what is left over in
/// ever shorter vectors. Whole vectors end with the one that reaches \p end.
void Emitter::lanesOf(int64_t size, unsigned width,
                      llvm::function_ref<void(Index)> body, Value end) {
  unsigned before = lanes;
  auto run = [&](int64_t from, int64_t to, unsigned count) {
    lanes = count;
    loop(
        from, to, count, [&](Value i) { body({i, count > 1, {}}); },
        to == size && from == 0 ? end : Value());
  };
  int64_t at = 0;
  for (; width > 1; width /= 2) {
    int64_t end = at + (size - at) / width * width;
    if (end > at)
      run(at, end, width);
    at = end;
  }
  if (size > at)
    run(at, size, 1);
  lanes = before;
}

void Emitter::nest(llvm::ArrayRef<int64_t> shape, int64_t laneDim,
                   unsigned width, Body body, llvm::ArrayRef<Value> ends) {
  Indices at(shape.size());
  auto endOf = [&](size_t d) { return ends.empty() ? Value() : ends[d]; };
  unsigned before = lanes;
  std::function<void(size_t)> go = [&](size_t d) {
    if (d == shape.size()) {
      if (laneDim >= 0)
        lanesOf(
            shape[laneDim], width,
            [&](Index i) {
              at[laneDim] = i;
              body(at);
            },
            endOf(laneDim));
      else
        body(at);
      return;
    }
    if (int64_t(d) == laneDim)
      return go(d + 1);
    loop(
        0, shape[d], 1,
        [&](Value i) {
          at[d] = {i, false, {}};
          go(d + 1);
        },
        endOf(d));
  };
  lanes = 1;
  go(0);
  lanes = before;
}

/// Stores the blocks that are computed anyhow at \p at.
void Emitter::keep(llvm::ArrayRef<Kept> along, const Indices &at) {
  for (const Kept &kept : along)
    storeBuffer(kept.buffer, at, evaluate(kept.value, at));
}

/// From now on they are read.
void Emitter::kept(llvm::ArrayRef<Kept> along) {
  for (const Kept &kept : along)
    buffers[kept.value] = kept.buffer;
}

/// Computes a block into scratch memory.
Buffer Emitter::materialise(Value v, std::optional<Buffer> into) {
  if (buffers.count(v)) {
    Buffer known = buffers.lookup(v);
    if (into)
      copy(known, *into);
    return into ? *into : known;
  }
  pending.remove(v);
  llvm::SmallVector<Kept> along = alongTheWay({v}, shapeOf(v));
  Buffer buffer = into ? *into : allocate(shapeOf(v), elementOf(v));
  nest(shapeOf(v), int64_t(shapeOf(v).size()) - 1, widthFor(elementOf(v)),
       [&](const Indices &at) {
         Value value = evaluate(v, at);
         keep(along, at);
         storeBuffer(buffer, at, value);
       });
  kept(along);
  buffers[v] = buffer;
  return buffer;
}

void Emitter::copy(const Buffer &from, const Buffer &to) {
  if (from.base == to.base)
    return;
  int64_t count = 1;
  for (int64_t size : from.shape)
    count *= size;
  Buffer flatFrom = from, flatTo = to;
  flatFrom.shape = flatTo.shape = {count};
  nest({count}, 0, widthFor(from.element), [&](const Indices &at) {
    storeBuffer(flatTo, at, loadBuffer(flatFrom, at));
  });
}
