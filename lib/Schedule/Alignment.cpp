// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/Tile/Divisors.h"
#include "dialects/Tile/Layouts.h"
#include "lib/Schedule/Checks.h"

#include <numeric>

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::tile;

/// The array that a window is cut from in the end: a slot whole, whatever share
/// of it a replica has.
static RankedTensorType arrayOf(Value view) {
  while (auto slice = view.getDefiningOp<SliceOp>())
    view = slice.getView();
  Operation *made = view.getDefiningOp();
  if (isa_and_nonnull<AcquireOp, WaitOp>(made)) {
    auto channel = cast<ChannelType>(made->getOperand(0).getType());
    unsigned number = cast<OpResult>(view).getResultNumber();
    return cast<ViewType>(
               cast<TypeAttr>(channel.getPayload()[number]).getValue())
        .getTensor();
  }
  return cast<ViewType>(view.getType()).getTensor();
}

/// What the distance of index \p offset along \p dim, in elements, is known to
/// be a multiple of: the digits that the offset may have, times their strides.
static int64_t distanceDivisor(llvm::ArrayRef<Factor> nest, int64_t dim,
                               int64_t offset) {
  if (offset == 0)
    return 0;
  int64_t stride = 1, known = 0, left = offset;
  const Factor *outermost =
      llvm::find_if(nest, [&](Factor f) { return f.dim == dim; });
  for (const Factor &factor : llvm::reverse(nest)) {
    if (&factor == outermost) { // no digit is left for what it cannot hold
      known = std::gcd(known, stride * left);
    } else if (factor.dim == dim) {
      // The lowest digits are 0 as long as the offset is a multiple of them.
      int64_t zero = std::gcd(left, factor.size);
      if (zero != factor.size)
        known = std::gcd(known, stride * zero);
      left = zero == factor.size ? left / zero : 1;
    }
    stride *= factor.size;
  }
  return known;
}

LogicalResult terrazzo::verifyAlignment(const ChipView &chip, SliceOp slice) {
  PlaceAttr place = placeOf(slice.getView().getType());
  const chip::Part *memory =
      place ? chip.memory(place.getMemory().getValue()) : nullptr;
  const chip::Quantity *align = memory ? memory->number("align") : nullptr;
  RankedTensorType array = arrayOf(slice.getView());
  std::optional<llvm::SmallVector<int64_t>> dims = rootDims(slice.getView());
  if (!align || !dims || !array.hasStaticShape() ||
      !array.getElementType().isIntOrFloat())
    return success();
  unsigned bits = array.getElementTypeBitWidth();
  auto nest = factors(place.getLayout(), array.getShape(), bits);
  if (!nest)
    return success(); // a swizzle: its granule was checked by the op
  int64_t known = 0;  // the gcd over all dimensions, in elements
  for (auto [number, offset] : llvm::enumerate(slice.getOffsets()))
    known = std::gcd(
        known, isa<IndexType>(offset.getType())
                   ? distanceDivisor(*nest, (*dims)[number], divisorOf(offset))
                   : 1);
  int64_t unit = int64_t(align->value) * 8;
  if (isMultiple(known * int64_t(bits), unit))
    return success();
  InFlightDiagnostic error =
      slice.emitOpError("C5: the window begins at a multiple of ")
      << known * int64_t(bits) / 8 << " bytes, as far as is known";
  ChipView::note(error, *memory, "align",
                 "`" + memory->name + "` of " + chip.chip.name +
                     " is addressed in multiples of " +
                     llvm::Twine(int64_t(align->value)));
  return error;
}

/// The name of the kind of a layout in a chip file.
static llvm::StringRef formOf(Attribute layout) {
  if (auto nest = dyn_cast<NestAttr>(layout))
    return nest.getFactors().empty() ? "rows" : "tiles";
  if (isa<FractalAttr>(layout))
    return "fractal";
  return cast<LinearAttr>(layout).getInputs().contains("offset") ? "swizzle"
                                                                 : "fragment";
}

/// How many elements of dimension \p dim the innermost tile of a nest holds:
/// the factors after the last one that takes what is left.
static int64_t tileExtent(llvm::ArrayRef<Factor> nest, size_t first,
                          int64_t dim) {
  int64_t extent = 1;
  for (Factor factor : nest.drop_front(first))
    if (factor.dim == dim)
      extent *= factor.size;
  return extent;
}

/// Whether \p part of the chip's layouts describes \p layout.
static bool describes(const chip::Part &part, Attribute layout,
                      RankedTensorType tensor) {
  if (part.word("form") != formOf(layout))
    return false;
  auto written = dyn_cast<NestAttr>(layout);
  unsigned bits = tensor.getElementTypeBitWidth();
  auto nest = factors(layout, tensor.getShape(), bits);
  if (!written || written.getFactors().empty() || !nest || !tensor.getRank())
    return true;
  size_t first = 0;
  for (auto [number, factor] : llvm::enumerate(written.getFactors()))
    if (cast<IntegerAttr>(cast<ArrayAttr>(factor)[1]).getInt() < 0)
      first = number + 1;
  int64_t last = tensor.getRank() - 1;
  int64_t columns = tileExtent(*nest, first, last),
          rows = last ? tileExtent(*nest, first, last - 1) : 1;
  const chip::Quantity *r = part.number("rows"), *c = part.number("columns"),
                       *b = part.number("bytes");
  // Narrow elements are packed into the rows of 32-bit ones, or not.
  bool fits =
      !r || rows == r->value || (bits < 32 && rows == r->value * (32 / bits));
  return fits && (!c || columns == c->value) &&
         (!b || columns * bits == b->value * 8);
}

LogicalResult terrazzo::verifyLayout(const ChipView &chip, Operation *op,
                                     RankedTensorType tensor) {
  PlaceAttr place = placeOf(tensor);
  if (!place || !tensor.hasStaticShape() ||
      !tensor.getElementType().isIntOrFloat())
    return success();
  const chip::Part *any = nullptr;
  for (const chip::Part &part : chip.chip.parts("layouts")) {
    if (part.word("memory") != place.getMemory().getValue())
      continue;
    if (!any || part.word("form") == formOf(place.getLayout()))
      any = &part; // the one that comes nearest
    if (describes(part, place.getLayout(), tensor))
      return success();
  }
  if (!any)
    return success();
  InFlightDiagnostic error = op->emitError("C6: no layout of `")
                             << place.getMemory().getValue() << "` is that of "
                             << tensor;
  ChipView::note(error, *any, "",
                 "the layouts of " + chip.chip.name +
                     " are: " + namesOf(chip.chip, "layouts"));
  return error;
}
