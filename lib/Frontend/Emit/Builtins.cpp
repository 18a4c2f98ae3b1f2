// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The table of the language's names, and the builtins that need no file of
// their own.
#include "lib/Frontend/Emit/Builtins.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

using namespace terrazzo;
using namespace terrazzo::frontend;

std::optional<Value> Emitter::argument(Call &call, int position,
                                       llvm::StringRef name) {
  if (position >= 0 && size_t(position) < call.positional.size())
    return call.positional[position];
  for (auto &[key, value] : call.keywords)
    if (key == name)
      return value;
  return std::nullopt;
}

Value Emitter::required(Call &call, int position, llvm::StringRef name) {
  if (auto v = argument(call, position, name))
    return *v;
  fail(DiagnosticKind::MissingArgument, name, call.name);
}

int64_t Emitter::constantInt(const Value &v, llvm::StringRef what) {
  if (!v.isInt())
    fail(DiagnosticKind::NotConstexpr, what, v.describe());
  if (v.integer < INT64_MIN || v.integer > INT64_MAX)
    fail(DiagnosticKind::ConstantOutOfRange, what, "int64");
  return int64_t(v.integer);
}

std::vector<int64_t> Emitter::constantShape(Call &call, int position,
                                            llvm::StringRef name) {
  // Either one list, or the sizes as arguments of their own.
  std::vector<Value> sizes;
  std::optional<Value> v = argument(call, position, name);
  if (!v)
    fail(DiagnosticKind::MissingArgument, name, call.name);
  if (v->kind == Kind::Tuple)
    sizes = v->items;
  else if (size_t(position) < call.positional.size())
    sizes.assign(call.positional.begin() + position, call.positional.end());
  else
    sizes = {*v};
  std::vector<int64_t> shape;
  for (const Value &size : sizes)
    shape.push_back(constantInt(size, "a block size"));
  return shape;
}

//===-- Programs and blocks
//------------------------------------------------------------===//

static Value programId(Emitter &e, Call &call) {
  int64_t axis = 0;
  if (auto v = e.argument(call, 0, "axis"))
    axis = e.constantInt(*v, "the axis");
  if (axis < 0 || axis > 2)
    e.fail(DiagnosticKind::AxisOutOfRange, std::to_string(axis), "the grid");
  mlir::Value v =
      call.name == "tl.program_id"
          ? kernel::GetProgramIdOp::create(e.builder, e.location(), axis)
                .getResult()
          : kernel::GetNumProgramsOp::create(e.builder, e.location(), axis)
                .getResult();
  return Value::ofTensor(v, {DType::Int32, false, {}});
}

static Value arange(Emitter &e, Call &call) {
  int64_t from = e.constantInt(e.required(call, 0, "start"), "`start`");
  int64_t to = e.constantInt(e.required(call, 1, "end"), "`end`");
  if (to <= from || from < INT32_MIN || to > INT32_MAX)
    e.fail(DiagnosticKind::BadArange, std::to_string(from), std::to_string(to));
  Type t{DType::Int32, false, e.checkShape({to - from})};
  return Value::ofTensor(
      kernel::MakeRangeOp::create(e.builder, e.location(),
                                  toMLIR(e.builder.getContext(), t),
                                  uint32_t(from), uint32_t(to)),
      t);
}

/// A misspelt dtype is a name that nothing knows.
[[noreturn]] static void notADType(Emitter &e, const Value &v) {
  if (v.kind == Value::Kind::Builtin &&
      !llvm::is_contained(builtinNames(), v.text))
    e.unknownBuiltin(v.text, e.range);
  e.fail(DiagnosticKind::NotADType, v.describe());
}

DType terrazzo::frontend::dtypeArgument(Emitter &e, const Value &v) {
  if (v.kind != Value::Kind::DType || v.type.pointer)
    notADType(e, v);
  return v.type.element;
}

static Value full(Emitter &e, Call &call) {
  bool zeros = call.name == "tl.zeros";
  std::vector<int64_t> shape;
  Value list = e.required(call, 0, "shape");
  for (const Value &v :
       list.kind == Value::Kind::Tuple ? list.items : std::vector<Value>{list})
    shape.push_back(e.constantInt(v, "a block size"));
  e.checkShape(shape);
  DType type = dtypeArgument(e, e.required(call, zeros ? 1 : 2, "dtype"));
  Value value = zeros ? Value::ofInt(0) : e.required(call, 1, "value");
  if (!value.isTensor())
    return e.constant(type, value, shape);
  return e.broadcastTo(e.cast(value, type), shape);
}

static Value zerosLike(Emitter &e, Call &call) {
  Value v = e.toTensor(e.required(call, 0, "input"));
  return e.constant(v.type.element, Value::ofInt(0), v.type.shape);
}

static Value castCall(Emitter &e, Call &call) {
  Value v = e.toTensor(e.required(call, 0, "input"));
  Value to = e.required(call, 1, "dtype");
  if (to.kind != Value::Kind::DType)
    notADType(e, to);
  bool zero = false;
  if (auto r = e.argument(call, 2, "fp_downcast_rounding"))
    zero = r->text == "rtz";
  if (auto bits = e.argument(call, 3, "bitcast"); bits && bits->truth())
    return e.bitcast(v, to.type.element);
  if (to.type.pointer) {
    Type t{to.type.element, to.type.pointer, v.type.shape};
    mlir::Type type = toMLIR(e.builder.getContext(), t);
    if (v.type.pointer && v.tensor.getType() == type)
      return Value::ofTensor(v.tensor, t);
    if (v.type.pointer)
      return Value::ofTensor(
          kernel::BitcastOp::create(e.builder, e.location(), type, v.tensor),
          t);
    if (bitsOf(v.type.element) != 64)
      e.fail(DiagnosticKind::BadCast, v.describe(), t.str());
    return Value::ofTensor(
        kernel::IntToPtrOp::create(e.builder, e.location(), type, v.tensor), t);
  }
  return e.cast(v, to.type.element, zero);
}

//===-- Shapes
//-----------------------------------------------------------------------------===//

static Value reshapeCall(Emitter &e, Call &call) {
  Value v = e.toTensor(e.required(call, 0, "input"));
  return e.reshape(v, e.checkShape(e.constantShape(call, 1, "shape")));
}
static Value broadcastCall(Emitter &e, Call &call) {
  Value v = e.toTensor(e.required(call, 0, "input"));
  return e.broadcastTo(v, e.checkShape(e.constantShape(call, 1, "shape")));
}
static Value broadcastTwo(Emitter &e, Call &call) {
  Value a = e.toTensor(e.required(call, 0, "input"));
  Value b = e.toTensor(e.required(call, 1, "other"));
  e.broadcastBoth(a, b);
  return Value::ofTuple({a, b});
}
static Value transCall(Emitter &e, Call &call) {
  Value v = e.toTensor(e.required(call, 0, "input"));
  std::vector<int32_t> order;
  if (call.positional.size() > 1 || e.argument(call, -1, "dims"))
    for (int64_t d : e.constantShape(call, 1, "dims"))
      order.push_back(d < 0 ? d + v.type.shape.size() : d);
  else
    for (size_t i = v.type.shape.size(); i-- > 0;)
      order.push_back(i);
  if (order.size() < 2 && v.type.shape.size() < 2)
    e.fail(DiagnosticKind::BadPermutation, v.describe());
  return e.trans(v, order);
}
static Value ravel(Emitter &e, Call &call) {
  Value v = e.toTensor(e.required(call, 0, "x"));
  return e.reshape(v, {v.type.count()});
}
static Value expandDimsCall(Emitter &e, Call &call) {
  Value v = e.toTensor(e.required(call, 0, "input"));
  Value axes = e.required(call, 1, "axis");
  for (const Value &axis :
       axes.kind == Value::Kind::Tuple ? axes.items : std::vector<Value>{axes})
    v = e.expandDims(v, e.constantInt(axis, "the axis"));
  return v;
}
static Value squeeze(Emitter &e, Call &call) {
  Value v = e.toTensor(e.required(call, 0, "x"));
  int64_t rank = v.type.shape.size();
  int64_t dim = e.constantInt(e.required(call, 1, "dim"), "`dim`");
  if (call.name == "tl.unsqueeze")
    return e.expandDims(v, dim);
  int64_t at = dim < 0 ? dim + rank : dim;
  if (at < 0 || at >= rank || rank == 1)
    e.fail(DiagnosticKind::AxisOutOfRange, std::to_string(dim), v.describe());
  std::vector<int64_t> shape = v.type.shape;
  shape.erase(shape.begin() + at);
  return e.reshape(v, shape);
}
static Value toTensorCall(Emitter &e, Call &call) {
  return e.toTensor(e.required(call, 0, "x"));
}
static Value join(Emitter &e, Call &call) {
  Value a = e.toTensor(e.required(call, 0, "a"));
  Value b = e.toTensor(e.required(call, 1, "b"));
  if (a.type.pointer && a.type.scalar() == b.type.scalar())
    e.broadcastBoth(a, b);
  else
    e.unify(a, b, false);
  if (!a.type.isBlock()) {
    a = e.broadcastTo(a, {1});
    b = e.broadcastTo(b, {1});
  }
  Type t = a.type;
  t.shape.push_back(2);
  Value r =
      Value::ofTensor(kernel::JoinOp::create(e.builder, e.location(),
                                             toMLIR(e.builder.getContext(), t),
                                             a.tensor, b.tensor),
                      t);
  if (call.name != "tl.interleave")
    return r;
  Type flat = a.type;
  flat.shape.back() *= 2;
  return e.reshape(r, flat.shape);
}
static Value split(Emitter &e, Call &call) {
  Value v = e.toTensor(e.required(call, 0, "a"));
  if (v.type.shape.empty() || v.type.shape.back() != 2)
    e.fail(DiagnosticKind::BadSplit, v.describe());
  Type t = v.type;
  t.shape.pop_back();
  if (!t.isBlock())
    e.fail(DiagnosticKind::BadSplit, v.describe());
  mlir::Type type = toMLIR(e.builder.getContext(), t);
  auto op =
      kernel::SplitOp::create(e.builder, e.location(), type, type, v.tensor);
  return Value::ofTuple(
      {Value::ofTensor(op.getLhs(), t), Value::ofTensor(op.getRhs(), t)});
}
static Value cat(Emitter &e, Call &call) {
  Value a = e.toTensor(e.required(call, 0, "input"));
  Value b = e.toTensor(e.required(call, 1, "other"));
  if (a.type != b.type || a.type.shape.size() != 1)
    e.fail(DiagnosticKind::BadOperands, "tl.cat", a.describe(), b.describe());
  Type t = a.type;
  t.shape[0] *= 2;
  return Value::ofTensor(
      kernel::CatOp::create(e.builder, e.location(),
                            toMLIR(e.builder.getContext(), t), a.tensor,
                            b.tensor),
      t);
}
static Value gather(Emitter &e, Call &call) {
  Value v = e.toTensor(e.required(call, 0, "src"));
  Value i = e.toTensor(e.required(call, 1, "index"));
  int64_t axis = e.constantInt(e.required(call, 2, "axis"), "the axis");
  axis = axis < 0 ? axis + v.type.shape.size() : axis;
  if (axis < 0 || size_t(axis) >= v.type.shape.size() ||
      i.type.shape.size() != v.type.shape.size() || !isInteger(i.type.element))
    e.fail(DiagnosticKind::BadOperands, "tl.gather", v.describe(),
           i.describe());
  Type t{v.type.element, false, i.type.shape};
  return Value::ofTensor(
      kernel::GatherOp::create(e.builder, e.location(),
                               toMLIR(e.builder.getContext(), t), v.tensor,
                               i.tensor, uint32_t(axis)),
      t);
}

//===-- Statements
//---------------------------------------------------------------------------===//

static Value staticAssert(Emitter &e, Call &call) {
  Value c = e.required(call, 0, "cond");
  std::string text;
  if (auto m = e.argument(call, 1, "msg"))
    text = m->text;
  if (!c.isConstant())
    e.fail(DiagnosticKind::NotConstexpr, "the condition of `tl.static_assert`",
           c.describe());
  if (!c.truth())
    e.fail(DiagnosticKind::StaticAssertFailed, text);
  return Value::none();
}
static Value staticPrint(Emitter &e, Call &call) {
  std::string line;
  for (const Value &v : call.positional)
    line += (line.empty() ? "" : " ") +
            (v.kind == Value::Kind::String ? v.text : v.describe());
  e.source->diagnostics().emit(DiagnosticKind::StaticPrint,
                               e.source->where(e.range), line);
  return Value::none();
}
/// As Triton has it: a blank before, and a colon before the values.
static std::string printPrefix(std::string text, bool hasValues) {
  auto ends = [&](llvm::StringRef end) {
    return llvm::StringRef(text).ends_with(end);
  };
  if (hasValues && !ends(" "))
    text += " ";
  if (hasValues && !ends(": "))
    text = text.substr(0, text.size() - 1) + ": ";
  return text.size() > 2 && text[0] != ' ' ? " " + text : text;
}
static Value devicePrint(Emitter &e, Call &call) {
  Value prefix = e.required(call, 0, "prefix");
  if (prefix.kind != Value::Kind::String)
    e.fail(DiagnosticKind::NotConstexpr, "the prefix of `tl.device_print`",
           prefix.describe());
  llvm::SmallVector<mlir::Value> values;
  llvm::SmallVector<int32_t> isSigned;
  for (size_t i = 1; i < call.positional.size(); ++i) {
    Value v = e.toTensor(call.positional[i]);
    DType t = v.type.element;
    values.push_back(v.tensor);
    isSigned.push_back(!v.type.pointer && isInteger(t) && !isUnsigned(t) &&
                       t != DType::Int1);
  }
  bool hex = false;
  if (auto h = e.argument(call, -1, "hex"))
    hex = h->truth();
  kernel::PrintOp::create(e.builder, e.location(),
                          printPrefix(prefix.text, !values.empty()), hex,
                          e.builder.getDenseI32ArrayAttr(isSigned), values);
  return Value::none();
}
static Value deviceAssert(Emitter &e, Call &call) {
  Value c = e.toTensor(e.required(call, 0, "cond"));
  std::string text;
  if (auto m = e.argument(call, 1, "msg"))
    text = m->text;
  if (auto mask = e.argument(call, 2, "mask"); mask && mask->isTensor())
    c = e.binary("|", e.cast(c, DType::Int1), e.unary("not", *mask));
  kernel::AssertOp::create(e.builder, e.location(),
                           e.cast(c, DType::Int1).tensor, text);
  return Value::none();
}
static Value assume(Emitter &e, Call &call) {
  Value c = e.required(call, 0, "cond");
  if (c.isTensor())
    kernel::AssumeOp::create(e.builder, e.location(),
                             e.cast(c, DType::Int1).tensor);
  return Value::none();
}
static Value debugBarrier(Emitter &e, Call &call) {
  kernel::DebugBarrierOp::create(e.builder, e.location());
  return Value::none();
}
/// multiple_of, max_contiguous, max_constancy: facts about an existing value.
static Value hint(Emitter &e, Call &call) {
  Value v = e.required(call, 0, "input");
  Value facts = e.required(call, 1, "values");
  if (!v.isTensor() || !v.tensor.getDefiningOp())
    return v;
  llvm::SmallVector<int64_t> values;
  for (const Value &x : facts.kind == Value::Kind::Tuple
                            ? facts.items
                            : std::vector<Value>{facts})
    values.push_back(e.constantInt(x, "a hint"));
  llvm::StringRef key = call.name == "tl.multiple_of" ? "kernel.divisibility"
                        : call.name == "tl.max_contiguous" ? "kernel.contiguity"
                                                           : "kernel.constancy";
  v.tensor.getDefiningOp()->setAttr(key,
                                    e.builder.getDenseI64ArrayAttr(values));
  return v;
}

static const llvm::StringMap<Handler> &table() {
  static const llvm::StringMap<Handler> handlers = [] {
    llvm::StringMap<Handler> t{{"tl.program_id", programId},
                               {"tl.num_programs", programId},
                               {"tl.arange", arange},
                               {"tl.zeros", full},
                               {"tl.full", full},
                               {"tl.zeros_like", zerosLike},
                               {"tl.cast", castCall},
                               {"tl.reshape", reshapeCall},
                               {"tl.view", reshapeCall},
                               {"tl.broadcast_to", broadcastCall},
                               {"tl.broadcast", broadcastTwo},
                               {"tl.trans", transCall},
                               {"tl.permute", transCall},
                               {"tl.ravel", ravel},
                               {"tl.expand_dims", expandDimsCall},
                               {"tl.squeeze", squeeze},
                               {"tl.unsqueeze", squeeze},
                               {"tl.to_tensor", toTensorCall},
                               {"tl.join", join},
                               {"tl.interleave", join},
                               {"tl.split", split},
                               {"tl.cat", cat},
                               {"tl.gather", gather},
                               {"tl.static_assert", staticAssert},
                               {"tl.static_print", staticPrint},
                               {"tl.device_print", devicePrint},
                               {"print", devicePrint},
                               {"tl.device_assert", deviceAssert},
                               {"tl.assume", assume},
                               {"tl.debug_barrier", debugBarrier},
                               {"tl.multiple_of", hint},
                               {"tl.max_contiguous", hint},
                               {"tl.max_constancy", hint}};
    addPythonBuiltins(t);
    addMemoryBuiltins(t);
    addMathBuiltins(t);
    addScaledDotBuiltins(t);
    addReduceBuiltins(t);
    addSortBuiltins(t);
    addRandomBuiltins(t);
    return t;
  }();
  return handlers;
}

std::vector<std::string> terrazzo::frontend::builtinNames() {
  std::vector<std::string> names;
  for (auto &entry : table())
    names.push_back(entry.getKey().str());
  // What is no call: loops and dtypes.
  for (const char *name :
       {"range",         "tl.range",      "tl.static_range", "tl.int1",
        "tl.int8",       "tl.int16",      "tl.int32",        "tl.int64",
        "tl.uint8",      "tl.uint16",     "tl.uint32",       "tl.uint64",
        "tl.float8e4nv", "tl.float8e4b8", "tl.float8e5",     "tl.float8e5b16",
        "tl.float16",    "tl.bfloat16",   "tl.float32",      "tl.float64"})
    names.push_back(name);
  llvm::sort(names);
  return names;
}

Value Emitter::builtin(Call &call) {
  auto found = table().find(call.name);
  if (found != table().end()) {
    checkArguments(*this, call);
    return found->second(*this, call);
  }
  llvm::StringRef last = llvm::StringRef(call.name);
  for (llvm::StringRef known :
       {"inline_asm_elementwise", "make_tensor_descriptor", "gdc_wait",
        "gdc_launch_dependents", "load_tensor_descriptor",
        "store_tensor_descriptor", "_experimental_descriptor_load",
        "_experimental_descriptor_store",
        "_experimental_make_tensor_descriptor", "tensor_descriptor"})
    if (last.ends_with("." + known.str()))
      fail(DiagnosticKind::UnsupportedBuiltin, call.name);
  unknownBuiltin(call.name, call.expr ? call.expr->items[0]->range : range);
}

void Emitter::unknownBuiltin(const std::string &id, Range at) {
  if (auto module = absentModule(id))
    noModule(*module, at);
  std::vector<std::string> names = builtinNames();
  std::vector<llvm::StringRef> candidates(names.begin(), names.end());
  auto d = source->diagnostics().emit(DiagnosticKind::UnknownBuiltin,
                                      source->where(at), id);
  if (llvm::StringRef near = nearestName(id, candidates); !near.empty())
    d.note(DiagnosticKind::DidYouMean, near);
  addCallers(d);
  d.report();
  throw Failure();
}

/// The builtins that Triton 3.9 has as methods of a tensor too.
static bool isMethod(llvm::StringRef id) {
  static const llvm::StringSet<> names = {
      "to",         "broadcast_to", "trans",      "permute",
      "split",      "view",         "reshape",    "expand_dims",
      "cast",       "store",        "advance",    "atomic_cas",
      "atomic_add", "atomic_max",   "atomic_min", "atomic_xchg",
      "atomic_and", "atomic_or",    "atomic_xor", "reduce",
      "histogram",  "gather",       "exp",        "exp2",
      "log",        "log2",         "cos",        "sin",
      "sqrt",       "sqrt_rn",      "rsqrt",      "abs",
      "erf",        "floor",        "ceil",       "associative_scan",
      "cdiv",       "sigmoid",      "softmax",    "ravel",
      "max",        "argmax",       "min",        "argmin",
      "sum",        "xor_sum",      "reduce_or",  "cumsum",
      "cumprod",    "sort",         "flip",       "logical_and",
      "logical_or"};
  return names.contains(id);
}

/// A method is the builtin of its name with the object as first argument.
Value Emitter::method(const Value &object, llvm::StringRef id, Call &call) {
  if (object.kind == Kind::DType) {
    DType t = object.type.element;
    bool pointer = object.type.pointer;
    auto yes = [&](bool v) { return Value::ofBool(v && !pointer); };
    if (id == "is_floating")
      return yes(isFloat(t));
    if (id == "is_fp8")
      return yes(isFloat8(t));
    if (id == "is_standard_floating")
      return yes(isFloat(t) && !isFloat8(t));
    if (id == "is_int")
      return yes(isInteger(t));
    if (id == "is_int_signed")
      return yes(isInteger(t) && !isUnsigned(t) && t != DType::Int1);
    if (id == "is_int_unsigned")
      return yes(isUnsigned(t));
    if (id == "is_bool" || id == "is_int1")
      return yes(t == DType::Int1);
    if (id == "is_ptr")
      return Value::ofBool(pointer);
    if (id == "is_block")
      return Value::ofBool(object.type.isBlock());
    if (id == "is_fp8e4b15")
      return Value::ofBool(false);
    if (id == "get_int_max_value" && isInteger(t))
      return Value::ofInt(
          (__int128(1) << (bitsOf(t) - !(isUnsigned(t) || t == DType::Int1))) -
          1);
    if (id == "get_int_min_value" && isInteger(t))
      return Value::ofInt(isUnsigned(t) || t == DType::Int1
                              ? 0
                              : -(__int128(1) << (bitsOf(t) - 1)));
    if (llvm::StringRef type = id; type.consume_front("is_"))
      if (auto named = dtypeNamed(type))
        return yes(t == *named);
  }
  call.positional.insert(call.positional.begin(), object);
  call.positionalRanges.insert(call.positionalRanges.begin(), range);
  call.name = id == "to" ? "tl.cast" : "tl." + id.str();
  if (object.kind == Kind::DType || !isMethod(id) || !table().count(call.name))
    fail(DiagnosticKind::UnknownMethod, id, object.describe());
  return builtin(call);
}
