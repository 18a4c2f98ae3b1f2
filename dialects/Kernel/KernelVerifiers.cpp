// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The constraints KC1 to KC29 of docs/Spec/Kernel.md.
#include "dialects/Kernel/Kernel.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace terrazzo::kernel;

static RankedTensorType tensorOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

static ArrayRef<int64_t> shapeOf(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor ? tensor.getShape() : ArrayRef<int64_t>();
}

static bool sameShape(Type a, Type b) {
  return isa<RankedTensorType>(a) == isa<RankedTensorType>(b) &&
         shapeOf(a) == shapeOf(b);
}

/// The width of an element in bits; pointers are 64 wide.
static unsigned widthOf(Type type) {
  Type element = getElementTypeOrSelf(type);
  return isa<PtrType>(element) ? 64 : element.getIntOrFloatBitWidth();
}

template <typename Op> static LogicalResult verifyAxis(Op op) {
  if (op.getAxis() > 2)
    return op.emitOpError("KC1: the axis is 0, 1 or 2, not ") << op.getAxis();
  return success();
}
LogicalResult GetProgramIdOp::verify() { return verifyAxis(*this); }
LogicalResult GetNumProgramsOp::verify() { return verifyAxis(*this); }

LogicalResult MakeRangeOp::verify() {
  auto type = tensorOf(getResult());
  int64_t start = static_cast<int32_t>(getStart());
  int64_t end = static_cast<int32_t>(getEnd());
  if (end <= start || type.getRank() != 1 ||
      type.getDimSize(0) != end - start || !type.getElementType().isInteger(32))
    return emitOpError("KC2: the result of ")
           << start << ", " << end << " is tensor<" << end - start
           << "xi32>, and the end lies behind the start";
  return success();
}

LogicalResult SplatOp::verify() {
  if (tensorOf(getResult()).getElementType() != getSrc().getType())
    return emitOpError("KC3: the element type of the result is the operand's");
  return success();
}

LogicalResult ExpandDimsOp::verify() {
  auto src = tensorOf(getSrc()), dst = tensorOf(getResult());
  SmallVector<int64_t> shape(src.getShape());
  if (getAxis() > shape.size())
    return emitOpError("KC4: the axis ")
           << getAxis() << " is out of range for rank " << shape.size();
  shape.insert(shape.begin() + getAxis(), 1);
  if (dst != RankedTensorType::get(shape, src.getElementType()))
    return emitOpError("KC4: the result has size 1 at the axis and is equal "
                       "elsewhere");
  return success();
}

LogicalResult BroadcastOp::verify() {
  auto src = tensorOf(getSrc()), dst = tensorOf(getResult());
  bool ok = src.getRank() == dst.getRank() &&
            src.getElementType() == dst.getElementType();
  for (int64_t i = 0; ok && i < src.getRank(); ++i)
    ok = src.getDimSize(i) == dst.getDimSize(i) || src.getDimSize(i) == 1;
  if (!ok)
    return emitOpError("KC5: each size is equal, or 1 in the operand");
  return success();
}

LogicalResult ReshapeOp::verify() {
  auto src = tensorOf(getSrc()), dst = tensorOf(getResult());
  if (src.getNumElements() != dst.getNumElements() ||
      src.getElementType() != dst.getElementType())
    return emitOpError("KC6: element counts and types are equal");
  return success();
}

LogicalResult TransOp::verify() {
  auto src = tensorOf(getSrc()), dst = tensorOf(getResult());
  SmallVector<bool> seen(src.getRank(), false);
  bool ok = int64_t(getOrder().size()) == src.getRank() &&
            dst.getRank() == src.getRank() &&
            src.getElementType() == dst.getElementType();
  for (int64_t i = 0; ok && i < src.getRank(); ++i) {
    int64_t d = getOrder()[i];
    ok = d >= 0 && d < src.getRank() && !seen[d] &&
         dst.getDimSize(i) == src.getDimSize(d);
    if (ok)
      seen[d] = true;
  }
  if (!ok)
    return emitOpError("KC7: the order is a permutation, and dimension i of "
                       "the result is dimension order[i] of the operand");
  return success();
}

LogicalResult JoinOp::verify() {
  auto src = tensorOf(getLhs());
  SmallVector<int64_t> shape(src.getShape());
  shape.push_back(2);
  if (getResult().getType() !=
      RankedTensorType::get(shape, src.getElementType()))
    return emitOpError("KC8: the result has the operands' shape and a last "
                       "dimension of 2");
  return success();
}

LogicalResult SplitOp::verify() {
  auto src = tensorOf(getSrc());
  if (src.getRank() == 0 || src.getShape().back() != 2 ||
      getLhs().getType() != RankedTensorType::get(src.getShape().drop_back(),
                                                  src.getElementType()))
    return emitOpError("KC9: the operand's last dimension is 2, the results "
                       "have the other ones");
  return success();
}

LogicalResult CatOp::verify() {
  auto src = tensorOf(getLhs());
  if (src.getRank() != 1 ||
      getResult().getType() !=
          RankedTensorType::get({2 * src.getDimSize(0)}, src.getElementType()))
    return emitOpError("KC10: operands are vectors, the result is as long as "
                       "both");
  return success();
}

LogicalResult AddPtrOp::verify() {
  if (!sameShape(getPtr().getType(), getOffset().getType()))
    return emitOpError("KC11: pointers and offsets have one shape");
  return success();
}

template <typename Op> static LogicalResult verifyAddress(Op op, Type integer) {
  if (!sameShape(op.getSrc().getType(), op.getResult().getType()) ||
      !getElementTypeOrSelf(integer).isInteger(64))
    return op.emitOpError("KC12: shapes agree, and the integer is i64");
  return success();
}
LogicalResult PtrToIntOp::verify() {
  return verifyAddress(*this, getResult().getType());
}
LogicalResult IntToPtrOp::verify() {
  return verifyAddress(*this, getSrc().getType());
}

LogicalResult BitcastOp::verify() {
  Type src = getSrc().getType(), dst = getResult().getType();
  bool known =
      isa<IntegerType, FloatType, PtrType>(getElementTypeOrSelf(src)) &&
      isa<IntegerType, FloatType, PtrType>(getElementTypeOrSelf(dst));
  if (!known || !sameShape(src, dst) || widthOf(src) != widthOf(dst))
    return emitOpError("KC13: shapes and widths agree");
  return success();
}

LogicalResult LoadOp::verify() {
  if (getOther() && !getMask())
    return emitOpError("KC15: `other` needs a mask");
  return success();
}

LogicalResult AtomicRMWOp::verify() {
  bool isFloat = isa<FloatType>(getElementTypeOrSelf(getValue().getType()));
  AtomicKind kind = getKind();
  bool both = kind == AtomicKind::Max || kind == AtomicKind::Min ||
              kind == AtomicKind::Xchg;
  if (!both && isFloat != (kind == AtomicKind::FAdd))
    return emitOpError("KC16: `")
           << stringifyAtomicKind(kind) << "` is not for "
           << getElementTypeOrSelf(getValue().getType());
  return success();
}

LogicalResult DotOp::verify() {
  auto a = tensorOf(getA()), b = tensorOf(getB()), c = tensorOf(getAcc());
  int64_t rank = a.getRank(), at = rank - 2;
  bool shapes = (rank == 2 || rank == 3) && b.getRank() == rank &&
                c.getRank() == rank &&
                a.getShape().take_front(at) == b.getShape().take_front(at) &&
                a.getShape().take_front(at) == c.getShape().take_front(at);
  shapes = shapes && a.getDimSize(at + 1) == b.getDimSize(at) &&
           a.getDimSize(at) == c.getDimSize(at) &&
           b.getDimSize(at + 1) == c.getDimSize(at + 1);
  if (!shapes)
    return emitOpError("KC17: a is MxK, b is KxN, acc is MxN");
  Type from = a.getElementType(), to = c.getElementType();
  bool types = from == b.getElementType() &&
               isa<FloatType>(from) == isa<FloatType>(to) &&
               (isa<FloatType>(to) ? to.getIntOrFloatBitWidth() >= 16 &&
                                         to.getIntOrFloatBitWidth() >=
                                             from.getIntOrFloatBitWidth()
                                   : to.isInteger(32));
  if (!types)
    return emitOpError("KC18: a and b have one element type, which acc's can "
                       "hold (floats in f16 to f64, integers in i32)");
  return success();
}

bool DotScaledOp::isPacked(Value operand) {
  return tensorOf(operand).getElementType().isInteger(8);
}
int64_t DotScaledOp::groupOf(Value scale, int64_t k) {
  int64_t groups = tensorOf(scale).getShape().back();
  return groups > 0 && k % groups == 0 ? k / groups : 0;
}
FloatType DotScaledOp::getScaledType() {
  Builder b(getContext());
  bool half = tensorOf(getA()).getElementType().isF16() ||
              tensorOf(getB()).getElementType().isF16();
  return half ? FloatType(b.getF16Type()) : FloatType(b.getBF16Type());
}

static bool isScaledElement(Type t) {
  return t.isInteger(8) ||
         isa<Float8E4M3FNType, Float8E5M2Type, BFloat16Type, Float16Type>(t);
}

/// KC29 for one operand, which has \p rows along its outer dimension.
static LogicalResult verifyScale(DotScaledOp op, Value scale, int64_t rows,
                                 int64_t k) {
  if (!scale)
    return success();
  auto type = tensorOf(scale), acc = tensorOf(op.getAcc());
  Type t = type.getElementType();
  int64_t at = acc.getRank() - 2, group = 0;
  bool ok = type.getRank() == acc.getRank() &&
            type.getShape().take_front(at) == acc.getShape().take_front(at) &&
            type.getDimSize(at) == rows &&
            (t.isInteger(8) || isa<Float8E8M0FNUType, Float8E4M3FNType>(t));
  if (ok)
    group = DotScaledOp::groupOf(scale, k);
  if (group != 16 && group != 32)
    return op.emitOpError("KC29: a scale is i8, f8E8M0FNU or f8E4M3FN, one for "
                          "16 or 32 elements of each row of a and column of b");
  return success();
}

LogicalResult DotScaledOp::verify() {
  auto a = tensorOf(getA()), b = tensorOf(getB()), c = tensorOf(getAcc());
  int64_t rank = c.getRank(), at = rank - 2;
  bool shapes = (rank == 2 || rank == 3) && a.getRank() == rank &&
                b.getRank() == rank && c.getElementType().isF32() &&
                a.getShape().take_front(at) == c.getShape().take_front(at) &&
                b.getShape().take_front(at) == c.getShape().take_front(at);
  int64_t inA = isPacked(getA()) ? 2 : 1, inB = isPacked(getB()) ? 2 : 1;
  int64_t m = 0, n = 0, k = 0;
  if (shapes) {
    m = a.getDimSize(at) * (getPackM() ? inA : 1);
    k = a.getDimSize(at + 1) * (getPackM() ? 1 : inA);
    n = b.getDimSize(at + 1) * (getPackN() ? inB : 1);
    shapes = b.getDimSize(at) * (getPackN() ? 1 : inB) == k &&
             c.getDimSize(at) == m && c.getDimSize(at + 1) == n;
  }
  if (!shapes)
    return emitOpError("KC27: a is MxK, b is KxN, acc is MxN of f32");
  if (!isScaledElement(a.getElementType()) ||
      !isScaledElement(b.getElementType()) || (getPackM() && inA == 1) ||
      (getPackN() && inB == 1))
    return emitOpError("KC28: elements are f8E4M3FN, f8E5M2, bf16, f16 or i8, "
                       "which alone may be packed along M or N");
  if (failed(verifyScale(*this, getAScale(), m, k)))
    return failure();
  return verifyScale(*this, getBScale(), n, k);
}

/// KC19 and KC20, which reduce and scan share.
template <typename Op> static LogicalResult verifyCombine(Op op) {
  if (op.getSrcs().empty())
    return op.emitOpError("KC20: needs an operand");
  auto first = tensorOf(op.getSrcs().front());
  if (op.getAxis() >= static_cast<uint32_t>(first.getRank()) ||
      first.getDimSize(op.getAxis()) == 0)
    return op.emitOpError("KC19: the axis is in range and not empty");
  size_t n = op.getSrcs().size();
  Block &block = op.getCombine().front();
  auto *end = block.mightHaveTerminator() ? block.getTerminator() : nullptr;
  bool ok = block.getNumArguments() == 2 * n && isa_and_nonnull<YieldOp>(end) &&
            end->getNumOperands() == n && op.getOuts().size() == n;
  for (size_t i = 0; ok && i < n; ++i) {
    auto src = tensorOf(op.getSrcs()[i]);
    Type element = src.getElementType();
    ok = src.getShape() == first.getShape() &&
         block.getArgument(i).getType() == element &&
         block.getArgument(n + i).getType() == element &&
         end->getOperand(i).getType() == element;
  }
  if (!ok)
    return op.emitOpError("KC20: operands have one shape; the region takes a "
                          "left and a right scalar of each and yields one");
  return success();
}

LogicalResult ReduceOp::verify() {
  if (failed(verifyCombine(*this)))
    return failure();
  for (auto [src, out] : llvm::zip(getSrcs(), getOuts())) {
    auto type = tensorOf(src);
    SmallVector<int64_t> shape(type.getShape());
    shape.erase(shape.begin() + getAxis());
    Type want = shape.empty()
                    ? type.getElementType()
                    : Type(RankedTensorType::get(shape, type.getElementType()));
    if (out.getType() != want)
      return emitOpError("KC21: the result for ")
             << type << " is " << want << ", not " << out.getType();
  }
  return success();
}

LogicalResult ScanOp::verify() {
  if (failed(verifyCombine(*this)))
    return failure();
  if (getSrcs().getTypes() != getOuts().getTypes())
    return emitOpError("KC22: results have the operands' types");
  return success();
}

LogicalResult HistogramOp::verify() {
  if (tensorOf(getSrc()).getRank() != 1 || tensorOf(getResult()).getRank() != 1)
    return emitOpError("KC23: operand and result are vectors");
  if (getMask() && !sameShape(getMask().getType(), getSrc().getType()))
    return emitOpError("KC23: the mask has the operand's shape");
  return success();
}

LogicalResult GatherOp::verify() {
  auto src = tensorOf(getSrc()), index = tensorOf(getIndices());
  auto dst = tensorOf(getResult());
  bool ok =
      src.getRank() == index.getRank() &&
      getAxis() < static_cast<uint32_t>(src.getRank()) &&
      dst == RankedTensorType::get(index.getShape(), src.getElementType());
  for (int64_t i = 0; ok && i < src.getRank(); ++i)
    ok = i == int64_t(getAxis()) || src.getDimSize(i) == index.getDimSize(i);
  if (!ok)
    return emitOpError("KC24: ranks agree, and sizes apart from the axis; the "
                       "result has the shape of the indices");
  return success();
}

LogicalResult FpCastOp::verify() {
  if (getSrc().getType() == getResult().getType())
    return emitOpError("KC25: source and result formats differ");
  return success();
}
