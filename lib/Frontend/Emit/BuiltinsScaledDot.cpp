// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// dot_scaled: a product of matrices whose blocks have scales.
#include "lib/Frontend/Emit/Builtins.h"

#include "llvm/ADT/StringSwitch.h"

using namespace terrazzo;
using namespace terrazzo::frontend;

namespace {
/// The left or the right operand, as its format says.
struct Operand {
  Value block;
  std::optional<Value> scale;
  std::string format;
  bool packInner; // two e2m1 of a byte are neighbours along the inner dimension

  bool isPacked() const { return format == "e2m1"; }
};
} // namespace

static bool isNone(const std::optional<Value> &v) {
  return !v || v->kind == Value::Kind::None;
}

/// What an operand in a format is made of; a block of its bits will do too.
static DType elementOf(Emitter &e, const std::string &format) {
  auto t = llvm::StringSwitch<DType>(format)
               .Case("e2m1", DType::UInt8)
               .Case("e4m3", DType::E4M3FN)
               .Case("e5m2", DType::E5M2)
               .Case("bf16", DType::BF16)
               .Case("fp16", DType::FP16)
               .Default(DType::Void);
  if (t == DType::Void)
    e.fail(DiagnosticKind::BadOption, format, "a format of `tl.dot_scaled`",
           "e2m1, e4m3, e5m2, bf16, fp16");
  return t;
}

/// \p first is the position of the operand; its scale and format follow.
static Operand operandOf(Emitter &e, Call &call, int first,
                         const std::string &side) {
  Operand o;
  o.block = e.required(call, first, side);
  o.scale = e.required(call, first + 1, side + "_scale");
  o.format = e.required(call, first + 2, side + "_format").text;
  auto packed = e.argument(call, first ? 9 : 8, side + "_k_pack");
  o.packInner = !packed || packed->truth();
  DType want = elementOf(e, o.format);
  DType bits = bitsOf(want) == 8 ? DType::UInt8 : DType::UInt16;
  const Type &t = o.block.type;
  if (!o.block.isTensor() || t.pointer || !t.isBlock() ||
      (t.element != want && t.element != bits))
    e.fail(DiagnosticKind::DotScaledOperand, o.format, nameOf(bits),
           o.block.describe());
  if (!o.packInner && !o.isPacked())
    e.fail(DiagnosticKind::DotScaledPack, o.format);
  if (t.element != want)
    o.block = e.bitcast(o.block, want);
  return o;
}

/// The shape of an operand's scale for groups of so many elements.
static std::string scaleShape(const std::vector<int64_t> &operand, int64_t rows,
                              int64_t groups) {
  std::vector<int64_t> shape(operand.begin(), operand.end() - 2);
  shape.insert(shape.end(), {rows, groups});
  std::string text = Type{DType::Void, 0, shape}.str();
  return text.substr(text.find('['));
}

/// The scale's block, or nothing. One scale holds for \p group elements, which
/// the first scale of a call decides.
static mlir::Value scaleOf(Emitter &e, const Operand &o, int64_t rows,
                           int64_t k, int64_t &group) {
  if (isNone(o.scale))
    return {};
  const Value &s = *o.scale;
  DType t = s.type.element;
  bool ok = s.isTensor() && !s.type.pointer &&
            s.type.shape.size() == o.block.type.shape.size() &&
            (t == DType::UInt8 || t == DType::Int8 || t == DType::E4M3FN);
  int64_t groups = ok ? s.type.shape.back() : 0;
  if (ok && !group && k % groups == 0 && k / groups == 16)
    group = 16;
  if (!group)
    group = 32;
  if (!ok || k % group ||
      scaleShape(o.block.type.shape, rows, k / group) !=
          scaleShape(s.type.shape, s.type.shape.end()[-2], groups))
    e.fail(DiagnosticKind::DotScaledScale, s.describe(),
           scaleShape(o.block.type.shape, rows, (k + group - 1) / group));
  return s.tensor;
}

static bool flag(Emitter &e, Call &call, int position, llvm::StringRef name) {
  auto v = e.argument(call, position, name);
  return v && v->truth();
}

static Value dotScaled(Emitter &e, Call &call) {
  Operand a = operandOf(e, call, 0, "lhs"), b = operandOf(e, call, 3, "rhs");
  const auto &x = a.block.type.shape, &y = b.block.type.shape;
  size_t n = x.size();
  if ((n != 2 && n != 3) || y.size() != n || (n == 3 && x[0] != y[0]))
    e.fail(DiagnosticKind::DotShapes, a.block.describe(), b.block.describe());
  auto count = [](const Operand &o, int64_t size, bool isInner) {
    return o.isPacked() && o.packInner == isInner ? 2 * size : size;
  };
  int64_t rows = count(a, x[n - 2], false), k = count(a, x[n - 1], true);
  int64_t columns = count(b, y[n - 1], false);
  if (count(b, y[n - 2], true) != k)
    e.fail(DiagnosticKind::DotShapes, a.block.describe(), b.block.describe());
  if (auto v = e.argument(call, 10, "out_dtype");
      v && (v->kind != Value::Kind::DType || v->type != Type{DType::FP32}))
    e.fail(DiagnosticKind::BadOption, v->describe(),
           "`out_dtype` of `tl.dot_scaled`", "tl.float32");
  std::vector<int64_t> shape(x);
  shape[n - 2] = rows;
  shape[n - 1] = columns;
  Type type{DType::FP32, 0, shape};
  Value acc;
  if (auto v = e.argument(call, 6, "acc"); !isNone(v)) {
    acc = *v;
    if (!acc.isTensor() || acc.type != type)
      e.fail(DiagnosticKind::DotAccumulator, acc.describe(), type.str());
  } else {
    acc = e.constant(DType::FP32, Value::ofInt(0), shape);
  }
  int64_t group = 0;
  mlir::Value left = scaleOf(e, a, rows, k, group);
  mlir::Value right = scaleOf(e, b, columns, k, group);
  return Value::ofTensor(
      kernel::DotScaledOp::create(e.builder, e.location(), acc.tensor.getType(),
                                  a.block.tensor, b.block.tensor, acc.tensor,
                                  left, right, !a.packInner, !b.packInner,
                                  flag(e, call, 7, "fast_math")),
      type);
}

void terrazzo::frontend::addScaledDotBuiltins(llvm::StringMap<Handler> &t) {
  t["tl.dot_scaled"] = dotScaled;
}
