// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Frontend/Emit/Branch.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/StringSet.h"

#include <cmath>

using namespace terrazzo;
using namespace terrazzo::frontend;

Emitter::Emitter(mlir::MLIRContext *context, SourceModule &source)
    : builder(context), source(&source), main(&source),
      limits(source.options().limits) {}

void Emitter::addCallers(DiagnosticBuilder &d) {
  for (size_t i = frames.size(); i-- > 1;)
    d.note(DiagnosticKind::CalledFromHere,
           callerOf(frames[i]).where(frames[i].callSite));
}

/// The place of the op that is emitted: a line and column range of the source,
/// within the calls that led to it.
mlir::Location Emitter::location() {
  if (host) // nothing of the host becomes an op
    fail(DiagnosticKind::NotConstexpr, "this expression",
         "a value of the kernel");
  if (++operations > limits.operations)
    fail(DiagnosticKind::TooManyOperations, std::to_string(limits.operations));
  auto of = [&](SourceModule &in, Range r) -> mlir::Location {
    FilePosition p = in.diagnostics().position(in.where(r));
    return mlir::FileLineColRange::get(
        mlir::StringAttr::get(builder.getContext(), p.file), p.line, p.column,
        p.endLine, p.endColumn);
  };
  mlir::Location where = of(*source, range);
  for (size_t i = frames.size(); i-- > 1;)
    where = mlir::CallSiteLoc::get(where,
                                   of(callerOf(frames[i]), frames[i].callSite));
  return where;
}

void Emitter::step() {
  if (++steps > limits.steps)
    fail(DiagnosticKind::TooManySteps, std::to_string(limits.steps));
}

Value Emitter::expression(Expr *e) {
  At at(*this, e->range);
  step();
  if (stackBegin - llvm::getStackPointer() > stackMost)
    fail(DiagnosticKind::StackTooDeep);
  switch (e->kind) {
  case Expr::Kind::Name:
    return name(e);
  case Expr::Kind::Integer:
    if (!e->text.empty())
      fail(DiagnosticKind::ConstantOutOfRange, "`" + e->text + "`", "uint64");
    return Value::ofInt(e->integer);
  case Expr::Kind::Float:
    return Value::ofFloat(e->real);
  case Expr::Kind::String:
    return Value::ofString(e->text);
  case Expr::Kind::FString: {
    std::string text;
    for (Expr *piece : e->items)
      text +=
          piece->kind == Expr::Kind::String ? piece->text : formatted(piece);
    return Value::ofString(std::move(text));
  }
  case Expr::Kind::Formatted:
    return Value::ofString(formatted(e));
  case Expr::Kind::Bool:
    return Value::ofBool(e->integer);
  case Expr::Kind::None:
    return Value::none();
  case Expr::Kind::Unary:
    return unary(e->text, expression(e->items[0]));
  case Expr::Kind::Binary: {
    Value a = expression(e->items[0]);
    Value b = expression(e->items[1]);
    if (e->text == "@")
      fail(DiagnosticKind::UnsupportedSyntax, "the operator `@`");
    return binary(e->text, a, b);
  }
  case Expr::Kind::And:
  case Expr::Kind::Or:
    return logical(e);
  case Expr::Kind::Compare:
    return compare(e);
  case Expr::Kind::Call:
    return call(e);
  case Expr::Kind::Attribute:
    return attribute(e);
  case Expr::Kind::Subscript:
    return subscript(e);
  case Expr::Kind::Conditional:
    return conditionalExpression(e);
  case Expr::Kind::Tuple:
  case Expr::Kind::List: {
    std::vector<Value> items;
    for (Expr *item : e->items) {
      if (item->kind != Expr::Kind::Starred) {
        items.push_back(expression(item));
        continue;
      }
      Value tuple = expression(item->items[0]);
      if (tuple.kind != Kind::Tuple)
        failAt(item->range, DiagnosticKind::NotATuple, tuple.describe());
      items.insert(items.end(), tuple.items.begin(), tuple.items.end());
    }
    return Value::ofTuple(std::move(items));
  }
  case Expr::Kind::Slice:
    fail(DiagnosticKind::UnsupportedSyntax, "this slice");
  case Expr::Kind::Dict:
    if (host)
      return hostDict(e);
    fail(DiagnosticKind::UnsupportedSyntax, "dict or set");
  case Expr::Kind::Lambda:
    if (host)
      return hostLambda(e);
    fail(DiagnosticKind::UnsupportedSyntax, "lambda");
  case Expr::Kind::Comprehension:
    if (host)
      return hostComprehension(e);
    fail(DiagnosticKind::UnsupportedSyntax, "comprehension");
  case Expr::Kind::Starred:
    fail(DiagnosticKind::UnsupportedSyntax, "a starred expression here");
  case Expr::Kind::Ellipsis:
    fail(DiagnosticKind::UnsupportedSyntax, "`...`");
  case Expr::Kind::Unsupported:
    fail(DiagnosticKind::UnsupportedSyntax, e->text);
  }
  fail(DiagnosticKind::UnsupportedSyntax, "this expression");
}

//===-- Names
//-------------------------------------------------------------------===//

Value Emitter::name(Expr *e) {
  auto found = frame().names.find(e->text);
  if (found != frame().names.end())
    return found->second;
  auto lost = frame().lost.find(e->text);
  if (lost != frame().lost.end()) {
    auto d = source->diagnostics().emit(DiagnosticKind::OutOfScope,
                                        source->where(e->range), e->text);
    d.note(DiagnosticKind::BoundHere, source->where(lost->second), e->text);
    addCallers(d);
    d.report();
    throw Failure();
  }
  return global(e->text, e->range);
}

Value Emitter::attribute(Expr *e) {
  Value object = expression(e->items[0]);
  const std::string &id = e->text;
  if (object.kind == Kind::Dict || object.kind == Kind::Opaque)
    return hostAttribute(object, id);
  if (object.kind == Kind::Module)
    return moduleMember(object, id);
  if (object.kind == Kind::Builtin) {
    if (auto part = moduleNamed(object.text + "." + id))
      return *part; // of a folder that is no package
    std::string full = canonicalName(
        (object.text == "triton.language" ? "tl" : object.text) + "." + id);
    if (full == "triton.language")
      return Value::ofBuiltin("tl");
    if (full == "math.pi" || full == "math.e" || full == "math.inf")
      return Value::ofFloat(full == "math.pi"  ? 3.14159265358979323846
                            : full == "math.e" ? 2.71828182845904523536
                                               : INFINITY);
    llvm::StringRef last = llvm::StringRef(full);
    if (last.consume_front("tl.")) {
      // Bias 15 and no NaN: a format of its own, which nothing here rounds to.
      if (last.starts_with("float8e4b15"))
        fail(DiagnosticKind::UnsupportedBuiltin, full);
      if (auto type = dtypeNamed(last))
        return Value::ofType({*type, false, {}});
    }
    return Value::ofBuiltin(full);
  }
  if (object.isTensor()) {
    if (id == "dtype")
      return Value::ofType(object.type.scalar());
    if (id == "type")
      return Value::ofType(object.type);
    if (id == "shape") {
      std::vector<Value> sizes;
      for (int64_t d : object.type.shape)
        sizes.push_back(Value::ofInt(d));
      return Value::ofTuple(std::move(sizes));
    }
    if (id == "numel")
      return Value::ofInt(object.type.count());
    if (id == "T") {
      int32_t n = object.type.shape.size();
      std::vector<int32_t> order;
      for (int32_t i = 0; i < n; ++i)
        order.push_back(n - 1 - i);
      return trans(object, order);
    }
  }
  if (object.kind == Kind::BlockPointer && (id == "dtype" || id == "type"))
    return Value::ofType(object.block->base.type);
  if (object.kind == Kind::DType) {
    const Type &t = object.type;
    if (id == "element_ty" || id == "scalar")
      return Value::ofType(id == "scalar" ? t.scalar()
                                          : Type{t.element, false, {}});
    if (id == "primitive_bitwidth" || id == "itemsize")
      return Value::ofInt(bitsOf(t.element) / (id == "itemsize" ? 8 : 1));
    if (id == "name")
      return Value::ofString(nameOf(t.element).str());
  }
  if (id == "value" && object.isConstant())
    return object; // constexpr.value
  if (object.kind == Kind::Function)
    return object; // fn.fn and the like: the function itself
  Value method;
  method.kind = Kind::Method;
  method.text = id;
  method.items = {object};
  return method;
}

Value Emitter::subscript(Expr *e) {
  Value object = expression(e->items[0]);
  if (object.kind == Kind::Tuple) {
    if (e->items.size() == 2 && e->items[1]->kind == Expr::Kind::Slice) {
      int64_t n = object.items.size();
      auto bound = [&](Expr *x, int64_t otherwise) {
        if (!x)
          return otherwise;
        int64_t v = constantInt(expression(x), "slice bound");
        return std::clamp<int64_t>(v < 0 ? v + n : v, 0, n);
      };
      int64_t from = bound(e->items[1]->items[0], 0);
      int64_t to = bound(e->items[1]->items[1], n);
      return Value::ofTuple({object.items.begin() + from,
                             object.items.begin() + std::max(from, to)});
    }
    int64_t i = constantInt(expression(e->items[1]), "index of a tuple");
    int64_t n = object.items.size();
    if (i < -n || i >= n)
      fail(DiagnosticKind::IndexOutOfRange, std::to_string(i),
           std::to_string(n));
    return object.items[i < 0 ? i + n : i];
  }
  if (object.kind == Kind::Dict && e->items.size() == 2)
    return hostItem(object, expression(e->items[1]));
  if (!object.isTensor())
    fail(DiagnosticKind::NotSubscriptable, object.describe());
  // `x[:, None]`: None inserts a dimension, `:` keeps one.
  Value v = object;
  int64_t axis = 0, kept = 0;
  for (size_t i = 1; i < e->items.size(); ++i) {
    Expr *index = e->items[i];
    bool whole = index->kind == Expr::Kind::Slice && !index->items[0] &&
                 !index->items[1] && !index->items[2];
    if (whole) {
      ++kept;
    } else if (index->kind == Expr::Kind::None) {
      v = expandDims(v, axis);
    } else {
      failAt(index->range, DiagnosticKind::UnsupportedIndex);
    }
    ++axis;
  }
  if (kept > int64_t(object.type.shape.size()))
    fail(DiagnosticKind::IndexOutOfRange, std::to_string(kept - 1),
         std::to_string(object.type.shape.size()));
  return v;
}

//===-- Logic
//----------------------------------------------------------------------===//

Value Emitter::compare(Expr *e) {
  std::optional<Value> all;
  Value left = expression(e->items[0]);
  for (size_t i = 0; i < e->operators.size(); ++i) {
    llvm::StringRef op = e->operators[i];
    Value right = expression(e->items[i + 1]);
    Value one;
    if (op == "is" || op == "is not") {
      bool same = left.kind == right.kind && left.sameConstant(right);
      one = Value::ofBool(same == (op == "is"));
    } else if (op == "in" || op == "not in") {
      if (right.kind != Kind::Tuple || !left.isConstant())
        fail(DiagnosticKind::BadOperands, op, left.describe(),
             right.describe());
      bool any = llvm::any_of(right.items, [&](const Value &v) {
        return v.isNumber() && left.isNumber()
                   ? compareOne("==", v, left).truth()
                   : v.sameConstant(left);
      });
      one = Value::ofBool(any == (op == "in"));
    } else {
      one = compareOne(op, left, right);
    }
    all = all ? binary("&", *all, one) : one;
    left = right;
  }
  return *all;
}

Value Emitter::logical(Expr *e) {
  bool isAnd = e->kind == Expr::Kind::And;
  Value result = expression(e->items[0]);
  for (size_t i = 1; i < e->items.size(); ++i) {
    if (result.isConstant()) {
      if (result.truth() != isAnd)
        return result; // decided
      result = expression(e->items[i]);
      continue;
    }
    Value next = expression(e->items[i]);
    if (next.isConstant()) {
      // `x and True` is x; `x and False` is False.
      if (next.truth() != isAnd)
        result = next;
      continue;
    }
    result = binary(isAnd ? "&" : "|", cast(result, DType::Int1),
                    cast(next, DType::Int1));
  }
  return result;
}

Value Emitter::conditionalExpression(Expr *e) {
  Value condition = expression(e->items[1]);
  if (condition.isConstant())
    return expression(e->items[condition.truth() ? 0 : 2]);
  if (condition.type.isBlock())
    failAt(e->items[1]->range, DiagnosticKind::BlockCondition,
           condition.describe());
  condition = cast(condition, DType::Int1);
  // Either side runs only when chosen: it may load.
  mlir::Location loc = location();
  mlir::Region regions[2];
  Value values[2];
  for (int side = 0; side < 2; ++side) {
    mlir::OpBuilder::InsertionGuard guard(builder);
    builder.createBlock(&regions[side]);
    values[side] = toTensor(expression(e->items[side == 0 ? 0 : 2]));
  }
  DType to = values[0].type.element;
  if (values[0].type != values[1].type) {
    if (values[0].type.shape != values[1].type.shape ||
        values[0].type.pointer || values[1].type.pointer)
      fail(DiagnosticKind::BranchTypes, "the value", values[0].describe(),
           values[1].describe());
    to = promote(values[0].type.element, false, values[1].type.element, false,
                 false);
  }
  for (int side = 0; side < 2; ++side) {
    mlir::OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(&regions[side].front());
    if (!values[side].type.pointer)
      values[side] = cast(values[side], to);
    mlir::scf::YieldOp::create(builder, loc, values[side].tensor);
  }
  auto op = mlir::scf::IfOp::create(builder, loc,
                                    mlir::TypeRange{values[0].tensor.getType()},
                                    condition.tensor, false, false);
  op.getThenRegion().takeBody(regions[0]);
  op.getElseRegion().takeBody(regions[1]);
  return Value::ofTensor(op.getResult(0), values[0].type);
}

//===-- Calls
//-------------------------------------------------------------------------===//

Value Emitter::call(Expr *e) {
  Value callee = expression(e->items[0]);
  if (host && callee.kind == Kind::Builtin && callee.text == "triton.Config")
    return hostConfig(e);
  Call call;
  call.expr = e;
  call.name = callee.text;
  for (size_t i = 1; i < e->items.size(); ++i) {
    Expr *item = e->items[i];
    if (item->kind == Expr::Kind::Starred) {
      Value tuple = expression(item->items[0]);
      if (tuple.kind != Kind::Tuple)
        failAt(item->range, DiagnosticKind::NotATuple, tuple.describe());
      for (Value &v : tuple.items) {
        call.positional.push_back(v);
        call.positionalRanges.push_back(item->range);
      }
      continue;
    }
    call.positional.push_back(expression(item));
    call.positionalRanges.push_back(item->range);
  }
  for (const Keyword &k : e->keywords) {
    if (k.name.empty())
      failAt(k.range, DiagnosticKind::UnsupportedSyntax, "`**` in a call");
    for (auto &[name, value] : call.keywords)
      if (name == k.name)
        failAt(k.range, DiagnosticKind::RepeatedArgument, k.name);
    call.keywords.emplace_back(k.name, expression(k.value));
  }
  switch (callee.kind) {
  case Kind::Function:
    return callFunction(callee.function, call);
  case Kind::Builtin:
    return builtin(call);
  case Kind::Lambda:
    return hostCall(callee, call.positional);
  case Kind::Method:
    return method(callee.items[0], callee.text, call);
  case Kind::DType: { // tl.float32(x)
    if (call.positional.size() != 1)
      fail(DiagnosticKind::WrongArgumentCount, nameOf(callee.type.element), "1",
           std::to_string(call.positional.size()));
    return cast(call.positional[0], callee.type.element);
  }
  default:
    fail(DiagnosticKind::NotCallable, callee.describe());
  }
}

/// Binds the arguments to the parameters and runs the body in a frame of its
/// own.
Value Emitter::callFunction(Stmt *function, Call &call) {
  for (const Frame &f : frames)
    if (f.function == function)
      fail(DiagnosticKind::Recursion, function->text);
  if (frames.size() > limits.calls)
    fail(DiagnosticKind::CallsTooDeep, std::to_string(limits.calls));
  Frame next;
  next.function = function;
  next.callSite = range;
  next.caller = source;
  auto owner = owners.find(function);
  SourceModule &home = owner == owners.end() ? *main : *owner->second;
  const auto &parameters = function->parameters;
  if (call.positional.size() > parameters.size())
    fail(DiagnosticKind::WrongArgumentCount, function->text,
         std::to_string(parameters.size()),
         std::to_string(call.positional.size()));
  for (size_t i = 0; i < call.positional.size(); ++i)
    next.names[parameters[i].name] = call.positional[i];
  for (auto &[name, value] : call.keywords) {
    bool known = llvm::any_of(
        parameters, [&](const Parameter &p) { return p.name == name; });
    if (!known)
      fail(DiagnosticKind::UnknownArgument, name, function->text);
    if (!next.names.emplace(name, value).second)
      fail(DiagnosticKind::RepeatedArgument, name);
  }
  // A `tl.constexpr` here is not asked for: as in Triton, which passes what it
  // is given, a block too.
  for (const Parameter &p : parameters) {
    if (next.names.count(p.name))
      continue;
    if (!p.defaultValue)
      fail(DiagnosticKind::MissingArgument, p.name, function->text);
    InModule in(*this, home);
    next.names[p.name] = expression(p.defaultValue);
  }
  frames.push_back(std::move(next));
  InModule in(*this, home);
  frame().start();
  if (suite(function->body) != Flow::Left)
    fallOff();
  Value result = frame().names[resultName];
  frames.pop_back();
  return result;
}

Value Emitter::callCombine(Stmt *function, std::vector<Value> arguments) {
  Call call;
  call.name = function->text;
  call.positional = std::move(arguments);
  return callFunction(function, call);
}
