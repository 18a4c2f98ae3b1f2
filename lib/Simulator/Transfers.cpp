// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Between global memory and the core, and within the core.
#include "lib/Simulator/Executor.h"

#include "lib/Interpreter/Interpreter.h"

#include <cmath>
#include <cstring>

using namespace terrazzo;
using namespace terrazzo::simulator;

template <typename T>
static void copyAs(char *to, int64_t toStride, const char *from,
                   int64_t fromStride, int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    T element;
    std::memcpy(&element, from + i * fromStride, sizeof(T));
    std::memcpy(to + i * toStride, &element, sizeof(T));
  }
}

void simulator::copyRow(char *to, int64_t toStride, const char *from,
                        int64_t fromStride, int64_t n, int64_t size) {
  if (toStride == size && fromStride == size) {
    std::memmove(to, from, size_t(n * size));
    return;
  }
  switch (size) {
  case 1:
    return copyAs<uint8_t>(to, toStride, from, fromStride, n);
  case 2:
    return copyAs<uint16_t>(to, toStride, from, fromStride, n);
  case 4:
    return copyAs<uint32_t>(to, toStride, from, fromStride, n);
  default:
    return copyAs<uint64_t>(to, toStride, from, fromStride, n);
  }
}

void Executor::copy(const Nest &nest, const Place &to, const Place &from) {
  char *out = data(to);
  const char *in = data(from);
  bool isWhole = this->isWhole(from);
  std::vector<uint8_t> flags;
  // Rows of the target; the source's are as long, since the shape is one.
  int64_t row = nest.shape.back(), count = nest.count();
  for (int64_t begin = 0; begin < count; begin += row) {
    int64_t toAt = 0, toStride = 0, fromAt = 0, fromStride = 0;
    nest.rows(0, begin, row, [&](int64_t at, int64_t stride, auto...) {
      toAt = at;
      toStride = stride;
    });
    nest.rows(1, begin, row, [&](int64_t at, int64_t stride, auto...) {
      fromAt = at;
      fromStride = stride;
    });
    copyRow(out + toAt, toStride, in + fromAt, fromStride, row, to.size);
    const uint8_t *missing = nullptr;
    if (!isWhole) {
      flags.assign(size_t(row), 0);
      if (memory.flag(from.allocation, from.offset + fromAt, fromStride, row,
                      from.size, flags.data()))
        missing = flags.data();
    }
    memory.write(to.allocation, to.offset + toAt, toStride, row, to.size,
                 missing);
  }
}

void Executor::transferWithin(const Transfer &work, const Word *registers) {
  Place from = source(*work.source, registers),
        to = resolve(*work.target, registers);
  if (!work.mask) {
    Nest nest;
    nest.shape.assign(to.shape.begin(), to.shape.end());
    nest.add(to.strides);
    nest.add(from.strides);
    nest.merge();
    copy(nest, to, from);
    return;
  }
  Place mask = source(*work.mask, registers);
  memory.touch(to.allocation);
  Nest nest;
  nest.shape.assign(to.shape.begin(), to.shape.end());
  nest.add(to.strides);
  nest.add(from.strides);
  nest.add(mask.strides);
  nest.merge();
  for (int64_t i = 0, n = nest.count(); i < n; ++i) {
    int64_t at[3];
    for (int k = 0; k < 3; ++k)
      nest.rows(k, i, 1, [&](int64_t offset, auto...) { at[k] = offset; });
    if (integerAt(mask, at[2]) == 0)
      continue;
    uint8_t missing = !hasValue(from, at[1]);
    std::memcpy(data(to) + at[0], data(from) + at[1], size_t(to.size));
    memory.write(to.allocation, to.offset + at[0], to.size, 1, to.size,
                 missing ? &missing : nullptr);
  }
}

void Executor::transfer(const Transfer &work, const Word *registers) {
  if (!work.global)
    return transferWithin(work, registers);
  GlobalBox box = boxOf(*work.global, registers);
  Place local = work.toGlobal ? source(*work.source, registers)
                              : resolve(*work.target, registers);
  if (!work.toGlobal)
    memory.touch(local.allocation);
  if (box.isEmpty())
    return;
  if (work.mask || work.atomic || work.compare ||
      (work.global->index && work.global->indexDim < 0))
    return eachElement(work, box, local, registers);
  if (work.global->index)
    return pickedRows(work, box, local, registers);
  plainTransfer(work, box, local);
}

void Executor::storeRow(const Place &local, int64_t at, int64_t stride,
                        int64_t n, char *to, int64_t toStride,
                        int64_t address) {
  if (!isWhole(local) && memory.flag(local.allocation, local.offset + at,
                                     stride, n, local.size, nullptr)) {
    int64_t i = 0;
    while (hasValue(local, at + i * stride))
      ++i;
    auto [number, offset] = interpreter::placeOf(address + i * toStride);
    throw Fault{
        DiagnosticKind::PoisonStored,
        {global.run.buffers[number].name, std::to_string(offset / local.size)},
        {}};
  }
  copyRow(to, toStride, data(local) + at, stride, n, local.size);
}

/// base + sum of what is left out below.
static int64_t firstOf(const GlobalBox &box) {
  int64_t at = box.base;
  for (auto [low, stride] : llvm::zip(box.low, box.strides))
    at += low * stride;
  return at;
}

void Executor::plainTransfer(const Transfer &work, const GlobalBox &box,
                             const Place &local) {
  int64_t first = firstOf(box), localFirst = 0;
  for (auto [low, stride] : llvm::zip(box.low, local.strides))
    localFirst += low * stride;
  int64_t low = first, high = first + box.size;
  for (auto [n, s] : llvm::zip(box.extents, box.strides))
    (s < 0 ? low : high) += (n - 1) * s;
  char *memoryAt = global.find(low, high, box.size) + (first - low);
  Nest nest;
  nest.shape.assign(box.extents.begin(), box.extents.end());
  nest.add(box.strides);
  nest.add(local.strides);
  nest.merge();
  int64_t row = nest.shape.back(), count = nest.count();
  for (int64_t begin = 0; begin < count; begin += row) {
    int64_t g = 0, gStride = 0, l = 0, lStride = 0;
    nest.rows(0, begin, row, [&](int64_t at, int64_t stride, auto...) {
      g = at;
      gStride = stride;
    });
    nest.rows(1, begin, row, [&](int64_t at, int64_t stride, auto...) {
      l = localFirst + at;
      lStride = stride;
    });
    if (work.toGlobal) {
      storeRow(local, l, lStride, row, memoryAt + g, gStride, first + g);
      continue;
    }
    copyRow(data(local) + l, lStride, memoryAt + g, gStride, row, box.size);
    memory.write(local.allocation, local.offset + l, lStride, row, box.size);
  }
}

/// Positions along one dimension: a transfer for each.
void Executor::pickedRows(const Transfer &work, const GlobalBox &box,
                          const Place &local, const Word *registers) {
  const GlobalWindow &window = *work.global;
  Place index = source(*window.index, registers);
  size_t d = size_t(window.indexDim);
  int64_t least = valueOf(window.indexLow, registers),
          most = valueOf(window.indexHigh, registers);
  GlobalBox one = box;
  one.extents[d] = 1;
  one.low[d] = 0;
  for (int64_t i = box.low[d]; i < box.low[d] + box.extents[d]; ++i) {
    int64_t position = integerAt(index, i * index.strides[0]);
    if (position < least || position >= most)
      continue;
    one.base = box.base + position * box.strides[d];
    Place here = local;
    here.offset += i * local.strides[d];
    plainTransfer(work, one, here);
  }
}

std::vector<int64_t> Executor::positions(const GlobalWindow &window,
                                         const GlobalBox &box,
                                         const Word *registers) const {
  Place index = simulator::placeOf(*window.index, registers);
  int64_t least = valueOf(window.indexLow, registers),
          most = valueOf(window.indexHigh, registers);
  Nest nest;
  nest.shape.assign(index.shape.begin(), index.shape.end());
  nest.add(index.strides);
  nest.merge();
  std::vector<int64_t> out;
  const Allocation &a = program.allocations[index.allocation];
  int64_t count = nest.count(), begin = 0;
  if (window.indexDim >= 0) {
    begin = box.low[window.indexDim];
    count = box.extents[window.indexDim];
  }
  nest.rows(0, begin, count,
            [&](int64_t at, int64_t stride, int64_t n, int64_t,
                const Nest::Numbers &) {
              for (int64_t i = 0; i < n; ++i) {
                int64_t from = index.offset + at + i * stride;
                if (from < 0 || from + index.size > a.bytes)
                  continue; // a fault of the access itself
                int64_t position =
                    loadElement(index.type,
                                memory.data(index.allocation) + from)
                        .integer;
                if (position >= least && position < most)
                  out.push_back(position);
              }
            });
  return out;
}

//===-- One by one --------------------------------------------------------===//

static double combinedFloat(kernel::AtomicKind kind, const ElementType &type,
                            double x, double y) {
  using K = kernel::AtomicKind;
  switch (kind) {
  case K::FAdd:
  case K::Add:
    return numerics::round(type.format, x + y);
  case K::Max:
    return std::fmax(x, y);
  case K::Min:
    return std::fmin(x, y);
  default:
    return y;
  }
}

static int64_t combinedInteger(kernel::AtomicKind kind, unsigned bits,
                               int64_t x, int64_t y) {
  using K = kernel::AtomicKind;
  auto plain = [bits](int64_t v) { return interpreter::zeroExtend(v, bits); };
  switch (kind) {
  case K::And:
    return x & y;
  case K::Or:
    return x | y;
  case K::Xor:
    return x ^ y;
  case K::Add:
    return interpreter::signExtend(int64_t(uint64_t(x) + uint64_t(y)), bits);
  case K::Max:
    return std::max(x, y);
  case K::Min:
    return std::min(x, y);
  case K::UMax:
    return plain(x) > plain(y) ? x : y;
  case K::UMin:
    return plain(x) < plain(y) ? x : y;
  default:
    return y;
  }
}

void Executor::oneElement(const Transfer &work, const ElementType &type,
                          int64_t address, const Place &local, int64_t at,
                          const Place *old, int64_t oldAt, const Place *compare,
                          int64_t compareAt) {
  char *where = global.find(address, address + local.size, local.size);
  char *mine = data(local) + at;
  if (!work.toGlobal) {
    std::memcpy(mine, where, size_t(local.size));
    memory.write(local.allocation, local.offset + at, local.size, 1,
                 local.size);
    return;
  }
  if (!work.atomic && !compare)
    return storeRow(local, at, local.size, 1, where, local.size, address);
  // Without a value it must not reach memory.
  char value[8], before[8];
  storeRow(local, at, local.size, 1, value, local.size, address);
  std::unique_lock<std::mutex> lock;
  if (global.isShared)
    lock = std::unique_lock(
        global.stripes[size_t(address / 8) % global.stripes.size()]);
  std::memcpy(before, where, size_t(local.size));
  if (compare) {
    if (std::memcmp(before, data(*compare) + compareAt, size_t(local.size)) ==
        0)
      std::memcpy(where, value, size_t(local.size));
  } else {
    Word x = loadElement(type, where), y = loadElement(type, value);
    if (type.isFloat())
      x.real = combinedFloat(*work.atomic, type, x.real, y.real);
    else
      x.integer =
          combinedInteger(*work.atomic, type.bits, x.integer, y.integer);
    storeElement(type, x, where);
  }
  if (old) {
    std::memcpy(data(*old) + oldAt, before, size_t(local.size));
    memory.write(old->allocation, old->offset + oldAt, old->size, 1, old->size);
  }
}

void Executor::eachElement(const Transfer &work, const GlobalBox &box,
                           const Place &local, const Word *registers) {
  const GlobalWindow &window = *work.global;
  std::optional<Place> index, mask, old, compare;
  if (window.index)
    index = source(*window.index, registers);
  if (work.mask)
    mask = source(*work.mask, registers);
  if (work.old) {
    old = resolve(*work.old, registers);
    memory.touch(old->allocation);
  }
  if (work.compare)
    compare = source(*work.compare, registers);
  int64_t least = valueOf(window.indexLow, registers),
          most = valueOf(window.indexHigh, registers);
  size_t rank = box.extents.size();
  llvm::SmallVector<int64_t, 4> at(box.low.begin(), box.low.end());
  auto offset = [&](const Place &place) {
    int64_t sum = 0;
    for (size_t d = 0; d < rank; ++d)
      sum += at[d] * place.strides[d];
    return sum;
  };
  auto one = [&] {
    if (mask && integerAt(*mask, offset(*mask)) == 0)
      return;
    int64_t address = box.base;
    int64_t position = 0;
    if (index) {
      position = integerAt(*index, window.indexDim < 0 ? offset(*index)
                                                       : at[window.indexDim] *
                                                             index->strides[0]);
      if (position < least || position >= most)
        return;
    }
    if (index && window.indexDim < 0)
      address += position * box.strides[0];
    else
      for (size_t d = 0; d < rank; ++d)
        address += (index && int(d) == window.indexDim ? position : at[d]) *
                   box.strides[d];
    oneElement(work, box.type, address, local, offset(local),
               old ? &*old : nullptr, old ? offset(*old) : 0,
               compare ? &*compare : nullptr, compare ? offset(*compare) : 0);
  };
  while (true) {
    one();
    size_t d = rank;
    while (d-- > 0) {
      if (++at[d] < box.low[d] + box.extents[d])
        break;
      at[d] = box.low[d];
    }
    if (d == size_t(-1))
      return;
  }
}
