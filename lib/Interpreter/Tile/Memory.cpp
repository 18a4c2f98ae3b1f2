// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Views, windows, and what moves elements between memories and values.
#include "lib/Interpreter/Report.h"
#include "lib/Interpreter/Tile/Channels.h"

#include <set>

using namespace terrazzo;
using namespace terrazzo::interpreter;

static void setWindow(Program &program, mlir::Value view, Window window) {
  Tensor value;
  value.window = std::make_shared<const Window>(std::move(window));
  program.set(view, std::move(value));
}

static mlir::Attribute boundaryOf(tile::ViewType type, size_t dim) {
  mlir::ArrayAttr all = type.getBoundaries();
  mlir::Attribute a = dim < all.size() ? all[dim] : mlir::Attribute();
  return mlir::isa_and_nonnull<tile::InAttr>(a) ? mlir::Attribute() : a;
}

static void alloc(Program &program, tile::AllocOp op) {
  mlir::RankedTensorType type = op.getView().getType().getTensor();
  constexpr int64_t most = int64_t(1) << 28;
  bool large = !type.hasStaticShape();
  int64_t count = 1;
  for (int64_t d : type.getShape())
    large |= __builtin_mul_overflow(count, d, &count) || count > most;
  if (large)
    program.fail(op, DiagnosticKind::TileTooLarge, "tile.alloc");
  setWindow(program, op.getView(),
            wholeOf(newMemory("tile.alloc", type), type.getShape()));
}

static int64_t bytesOf(const ElementType &type) {
  return type.bits < 8 ? 1 : type.bits / 8;
}

/// The argument that an address lies in; null when in none.
static Buffer *argumentAt(Program &program, int64_t address, int64_t &offset) {
  auto &buffers = *program.shared.launch.buffers;
  int64_t number = address / addressSpan - 1;
  if (number < 0 || number >= int64_t(buffers.size()))
    return nullptr;
  offset = address - baseAddress(number);
  return &buffers[number];
}

/// Where an array begins: at an address, or where another view does.
static void setBase(Program &program, tile::ViewOp op, Window &w) {
  const Tensor &base = *program.get(op.getBase());
  if (base.window) {
    const Window &from = *base.window;
    w.memory = from.memory;
    w.owned = from.owned;
    w.hold = from.hold;
    w.flag = from.flag;
    w.absolute = from.absolute;
    w.base = from.base;
    for (const Axis &axis : from.axes) {
      if (axis.index || from.reshaped)
        program.fail(op, DiagnosticKind::CannotInterpret,
                     "tile.view of gathered elements");
      w.base += axis.offset * axis.stride;
    }
    return;
  }
  if (base.type.kind != ElementType::Kind::Pointer || base.size() != 1)
    program.fail(op, DiagnosticKind::CannotInterpret, "tile.view");
  w.flag = base.flag(0);
  int64_t address = base.ints[0], size = bytesOf(w.type), offset = 0;
  w.memory = argumentAt(program, address, offset);
  w.absolute = !w.memory && address % size == 0;
  w.base = (w.memory ? offset : address) / size;
}

static void view(Program &program, tile::ViewOp op) {
  tile::ViewType type = op.getView().getType();
  mlir::RankedTensorType tensor = type.getTensor();
  Window w;
  w.type = elementTypeOf(tensor);
  setBase(program, op, w);
  size_t rank = tensor.getRank();
  llvm::SmallVector<int64_t> strides(rank, 1);
  bool given = !op.getSizes().empty();
  if (!given && !tensor.hasStaticShape())
    program.fail(op, DiagnosticKind::CannotInterpret, "tile.view");
  if (!given)
    strides = rowMajor(tensor.getShape());
  for (size_t d = 0; d < rank; ++d) {
    Axis axis;
    axis.extent =
        given ? program.decide(op, op.getSizes()[d]) : tensor.getDimSize(d);
    axis.stride =
        given ? program.decide(op, op.getSizes()[rank + d]) : strides[d];
    axis.boundary = boundaryOf(type, d);
    // A view of static shape is a window too: of its own size.
    axis.size = tensor.isDynamicDim(d)
                    ? (axis.extent < 0 ? INT64_MAX : axis.extent)
                    : tensor.getDimSize(d);
    w.axes.push_back(axis);
    w.dims.push_back(int(d));
    w.shape.push_back(axis.size);
  }
  setWindow(program, op.getView(), std::move(w));
}

/// The window of \p parent along \p axis that begins at \p offset.
static void moveAxis(Axis &axis, int64_t offset, int64_t size,
                     mlir::Attribute boundary) {
  if (boundary) {
    axis.boundary = boundary;
    axis.low = INT64_MIN;
    axis.high = INT64_MAX;
  } else {
    bool unknown = axis.size == INT64_MAX;
    axis.low = std::max(axis.low, unknown ? INT64_MIN : axis.offset);
    int64_t end = axis.offset + (unknown ? 0 : axis.size);
    axis.high = std::min(axis.high, unknown ? INT64_MAX : end);
  }
  axis.offset = int64_t(uint64_t(axis.offset) + uint64_t(offset));
  axis.size = size;
}

static int64_t offsetOf(Program &program, mlir::Operation *op, mlir::Value v) {
  int64_t offset = program.decide(op, v);
  if (program.get(v)->flag(0) & Overflow)
    program.fail(op, DiagnosticKind::OffsetOverflow);
  return offset;
}

/// Positions of a gathered dimension from \p offset on.
static Shared part(Program &program, mlir::Operation *op, const Tensor &index,
                   int64_t offset, int64_t size) {
  if (offset < 0 || offset + size > int64_t(index.size()))
    program.fail(op, DiagnosticKind::TileOutside, std::to_string(offset), "0");
  return std::make_shared<const Tensor>(strided(index, {size}, {1}, offset));
}

/// Windows of a rank-1 array gathered by an index tensor of another rank.
static Window sliceReshaped(Program &program, tile::SliceOp op,
                            const Window &from) {
  Window w = from;
  llvm::SmallVector<int64_t> own = rowMajor(from.shape);
  int64_t base = 0;
  llvm::SmallVector<int64_t> strides;
  for (size_t d = 0; d < own.size(); ++d) {
    int64_t offset = offsetOf(program, op, op.getOffsets()[d]);
    if (offset < 0 || offset >= from.shape[d])
      program.fail(op, DiagnosticKind::TileOutside, std::to_string(offset),
                   std::to_string(d));
    base += offset * own[d];
  }
  w.shape = op.getWindow().getType().getTensor().getShape().vec();
  for (size_t d = 0; d < w.shape.size(); ++d)
    strides.push_back(
        own[op.getDims()
                ? mlir::cast<mlir::IntegerAttr>((*op.getDims())[d]).getInt()
                : int64_t(d)]);
  int64_t last = base;
  for (size_t d = 0; d < w.shape.size(); ++d)
    last += (w.shape[d] - 1) * strides[d];
  if (last >= from.size())
    program.fail(op, DiagnosticKind::TileOutside, std::to_string(last), "0");
  w.axes[0].index = std::make_shared<const Tensor>(
      strided(*from.axes[0].index, w.shape, strides, base));
  return w;
}

static void slice(Program &program, tile::SliceOp op) {
  const Window &from = windowOf(program, op.getView());
  if (from.reshaped)
    return setWindow(program, op.getWindow(), sliceReshaped(program, op, from));
  tile::ViewType type = op.getWindow().getType();
  Window w = from;
  w.shape = type.getTensor().getShape().vec();
  w.dims.clear();
  llvm::SmallVector<int64_t> dims;
  for (size_t d = 0; d < from.dims.size() && !op.getDims(); ++d)
    dims.push_back(d);
  if (op.getDims())
    for (auto d : op.getDims()->getAsRange<mlir::IntegerAttr>())
      dims.push_back(d.getInt());
  for (size_t source = 0; source < from.dims.size(); ++source) {
    Axis &axis = w.axes[from.dims[source]];
    auto at = llvm::find(dims, int64_t(source));
    size_t dim = at - dims.begin();
    bool listed = at != dims.end();
    mlir::Value offset = op.getOffsets()[source];
    bool gathers = mlir::isa<mlir::RankedTensorType>(offset.getType());
    int64_t size = listed && dim < w.shape.size() ? w.shape[dim] : 1;
    mlir::Attribute boundary =
        listed ? boundaryOf(type, dim) : mlir::Attribute();
    if (!gathers) {
      int64_t o = offsetOf(program, op, offset);
      if (axis.index)
        axis.index = part(program, op, *axis.index, o, size);
      else
        moveAxis(axis, o, size, boundary);
      continue;
    }
    Tensor index = *program.get(offset);
    for (size_t i = 0; i < index.size(); ++i) {
      int64_t o = index.ints[i];
      if (axis.index && (o < 0 || o >= int64_t(axis.index->size())))
        program.fail(op, DiagnosticKind::TileOutside, std::to_string(o),
                     std::to_string(source));
      index.ints[i] = axis.index ? axis.index->ints[o] : axis.offset + o;
    }
    w.reshaped = index.shape.size() != 1;
    size = index.size();
    moveAxis(axis, 0, size, boundary);
    axis.index = std::make_shared<const Tensor>(std::move(index));
  }
  for (int64_t d : dims)
    w.dims.push_back(from.dims[d]);
  setWindow(program, op.getWindow(), std::move(w));
}

//===-- Access ------------------------------------------------------------===//

/// Checks that an active element can be accessed.
namespace {
struct Home {
  Buffer *memory;
  int64_t element;
};
} // namespace

/// The memory and its element that a place stands for, which must be there.
static Home homeOf(Program &program, mlir::Operation *op, const Window &w,
                   const Place &p) {
  if (w.flag & Poison)
    program.fail(op, DiagnosticKind::PoisonUsed, "an address");
  if (w.flag & Overflow || p.kind == Place::OverflowIndex)
    program.fail(op, DiagnosticKind::OffsetOverflow);
  if (p.kind == Place::PoisonIndex)
    program.fail(op, DiagnosticKind::PoisonUsed, "an index");
  if (p.kind == Place::Outside)
    program.fail(op, DiagnosticKind::TileOutside, std::to_string(p.index),
                 std::to_string(p.dim));
  Home home{w.memory, p.element};
  if (w.absolute) {
    int64_t size = bytesOf(w.type), offset = 0, address = 0;
    if (!__builtin_mul_overflow(p.element, size, &address))
      home.memory = argumentAt(program, address, offset);
    home.element = offset / size;
  }
  if (!home.memory)
    program.fail(op, DiagnosticKind::WildPointer);
  if (!(home.memory->data.type == w.type))
    program.fail(op, DiagnosticKind::PointerTypeMismatch, home.memory->name);
  int64_t count = home.memory->data.size();
  if (home.element < 0 || home.element >= count)
    program.fail(op, DiagnosticKind::OutOfBounds, std::to_string(home.element),
                 home.memory->name, std::to_string(count));
  return home;
}

static void checkRace(Program &program, mlir::Operation *op, const Window &w,
                      const Home &home) {
  Stream *stream = program.stream;
  if (!stream || !stream->races || w.hold)
    return;
  if (mlir::Operation *other =
          stream->races->touch(*stream, home.memory, home.element)) {
    program.note(DiagnosticKind::TileOtherAccess, other);
    program.fail(op, DiagnosticKind::TileRace, std::to_string(home.element),
                 home.memory->name);
  }
}

static void beginAccess(Program &program, mlir::Operation *op, const Window &w,
                        bool write) {
  checkHold(program, op, w, write);
  int64_t count = 1;
  for (int64_t d : w.shape)
    if (__builtin_mul_overflow(count, d, &count) || count > (int64_t(1) << 28))
      program.fail(op, DiagnosticKind::TileTooLarge, "a window");
  if (program.stream && program.stream->races)
    program.stream->races->begin(*program.stream, op, write);
  program.step(count / 4);
}

static bool active(Program &program, mlir::Operation *op, const Tensor *mask,
                   size_t i) {
  if (!mask)
    return true;
  if (mask->flag(i) & Poison)
    program.fail(op, DiagnosticKind::PoisonUsed, "a mask");
  return mask->ints[i] != 0;
}

/// The elements of a plain access: no mask, no race to look for, all inside.
static std::vector<int64_t> plain(Program &program, const Window &w,
                                  const Places &places, const Tensor *mask) {
  bool races = program.stream && program.stream->races && !w.hold;
  if (mask || races || w.flag || !w.memory || !(w.memory->data.type == w.type))
    return {};
  return places.elementsWithin(w.memory->data.size());
}

static mlir::Attribute fillOf(const Window &w, const Place &p) {
  return w.axes[p.dim].boundary;
}

/// Visits the elements of a window that stand in memory. In \p r what the mask
/// leaves out is poison, and what the boundary fills has its value.
static void eachHome(Program &program, mlir::Operation *op, const Window &w,
                     const Tensor *mask, Places &places, Tensor &r,
                     llvm::function_ref<void(int64_t, const Home &)> visit) {
  for (int64_t i = 0, n = places.size(); i < n; ++i) {
    Place p = places.next();
    if (!active(program, op, mask, i))
      r.setFlag(i, Poison);
    else if (p.kind == Place::Fill)
      putFill(r, i, fillOf(w, p));
    else
      visit(i, homeOf(program, op, w, p));
  }
}

Tensor terrazzo::interpreter::readWindow(Program &program, mlir::Operation *op,
                                         const Window &w, const Tensor *mask) {
  beginAccess(program, op, w, false);
  Tensor r = make(w.type, w.shape);
  Places places(w);
  if (std::vector<int64_t> elements = plain(program, w, places, mask);
      !elements.empty()) {
    const Tensor &d = w.memory->data;
    auto gather = [&](auto &to, const auto &from) {
      for (size_t i = 0; !from.empty() && i < elements.size(); ++i)
        to[i] = from[elements[i]];
    };
    gather(r.ints, d.ints);
    gather(r.values, d.values);
    gather(r.reference, d.reference);
    gather(r.error, d.error);
    r.flags.resize(d.flags.empty() ? 0 : r.size());
    gather(r.flags, d.flags);
    if (llvm::all_of(r.flags, [](uint8_t f) { return f == 0; }))
      r.flags.clear();
    return r;
  }
  eachHome(program, op, w, mask, places, r, [&](int64_t i, const Home &home) {
    checkRace(program, op, w, home);
    r.take(i, home.memory->data, home.element);
  });
  return r;
}

static void put(Program &program, mlir::Operation *op, const Window &w,
                const Home &home, const Tensor &v, size_t i) {
  Buffer &buffer = *home.memory;
  int64_t element = home.element;
  // The memory of an argument is seen by others; scratch may hold what a mask
  // keeps from ever being used.
  bool seen = !w.owned;
  if (seen && (v.flag(i) & Poison))
    program.fail(op, DiagnosticKind::PoisonStored, buffer.name,
                 std::to_string(element));
  // The flags of a buffer are there from the start: programs run at once.
  if (v.type.isFloat()) {
    buffer.data.values[element] = v.values[i];
    buffer.data.reference[element] = v.reference[i];
    buffer.data.error[element] = v.error[i];
  } else {
    buffer.data.ints[element] = v.ints[i];
  }
  buffer.data.flags[element] =
      v.flag(i) & (seen ? Ambiguous : Ambiguous | Poison | Overflow | Carry);
}

void terrazzo::interpreter::writeWindow(Program &program, mlir::Operation *op,
                                        const Window &w, const Tensor &value,
                                        const Tensor *mask) {
  beginAccess(program, op, w, true);
  Waiting::Change change(program.shared.waiting);
  if (w.hold && w.hold->keeps)
    return;
  bool gathers =
      llvm::any_of(w.axes, [](const Axis &a) { return bool(a.index); });
  std::set<int64_t> written;
  Places places(w);
  for (int64_t i = 0, n = places.size(); i < n; ++i) {
    Place p = places.next();
    if (p.kind == Place::Fill || !active(program, op, mask, i))
      continue;
    Home home = homeOf(program, op, w, p);
    if (gathers && !written.insert(p.element).second)
      program.fail(op, DiagnosticKind::TileWrittenTwice,
                   std::to_string(home.element), home.memory->name);
    checkRace(program, op, w, home);
    put(program, op, w, home, value, i);
  }
}

static const Tensor *maskOf(Program &program, mlir::Value mask) {
  return mask ? program.get(mask).get() : nullptr;
}

static void load(Program &program, tile::LoadOp op) {
  program.set(op, readWindow(program, op, windowOf(program, op.getView()),
                             maskOf(program, op.getMask())));
}
static void store(Program &program, tile::StoreOp op) {
  writeWindow(program, op, windowOf(program, op.getView()),
              *program.get(op.getValue()), maskOf(program, op.getMask()));
}
static void copy(Program &program, tile::CopyOp op) {
  Tensor v = readWindow(program, op, windowOf(program, op.getSource()));
  writeWindow(program, op, windowOf(program, op.getTarget()), v);
}
static void prefetch(Program &, tile::PrefetchOp) {}
static void move(Program &program, tile::MoveOp op) {
  program.values[op.getResult()] = program.get(op.getSource());
}

/// The lowest and highest element that a view may touch.
static std::pair<int64_t, int64_t> hull(const Window &w) {
  int64_t low = w.base, high = w.base;
  for (auto [number, axis] : llvm::enumerate(w.axes)) {
    if (axis.index) {
      if (axis.index->ints.empty())
        continue;
      auto [a, b] =
          std::minmax_element(axis.index->ints.begin(), axis.index->ints.end());
      low += std::min(*a * axis.stride, *b * axis.stride);
      high += std::max(*a * axis.stride, *b * axis.stride);
      continue;
    }
    int64_t first = axis.offset;
    int64_t last = axis.size == INT64_MAX ? int64_t(w.memory->data.size())
                                          : first + axis.size - 1;
    if (axis.boundary) {
      first = std::max<int64_t>(first, 0);
      last = std::min(last, axis.extent - 1);
    }
    low += std::min(first * axis.stride, last * axis.stride);
    high += std::max(first * axis.stride, last * axis.stride);
  }
  return {low, high};
}

static void disjoint(Program &program, tile::DisjointOp op) {
  bool apart = true;
  for (mlir::Value v : op.getViews().drop_front()) {
    const Window &a = windowOf(program, op.getViews()[0]),
                 &b = windowOf(program, v);
    apart &= !a.absolute && !b.absolute;
    if (!a.memory || a.memory != b.memory)
      continue;
    auto [alow, ahigh] = hull(a);
    auto [blow, bhigh] = hull(b);
    apart &= ahigh < blow || bhigh < alow;
  }
  program.set(op, scalarOf(apart ? -1 : 0, 1));
}

//===-- Atomics -----------------------------------------------------------===//

static std::optional<kernel::AtomicKind> kindOf(llvm::StringRef name) {
  return kernel::symbolizeAtomicKind(name);
}

/// In a cooperative launch the others go on after an atomic.
static void letOthers(Program &program, tile::AtomicOp op, bool changed) {
  Scheduler *scheduler = program.stream ? program.stream->scheduler : nullptr;
  if (!scheduler || !scheduler->fair)
    return;
  if (!scheduler->mayWait(changed))
    program.fail(op, DiagnosticKind::TileSpins);
  scheduler->pass(*program.stream);
}

static void atomic(Program &program, tile::AtomicOp op) {
  const Window &w = windowOf(program, op.getView());
  checkHold(program, op, w, true);
  program.step(w.size());
  const Tensor *mask = maskOf(program, op.getMask());
  llvm::StringRef name = op.getKind();
  bool loads = name == "load", swaps = name == "cas";
  std::optional<kernel::AtomicKind> kind = kindOf(name);
  const Tensor *v = loads ? nullptr : program.get(op.getValues().back()).get();
  const Tensor *expected =
      swaps ? program.get(op.getValues()[0]).get() : nullptr;
  Tensor r = make(w.type, w.shape);
  bool changed = false;
  Places places(w);
  eachHome(program, op, w, mask, places, r, [&](int64_t i, const Home &home) {
    auto [memory, element] = home;
    Tensor &d = memory->data;
    if (v && (v->flag(i) & Poison))
      program.fail(op, DiagnosticKind::PoisonStored, memory->name,
                   std::to_string(element));
    std::lock_guard<std::mutex> lock(program.shared.stripe(element));
    if ((d.flags[element] & Poison) && name != "xchg")
      program.fail(op, DiagnosticKind::AtomicOnUnwritten, memory->name,
                   std::to_string(element));
    r.take(i, d, element);
    if (loads || (swaps && !sameBits(d, element, *expected, i)))
      return;
    Waiting::Change change(program.shared.waiting);
    combineInPlace(d, element, swaps ? kernel::AtomicKind::Xchg : *kind, *v, i);
    if (sameBits(d, element, r, i))
      change.hadNoEffect();
    else
      changed = true;
  });
  if (op.getOld())
    program.set(op.getOld(), std::move(r));
  letOthers(program, op, changed);
}

void terrazzo::interpreter::addMemorySemantics(Semantics &semantics) {
  semantics.add(alloc);
  semantics.add(view);
  semantics.add(slice);
  semantics.add(load);
  semantics.add(store);
  semantics.add(copy);
  semantics.add(prefetch);
  semantics.add(move);
  semantics.add(disjoint);
  semantics.add(atomic);
}
