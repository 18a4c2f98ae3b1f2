// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Triton's arithmetic: promotion, Python's rules for constants, C's for values.
#include "lib/Frontend/Emit/Emitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/StringSwitch.h"

#include <cmath>

using namespace terrazzo;
using namespace terrazzo::frontend;
namespace arith = mlir::arith;

static unsigned rankOf(DType t) {
  return isFloat(t) ? 2 : t == DType::Int1 ? 0 : 1;
}

/// The type in which an operation between two types is computed. A number known
/// at compile time (`scalar`) does not widen a value of its kind.
DType Emitter::promote(DType a, bool aScalar, DType b, bool bScalar,
                       bool divides) {
  if (aScalar != bScalar) {
    DType scalar = aScalar ? a : b, value = aScalar ? b : a;
    if (rankOf(scalar) <= rankOf(value))
      a = b = value;
  }
  if (a == DType::FP64 || b == DType::FP64)
    return DType::FP64;
  if (divides && (isFloat(a) || isFloat(b)))
    return DType::FP32;
  if (a == DType::FP32 || b == DType::FP32)
    return DType::FP32;
  if (a == DType::FP16 || b == DType::FP16)
    return DType::FP16;
  if (a == DType::BF16 && b == DType::BF16)
    return DType::BF16;
  if (a == DType::BF16 || b == DType::BF16)
    return DType::FP32;
  if (isFloat8(a) && isFloat8(b))
    return a == b ? a : DType::FP16;
  if (isFloat(a) || isFloat(b))
    return isFloat(a) ? a : b;
  auto noSign = [](DType t) { return isUnsigned(t) || t == DType::Int1; };
  if (divides && noSign(a) != noSign(b))
    fail(DiagnosticKind::MixedSigns, nameOf(a), nameOf(b));
  if (isUnsigned(a) == isUnsigned(b))
    return bitsOf(a) >= bitsOf(b) ? a : b;
  DType u = isUnsigned(a) ? a : b, s = isUnsigned(a) ? b : a;
  return bitsOf(u) >= bitsOf(s) ? u : s;
}

/// The type that a bare constant has when nothing gives it another.
static DType naturalType(const Value &v) {
  using Kind = Value::Kind;
  if (v.kind == Kind::Bool)
    return DType::Int1;
  if (v.kind == Kind::Float) {
    double m = std::fabs(v.real);
    bool fits = m == 0 || std::isinf(m) || std::isnan(m) ||
                (m >= 0x1p-126 && m <= 3.4028234663852886e38);
    return fits ? DType::FP32 : DType::FP64;
  }
  if (v.integer >= -(__int128(1) << 31) && v.integer < (__int128(1) << 31))
    return DType::Int32;
  if (v.integer >= 0 && v.integer < (__int128(1) << 32))
    return DType::UInt32;
  if (v.integer < (__int128(1) << 63))
    return DType::Int64;
  return DType::UInt64;
}

Value Emitter::constant(DType type, const Value &number,
                        const std::vector<int64_t> &shape) {
  Type t{type, false, shape};
  mlir::Type element = toMLIR(builder.getContext(), type);
  mlir::Attribute attribute;
  if (isFloat(type)) {
    llvm::APFloat value(number.asReal());
    bool lost;
    value.convert(mlir::cast<mlir::FloatType>(element).getFloatSemantics(),
                  llvm::APFloat::rmNearestTiesToEven, &lost);
    attribute = builder.getFloatAttr(element, value);
  } else {
    __int128 v =
        number.kind == Kind::Float ? __int128(number.real) : number.integer;
    if (type == DType::Int1)
      v = v != 0;
    unsigned bits = bitsOf(type);
    __int128 low = isUnsigned(type) ? 0 : -(__int128(1) << (bits - 1));
    __int128 high = __int128(1) << (isUnsigned(type) ? bits : bits - 1);
    if (bits > 1 && (v < low || v >= high))
      fail(DiagnosticKind::ConstantOutOfRange, std::to_string((long long)v),
           nameOf(type));
    attribute = builder.getIntegerAttr(
        element, llvm::APInt(bits, uint64_t(v), false, true));
  }
  mlir::Type whole = toMLIR(builder.getContext(), t);
  if (t.isBlock())
    attribute = mlir::DenseElementsAttr::get(
        mlir::cast<mlir::ShapedType>(whole), attribute);
  return Value::ofTensor(
      arith::ConstantOp::create(builder, location(),
                                mlir::cast<mlir::TypedAttr>(attribute)),
      t);
}

Value Emitter::toTensor(const Value &v, std::optional<DType> as) {
  if (v.isTensor())
    return v;
  if (!v.isNumber())
    notAValue(v);
  if (v.kind == Kind::Int && v.integer >= (__int128(1) << 64))
    fail(DiagnosticKind::ConstantOutOfRange, "this integer", "uint64");
  return constant(as.value_or(naturalType(v)), v);
}

Value Emitter::broadcastTo(const Value &v, const std::vector<int64_t> &shape) {
  if (v.type.shape == shape)
    return v;
  Type to{v.type.element, v.type.pointer, shape};
  mlir::Type type = toMLIR(builder.getContext(), to);
  if (!v.type.isBlock())
    return Value::ofTensor(
        kernel::SplatOp::create(builder, location(), type, v.tensor), to);
  Value from = v;
  if (from.type.shape.size() > shape.size())
    fail(DiagnosticKind::CannotBroadcast, v.type.str(), to.str());
  while (from.type.shape.size() < shape.size())
    from = expandDims(from, 0);
  for (size_t i = 0; i < shape.size(); ++i)
    if (from.type.shape[i] != shape[i] && from.type.shape[i] != 1)
      fail(DiagnosticKind::CannotBroadcast, v.type.str(), to.str());
  if (from.type.shape == shape)
    return from;
  return Value::ofTensor(
      kernel::BroadcastOp::create(builder, location(), type, from.tensor), to);
}

void Emitter::broadcastBoth(Value &a, Value &b) {
  if (a.type.shape == b.type.shape)
    return;
  std::vector<int64_t> x = a.type.shape, y = b.type.shape;
  while (x.size() < y.size())
    x.insert(x.begin(), 1);
  while (y.size() < x.size())
    y.insert(y.begin(), 1);
  if (!a.type.isBlock())
    x = y;
  if (!b.type.isBlock())
    y = x;
  for (size_t i = 0; i < x.size(); ++i) {
    if (x[i] != y[i] && x[i] != 1 && y[i] != 1)
      fail(DiagnosticKind::IncompatibleShapes, a.type.str(), b.type.str(),
           std::to_string(i), std::to_string(x[i]), std::to_string(y[i]));
    x[i] = std::max(x[i], y[i]);
  }
  checkShape(x);
  a = broadcastTo(a, x);
  b = broadcastTo(b, x);
}

/// Both as runtime values of one type and shape.
void Emitter::unify(Value &a, Value &b, bool divides, bool arithmetic) {
  if ((a.isTensor() && a.type.pointer) || (b.isTensor() && b.type.pointer))
    fail(DiagnosticKind::PointerArithmetic, a.describe(), b.describe());
  bool aScalar = !a.isTensor(), bScalar = !b.isTensor();
  for (const Value *v : {&a, &b})
    if (!v->isTensor() && !v->isNumber())
      notAValue(*v);
  DType x = aScalar ? naturalType(a) : a.type.element;
  DType y = bScalar ? naturalType(b) : b.type.element;
  DType to = promote(x, aScalar, y, bScalar, divides);
  a = aScalar ? constant(to, a) : cast(a, to);
  b = bScalar ? constant(to, b) : cast(b, to);
  broadcastBoth(a, b);
}

/// `op` between two constants, as Python computes it.
Value Emitter::constantBinary(llvm::StringRef op, const Value &a,
                              const Value &b) {
  if (a.kind == Kind::String && b.kind == Kind::String && op == "+")
    return Value::ofString(a.text + b.text);
  if (a.kind == Kind::Tuple && b.kind == Kind::Tuple && op == "+") {
    std::vector<Value> items = a.items;
    items.insert(items.end(), b.items.begin(), b.items.end());
    return Value::ofTuple(std::move(items));
  }
  if (a.kind == Kind::Tuple && b.kind == Kind::Int && op == "*") {
    std::vector<Value> items;
    if (b.integer * __int128(a.items.size()) > __int128(limits.unroll))
      fail(DiagnosticKind::UnrolledTooLong, std::to_string(limits.unroll));
    for (__int128 i = 0; i < b.integer; ++i)
      items.insert(items.end(), a.items.begin(), a.items.end());
    return Value::ofTuple(std::move(items));
  }
  if (!a.isNumber() || !b.isNumber())
    fail(DiagnosticKind::BadOperands, op, a.describe(), b.describe());
  bool bothBool = a.kind == Kind::Bool && b.kind == Kind::Bool;
  if (a.isInt() && b.isInt() && op != "/") {
    __int128 x = a.integer, y = b.integer, r = 0;
    auto floorDivide = [&] {
      if (y == 0)
        fail(DiagnosticKind::DivisionByZero);
      __int128 q = x / y;
      return q - (x % y != 0 && (x < 0) != (y < 0));
    };
    if (op == "+")
      r = x + y;
    else if (op == "-")
      r = x - y;
    else if (op == "*") {
      if (__builtin_mul_overflow(x, y, &r))
        fail(DiagnosticKind::ConstantOutOfRange, "the product", "128 bits");
    } else if (op == "//")
      r = floorDivide();
    else if (op == "%")
      r = x - floorDivide() * y;
    else if (op == "&")
      r = x & y;
    else if (op == "|")
      r = x | y;
    else if (op == "^")
      r = x ^ y;
    else if (op == "<<" || op == ">>") {
      if (y < 0 || y > 100)
        fail(DiagnosticKind::BadShift, std::to_string((long long)y));
      r = op == "<<" ? x << int(y) : x >> int(y);
    } else if (op == "**" && y >= 0) {
      r = 1;
      for (__int128 i = 0; i < y; ++i)
        if (__builtin_mul_overflow(r, x, &r) || i > 128)
          fail(DiagnosticKind::ConstantOutOfRange, "the power", "128 bits");
    } else if (op == "**")
      return Value::ofFloat(std::pow(double(x), double(y)));
    else
      fail(DiagnosticKind::BadOperands, op, a.describe(), b.describe());
    if (bothBool && (op == "&" || op == "|" || op == "^"))
      return Value::ofBool(r != 0);
    return Value::ofInt(r);
  }
  double x = a.asReal(), y = b.asReal();
  if ((op == "/" || op == "//" || op == "%") && y == 0)
    fail(DiagnosticKind::DivisionByZero);
  if (op == "+")
    return Value::ofFloat(x + y);
  if (op == "-")
    return Value::ofFloat(x - y);
  if (op == "*")
    return Value::ofFloat(x * y);
  if (op == "/")
    return Value::ofFloat(x / y);
  if (op == "//")
    return Value::ofFloat(std::floor(x / y));
  if (op == "%")
    return Value::ofFloat(x - std::floor(x / y) * y);
  if (op == "**")
    return Value::ofFloat(std::pow(x, y));
  fail(DiagnosticKind::BadOperands, op, a.describe(), b.describe());
}

Value Emitter::addPointer(Value pointer, Value offset) {
  offset = toTensor(offset);
  if (!isInteger(offset.type.element) || offset.type.pointer)
    fail(DiagnosticKind::BadOperands, "+", pointer.describe(),
         offset.describe());
  // Offsets are signed: an unsigned one that fits keeps its value in 64 bits.
  if (isUnsigned(offset.type.element) && bitsOf(offset.type.element) < 64)
    offset = cast(offset, DType::Int64);
  if (offset.type.element == DType::Int1)
    offset = cast(offset, DType::Int32);
  broadcastBoth(pointer, offset);
  return Value::ofTensor(
      kernel::AddPtrOp::create(builder, location(), pointer.tensor.getType(),
                               pointer.tensor, offset.tensor),
      pointer.type);
}

template <typename FloatOp, typename IntOp>
static mlir::Value pick(mlir::OpBuilder &b, mlir::Location loc, bool isFloating,
                        mlir::Value x, mlir::Value y) {
  if (isFloating)
    return FloatOp::create(b, loc, x, y);
  return IntOp::create(b, loc, x, y);
}

Value Emitter::binary(llvm::StringRef op, Value a, Value b) {
  if (a.isConstant() && b.isConstant())
    return constantBinary(op, a, b);
  bool aPointer = a.isTensor() && a.type.pointer;
  bool bPointer = b.isTensor() && b.type.pointer;
  if (aPointer && !bPointer && (op == "+" || op == "-"))
    return addPointer(a, op == "-" ? unary("-", b) : b);
  if (bPointer && !aPointer && op == "+")
    return addPointer(b, a);
  bool divides = op == "/" || op == "//" || op == "%";
  bool bits = op == "&" || op == "|" || op == "^" || op == "<<" || op == ">>";
  unify(a, b, divides);
  DType t = a.type.element;
  if (bits && !isInteger(t))
    fail(DiagnosticKind::BadOperands, op, a.describe(), b.describe());
  if (op == "/" && isInteger(t)) {
    a = cast(a, DType::FP32);
    b = cast(b, DType::FP32);
    t = DType::FP32;
  }
  if (op == "//" && !isInteger(t))
    fail(DiagnosticKind::FloatFloorDivision, nameOf(t));
  bool f = isFloat(t), u = isUnsigned(t);
  mlir::Location loc = location();
  mlir::Value x = a.tensor, y = b.tensor, r;
  if (op == "+")
    r = pick<arith::AddFOp, arith::AddIOp>(builder, loc, f, x, y);
  else if (op == "-")
    r = pick<arith::SubFOp, arith::SubIOp>(builder, loc, f, x, y);
  else if (op == "*")
    r = pick<arith::MulFOp, arith::MulIOp>(builder, loc, f, x, y);
  else if (op == "/")
    r = arith::DivFOp::create(builder, loc, x, y);
  else if (op == "//" && u)
    r = arith::DivUIOp::create(builder, loc, x, y);
  else if (op == "//")
    r = arith::DivSIOp::create(builder, loc, x, y);
  else if (op == "%" && u)
    r = arith::RemUIOp::create(builder, loc, x, y);
  else if (op == "%")
    r = pick<arith::RemFOp, arith::RemSIOp>(builder, loc, f, x, y);
  else if (op == "&")
    r = arith::AndIOp::create(builder, loc, x, y);
  else if (op == "|")
    r = arith::OrIOp::create(builder, loc, x, y);
  else if (op == "^")
    r = arith::XOrIOp::create(builder, loc, x, y);
  else if (op == "<<")
    r = arith::ShLIOp::create(builder, loc, x, y);
  else if (op == ">>" && u)
    r = arith::ShRUIOp::create(builder, loc, x, y);
  else if (op == ">>")
    r = arith::ShRSIOp::create(builder, loc, x, y);
  else
    fail(DiagnosticKind::BadOperands, op, a.describe(), b.describe());
  return Value::ofTensor(r, a.type);
}

Value Emitter::unary(llvm::StringRef op, Value a) {
  if (op == "not") {
    if (a.isConstant())
      return Value::ofBool(!a.truth());
    Value truth = cast(a, DType::Int1);
    return binary("^", truth, Value::ofBool(true));
  }
  if (a.isConstant()) {
    if (!a.isNumber() || (op == "~" && !a.isInt()))
      fail(DiagnosticKind::BadOperand, op, a.describe());
    if (op == "~")
      return Value::ofInt(~a.integer);
    if (a.kind == Kind::Float)
      return Value::ofFloat(op == "-" ? -a.real : a.real);
    return Value::ofInt(op == "-" ? -a.integer : a.integer);
  }
  if (!a.isTensor() || a.type.pointer)
    fail(DiagnosticKind::BadOperand, op, a.describe());
  if (op == "+")
    return a;
  if (op == "~") {
    if (!isInteger(a.type.element))
      fail(DiagnosticKind::BadOperand, op, a.describe());
    Value ones =
        constant(a.type.element,
                 a.type.element == DType::Int1 ? Value::ofInt(1)
                 : isUnsigned(a.type.element)
                     ? Value::ofInt((__int128(1) << bitsOf(a.type.element)) - 1)
                     : Value::ofInt(-1));
    return binary("^", a, ones);
  }
  if (isFloat(a.type.element)) // flips the sign of a zero too
    return Value::ofTensor(
        mlir::arith::NegFOp::create(builder, location(), a.tensor), a.type);
  Value zero = constant(a.type.element, Value::ofInt(0), a.type.shape);
  return binary("-", zero, a);
}

Value Emitter::compareOne(llvm::StringRef op, Value a, Value b) {
  if (a.isConstant() && b.isConstant()) {
    if (a.isNumber() && b.isNumber()) {
      bool ints = a.isInt() && b.isInt();
      auto order =
          ints ? (a.integer < b.integer ? -1 : a.integer > b.integer)
               : (a.asReal() < b.asReal() ? -1 : a.asReal() > b.asReal());
      return Value::ofBool(llvm::StringSwitch<bool>(op)
                               .Case("<", order < 0)
                               .Case("<=", order <= 0)
                               .Case(">", order > 0)
                               .Case(">=", order >= 0)
                               .Case("==", order == 0)
                               .Default(order != 0));
    }
    bool none = a.kind == Kind::None || b.kind == Kind::None;
    if ((op == "==" || op == "!=") && !none &&
        (a.kind == Kind::Opaque || b.kind == Kind::Opaque))
      fail(DiagnosticKind::BadOperands, op, a.describe(), b.describe());
    if (op == "==" || op == "!=")
      return Value::ofBool(a.sameConstant(b) == (op == "=="));
    fail(DiagnosticKind::BadOperands, op, a.describe(), b.describe());
  }
  // `x == None` on a value is false, as in Python.
  if (a.kind == Kind::None || b.kind == Kind::None)
    return Value::ofBool(op == "!=");
  // An address is compared with an address, or with a number that stands there.
  if (a.isTensor() && b.isTensor() && a.type.pointer != b.type.pointer)
    fail(DiagnosticKind::BadOperands, op, a.describe(), b.describe());
  for (Value *v : {&a, &b})
    if (v->isTensor() && v->type.pointer)
      *v = cast(*v, DType::Int64);
  unify(a, b, false);
  bool u = isUnsigned(a.type.element) || a.type.element == DType::Int1;
  using FP = arith::CmpFPredicate;
  using IP = arith::CmpIPredicate;
  Type result = a.type.with(DType::Int1);
  if (isFloat(a.type.element)) {
    FP p = llvm::StringSwitch<FP>(op)
               .Case("<", FP::OLT)
               .Case("<=", FP::OLE)
               .Case(">", FP::OGT)
               .Case(">=", FP::OGE)
               .Case("==", FP::OEQ)
               .Default(FP::UNE);
    return Value::ofTensor(
        arith::CmpFOp::create(builder, location(), p, a.tensor, b.tensor),
        result);
  }
  IP p = llvm::StringSwitch<IP>(op)
             .Case("<", u ? IP::ult : IP::slt)
             .Case("<=", u ? IP::ule : IP::sle)
             .Case(">", u ? IP::ugt : IP::sgt)
             .Case(">=", u ? IP::uge : IP::sge)
             .Case("==", IP::eq)
             .Default(IP::ne);
  return Value::ofTensor(
      arith::CmpIOp::create(builder, location(), p, a.tensor, b.tensor),
      result);
}
