// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Elementwise mathematics and the dot product.
#include "lib/Frontend/Emit/Builtins.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace terrazzo;
using namespace terrazzo::frontend;
namespace arith = mlir::arith;
namespace math = mlir::math;

/// One operand of f32 or f64 (Triton refuses the rest for most; a narrower
/// float is computed in f32 and rounded back).
template <typename Op> static Value unaryMath(Emitter &e, Call &call) {
  Value v = e.toTensor(e.required(call, 0, "x"));
  DType t = v.type.element;
  if (v.type.pointer || !isFloat(t))
    e.fail(DiagnosticKind::BadOperand, call.name, v.describe());
  DType wide = t == DType::FP64 ? t : DType::FP32;
  v = e.cast(v, wide);
  v.tensor = Op::create(e.builder, e.location(), v.tensor);
  return e.cast(v, t);
}

static Value absolute(Emitter &e, Call &call) {
  Value v = e.required(call, 0, "x");
  if (v.isConstant() && v.isNumber())
    return v.kind == Value::Kind::Float
               ? Value::ofFloat(std::fabs(v.real))
               : Value::ofInt(v.integer < 0 ? -v.integer : v.integer);
  v = e.toTensor(v);
  if (isUnsigned(v.type.element) || v.type.element == DType::Int1)
    return v;
  v.tensor =
      isFloat(v.type.element)
          ? math::AbsFOp::create(e.builder, e.location(), v.tensor).getResult()
          : math::AbsIOp::create(e.builder, e.location(), v.tensor).getResult();
  return v;
}

static bool propagates(Emitter &e, Call &call, int position) {
  auto v = e.argument(call, position, "propagate_nan");
  return v && v->text == "tl.PropagateNan.ALL";
}
static Value maximum(Emitter &e, Call &call) {
  return e.minMax(e.required(call, 0, "x"), e.required(call, 1, "y"),
                  call.name == "tl.maximum", propagates(e, call, 2));
}
static Value clamp(Emitter &e, Call &call) {
  Value x = e.required(call, 0, "x"), lo = e.required(call, 1, "min"),
        hi = e.required(call, 2, "max");
  bool all = propagates(e, call, 3);
  Value y = e.toTensor(x);
  e.unify(x, lo, false);
  e.unify(x, hi, false);
  e.unify(x, lo, false);
  if (!isFloat(x.type.element))
    return e.minMax(e.minMax(x, hi, false, false), lo, true, false);
  return Value::ofTensor(
      kernel::ClampOp::create(e.builder, e.location(),
                              all ? kernel::PropagateNan::All
                                  : kernel::PropagateNan::None,
                              x.tensor, lo.tensor, hi.tensor),
      x.type);
}
static Value fma(Emitter &e, Call &call) {
  Value x = e.required(call, 0, "x"), y = e.required(call, 1, "y"),
        z = e.required(call, 2, "z");
  e.unify(x, y, false);
  e.unify(x, z, false);
  e.unify(x, y, false);
  if (!isFloat(x.type.element))
    e.fail(DiagnosticKind::BadOperand, call.name, x.describe());
  return Value::ofTensor(math::FmaOp::create(e.builder, e.location(), x.tensor,
                                             y.tensor, z.tensor),
                         x.type);
}
static Value divide(Emitter &e, Call &call) {
  return e.binary("/", e.required(call, 0, "x"), e.required(call, 1, "y"));
}
static Value simpleBinary(Emitter &e, Call &call) {
  llvm::StringRef op = call.name == "tl.add"   ? "+"
                       : call.name == "tl.sub" ? "-"
                                               : "*";
  return e.binary(op, e.required(call, 0, "x"), e.required(call, 1, "y"));
}
static Value power(Emitter &e, Call &call) {
  Value x = e.required(call, 0, "x"), y = e.required(call, 1, "y");
  e.unify(x, y, false);
  if (x.type.element != DType::FP32 && x.type.element != DType::FP64)
    e.fail(DiagnosticKind::BadOperand, call.name, x.describe());
  return Value::ofTensor(
      math::PowFOp::create(e.builder, e.location(), x.tensor, y.tensor),
      x.type);
}
static Value mulHi(Emitter &e, Call &call) {
  Value x = e.required(call, 0, "x"), y = e.required(call, 1, "y");
  e.unify(x, y, false);
  if (!isInteger(x.type.element))
    e.fail(DiagnosticKind::BadOperand, call.name, x.describe());
  return Value::ofTensor(
      kernel::MulHiUIOp::create(e.builder, e.location(), x.tensor, y.tensor),
      x.type);
}
/// 1 / (1 + exp(-x))
static Value sigmoid(Emitter &e, Call &call) {
  Value x = e.toTensor(e.required(call, 0, "x"));
  Call exp{call.expr, "tl.exp", {e.unary("-", x)}, {}, {e.range}};
  return e.binary("/", Value::ofInt(1),
                  e.binary("+", Value::ofInt(1), e.builtin(exp)));
}
static Value whereCall(Emitter &e, Call &call) {
  return e.where(e.required(call, 0, "condition"), e.required(call, 1, "x"),
                 e.required(call, 2, "y"));
}

//===-- dot
//---------------------------------------------------------------------------------===//

static kernel::Precision precisionOf(Emitter &e, Call &call, DType t) {
  std::string text = "ieee";
  if (auto v = e.argument(call, 3, "input_precision");
      v && v->kind == Value::Kind::String)
    text = v->text;
  if (auto v = e.argument(call, -1, "allow_tf32");
      v && v->kind != Value::Kind::None && v->truth())
    text = "tf32";
  auto precision = kernel::symbolizePrecision(text);
  if (!precision)
    e.fail(DiagnosticKind::BadOption, text, "`input_precision`",
           "ieee, tf32, tf32x3, bf16x3, bf16x6");
  // The default of a chip without tf32 is ieee; asked-for tf32 is allowed, not
  // required, so the oracle keeps every bit.
  return t == DType::FP32 ? *precision : kernel::Precision::IEEE;
}

static Value dot(Emitter &e, Call &call) {
  Value a = e.required(call, 0, "input"), b = e.required(call, 1, "other");
  if (!a.isTensor() || !b.isTensor() || a.type.pointer || b.type.pointer)
    e.fail(DiagnosticKind::BadOperands, "tl.dot", a.describe(), b.describe());
  const auto &x = a.type.shape, &y = b.type.shape;
  size_t n = x.size();
  if ((n != 2 && n != 3) || y.size() != n || x[n - 1] != y[n - 2] ||
      (n == 3 && x[0] != y[0]))
    e.fail(DiagnosticKind::DotShapes, a.describe(), b.describe());
  DType t = a.type.element;
  if (t != b.type.element) {
    if (!isFloat8(t) || !isFloat8(b.type.element))
      e.fail(DiagnosticKind::DotTypes, a.describe(), b.describe());
    a = e.cast(a, DType::FP16);
    b = e.cast(b, DType::FP16);
    t = DType::FP16;
  }
  if (t == DType::Int1 || (isInteger(t) && bitsOf(t) != 8))
    e.fail(DiagnosticKind::DotTypes, a.describe(), b.describe());
  DType out = isInteger(t)       ? DType::Int32
              : t == DType::FP64 ? DType::FP64
                                 : DType::FP32;
  if (auto v = e.argument(call, 6, "out_dtype");
      v && v->kind == Value::Kind::DType && isFloat(t)) {
    out = v->type.element;
    if (out == DType::BF16 || !isFloat(out) || isFloat8(out) || v->type.pointer)
      e.fail(DiagnosticKind::DotTypes, a.describe(),
             v->type.str() + " as out_dtype");
  }
  std::vector<int64_t> shape(x);
  shape[n - 1] = y[n - 1];
  Value acc = e.constant(out, Value::ofInt(0), shape);
  if (auto v = e.argument(call, 2, "acc"); v && v->isTensor()) {
    acc = *v;
    if (acc.type.shape != shape || acc.type.pointer ||
        isFloat(acc.type.element) != isFloat(out))
      e.fail(DiagnosticKind::DotAccumulator, acc.describe(),
             Type{out, false, shape}.str());
    out = acc.type.element;
  }
  kernel::Precision precision = precisionOf(e, call, t);
  return Value::ofTensor(kernel::DotOp::create(e.builder, e.location(),
                                               acc.tensor.getType(), a.tensor,
                                               b.tensor, acc.tensor, precision),
                         acc.type);
}

void terrazzo::frontend::addMathBuiltins(llvm::StringMap<Handler> &t) {
  for (const char *room : {"tl.", "libdevice."}) {
    auto add = [&](const char *name, Handler h) {
      t[std::string(room) + name] = h;
    };
    add("exp", unaryMath<math::ExpOp>);
    add("exp2", unaryMath<math::Exp2Op>);
    add("log", unaryMath<math::LogOp>);
    add("log2", unaryMath<math::Log2Op>);
    add("sqrt", unaryMath<math::SqrtOp>);
    add("sqrt_rn", unaryMath<math::SqrtOp>);
    add("rsqrt", unaryMath<math::RsqrtOp>);
    add("sin", unaryMath<math::SinOp>);
    add("cos", unaryMath<math::CosOp>);
    add("tanh", unaryMath<math::TanhOp>);
    add("erf", unaryMath<math::ErfOp>);
    add("floor", unaryMath<math::FloorOp>);
    add("ceil", unaryMath<math::CeilOp>);
    add("abs", absolute);
    add("fma", fma);
    add("pow", power);
    add("div_rn", divide);
  }
  t["libdevice.isnan"] = [](Emitter &e, Call &c) {
    Value v = e.toTensor(e.required(c, 0, "x"));
    return e.compareOne("!=", v, v);
  };
  t["libdevice.isinf"] = [](Emitter &e, Call &c) {
    return e.compareOne("==", absolute(e, c), Value::ofFloat(INFINITY));
  };
  t["libdevice.fast_expf"] = t["libdevice.exp"];
  t["libdevice.fast_logf"] = t["libdevice.log"];
  t["libdevice.fast_powf"] = t["libdevice.pow"];
  t["libdevice.fast_dividef"] = t["libdevice.div_rn"];
  t["libdevice.expm1"] = unaryMath<math::ExpM1Op>;
  t["libdevice.log1p"] = unaryMath<math::Log1pOp>;
  t["tl.fdiv"] = divide;
  t["tl.add"] = t["tl.sub"] = t["tl.mul"] = simpleBinary;
  t["tl.maximum"] = t["tl.minimum"] = maximum;
  t["tl.clamp"] = clamp;
  t["tl.umulhi"] = mulHi;
  t["tl.sigmoid"] = sigmoid;
  t["tl.where"] = whereCall;
  t["tl.dot"] = dot;
  t["abs"] = absolute;
}
