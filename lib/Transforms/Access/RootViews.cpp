// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Views that start at a window's corner become views of the whole argument,
// made before the launch, and the corner becomes the offsets of the window:
// what copy engines with descriptors want. A corner c + sum of stride * index
// falls apart where the strides are factors of its terms; an extent that counts
// from the corner counts from the argument again when the index is added to it.
#include "lib/Transforms/Access/RootViews.h"

#include "dialects/Kernel/Kernel.h"
#include "dialects/Tile/Tile.h"
#include "lib/Transforms/Tiling/Polynomial.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"

#include <map>

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::tile;
using tiling::Polynomial;

namespace {

/// Index arithmetic as polynomials and back.
class Indices {
public:
  Polynomial of(Value value);
  Value make(OpBuilder &builder, Location loc, const Polynomial &p);
  Value valueOf(Polynomial::Leaf leaf) const { return values[leaf]; }
  /// The leaf that \p p is; nothing when it is none.
  std::optional<Polynomial::Leaf> leaf(const Polynomial &p);

private:
  Polynomial::Leaf leafOf(Value value) {
    auto [at, fresh] = leaves.try_emplace(value, values.size());
    if (fresh)
      values.push_back(value);
    return at->second;
  }
  std::optional<Polynomial> inClosedForm(BlockArgument carried);
  llvm::DenseMap<Value, Polynomial::Leaf> leaves;
  llvm::SmallDenseSet<Value> open; // carried values that are looked at
  std::vector<Value> values;
};

class Root {
public:
  Root(SliceOp slice, LaunchOp launch, bool assumeInside)
      : slice(slice), launch(launch), assumeInside(assumeInside) {}
  bool run();

private:
  /// The argument that the view's base lies in, and how far from its start.
  bool findCorner();
  /// What of the corner belongs to each dimension; the rest stays in the base.
  bool split();
  /// Rows of a length that only the launch knows: a dimension of their own.
  void addDimensions();
  bool findExtents();
  bool isInvariant(const Polynomial &p);
  bool isNonNegative(Value value, int depth = 0);
  bool isNonNegative(const Polynomial &p);
  void rewrite();

  SliceOp slice;
  LaunchOp launch;
  bool assumeInside;
  ViewOp view;
  Value argument;
  Indices indices;
  Polynomial corner;
  llvm::SmallVector<Polynomial> strides, shifts;
  llvm::SmallVector<std::pair<Polynomial, Polynomial>> more; // stride, shift
  /// Nothing where the extent is not known.
  llvm::SmallVector<std::optional<Polynomial>> extents;
};

} // namespace

static Value withoutCasts(Value value) {
  while (auto cast = value.getDefiningOp())
    if (isa<arith::IndexCastOp, arith::ExtSIOp>(cast))
      value = cast->getOperand(0);
    else
      break;
  return value;
}

/// What a loop carries and moves by the same amount each time: its start and so
/// many times that amount.
std::optional<Polynomial> Indices::inClosedForm(BlockArgument carried) {
  auto loop = dyn_cast<scf::ForOp>(carried.getOwner()->getParentOp());
  if (!loop || carried == loop.getInductionVar() ||
      !carried.getType().isIntOrIndex() || !open.insert(carried).second)
    return std::nullopt;
  Polynomial by = of(loop.getTiedLoopYieldedValue(carried)->get()) -
                  Polynomial::leaf(leafOf(carried));
  open.erase(carried);
  std::optional<int64_t> step = of(loop.getStep()).constant();
  bool moves = llvm::all_of(by.leaves(), [&](Polynomial::Leaf leaf) {
    return !loop.getRegion().isAncestor(values[leaf].getParentRegion());
  });
  if (!moves || !step || *step < 1)
    return std::nullopt;
  Polynomial each = by.dividedBy(*step);
  if (!(each * Polynomial(*step) == by))
    return std::nullopt;
  Polynomial steps = Polynomial::leaf(leafOf(loop.getInductionVar())) -
                     of(loop.getLowerBound());
  return of(loop.getTiedLoopInit(carried)->get()) + steps * each;
}

Polynomial Indices::of(Value value) {
  value = withoutCasts(value);
  llvm::APInt number;
  if (matchPattern(value, m_ConstantInt(&number)))
    return Polynomial(number.getSExtValue());
  if (auto add = value.getDefiningOp<arith::AddIOp>())
    return of(add.getLhs()) + of(add.getRhs());
  if (auto sub = value.getDefiningOp<arith::SubIOp>())
    return of(sub.getLhs()) - of(sub.getRhs());
  if (auto mul = value.getDefiningOp<arith::MulIOp>())
    return of(mul.getLhs()) * of(mul.getRhs());
  if (auto carried = dyn_cast<BlockArgument>(value))
    if (std::optional<Polynomial> closed = inClosedForm(carried))
      return *closed;
  return Polynomial::leaf(leafOf(value));
}

std::optional<Polynomial::Leaf> Indices::leaf(const Polynomial &p) {
  std::vector<Polynomial::Leaf> all = p.leaves();
  if (all.size() != 1 || !(p == Polynomial::leaf(all[0])))
    return std::nullopt;
  return all[0];
}

Value Indices::make(OpBuilder &builder, Location loc, const Polynomial &p) {
  auto number = [&](int64_t n) -> Value {
    return arith::ConstantIndexOp::create(builder, loc, n);
  };
  Value sum;
  p.forEach([&](llvm::ArrayRef<Polynomial::Leaf> product, int64_t factor) {
    Value term;
    for (Polynomial::Leaf leaf : product) {
      Value value = values[leaf];
      if (!value.getType().isIndex())
        value = arith::IndexCastOp::create(builder, loc, builder.getIndexType(),
                                           value);
      term = term ? Value(arith::MulIOp::create(builder, loc, term, value))
                  : value;
    }
    if (!term)
      term = number(factor);
    else if (factor != 1)
      term = arith::MulIOp::create(builder, loc, term, number(factor));
    sum = sum ? Value(arith::AddIOp::create(builder, loc, sum, term)) : term;
  });
  return sum ? sum : number(0);
}

bool Root::findCorner() {
  view = slice.getView().getDefiningOp<ViewOp>();
  if (!view || !launch->isAncestor(view) || view.getSizes().empty() ||
      !view.getView().getType().getBoundaries().empty())
    return false;
  Value base = view.getBase();
  while (auto moved = base.getDefiningOp<kernel::AddPtrOp>()) {
    if (isa<RankedTensorType>(moved.getOffset().getType()))
      return false;
    corner = corner + indices.of(moved.getOffset());
    base = moved.getPtr();
  }
  argument = base;
  return !launch.getBody().isAncestor(base.getParentRegion());
}

bool Root::split() {
  size_t rank = view.getSizes().size() / 2;
  for (Value stride : view.getSizes().drop_front(rank))
    strides.push_back(indices.of(stride));
  shifts.resize(rank);
  auto take = [&](size_t dim, const Polynomial &part) {
    shifts[dim] = shifts[dim] + part;
    corner = corner - part * strides[dim];
  };
  llvm::SmallVector<std::pair<int64_t, size_t>> numbers;
  for (size_t dim = 0; dim < rank; ++dim) {
    if (!isInvariant(strides[dim]))
      return false;
    if (auto n = strides[dim].constant()) {
      if (*n > 0)
        numbers.push_back({*n, dim});
      continue;
    }
    if (auto leaf = indices.leaf(strides[dim]))
      if (auto part = corner.factorOf(*leaf))
        take(dim, *part);
  }
  addDimensions();
  // The larger stride takes all that it divides; the smallest what is left.
  llvm::sort(numbers, std::greater<>());
  for (auto [n, dim] : numbers)
    take(dim, corner.dividedBy(n));
  return isInvariant(corner);
}

void Root::addDimensions() {
  std::map<std::vector<Polynomial::Leaf>, Polynomial> groups;
  corner.forEach([&](llvm::ArrayRef<Polynomial::Leaf> product, int64_t factor) {
    std::vector<Polynomial::Leaf> length;
    Polynomial rows(factor);
    for (Polynomial::Leaf leaf : product)
      if (isInvariant(Polynomial::leaf(leaf)))
        length.push_back(leaf);
      else
        rows = rows * Polynomial::leaf(leaf);
    if (!length.empty() && length.size() < product.size())
      groups[length] = groups[length] + rows;
  });
  for (auto &[length, rows] : groups) {
    Polynomial stride(1);
    for (Polynomial::Leaf leaf : length)
      stride = stride * Polynomial::leaf(leaf);
    corner = corner - stride * rows;
    more.push_back({stride, rows});
  }
}

bool Root::isInvariant(const Polynomial &p) {
  return llvm::all_of(p.leaves(), [&](Polynomial::Leaf leaf) {
    return !launch.getBody().isAncestor(
        indices.valueOf(leaf).getParentRegion());
  });
}

bool Root::isNonNegative(Value value, int depth) {
  constexpr int deepest = 16;
  value = withoutCasts(value);
  llvm::APInt number;
  if (matchPattern(value, m_ConstantInt(&number)))
    return !number.isNegative();
  if (depth > deepest)
    return false;
  if (auto block = dyn_cast<BlockArgument>(value)) {
    Operation *parent = block.getOwner()->getParentOp();
    if (isa<LaunchOp>(parent))
      return true;
    auto loop = dyn_cast<scf::ForOp>(parent);
    return loop && value == loop.getInductionVar() &&
           isNonNegative(loop.getLowerBound(), depth + 1);
  }
  Operation *op = value.getDefiningOp();
  auto both = [&] {
    return isNonNegative(op->getOperand(0), depth + 1) &&
           isNonNegative(op->getOperand(1), depth + 1);
  };
  if (isa<arith::AddIOp, arith::MulIOp, arith::MinSIOp, arith::DivSIOp>(op))
    return both();
  if (isa<arith::RemSIOp>(op))
    return isNonNegative(op->getOperand(0), depth + 1);
  if (isa<arith::MaxSIOp>(op))
    return isNonNegative(op->getOperand(0), depth + 1) ||
           isNonNegative(op->getOperand(1), depth + 1);
  return false;
}

bool Root::isNonNegative(const Polynomial &p) {
  bool all = true;
  p.forEach([&](llvm::ArrayRef<Polynomial::Leaf> product, int64_t factor) {
    all &= factor >= 0 && llvm::all_of(product, [&](Polynomial::Leaf leaf) {
             return isNonNegative(indices.valueOf(leaf));
           });
  });
  return all;
}

bool Root::findExtents() {
  size_t rank = shifts.size();
  for (size_t dim = 0; dim < rank; ++dim) {
    Value extent = view.getSizes()[dim];
    llvm::APInt number;
    if (matchPattern(extent, m_ConstantInt(&number)) &&
        number.getSExtValue() == -1) {
      extents.push_back(std::nullopt);
      continue;
    }
    // max(n - shift, 0) elements from the corner are n from the argument, as
    // long as no window reaches behind the corner.
    auto most = extent.getDefiningOp<arith::MaxSIOp>();
    llvm::APInt zero;
    if (most && matchPattern(most.getRhs(), m_ConstantInt(&zero)) &&
        zero.isZero())
      extent = most.getLhs();
    else if (!matchPattern(extent, m_ConstantInt(&number)))
      return false;
    Polynomial whole = indices.of(extent) + shifts[dim];
    llvm::APInt offset;
    if (!isInvariant(whole) ||
        !matchPattern(slice.getOffsets()[dim], m_ConstantInt(&offset)) ||
        offset.isNegative() || !(assumeInside || isNonNegative(shifts[dim])))
      return false;
    extents.push_back(whole);
  }
  return true;
}

void Root::rewrite() {
  Location loc = view.getLoc();
  OpBuilder outside(launch), inside(slice);
  llvm::SmallVector<Value> sizes, offsets;
  auto unknown = [&]() -> Value {
    return arith::ConstantIndexOp::create(outside, loc, -1);
  };
  for (size_t i = 0; i < more.size(); ++i)
    sizes.push_back(unknown());
  for (auto &extent : extents)
    sizes.push_back(extent ? indices.make(outside, loc, *extent) : unknown());
  for (auto &[stride, rows] : more) {
    sizes.push_back(indices.make(outside, loc, stride));
    offsets.push_back(indices.make(inside, loc, rows));
  }
  for (const Polynomial &stride : strides)
    sizes.push_back(indices.make(outside, loc, stride));
  Value base = argument;
  if (!corner.isZero()) {
    Value by = arith::IndexCastOp::create(outside, loc, outside.getI64Type(),
                                          indices.make(outside, loc, corner));
    base = kernel::AddPtrOp::create(outside, loc, base.getType(), base, by);
  }
  RankedTensorType old = view.getView().getType().getTensor();
  llvm::SmallVector<int64_t> shape(more.size() + old.getRank(),
                                   ShapedType::kDynamic);
  auto type = ViewType::get(
      outside.getContext(),
      RankedTensorType::get(shape, old.getElementType(), old.getEncoding()),
      view.getView().getType().getBoundaries());
  Value whole = ViewOp::create(outside, loc, type, base, sizes);
  for (auto [offset, shift] : llvm::zip_equal(slice.getOffsets(), shifts))
    offsets.push_back(
        shift.isZero() ? offset
                       : indices.make(inside, loc, indices.of(offset) + shift));
  if (!more.empty()) {
    llvm::SmallVector<int64_t> dims;
    int64_t n = more.size();
    if (auto listed = slice.getDims())
      for (auto dim : listed->getAsRange<IntegerAttr>())
        dims.push_back(dim.getInt() + n);
    else
      for (int64_t dim = 0; dim < old.getRank(); ++dim)
        dims.push_back(dim + n);
    slice.setDimsAttr(inside.getI64ArrayAttr(dims));
  }
  slice.getViewMutable().assign(whole);
  slice.getOffsetsMutable().assign(offsets);
  if (view->use_empty())
    view->erase();
}

bool Root::run() {
  bool gathers = llvm::any_of(slice.getOffsets(), [](Value offset) {
    return isa<RankedTensorType>(offset.getType());
  });
  if (gathers || !findCorner() ||
      slice.getOffsets().size() != view.getSizes().size() / 2 || !split() ||
      !findExtents())
    return false;
  rewrite();
  return true;
}

namespace {
struct RootViews : PassWrapper<RootViews, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(RootViews)
  RootViews() = default;
  explicit RootViews(bool value) { assumeInside = value; }
  RootViews(const RootViews &other) : PassWrapper(other) {}
  StringRef getArgument() const override { return "root-views"; }
  StringRef getDescription() const override {
    return "views of whole arguments, made before the launch";
  }
  Option<bool> assumeInside{
      *this, "assume-inside",
      llvm::cl::desc("no program reaches before its arguments")};
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect, kernel::KernelDialect>();
  }

  void runOnOperation() override {
    llvm::SmallVector<SliceOp> slices;
    getOperation()->walk([&](SliceOp slice) { slices.push_back(slice); });
    for (SliceOp slice : slices)
      if (auto launch = slice->getParentOfType<LaunchOp>())
        Root(slice, launch, assumeInside).run();
  }
};
} // namespace

std::unique_ptr<Pass> terrazzo::createRootViews(bool assumeInside) {
  return std::make_unique<RootViews>(assumeInside);
}

void terrazzo::registerAccessPasses() {
  registerPass([] { return createRootViews(); });
}
