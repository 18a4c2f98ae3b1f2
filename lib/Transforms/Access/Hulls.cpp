// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Transforms/Access/Hulls.h"

#include "dialects/Kernel/Kernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

using namespace terrazzo;
using namespace terrazzo::access;
using namespace mlir;

/// Sums that grow beyond this are not looked into; neither are scalars that
/// are so many operations away.
static constexpr size_t mostProducts = 32;
static constexpr unsigned mostDepth = 500;

//===-- Sums -------------------------------------------------------------===//

Hulls::Sum Hulls::constant(int64_t n) {
  Sum s;
  if (n)
    s[{}] = n;
  return s;
}

std::optional<int64_t> Hulls::constantOf(const Sum &s) {
  if (s.empty())
    return 0;
  if (s.size() == 1 && s.begin()->first.empty())
    return s.begin()->second;
  return std::nullopt;
}

/// a + n * b
Hulls::Sum Hulls::plus(const Sum &a, const Sum &b, int64_t n) {
  Sum out = a;
  for (const auto &[product, count] : b) {
    int64_t scaled, total;
    if (llvm::MulOverflow(count, n, scaled) ||
        llvm::AddOverflow(out[product], scaled, total))
      return tooLarge();
    out[product] = total;
    if (total == 0)
      out.erase(product);
  }
  return out.size() > mostProducts ? tooLarge() : out;
}

Hulls::Sum Hulls::times(const Sum &a, const Sum &b) {
  Sum out;
  for (const auto &[x, n] : a)
    for (const auto &[y, m] : b) {
      Product product;
      std::merge(x.begin(), x.end(), y.begin(), y.end(),
                 std::back_inserter(product));
      int64_t count;
      if (llvm::MulOverflow(n, m, count))
        return tooLarge();
      out = plus(out, Sum{{product, count}});
    }
  return out;
}

Hulls::Sum Hulls::atom(Op op, int64_t number, const Sum &a, const Sum &b,
                       Operation *loop) {
  auto [place, isNew] =
      known.insert({{int64_t(op), number, a, b, loop}, unsigned(atoms.size())});
  if (isNew) {
    bool isRange = op == Op::Program || op == Op::Join || op == Op::Any;
    for (const Sum *s : {&a, &b})
      for (const auto &[product, count] : *s)
        for (unsigned n : product)
          isRange |= atoms[n].isRange;
    atoms.push_back({op, number, a, b, isRange, loop});
  }
  return Sum{{{place->second}, 1}};
}

/// Each is another one.
Hulls::Sum Hulls::unknown(Operation *loop) {
  return atom(Op::Any, int64_t(atoms.size()), {}, {}, loop);
}

/// What a sum was that is not kept; it may change anywhere.
Hulls::Sum Hulls::tooLarge() {
  return atom(Op::Any, -1 - int64_t(atoms.size()));
}

/// Whether \p s may differ from step to step of \p loop.
bool Hulls::changesIn(const Sum &s, Operation *loop) {
  llvm::SmallVector<const Sum *> work{&s};
  llvm::DenseSet<unsigned> seen;
  while (!work.empty())
    for (const auto &[product, count] : *work.pop_back_val())
      for (unsigned n : product) {
        const Atom &a = atoms[n];
        if (!seen.insert(n).second)
          continue;
        if ((a.loop && loop->isAncestor(a.loop)) ||
            (a.op == Op::Any && a.number < 0))
          return true;
        work.append({&a.a, &a.b});
      }
  return false;
}

/// With what loops carry written out.
Hulls::Sum Hulls::withoutCarried(const Sum &s) {
  Sum out;
  bool changed = false;
  for (const auto &[product, count] : s) {
    Sum part = constant(count);
    for (unsigned n : product) {
      Sum factor{{{n}, 1}};
      auto place = carriedAtoms.find(n);
      if (place != carriedAtoms.end()) {
        Value v = place->second;
        Carried c = carried[v];
        auto loop = cast<scf::ForOp>(v.getParentBlock()->getParentOp());
        factor = c.isKnown ? plus(c.first, times(stepOf(loop), c.step))
                           : unknown(loop);
        changed = true;
      }
      part = times(part, factor);
    }
    out = plus(out, part);
  }
  return changed ? withoutCarried(out) : out;
}

//===-- Scalars ----------------------------------------------------------===//

static Operation *regionOf(Value v) {
  Operation *parent = v.getParentBlock()->getParentOp();
  return isa<tile::LaunchOp, func::FuncOp>(parent) ? nullptr : parent;
}

/// How often the body runs, if at all.
Hulls::Sum Hulls::tripsOf(scf::ForOp loop) {
  auto step = constantOf(sumOf(loop.getStep()));
  if (!step || *step <= 0 || loop.getUnsignedCmp())
    return unknown(loop);
  Sum length =
      plus(sumOf(loop.getUpperBound()), sumOf(loop.getLowerBound()), -1);
  return *step == 1 ? length
                    : atom(Op::Divide, 0, plus(length, constant(*step - 1)),
                           constant(*step));
}

/// The number of a step, from 0.
Hulls::Sum Hulls::stepOf(scf::ForOp loop) {
  Sum last = atom(Op::Maximum, 0, plus(tripsOf(loop), constant(1), -1), {});
  return atom(Op::Join, 0, {}, last, loop);
}

/// What a loop carries as first + step * number of the step.
Hulls::Carried Hulls::carriedOf(scf::ForOp loop, unsigned number) {
  Value v = loop.getRegionIterArg(number);
  sumOf(v);
  return carried[v];
}

Hulls::Sum Hulls::argumentOf(BlockArgument v) {
  Operation *parent = v.getOwner()->getParentOp();
  unsigned number = v.getArgNumber();
  if (auto function = dyn_cast<func::FuncOp>(parent)) {
    unsigned count = function.getNumArguments() - 3; // the grid is last
    if (number >= count)
      return atom(Op::Grid, number - count);
    unsigned bits =
        v.getType().isIndex() ? 64 : v.getType().getIntOrFloatBitWidth();
    return atom(Op::Argument, number, constant(bits));
  }
  if (auto launch = dyn_cast<tile::LaunchOp>(parent)) {
    Sum extent = sumOf(launch.getExtents()[number]);
    return extent == atom(Op::Grid, number)
               ? atom(Op::Program, number)
               : atom(Op::Join, int64_t(atoms.size()), {},
                      plus(extent, constant(1), -1));
  }
  auto loop = dyn_cast<scf::ForOp>(parent);
  if (!loop)
    return unknown(parent);
  if (v == loop.getInductionVar()) {
    Sum first = sumOf(loop.getLowerBound());
    if (auto step = constantOf(sumOf(loop.getStep()));
        step && *step > 0 && !loop.getUnsignedCmp())
      return plus(first, stepOf(loop), *step);
    if (loop.getUnsignedCmp())
      return unknown(loop);
    return atom(Op::Join, 0, first,
                plus(sumOf(loop.getUpperBound()), constant(1), -1), loop);
  }
  return carriedArgument(loop, v);
}

/// While the body is read it is an atom; what it becomes there says by how much
/// it moves.
Hulls::Sum Hulls::carriedArgument(scf::ForOp loop, BlockArgument v) {
  unsigned number = v.getArgNumber() - 1;
  Sum self = unknown(loop);
  sums[v] = self;
  carriedAtoms[self.begin()->first[0]] = v;
  Carried c;
  c.first = sumOf(loop.getInitArgs()[number]);
  c.step = plus(sumOf(loop.getBody()->getTerminator()->getOperand(number)),
                self, -1);
  c.isKnown = !changesIn(c.step, loop);
  carried[v] = c;
  return self;
}

/// As an operand of what is no sum: a number of its type.
Hulls::Sum Hulls::operand(Value v) {
  Sum s = sumOf(v);
  auto type = dyn_cast<IntegerType>(v.getType());
  bool isArgument = s.size() == 1 && s.begin()->second == 1 &&
                    s.begin()->first.size() == 1 &&
                    atoms[s.begin()->first[0]].op == Op::Argument;
  if (!type || type.getWidth() >= 64 || constantOf(s) || isArgument)
    return s;
  return atom(Op::Wrap, type.getWidth(), s);
}
/// As an operand that the code takes to have no sign.
Hulls::Sum Hulls::natural(Value v) { return atom(Op::Natural, 0, operand(v)); }

/// The op of the guards that computes the same of two operands.
static std::optional<runtime::GuardOp> opOf(Operation *op) {
  using Op = runtime::GuardOp;
  if (isa<arith::DivSIOp, arith::DivUIOp>(op))
    return Op::Divide;
  if (isa<arith::RemSIOp, arith::RemUIOp>(op))
    return Op::Remainder;
  if (isa<arith::MinSIOp, arith::MinUIOp>(op))
    return Op::Minimum;
  if (isa<arith::MaxSIOp, arith::MaxUIOp>(op))
    return Op::Maximum;
  return std::nullopt;
}

/// One of two numbers; which, is not asked.
Hulls::Sum Hulls::either(const Sum &a, const Sum &b, Value v) {
  return a == b ? a : atom(Op::Join, int64_t(atoms.size()), a, b, regionOf(v));
}

/// The scalar \p v, a result of \p op.
Hulls::Sum Hulls::resultOf(Operation *op, Value v) {
  auto in = [&](unsigned k) { return op->getOperand(k); };
  APInt n;
  bool byConstant = op->getNumOperands() == 2 &&
                    matchPattern(in(1), m_ConstantInt(&n)) && !n.isNegative() &&
                    n.getActiveBits() < 62;
  if (isa<arith::AddIOp>(op))
    return plus(sumOf(in(0)), sumOf(in(1)));
  if (isa<arith::SubIOp>(op))
    return plus(sumOf(in(0)), sumOf(in(1)), -1);
  if (isa<arith::MulIOp>(op))
    return times(sumOf(in(0)), sumOf(in(1)));
  if (isa<arith::IndexCastOp, arith::ExtSIOp>(op) &&
      !in(0).getType().isInteger(1))
    return sumOf(in(0));
  if (isa<arith::ExtUIOp, arith::IndexCastUIOp>(op))
    return natural(in(0));
  if (isa<arith::TruncIOp>(op))
    return atom(Op::Wrap, cast<IntegerType>(v.getType()).getWidth(),
                sumOf(in(0)));
  if (auto kind = opOf(op)) {
    bool hasSign =
        isa<arith::DivSIOp, arith::RemSIOp, arith::MinSIOp, arith::MaxSIOp>(op);
    return hasSign ? atom(*kind, 0, operand(in(0)), operand(in(1)))
                   : atom(*kind, 0, natural(in(0)), natural(in(1)));
  }
  if (byConstant && n.ult(62) && isa<arith::ShLIOp>(op))
    return times(sumOf(in(0)), constant(int64_t(1) << n.getZExtValue()));
  if (byConstant && n.ult(62) && isa<arith::ShRUIOp>(op))
    return atom(Op::Divide, 0, natural(in(0)),
                constant(int64_t(1) << n.getZExtValue()));
  if (byConstant && isa<arith::AndIOp>(op))
    return either({}, constant(n.getSExtValue()), v);
  if (auto select = dyn_cast<arith::SelectOp>(op))
    return either(operand(select.getTrueValue()),
                  operand(select.getFalseValue()), v);
  auto result = cast<OpResult>(v).getResultNumber();
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return either(operand(branch.thenYield().getOperand(result)),
                  operand(branch.elseYield().getOperand(result)), v);
  if (auto loop = dyn_cast<scf::ForOp>(op)) {
    Carried c = carriedOf(loop, result);
    if (c.isKnown)
      return plus(c.first,
                  times(c.step, atom(Op::Maximum, 0, tripsOf(loop), {})));
  }
  return unknown(regionOf(v));
}

Hulls::Sum Hulls::sumOf(Value v) {
  if (auto found = sums.find(v); found != sums.end())
    return found->second;
  APInt n;
  if (matchPattern(v, m_ConstantInt(&n)) && n.getSignificantBits() <= 64)
    return constant(n.getSExtValue());
  if (!v.getType().isIntOrIndex() || depth > mostDepth)
    return unknown(regionOf(v));
  ++depth;
  Sum s = isa<BlockArgument>(v) ? argumentOf(cast<BlockArgument>(v))
                                : resultOf(v.getDefiningOp(), v);
  --depth;
  sums[v] = s;
  return s;
}

//===-- Windows ----------------------------------------------------------===//

static int64_t bytesOf(Type element) {
  if (isa<kernel::PtrType>(element) || element.isIndex())
    return 8;
  return (element.getIntOrFloatBitWidth() + 7) / 8;
}

/// An extent without what makes it 0 where there would be no element: no
/// element lies beyond it either way.
static Value plainExtent(Value v) {
  auto isZero = [](Value c) { return matchPattern(c, m_Zero()); };
  while (true) {
    if (auto most = v.getDefiningOp<arith::MaxSIOp>();
        most && isZero(most.getRhs()))
      v = most.getLhs();
    else if (auto select = v.getDefiningOp<arith::SelectOp>();
             select && isZero(select.getFalseValue()))
      v = select.getTrueValue();
    else
      return v;
  }
}

/// What \p view is; false when it does not begin at an argument.
bool Hulls::read(Value view, Window &w) {
  if (auto slice = view.getDefiningOp<tile::SliceOp>())
    return readSlice(slice, w);
  auto root = view.getDefiningOp<tile::ViewOp>();
  if (!root)
    return false;
  RankedTensorType type = cast<tile::ViewType>(view.getType()).getTensor();
  Value base = root.getBase();
  w.bytes = bytesOf(type.getElementType());
  while (Operation *op = base.getDefiningOp()) {
    if (auto move = dyn_cast<kernel::AddPtrOp>(op))
      w.corner =
          plus(w.corner, sumOf(move.getOffset()),
               bytesOf(cast<kernel::PtrType>(base.getType()).getPointee()));
    else if (!isa<kernel::BitcastOp>(op))
      return false;
    base = op->getOperand(0);
  }
  if (!isa<func::FuncOp>(cast<BlockArgument>(base).getOwner()->getParentOp()))
    return false;
  bool isSized = !root.getSizes().empty();
  for (int64_t d = 0; d < type.getRank(); ++d) {
    Dim dim;
    dim.size = type.getDimSize(d);
    if (isSized) {
      dim.extent = sumOf(plainExtent(root.getSizes()[d]));
      dim.stride = sumOf(root.getSizes()[type.getRank() + d]);
    }
    w.chosen.push_back(unsigned(d));
    w.dims.push_back(dim);
  }
  return true;
}

bool Hulls::readSlice(tile::SliceOp slice, Window &w) {
  if (!read(slice.getView(), w))
    return false;
  auto type = cast<tile::ViewType>(slice.getWindow().getType());
  auto isBlock = [](Value v) { return isa<RankedTensorType>(v.getType()); };
  for (auto [dim, offset] : llvm::zip(w.dims, slice.getOffsets())) {
    dim.isPicked |= isBlock(offset);
    if (!dim.isPicked)
      dim.offset = plus(dim.offset, sumOf(offset));
    dim.size = 1;
  }
  if (w.chosen.size() == 1 && w.dims[0].isPicked && !slice.getDims())
    return true; // one tensor of the window's rank picks all
  auto before = w.chosen;
  if (auto dims = slice.getDims()) {
    w.chosen.clear();
    for (auto d : dims->getAsRange<IntegerAttr>())
      w.chosen.push_back(before[d.getInt()]);
  }
  for (auto [d, size] : llvm::zip(w.chosen, type.getTensor().getShape()))
    w.dims[d].size = size;
  for (auto [d, boundary] : llvm::zip(w.chosen, type.getBoundaries()))
    w.dims[d].bound = isa<tile::FillAttr>(boundary) ? Dim::Cut
                      : isa<tile::ClampAttr, tile::WrapAttr>(boundary)
                          ? Dim::Folded
                          : Dim::Inside;
  return true;
}

//===-- Values -----------------------------------------------------------===//

int64_t Hulls::make(Op op, int64_t a, int64_t b) {
  std::array<int64_t, 3> value{int64_t(op), a, b};
  auto [place, isNew] = numbers.insert({value, int64_t(made.size())});
  if (isNew)
    made.push_back(value);
  return place->second;
}

int64_t Hulls::emitAtom(unsigned number) {
  if (auto found = emitted.find(number); found != emitted.end())
    return found->second;
  Atom a = atoms[number];
  auto unary = a.op == Op::Wrap || a.op == Op::Natural;
  int64_t value =
      a.op == Op::Argument || a.op == Op::Program || a.op == Op::Grid
          ? make(a.op, a.number, constantOf(a.a).value_or(0))
      : a.op == Op::Any ? make(a.op, 0)
      : unary           ? make(a.op, emit(a.a), a.number)
                        : make(a.op, emit(a.a), emit(a.b));
  emitted[number] = value;
  return value;
}

int64_t Hulls::emit(const Sum &s) { return emitParts(withoutCarried(s)); }

/// Products that have the same ranges are one range times a number, so that
/// what does not vary is summed exactly.
int64_t Hulls::emitParts(const Sum &s) {
  std::map<Product, Sum> parts;
  for (const auto &[product, count] : s) {
    Product ranges, numbers;
    for (unsigned n : product)
      (atoms[n].isRange ? ranges : numbers).push_back(n);
    parts[ranges][numbers] = count;
  }
  std::optional<int64_t> total;
  auto add = [&](int64_t value) {
    total = total ? make(Op::Add, *total, value) : value;
  };
  for (const auto &[ranges, sum] : parts) {
    if (!ranges.empty()) {
      int64_t value = emitParts(sum);
      for (unsigned n : ranges)
        value = make(Op::Multiply, value, emitAtom(n));
      add(value);
      continue;
    }
    for (const auto &[product, count] : sum) {
      int64_t value = make(Op::Constant, count);
      for (unsigned n : product)
        value = make(Op::Multiply, value, emitAtom(n));
      add(value);
    }
  }
  return total ? *total : make(Op::Constant, 0);
}

/// The hull of the window's corners: where it ends by its extents, or by its
/// size.
int64_t Hulls::emitCorners(const Window &w, bool byExtents) {
  std::vector<Sum> corners{w.corner};
  for (const Dim &dim : w.dims) {
    if (constantOf(dim.stride) == 0)
      continue;
    bool isCut =
        dim.bound == Dim::Folded || (dim.bound == Dim::Cut && byExtents);
    if (dim.isPicked || corners.size() > 8)
      return make(Op::Any, 0);
    Sum first = isCut ? Sum() : dim.offset;
    Sum last = isCut ? plus(dim.extent, constant(1), -1)
                     : plus(dim.offset, constant(dim.size - 1));
    Sum stride = times(dim.stride, constant(w.bytes));
    std::vector<Sum> next;
    for (const Sum &corner : corners) {
      next.push_back(plus(corner, times(stride, first)));
      if (first != last)
        next.push_back(plus(corner, times(stride, last)));
    }
    corners = std::move(next);
  }
  int64_t value = emit(corners[0]);
  for (const Sum &corner : llvm::drop_begin(corners))
    value = make(Op::Join, value, emit(corner));
  return value;
}

Hulls::Hull Hulls::hullOf(Value view, int64_t argument) {
  Window w;
  if (!read(view, w))
    return {argument, make(Op::Any, 0), 1};
  int64_t value = emitCorners(w, true);
  if (llvm::any_of(w.dims, [](const Dim &d) { return d.bound == Dim::Cut; }))
    value = make(Op::Meet, value, emitCorners(w, false));
  return {argument, value, w.bytes};
}

Hulls::Hull Hulls::join(const Hull &a, const Hull &b) {
  if (a.argument < 0 || b.argument < 0)
    return a.argument < 0 ? b : a;
  return {a.argument,
          a.value == b.value ? a.value : make(Op::Join, a.value, b.value),
          std::max(a.bytes, b.bytes)};
}
