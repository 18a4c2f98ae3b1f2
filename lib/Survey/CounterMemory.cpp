// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Views, windows, and the elements that are read and written.
#include "lib/Survey/Counter.h"

#include "lib/Driver/Binding.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace terrazzo;
using namespace terrazzo::survey;

bool Counter::memory(const Step &step) {
  return llvm::TypeSwitch<mlir::Operation *, bool>(step.op)
      .Case([&](tile::AllocOp op) {
        auto window = std::make_shared<Window>();
        for (int64_t d : op.getView().getType().getTensor().getShape()) {
          window->dims.push_back(int(window->axes.size()));
          window->axes.push_back({1, d, 0, Edge::In, nullptr});
          window->shape.push_back(d);
        }
        out(step).window = std::move(window);
        return true;
      })
      .Case([&](tile::ViewOp) { return view(step), true; })
      .Case([&](tile::SliceOp) { return slice(step), true; })
      .Case([&](tile::LoadOp) { return load(step), true; })
      .Case([&](tile::StoreOp) { return store(step), true; })
      .Case([&](tile::AtomicOp) { return atomic(step), true; })
      .Case([&](tile::CopyOp) {
        touch(read, step, windowOf(step, 0), nullptr);
        touch(written, step, windowOf(step, 1), nullptr);
        return true;
      })
      .Case([&](tile::MoveOp) {
        out(step) = in(step, 0);
        return true;
      })
      .Default(false);
}

static Edge edgeOf(tile::ViewType type, size_t dim) {
  mlir::ArrayAttr all = type.getBoundaries();
  mlir::Attribute a = dim < all.size() ? all[dim] : mlir::Attribute();
  return mlir::isa_and_nonnull<tile::FillAttr>(a)    ? Edge::Fill
         : mlir::isa_and_nonnull<tile::ClampAttr>(a) ? Edge::Clamp
         : mlir::isa_and_nonnull<tile::WrapAttr>(a)  ? Edge::Wrap
                                                     : Edge::In;
}

void Counter::view(const Step &step) {
  auto op = mlir::cast<tile::ViewOp>(step.op);
  tile::ViewType type = op.getView().getType();
  mlir::RankedTensorType tensor = type.getTensor();
  auto window = std::make_shared<Window>();
  unsigned bits = interpreter::elementTypeOf(tensor).bits;
  window->bytesEach = bits < 8 ? 1 : bits / 8;
  const Value &base = in(step, 0);
  if (base.window) {
    window->buffer = base.window->buffer;
    window->isAddress = base.window->isAddress;
    window->base = base.window->base;
    for (const Axis &axis : base.window->axes)
      window->base += axis.offset * axis.stride;
  } else {
    auto [buffer, bytes] = interpreter::placeOf(numberOf(step, step.ins[0]));
    bool isArgument = buffer >= 0 && buffer < int(prepared.buffers.size());
    window->buffer = isArgument ? buffer : -1;
    window->isAddress = !isArgument;
    window->base = (isArgument ? bytes : base.number) / window->bytesEach;
  }
  size_t rank = size_t(tensor.getRank());
  bool given = !op.getSizes().empty();
  int64_t below = 1;
  window->axes.resize(rank);
  for (size_t d = rank; d-- > 0;) {
    Axis &axis = window->axes[d];
    axis.extent =
        given ? numberOf(step, step.ins[1 + d]) : tensor.getDimSize(d);
    axis.stride = given ? numberOf(step, step.ins[1 + rank + d]) : below;
    axis.edge = edgeOf(type, d);
    below *= axis.extent;
  }
  for (size_t d = 0; d < rank; ++d) {
    window->dims.push_back(int(d));
    window->shape.push_back(tensor.isDynamicDim(d) ? window->axes[d].extent
                                                   : tensor.getDimSize(d));
  }
  out(step).window = std::move(window);
}

void Counter::slice(const Step &step) {
  auto op = mlir::cast<tile::SliceOp>(step.op);
  const Window &from = windowOf(step, 0);
  auto window = std::make_shared<Window>(from);
  tile::ViewType type = op.getWindow().getType();
  window->shape.assign(type.getTensor().getShape().begin(),
                       type.getTensor().getShape().end());
  window->dims.clear();
  if (from.isReshaped) {
    if (from.buffer >= 0 || from.isAddress)
      refuse(step, "a window of gathered elements");
    return void(out(step).window = std::move(window));
  }
  llvm::SmallVector<int64_t> dims;
  for (size_t d = 0; d < from.dims.size() && !op.getDims(); ++d)
    dims.push_back(int64_t(d));
  if (op.getDims())
    for (auto d : op.getDims()->getAsRange<mlir::IntegerAttr>())
      dims.push_back(d.getInt());
  for (size_t source = 0; source < from.dims.size(); ++source) {
    Axis &axis = window->axes[from.dims[source]];
    size_t dim = size_t(llvm::find(dims, int64_t(source)) - dims.begin());
    if (dim < dims.size() && edgeOf(type, dim) != Edge::In)
      axis.edge = edgeOf(type, dim);
    const Value &offset = in(step, 1 + source);
    mlir::Value given = op.getOffsets()[source];
    auto tensor = mlir::dyn_cast<mlir::RankedTensorType>(given.getType());
    if (!tensor && !axis.index) {
      axis.offset += numberOf(step, step.ins[1 + source]);
      continue;
    }
    auto index = std::make_shared<std::vector<int64_t>>();
    if (!tensor) {
      int64_t first = numberOf(step, step.ins[1 + source]);
      int64_t n = dim < dims.size() ? window->shape[dim] : 1;
      for (int64_t i = first; i < first + n; ++i)
        index->push_back(i >= 0 && i < int64_t(axis.index->size())
                             ? (*axis.index)[size_t(i)]
                             : -1);
    } else if (offset.elements) {
      for (int64_t i : *offset.elements)
        index->push_back(axis.offset + i);
      window->isReshaped = tensor.getRank() != 1;
    } else if (from.buffer >= 0 || from.isAddress) {
      refuse(step, "what it computes decides which elements are accessed");
    } else { // memory of the program: nobody counts its places
      index->assign(size_t(tensor.getNumElements()), -1);
      window->isReshaped = tensor.getRank() != 1;
    }
    axis.index = std::move(index);
  }
  for (int64_t d : dims)
    window->dims.push_back(from.dims[size_t(d)]);
  out(step).window = std::move(window);
}

void Counter::touch(std::vector<Touched> &to, const Step &step,
                    const Window &window, const Value *mask) {
  if (window.buffer < 0 && !window.isAddress)
    return; // private memory
  const std::vector<int64_t> *active = nullptr;
  if (mask && mask->elements)
    active = mask->elements.get();
  else if (mask &&
           llvm::find(work.loose, "masks that it computes") == work.loose.end())
    work.loose.push_back("masks that it computes");
  if (window.buffer >= 0)
    return to[size_t(window.buffer)].add(window, active);
  std::vector<int64_t> all = window.elements();
  for (size_t i = 0; i < all.size(); ++i) {
    auto [buffer, bytes] = interpreter::placeOf(all[i] * window.bytesEach);
    if ((!active || (*active)[i]) && buffer >= 0 && size_t(buffer) < to.size())
      to[size_t(buffer)].add(bytes / window.bytesEach, 1);
  }
}

/// The integers that stand in a window, where nobody has changed them.
void Counter::readElements(const Step &step, const Window &window,
                           Value &result) {
  auto elements = std::make_shared<std::vector<int64_t>>();
  for (int64_t element : window.elements()) {
    int buffer = window.buffer;
    if (window.isAddress && element >= 0) {
      auto [b, bytes] = interpreter::placeOf(element * window.bytesEach);
      buffer = b >= 0 && size_t(b) < prepared.buffers.size() ? b : -1;
      element = bytes / window.bytesEach;
    }
    if (element < 0) { // filled: what stands there accesses nothing
      elements->push_back(0);
      continue;
    }
    if (buffer < 0 || hasChanged[size_t(buffer)])
      return;
    const interpreter::Tensor &data = prepared.buffers[size_t(buffer)].data;
    size_t i = size_t(element);
    if (data.type.isFloat() || i >= data.size() ||
        (data.flag(i) & interpreter::Poison))
      return;
    elements->push_back(data.ints[i]);
  }
  if (mlir::isa<mlir::RankedTensorType>(step.op->getResult(0).getType())) {
    result.elements = std::move(elements);
  } else if (!elements->empty()) {
    result.isKnown = true;
    result.number = elements->front();
  }
}

void Counter::load(const Step &step) {
  auto op = mlir::cast<tile::LoadOp>(step.op);
  const Window &window = windowOf(step, 0);
  const Value *mask = op.getMask() ? &in(step, 1) : nullptr;
  touch(read, step, window, mask);
  Value result;
  result.valid = window.inside();
  if (step.steers)
    readElements(step, window, result);
  out(step) = std::move(result);
}

void Counter::store(const Step &step) {
  auto op = mlir::cast<tile::StoreOp>(step.op);
  const Window &window = windowOf(step, 1);
  touch(written, step, window, op.getMask() ? &in(step, 2) : nullptr);
  for (size_t b = 0; b < hasChanged.size(); ++b)
    if (window.isAddress || int(b) == window.buffer)
      hasChanged[b] = true;
}

void Counter::atomic(const Step &step) {
  auto op = mlir::cast<tile::AtomicOp>(step.op);
  const Window &window = windowOf(step, 0);
  const Value *mask = op.getMask() ? &values[step.ins.back()] : nullptr;
  touch(read, step, window, mask);
  touch(written, step, window, mask);
  for (size_t b = 0; b < hasChanged.size(); ++b)
    if (window.isAddress || int(b) == window.buffer)
      hasChanged[b] = true;
  auto type = mlir::getElementTypeOrSelf(op.getValues()[0].getType());
  double n = 1;
  for (Range r : window.inside())
    n *= double(r.size());
  if (mlir::isa<mlir::FloatType>(type) && op.getKind() != "xchg")
    work.vector[formatOf(type)] += n;
  if (!step.outs.empty()) {
    out(step) = Value();
    out(step).valid = window.inside();
  }
}
