// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reductions, scans, histogram, sort, softmax.
#include "lib/Frontend/Emit/Builtins.h"

using namespace terrazzo;
using namespace terrazzo::frontend;

using Values = std::vector<Value>;

/// The axis of a call, or the flattened operand and axis 0.
static std::optional<int64_t> axisArgument(Emitter &e, Call &call, int position,
                                           llvm::StringRef name = "axis") {
  auto v = e.argument(call, position, name);
  if (!v || v->kind == Value::Kind::None)
    return std::nullopt;
  return e.constantInt(*v, "the axis");
}
static bool flag(Emitter &e, Call &call, int position, llvm::StringRef name) {
  auto v = e.argument(call, position, name);
  return v && v->truth();
}

/// Without an axis a block is reduced as a vector; `keep_dims` restores rank.
static Values reduceAll(Emitter &e, Values inputs, std::optional<int64_t> axis,
                        bool keep, llvm::function_ref<Values(Values)> combine) {
  if (!inputs[0].type.isBlock())
    e.fail(DiagnosticKind::NotABlock, inputs[0].describe());
  if (axis)
    return e.reduce(inputs, *axis, keep, combine);
  std::vector<int64_t> ones(inputs[0].type.shape.size(), 1);
  for (Value &v : inputs)
    v = e.reshape(v, {v.type.count()});
  Values out = e.reduce(inputs, 0, false, combine);
  if (keep)
    for (Value &v : out)
      v = e.broadcastTo(v, ones);
  return out;
}

/// Small integers are summed in 32 bits; a bool counts as unsigned.
static DType summedIn(DType t) {
  return isUnsigned(t) || t == DType::Int1 ? DType::UInt32 : DType::Int32;
}

static Value sum(Emitter &e, Call &call) {
  Value v = e.toTensor(e.required(call, 0, "input"));
  DType t = v.type.element;
  if (call.name == "tl.sum") {
    auto d = e.argument(call, 3, "dtype");
    if (d && d->kind == Value::Kind::DType)
      v = e.cast(v, d->type.element);
    else if (isInteger(t) && bitsOf(t) < 32)
      v = e.cast(v, summedIn(t));
  } else if (!isInteger(t)) {
    e.fail(DiagnosticKind::BadOperand, call.name, v.describe());
  }
  const char *op = call.name == "tl.sum"       ? "+"
                   : call.name == "tl.xor_sum" ? "^"
                                               : "|";
  return reduceAll(
      e, {v}, axisArgument(e, call, 1), flag(e, call, 2, "keep_dims"),
      [&](Values s) { return Values{e.binary(op, s[0], s[1])}; })[0];
}

/// Triton widens what max and min take, and the result stays wide.
static Value widened(Emitter &e, Value v) {
  DType t = v.type.element;
  return bitsOf(t) >= 32 ? v
                         : e.cast(v, isFloat(t) ? DType::FP32 : DType::Int32);
}

/// max, min, argmax, argmin. Of equal values the one with the lowest index wins
/// (unless the call says that any will do, where this is as good).
static Value extreme(Emitter &e, Call &call) {
  bool isMax = call.name.find("max") != std::string::npos;
  bool index = call.name.find("arg") != std::string::npos;
  Value v = e.toTensor(e.required(call, 0, "input"));
  std::optional<int64_t> axis = axisArgument(e, call, 1);
  bool both = !index && flag(e, call, 2, "return_indices");
  bool keep = flag(e, call, index ? 3 : 4, "keep_dims");
  if (!index && !both) {
    v = widened(e, v); // with indices it is not
    return reduceAll(e, {v}, axis, keep, [&](Values s) {
      return Values{e.minMax(s[0], s[1], isMax, false)};
    })[0];
  }
  if (!v.type.isBlock())
    e.fail(DiagnosticKind::NotABlock, v.describe());
  if (!axis) {
    v = e.reshape(v, {v.type.count()});
    axis = 0;
  }
  int64_t rank = v.type.shape.size();
  int64_t at = *axis < 0 ? *axis + rank : *axis;
  if (at < 0 || at >= rank)
    e.fail(DiagnosticKind::AxisOutOfRange, std::to_string(*axis), v.describe());
  Type it{DType::Int32, false, {v.type.shape[at]}};
  Value indices = Value::ofTensor(
      kernel::MakeRangeOp::create(e.builder, e.location(),
                                  toMLIR(e.builder.getContext(), it), 0u,
                                  uint32_t(it.shape[0])),
      it);
  for (int64_t d = 0; d < rank; ++d)
    if (d != at)
      indices = e.expandDims(indices, d);
  indices = e.broadcastTo(indices, v.type.shape);
  Values out = e.reduce({v, indices}, at, keep, [&](Values s) {
    Value better = e.compareOne(isMax ? ">" : "<", s[0], s[2]);
    Value tie = e.binary("&", e.compareOne("==", s[0], s[2]),
                         e.compareOne("<", s[1], s[3]));
    Value left = e.binary("|", better, tie);
    return Values{e.where(left, s[0], s[2]), e.where(left, s[1], s[3])};
  });
  return index ? out[1] : Value::ofTuple(out);
}

static Value cumulative(Emitter &e, Call &call) {
  Value v = e.toTensor(e.required(call, 0, "input"));
  int64_t axis = axisArgument(e, call, 1).value_or(0);
  bool reverse = flag(e, call, 2, "reverse");
  DType t = v.type.element;
  auto d = e.argument(call, 3, "dtype");
  if (d && d->kind == Value::Kind::DType)
    v = e.cast(v, d->type.element);
  else if (isInteger(t) && bitsOf(t) < 32)
    v = e.cast(v, summedIn(t));
  if (!v.type.isBlock())
    e.fail(DiagnosticKind::NotABlock, v.describe());
  const char *op = call.name == "tl.cumsum" ? "+" : "*";
  return e.scan({v}, axis, reverse,
                [&](Values s) { return Values{e.binary(op, s[0], s[1])}; })[0];
}

/// tl.reduce and tl.associative_scan with a jit function.
static Value withFunction(Emitter &e, Call &call) {
  bool isReduce = call.name == "tl.reduce";
  Value in = e.required(call, 0, "input");
  std::optional<int64_t> axis = axisArgument(e, call, 1);
  Value fn = e.required(call, 2, "combine_fn");
  if (fn.kind != Value::Kind::Function)
    e.fail(DiagnosticKind::NotCallable, fn.describe());
  bool isTuple = in.kind == Value::Kind::Tuple;
  Values inputs = isTuple ? in.items : Values{in};
  for (Value &v : inputs) {
    v = e.toTensor(v);
    if (v.type.shape != inputs[0].type.shape || !v.type.isBlock())
      e.fail(DiagnosticKind::NotABlock, v.describe());
  }
  auto combine = [&](Values s) {
    Value r = e.callCombine(fn.function, s);
    return r.kind == Value::Kind::Tuple ? r.items : Values{r};
  };
  Values out = isReduce ? reduceAll(e, inputs, axis,
                                    flag(e, call, 3, "keep_dims"), combine)
                        : e.scan(inputs, axis.value_or(0),
                                 flag(e, call, 3, "reverse"), combine);
  return isTuple ? Value::ofTuple(out) : out[0];
}

static Value histogram(Emitter &e, Call &call) {
  Value v = e.toTensor(e.required(call, 0, "input"));
  int64_t bins = e.constantInt(e.required(call, 1, "num_bins"), "`num_bins`");
  if (v.type.shape.size() != 1 || !isInteger(v.type.element))
    e.fail(DiagnosticKind::BadOperand, call.name, v.describe());
  Type t{DType::Int32, false, e.checkShape({bins})};
  mlir::Value mask;
  if (auto m = e.argument(call, 2, "mask"); m && m->isTensor())
    mask = e.broadcastTo(e.cast(*m, DType::Int1), v.type.shape).tensor;
  return Value::ofTensor(kernel::HistogramOp::create(
                             e.builder, e.location(),
                             toMLIR(e.builder.getContext(), t), v.tensor, mask),
                         t);
}

static Value softmax(Emitter &e, Call &call) {
  Value v = e.toTensor(e.required(call, 0, "x"));
  int64_t axis = axisArgument(e, call, 1, "dim").value_or(0);
  Value most = e.reduce({widened(e, v)}, axis, true, [&](Values s) {
    return Values{e.minMax(s[0], s[1], true, false)};
  })[0];
  Call exp{call.expr, "tl.exp", {e.binary("-", v, most)}, {}, {e.range}};
  Value x = e.builtin(exp);
  Value total = e.reduce({x}, axis, true, [&](Values s) {
    return Values{e.binary("+", s[0], s[1])};
  })[0];
  return e.binary("/", x, total);
}

/// Reverses a dimension: a gather by n-1-i.
static Value flip(Emitter &e, Call &call) {
  Value v = e.toTensor(e.required(call, 0, "x"));
  int64_t rank = v.type.shape.size();
  int64_t axis = axisArgument(e, call, 1, "dim").value_or(rank - 1);
  axis = axis < 0 ? axis + rank : axis;
  if (axis < 0 || axis >= rank)
    e.fail(DiagnosticKind::AxisOutOfRange, std::to_string(axis), v.describe());
  Type it{DType::Int32, false, {v.type.shape[axis]}};
  Value i = Value::ofTensor(
      kernel::MakeRangeOp::create(e.builder, e.location(),
                                  toMLIR(e.builder.getContext(), it), 0u,
                                  uint32_t(it.shape[0])),
      it);
  i = e.binary("-", Value::ofInt(it.shape[0] - 1), i);
  for (int64_t d = 0; d < rank; ++d)
    if (d != axis)
      i = e.expandDims(i, d);
  i = e.broadcastTo(i, v.type.shape);
  Call gather{call.expr, "tl.gather", {v, i, Value::ofInt(axis)}, {}, {}};
  return e.builtin(gather);
}

void terrazzo::frontend::addReduceBuiltins(llvm::StringMap<Handler> &t) {
  t["tl.sum"] = t["tl.xor_sum"] = t["tl.reduce_or"] = sum;
  for (const char *name : {"tl.max", "tl.min", "tl.argmax", "tl.argmin"})
    t[name] = extreme;
  t["tl.cumsum"] = t["tl.cumprod"] = cumulative;
  t["tl.reduce"] = t["tl.associative_scan"] = withFunction;
  t["tl.histogram"] = histogram;
  t["tl.softmax"] = softmax;
  t["tl.flip"] = flip;
}
