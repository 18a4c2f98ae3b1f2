// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Python's own functions and triton's helpers, mostly over constants.
#include "lib/Frontend/Emit/Builtins.h"

using namespace terrazzo;
using namespace terrazzo::frontend;

static Value cdiv(Emitter &e, Call &call) {
  Value a = e.required(call, 0, "x"), b = e.required(call, 1, "div");
  return e.binary("//", e.binary("-", e.binary("+", a, b), Value::ofInt(1)), b);
}
static Value nextPowerOf2(Emitter &e, Call &call) {
  int64_t n = e.constantInt(e.required(call, 0, "n"), "`n`");
  __int128 p = 1;
  while (p < n)
    p *= 2;
  return Value::ofInt(p);
}
static Value pythonMinMax(Emitter &e, Call &call) {
  std::vector<Value> items = call.positional;
  if (items.size() == 1 && items[0].kind == Value::Kind::Tuple)
    items = items[0].items;
  if (items.empty())
    e.fail(DiagnosticKind::MissingArgument, "x", call.name);
  Value r = items[0];
  for (size_t i = 1; i < items.size(); ++i)
    r = e.minMax(r, items[i], call.name == "max", false);
  return r;
}
static Value len(Emitter &e, Call &call) {
  Value v = e.required(call, 0, "x");
  if (v.kind == Value::Kind::Tuple)
    return Value::ofInt(v.items.size());
  if (v.isTensor() && v.type.isBlock())
    return Value::ofInt(v.type.shape[0]);
  e.fail(DiagnosticKind::NotATuple, v.describe());
}
static Value toNumber(Emitter &e, Call &call) {
  Value v = e.required(call, 0, "x");
  if (v.kind == Value::Kind::String && call.name == "float") {
    double d = 0;
    if (llvm::StringRef(v.text).ltrim("+-").equals_insensitive("inf"))
      d = v.text[0] == '-' ? -INFINITY : INFINITY;
    else if (llvm::StringRef(v.text).equals_insensitive("nan"))
      d = NAN;
    else if (!llvm::to_float(v.text, d))
      e.fail(DiagnosticKind::BadOperand, "float", v.describe());
    return Value::ofFloat(d);
  }
  if (v.isTensor())
    return e.cast(v, call.name == "int"     ? DType::Int32
                     : call.name == "float" ? DType::FP32
                                            : DType::Int1);
  if (!v.isNumber())
    e.fail(DiagnosticKind::BadOperand, call.name, v.describe());
  if (call.name == "float")
    return Value::ofFloat(v.asReal());
  if (call.name == "bool")
    return Value::ofBool(v.truth());
  return Value::ofInt(v.kind == Value::Kind::Float ? __int128(v.real)
                                                   : v.integer);
}
/// isinstance(x, T) or isinstance(x, (T, U)): decided at compile time.
static Value isInstance(Emitter &e, Call &call) {
  Value v = e.required(call, 0, "x"), types = e.required(call, 1, "classinfo");
  using K = Value::Kind;
  auto is = [&](const Value &type) {
    llvm::StringRef t = type.text;
    if (type.kind != K::Builtin)
      e.fail(DiagnosticKind::BadOperand, call.name, type.describe());
    return t == "tl.tensor"         ? v.isTensor()
           : t == "tl.constexpr"    ? v.isConstant()
           : t == "tl.dtype"        ? v.kind == K::DType
           : t == "tl.pointer_type" ? v.kind == K::DType && v.type.pointer
           : t == "int"             ? v.isInt()
           : t == "float"           ? v.kind == K::Float
           : t == "bool"            ? v.kind == K::Bool
           : t == "str"             ? v.kind == K::String
           : t == "tuple" || t == "tl.tuple"
               ? v.kind == K::Tuple
               : (e.fail(DiagnosticKind::BadOperand, call.name,
                         type.describe()),
                  false);
  };
  return Value::ofBool(types.kind == K::Tuple ? llvm::any_of(types.items, is)
                                              : is(types));
}
static Value constexprCall(Emitter &e, Call &call) {
  Value v = e.required(call, 0, "value");
  if (!v.isConstant())
    e.fail(DiagnosticKind::NotConstexpr, "`tl.constexpr(...)`", v.describe());
  return v;
}
static Value pointerType(Emitter &e, Call &call) {
  Value to = e.required(call, 0, "element_ty");
  if (to.kind == Value::Kind::DType && to.type.pointer)
    return Value::ofType({to.type.element, to.type.pointer + 1, {}});
  return Value::ofType({dtypeArgument(e, to), 1, {}});
}
/// `x.logical_and(y)`: both as booleans.
static Value logicalMethod(Emitter &e, Call &call) {
  Value a = e.cast(e.required(call, 0, "self"), DType::Int1);
  Value b = e.cast(e.required(call, 1, "other"), DType::Int1);
  return e.binary(call.name == "tl.logical_and" ? "&" : "|", a, b);
}
static Value intDType(Emitter &e, Call &call) {
  int64_t bits = e.constantInt(e.required(call, 0, "bitwidth"), "`bitwidth`");
  bool isSigned = e.required(call, 1, "signed").truth();
  auto type = dtypeNamed((isSigned ? "i" : "u") + std::to_string(bits));
  if (!type)
    e.fail(DiagnosticKind::BadOperand, call.name, std::to_string(bits));
  return Value::ofType({*type, false, {}});
}
/// Functions of Python's `math`, over constants.
static Value hostMath(Emitter &e, Call &call) {
  Value v = e.required(call, 0, "x");
  if (!v.isNumber())
    e.fail(DiagnosticKind::NotConstexpr, "`" + call.name + "(...)`",
           v.describe());
  double x = v.asReal();
  llvm::StringRef id = llvm::StringRef(call.name).drop_front(5);
  double y = id == "log2"   ? std::log2(x)
             : id == "log"  ? std::log(x)
             : id == "sqrt" ? std::sqrt(x)
             : id == "exp"  ? std::exp(x)
             : id == "ceil" ? std::ceil(x)
                            : std::floor(x);
  bool whole = id == "ceil" || id == "floor";
  if (!std::isfinite(y) || (whole && std::fabs(y) > 0x1p62))
    e.fail(DiagnosticKind::BadOperand, call.name, v.describe());
  return whole ? Value::ofInt(__int128(y)) : Value::ofFloat(y);
}
static Value swizzle2d(Emitter &e, Call &call) {
  Value i = e.required(call, 0, "i"), j = e.required(call, 1, "j");
  Value ni = e.required(call, 2, "size_i"), nj = e.required(call, 3, "size_j");
  Value g = e.required(call, 4, "size_g");
  Value ij = e.binary("+", e.binary("*", i, nj), j);
  Value perGroup = e.binary("*", g, nj);
  Value group = e.binary("//", ij, perGroup);
  Value first = e.binary("*", group, g);
  Value rows = e.minMax(e.binary("-", ni, first), g, false, false);
  Value rest = e.binary("%", ij, perGroup);
  return Value::ofTuple({e.binary("+", first, e.binary("%", rest, rows)),
                         e.binary("//", rest, rows)});
}

void terrazzo::frontend::addPythonBuiltins(llvm::StringMap<Handler> &t) {
  t["tl.cdiv"] = cdiv;
  t["triton.cdiv"] = cdiv;
  t["triton.next_power_of_2"] = nextPowerOf2;
  t["min"] = pythonMinMax;
  t["max"] = pythonMinMax;
  t["len"] = len;
  t["int"] = toNumber;
  t["float"] = toNumber;
  t["bool"] = toNumber;
  t["isinstance"] = isInstance;
  t["tl.constexpr"] = constexprCall;
  t["tl.pointer_type"] = pointerType;
  t["tl.swizzle2d"] = swizzle2d;
  t["tl.logical_and"] = t["tl.logical_or"] = logicalMethod;
  t["tl.get_int_dtype"] = intDType;
  for (const char *name : {"log2", "log", "sqrt", "exp", "ceil", "floor"})
    t["math." + std::string(name)] = hostMath;
}
