// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Interpreter/Window.h"

#include <cmath>

using namespace terrazzo;
using namespace terrazzo::interpreter;

/// Where position \p c of \p axis leads.
static Place placeOf(const Axis &axis, int64_t c, uint8_t dim) {
  Place p;
  p.dim = dim;
  p.index = c;
  if (c < axis.low || c >= axis.high) {
    p.kind = Place::Outside;
    return p;
  }
  bool outside = axis.extent >= 0 && (c < 0 || c >= axis.extent);
  if (outside && mlir::isa_and_nonnull<tile::FillAttr>(axis.boundary)) {
    p.kind = Place::Fill;
    return p;
  }
  if (outside && axis.extent > 0 &&
      mlir::isa_and_nonnull<tile::ClampAttr>(axis.boundary))
    c = std::clamp<int64_t>(c, 0, axis.extent - 1);
  else if (outside && axis.extent > 0 &&
           mlir::isa_and_nonnull<tile::WrapAttr>(axis.boundary))
    c = (c % axis.extent + axis.extent) % axis.extent;
  else if (outside)
    p.kind = Place::Outside;
  p.element = int64_t(uint64_t(c) * uint64_t(axis.stride));
  return p;
}

static Place placeAt(const Axis &axis, int64_t i, uint8_t dim) {
  if (!axis.index)
    return placeOf(axis, int64_t(uint64_t(axis.offset) + uint64_t(i)), dim);
  uint8_t flag = axis.index->flag(i);
  Place p = placeOf(axis, axis.index->ints[i], dim);
  if (flag & Poison)
    p.kind = Place::PoisonIndex;
  else if (flag & Overflow)
    p.kind = Place::OverflowIndex;
  return p;
}

static Place joined(const Place &a, const Place &b) {
  // What a dimension fills is not accessed, whatever the others say.
  Place worse = a.kind == Place::Fill   ? a
                : b.kind == Place::Fill ? b
                : b.kind > a.kind       ? b
                                        : a;
  worse.element = int64_t(uint64_t(a.element) + uint64_t(b.element));
  return worse;
}

Places::Places(const Window &window) {
  Place start;
  start.element = window.base;
  for (auto [number, axis] : llvm::enumerate(window.axes))
    if (!window.reshaped && !llvm::is_contained(window.dims, int(number)))
      start = joined(start, placeAt(axis, 0, uint8_t(number)));
  auto add = [&](const Axis &axis, int64_t n, uint8_t dim) {
    tables.emplace_back();
    tables.back().reserve(n);
    for (int64_t i = 0; i < n; ++i)
      tables.back().push_back(placeAt(axis, i, dim));
  };
  count = window.size();
  if (window.reshaped)
    add(window.axes[0], count, 0);
  else
    for (auto [dim, axis] : llvm::enumerate(window.dims))
      add(window.axes[axis], window.shape[dim], uint8_t(axis));
  at.assign(tables.size(), 0);
  prefix.assign(tables.size() + 1, start);
}

void Places::refresh(size_t from) {
  for (size_t d = from; d < tables.size(); ++d)
    prefix[d + 1] = joined(prefix[d], tables[d][at[d]]);
}

Place Places::next() {
  if (!started) {
    started = true;
    refresh(0);
    return prefix.back();
  }
  size_t d = tables.size();
  while (d-- > 0) {
    if (++at[d] < int64_t(tables[d].size()))
      break;
    at[d] = 0;
  }
  refresh(d == size_t(-1) ? 0 : d);
  return prefix.back();
}

std::vector<int64_t> Places::elementsWithin(int64_t size) const {
  std::vector<int64_t> elements;
  // A first look at the ends of each dimension is cheap, and sums of places in
  // range do not overflow.
  __int128 low = prefix[0].element, high = low;
  bool inside = prefix[0].kind == Place::Inside && count > 0;
  for (const std::vector<Place> &table : tables) {
    int64_t least = INT64_MAX, most = INT64_MIN;
    for (const Place &p : table) {
      inside &= p.kind == Place::Inside;
      least = std::min(least, p.element);
      most = std::max(most, p.element);
    }
    low += least;
    high += most;
  }
  if (!inside || low < 0 || high >= size)
    return elements;
  elements.reserve(count);
  elements.push_back(prefix[0].element);
  for (const std::vector<Place> &table : tables) {
    std::vector<int64_t> more;
    more.reserve(elements.size() * table.size());
    for (int64_t e : elements)
      for (const Place &p : table)
        more.push_back(e + p.element);
    elements = std::move(more);
  }
  return elements;
}

std::shared_ptr<Buffer>
terrazzo::interpreter::newMemory(std::string name,
                                 mlir::RankedTensorType type) {
  auto memory = std::make_shared<Buffer>();
  memory->name = std::move(name);
  memory->data = make(elementTypeOf(type), {type.getNumElements()});
  memory->data.flags.assign(memory->data.size(), Poison);
  return memory;
}

Window terrazzo::interpreter::wholeOf(std::shared_ptr<Buffer> memory,
                                      llvm::ArrayRef<int64_t> shape) {
  Window w;
  w.type = memory->data.type;
  w.memory = memory.get();
  w.owned = std::move(memory);
  w.shape = shape.vec();
  llvm::SmallVector<int64_t> strides = rowMajor(shape);
  for (size_t d = 0; d < shape.size(); ++d) {
    Axis axis;
    axis.stride = strides[d];
    axis.extent = axis.size = axis.high = shape[d];
    axis.low = 0;
    w.axes.push_back(axis);
    w.dims.push_back(int(d));
  }
  return w;
}

void terrazzo::interpreter::putFill(Tensor &r, size_t i,
                                    mlir::Attribute boundary) {
  mlir::Attribute v = mlir::cast<tile::FillAttr>(boundary).getValue();
  auto number = mlir::dyn_cast<mlir::IntegerAttr>(v);
  auto real = mlir::dyn_cast<mlir::FloatAttr>(v);
  int64_t integer =
      number ? number.getValue().sextOrTrunc(64).getSExtValue() : 0;
  if (r.type.isFloat() && (real || number))
    r.values[i] = r.reference[i] = numerics::round(
        r.type.format, real ? real.getValueAsDouble() : double(integer));
  else if (number)
    r.ints[i] = signExtend(integer, r.type.bits);
  else
    r.setFlag(i, Poison);
}

const Window &terrazzo::interpreter::windowOf(Program &program,
                                              mlir::Value value) {
  return *program.get(value)->window;
}
