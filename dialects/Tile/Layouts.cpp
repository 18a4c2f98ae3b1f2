// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/Tile/Layouts.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace terrazzo::tile;

static std::optional<Factor> readFactor(Attribute attribute) {
  auto pair = dyn_cast<ArrayAttr>(attribute);
  if (!pair || pair.size() != 2)
    return std::nullopt;
  auto dim = dyn_cast<IntegerAttr>(pair[0]),
       size = dyn_cast<IntegerAttr>(pair[1]);
  if (!dim || !size)
    return std::nullopt;
  return Factor{dim.getInt(), size.getInt()};
}

LogicalResult NestAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                               ArrayAttr factors, ArrayAttr pad) {
  llvm::SmallVector<int64_t> open;
  for (Attribute attribute : factors) {
    std::optional<Factor> factor = readFactor(attribute);
    if (!factor || factor->dim < 0 || (factor->size < 1 && factor->size != -1))
      return emitError() << "TC1: a factor of a nest is [dim, size], not "
                         << attribute;
    if (factor->size != -1)
      continue;
    if (llvm::is_contained(open, factor->dim))
      return emitError() << "TC1: dimension " << factor->dim
                         << " has two factors of size -1";
    open.push_back(factor->dim);
  }
  if (pad && pad.size() != factors.size())
    return emitError() << "TC1: a nest has one pad for each factor";
  return success();
}

LogicalResult LinearAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                 DictionaryAttr inputs) {
  size_t rank = 0;
  for (NamedAttribute input : inputs) {
    auto bases = dyn_cast<ArrayAttr>(input.getValue());
    if (!bases)
      return emitError() << "TC1: the input `" << input.getName().getValue()
                         << "` is no list of bases";
    for (Attribute attribute : bases) {
      auto basis = dyn_cast<ArrayAttr>(attribute);
      if (!basis || !llvm::all_of(basis, llvm::IsaPred<IntegerAttr>))
        return emitError() << "TC1: " << attribute << " is no basis";
      if (rank && basis.size() != rank)
        return emitError() << "TC1: bases of different rank";
      rank = basis.size();
    }
  }
  return success();
}

LogicalResult FractalAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                  StringAttr order) {
  if (!llvm::is_contained({"zN", "nZ", "zZ", "nN"}, order.getValue()))
    return emitError() << "TC1: a fractal is zN, nZ, zZ or nN, not " << order;
  return success();
}

// The first letter is the order inside a block, the second that of the blocks:
// z by rows, n by columns. Blocks are 16 rows of 32 bytes (columns for n).
static llvm::SmallVector<Factor> expandFractal(StringRef order, unsigned bits) {
  int64_t wide = 256 / bits;
  bool inner = order[0] == 'z', outer = order[1] == 'Z';
  llvm::SmallVector<Factor> nest;
  nest.push_back({outer ? 0 : 1, -1});
  nest.push_back({outer ? 1 : 0, -1});
  nest.push_back({inner ? 0 : 1, 16});
  nest.push_back({inner ? 1 : 0, wide});
  return nest;
}

// The factors as they are written, outermost first, sizes of -1 among them.
static std::optional<llvm::SmallVector<Factor>> writtenNest(Attribute layout,
                                                            unsigned bits) {
  llvm::SmallVector<Factor> nest;
  if (auto fractal = dyn_cast<FractalAttr>(layout)) {
    if (bits == 0 || bits > 256)
      return std::nullopt;
    return expandFractal(fractal.getOrder().getValue(), bits);
  }
  auto written = dyn_cast<NestAttr>(layout);
  if (!written)
    return std::nullopt;
  for (Attribute attribute : written.getFactors())
    nest.push_back(*readFactor(attribute));
  return nest;
}

std::optional<llvm::SmallVector<Factor>>
terrazzo::tile::factors(Attribute layout, llvm::ArrayRef<int64_t> shape,
                        unsigned bits) {
  if (isa<FractalAttr>(layout) && shape.size() != 2)
    return std::nullopt;
  std::optional<llvm::SmallVector<Factor>> written = writtenNest(layout, bits);
  if (!written)
    return std::nullopt;
  llvm::SmallVector<Factor> nest = std::move(*written);
  if (nest.empty())
    for (auto [dim, size] : llvm::enumerate(shape))
      nest.push_back({static_cast<int64_t>(dim), size});
  llvm::SmallVector<int64_t> known(shape.size(), 1);
  for (Factor factor : nest) {
    if (factor.dim >= static_cast<int64_t>(shape.size()))
      return std::nullopt;
    if (factor.size != -1)
      known[factor.dim] *= factor.size;
  }
  for (Factor &factor : nest) {
    if (factor.size != -1)
      continue;
    if (shape[factor.dim] % known[factor.dim])
      return std::nullopt;
    factor.size = shape[factor.dim] / known[factor.dim];
    known[factor.dim] *= factor.size;
  }
  if (!llvm::equal(known, shape))
    return std::nullopt;
  return nest;
}

int64_t terrazzo::tile::locate(llvm::ArrayRef<Factor> nest,
                               llvm::ArrayRef<int64_t> index) {
  // Innermost first: each factor takes the lowest digit left of its dimension.
  llvm::SmallVector<int64_t> left(index);
  int64_t offset = 0, stride = 1;
  for (Factor factor : llvm::reverse(nest)) {
    offset += left[factor.dim] % factor.size * stride;
    left[factor.dim] /= factor.size;
    stride *= factor.size;
  }
  return offset;
}

llvm::SmallVector<int64_t> terrazzo::tile::indexAt(
    LinearAttr layout,
    llvm::ArrayRef<std::pair<llvm::StringRef, int64_t>> units) {
  llvm::SmallVector<int64_t> index;
  for (NamedAttribute input : layout.getInputs()) {
    int64_t unit = 0;
    for (auto [name, value] : units)
      if (name == input.getName().getValue())
        unit = value;
    for (Attribute attribute : cast<ArrayAttr>(input.getValue())) {
      auto basis = cast<ArrayAttr>(attribute);
      index.resize(basis.size(), 0);
      for (auto [dim, step] : llvm::enumerate(basis.getAsRange<IntegerAttr>()))
        if (unit & 1)
          index[dim] ^= step.getInt();
      unit >>= 1;
    }
  }
  return index;
}

int64_t terrazzo::tile::granule(Attribute layout, int64_t dim, int64_t size,
                                unsigned bits) {
  if (isa<LinearAttr>(layout))
    return size & -size;
  std::optional<llvm::SmallVector<Factor>> nest = writtenNest(layout, bits);
  if (!nest)
    return 1;
  int64_t whole = 1, inner = 1;
  for (Factor factor : llvm::reverse(*nest)) {
    if (factor.dim != dim)
      continue;
    if (size % inner == 0)
      whole = inner; // so far this was not the outermost factor
    if (factor.size < 1)
      break;
    inner *= factor.size;
  }
  return whole;
}

// The number of units that a linear layout has, all its inputs together.
static int64_t unitsOf(LinearAttr layout) {
  size_t digits = 0;
  for (NamedAttribute input : layout.getInputs())
    digits += cast<ArrayAttr>(input.getValue()).size();
  constexpr size_t most = 40;
  return int64_t(1) << std::min(digits, most);
}

int64_t terrazzo::tile::footprint(Attribute layout,
                                  llvm::ArrayRef<int64_t> shape,
                                  unsigned bits) {
  int64_t elements = 1;
  for (int64_t size : shape)
    elements *= size;
  if (auto linear = dyn_cast<LinearAttr>(layout)) {
    elements = std::max(elements, unitsOf(linear));
  } else if (auto nest = dyn_cast<NestAttr>(layout); nest && nest.getPad()) {
    if (auto digits = factors(layout, shape, bits)) {
      elements = 1;
      for (auto [factor, pad] : llvm::reverse(llvm::zip_equal(
               *digits, nest.getPad().getAsRange<IntegerAttr>())))
        elements = elements * factor.size + pad.getInt();
    }
  }
  return (elements * bits + 7) / 8;
}
