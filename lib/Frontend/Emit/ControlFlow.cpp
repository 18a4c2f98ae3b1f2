// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// if, for and while. A name that a branch or a loop changes becomes a result of
// the op; a name bound only inside is gone after it, as in Triton.
#include "lib/Frontend/Emit/Emitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include <array>
#include <functional>

using namespace terrazzo;
using namespace terrazzo::frontend;
namespace arith = mlir::arith;
namespace scf = mlir::scf;

using Names = std::map<std::string, Value>;

/// The names that a suite may bind, and where first.
static void boundNames(const Suite &suite, std::map<std::string, Range> &out) {
  std::function<void(Expr *)> target = [&](Expr *e) {
    if (e->kind == Expr::Kind::Name)
      out.try_emplace(e->text, e->range);
    for (Expr *item : e->items)
      if (e->kind == Expr::Kind::Tuple || e->kind == Expr::Kind::List)
        target(item);
  };
  for (const Stmt *s : suite) {
    for (Expr *t : s->targets)
      target(t);
    boundNames(s->body, out);
    boundNames(s->orelse, out);
  }
}

/// Whether a suite holds a return (not counting those of loops, which are
/// refused).
static bool returns(const Suite &suite) {
  return llvm::any_of(suite, [](const Stmt *s) {
    return s->kind == Stmt::Kind::Return ||
           (s->kind == Stmt::Kind::If &&
            (returns(s->body) || returns(s->orelse)));
  });
}

/// The runtime values in a value, tuples and block pointers opened.
static void flatten(const Value &v, llvm::SmallVectorImpl<Value> &out) {
  if (v.isTensor())
    out.push_back(v);
  for (const Value &item : v.items)
    flatten(item, out);
  if (v.kind == Value::Kind::BlockPointer)
    for (const Value &offset : v.block->offsets)
      out.push_back(offset);
}

/// \p v with its runtime values replaced by those from \p next on.
static Value rebuild(const Value &v, llvm::ArrayRef<mlir::Value> &next) {
  Value r = v;
  if (v.isTensor()) {
    r.tensor = next.front();
    next = next.drop_front();
  }
  for (Value &item : r.items)
    item = rebuild(item, next);
  if (v.kind == Value::Kind::BlockPointer) {
    auto copy = std::make_shared<BlockPointer>(*v.block);
    for (Value &offset : copy->offsets) {
      offset.tensor = next.front();
      next = next.drop_front();
    }
    r.block = copy;
  }
  return r;
}

/// Numbers become runtime values, where a loop or a branch may change them.
static Value runtime(Emitter &e, const Value &v) {
  if (v.isNumber())
    return e.toTensor(v);
  if (v.kind == Value::Kind::Tuple) {
    std::vector<Value> items;
    for (const Value &item : v.items)
      items.push_back(runtime(e, item));
    return Value::ofTuple(std::move(items));
  }
  return v;
}

static bool sameValue(const Value &a, const Value &b) {
  if (a.kind != b.kind)
    return false;
  if (a.isTensor())
    return a.tensor == b.tensor && a.type == b.type;
  if (a.kind == Value::Kind::BlockPointer)
    return a.block == b.block;
  if (a.kind == Value::Kind::Tuple && a.items.size() == b.items.size()) {
    for (size_t i = 0; i < a.items.size(); ++i)
      if (!sameValue(a.items[i], b.items[i]))
        return false;
    return true;
  }
  return a.sameConstant(b);
}

static bool sameTypes(const Value &a, const Value &b) {
  llvm::SmallVector<Value> x, y;
  flatten(a, x);
  flatten(b, y);
  if (a.kind != b.kind || x.size() != y.size())
    return false;
  for (size_t i = 0; i < x.size(); ++i)
    if (x[i].type != y[i].type)
      return false;
  return true;
}

/// Brings the values of two branches to one type, where Triton does: a number
/// takes the type of the other branch's value.
static bool agree(Emitter &e, Value &a, Value &b, mlir::Block *inA,
                  mlir::Block *inB) {
  auto at = [&](mlir::Block *block) {
    e.builder.setInsertionPointToEnd(block);
  };
  if (a.kind == Value::Kind::Tuple && b.kind == Value::Kind::Tuple) {
    if (a.items.size() != b.items.size())
      return false;
    for (size_t i = 0; i < a.items.size(); ++i)
      if (!agree(e, a.items[i], b.items[i], inA, inB))
        return false;
    return true;
  }
  if (a.isNumber() && b.isTensor() && !b.type.pointer && !b.type.isBlock()) {
    at(inA);
    a = e.constant(b.type.element, a);
  } else if (b.isNumber() && a.isTensor() && !a.type.pointer &&
             !a.type.isBlock()) {
    at(inB);
    b = e.constant(a.type.element, b);
  } else if (a.isNumber() && b.isNumber()) {
    at(inA);
    a = e.toTensor(a);
    at(inB);
    b = e.toTensor(b, a.type.element);
  }
  return sameTypes(a, b);
}

//===-- if
//---------------------------------------------------------------------------===//

Emitter::Flow Emitter::conditional(Stmt *s, const Suite &rest, size_t from,
                                   bool &consumed) {
  step();
  Value condition = expression(s->value);
  if (condition.isConstant()) // the other branch is never looked at
    return suite(condition.truth() ? s->body : s->orelse);
  if (!condition.isTensor() || condition.type.isBlock())
    failAt(s->value->range, DiagnosticKind::BlockCondition,
           condition.describe());
  condition = cast(condition, DType::Int1);

  // When a branch returns, what follows the `if` belongs to the other one.
  bool takesRest = returns(s->body) || returns(s->orelse);
  if (takesRest && frame().loopDepth)
    fail(DiagnosticKind::ReturnInLoop);
  mlir::Location loc = location();
  Names before = frame().names;
  auto lostBefore = frame().lost;
  mlir::Region regions[2];
  Names after[2];
  Value results[2];
  for (int side = 0; side < 2; ++side) {
    mlir::OpBuilder::InsertionGuard guard(builder);
    builder.createBlock(&regions[side]);
    frame().names = before;
    frame().lost = lostBefore;
    frame().result.reset();
    Flow flow = suite(side == 0 ? s->body : s->orelse);
    if (takesRest && flow == Flow::Next)
      suite(rest, from);
    results[side] = frame().result.value_or(Value::none());
    after[side] = frame().names;
  }
  frame().names = before;
  frame().result.reset();
  mlir::Block *blocks[2] = {&regions[0].front(), &regions[1].front()};

  // What differs between the branches becomes a result.
  struct Merged {
    std::string name;
    Value value;
    bool isResult;
  };
  std::vector<Merged> merged;
  llvm::SmallVector<Value> values[2];
  auto here = builder.saveInsertionPoint();
  auto merge = [&](const std::string &name, Value a, Value b) {
    if (sameValue(a, b)) {
      merged.push_back({name, a, false});
      return;
    }
    if (!agree(*this, a, b, blocks[0], blocks[1]))
      fail(DiagnosticKind::BranchTypes,
           name.empty() ? "the returned value" : "`" + name + "`", a.describe(),
           b.describe());
    flatten(a, values[0]);
    flatten(b, values[1]);
    merged.push_back({name, a, true});
  };
  std::set<std::string> changed;
  if (takesRest) {
    consumed = true;
    merge("", results[0], results[1]);
  } else {
    for (auto &[name, value] : after[0]) {
      auto other = after[1].find(name);
      if (other != after[1].end())
        if (!before.count(name) || !sameValue(value, before[name]) ||
            !sameValue(other->second, before[name])) {
          merge(name, value, other->second);
          changed.insert(name);
        }
    }
  }
  llvm::SmallVector<mlir::Type> types;
  for (int side = 0; side < 2; ++side) {
    llvm::SmallVector<mlir::Value> yields;
    for (Value &v : values[side])
      yields.push_back(v.tensor);
    builder.setInsertionPointToEnd(blocks[side]);
    scf::YieldOp::create(builder, loc, yields);
  }
  for (Value &v : values[0])
    types.push_back(v.tensor.getType());
  builder.restoreInsertionPoint(here);
  auto op =
      scf::IfOp::create(builder, loc, types, condition.tensor, false, false);
  op.getThenRegion().takeBody(regions[0]);
  op.getElseRegion().takeBody(regions[1]);
  builder.setInsertionPointAfter(op);

  llvm::SmallVector<mlir::Value> all(op.getResults());
  llvm::ArrayRef<mlir::Value> next(all);
  for (auto &[name, value, isResult] : merged) {
    if (isResult)
      value = rebuild(value, next);
    if (name.empty())
      frame().result = value;
    else
      frame().names[name] = value;
  }
  std::map<std::string, Range> bound;
  boundNames(s->body, bound);
  boundNames(s->orelse, bound);
  for (auto &[name, where] : bound)
    if (!frame().names.count(name))
      frame().lost[name] = where;
  return consumed ? Flow::Returned : Flow::Next;
}

//===-- Loops
//--------------------------------------------------------------------------===//

namespace {
/// The names that a loop carries from one step to the next.
struct Carried {
  std::vector<std::string> names;
  std::vector<Value> initial;
  std::map<std::string, Range> bound;
  llvm::SmallVector<mlir::Value> values;

  Carried(Emitter &e, const Suite &body) {
    boundNames(body, bound);
    for (auto &[name, where] : bound) {
      auto found = e.frame().names.find(name);
      if (found == e.frame().names.end())
        continue;
      Value v = runtime(e, found->second);
      llvm::SmallVector<Value> flat;
      flatten(v, flat);
      names.push_back(name);
      initial.push_back(v);
      for (Value &x : flat)
        values.push_back(x.tensor);
    }
  }
  llvm::SmallVector<mlir::Type> types() const {
    llvm::SmallVector<mlir::Type> out;
    for (mlir::Value v : values)
      out.push_back(v.getType());
    return out;
  }
  void bind(Emitter &e, mlir::ValueRange arguments) const {
    llvm::SmallVector<mlir::Value> all(arguments);
    llvm::ArrayRef<mlir::Value> next(all);
    for (size_t i = 0; i < names.size(); ++i)
      e.frame().names[names[i]] = rebuild(initial[i], next);
  }
  /// The values at the end of a step; their types must not have changed.
  llvm::SmallVector<mlir::Value> yields(Emitter &e) const {
    llvm::SmallVector<mlir::Value> out;
    for (size_t i = 0; i < names.size(); ++i) {
      Value now = e.frame().names[names[i]];
      if (now.isNumber() && initial[i].isTensor() && !initial[i].type.isBlock())
        now = e.constant(initial[i].type.element, now);
      if (!sameTypes(now, initial[i])) {
        auto d = e.source.diagnostics().emit(
            DiagnosticKind::LoopCarriedType, e.source.where(bound.at(names[i])),
            names[i], initial[i].describe(), now.describe());
        e.addCallers(d);
        d.report();
        throw Failure();
      }
      llvm::SmallVector<Value> flat;
      flatten(now, flat);
      for (Value &x : flat)
        out.push_back(x.tensor);
    }
    return out;
  }
  void leave(Emitter &e, const Names &before, mlir::ValueRange results) const {
    e.frame().names = before;
    bind(e, results);
    for (auto &[name, where] : bound)
      if (!before.count(name))
        e.frame().lost[name] = where;
  }
};
} // namespace

void Emitter::staticFor(Stmt *s, const std::vector<Value> &values) {
  for (const Value &v : values) {
    step();
    assign(s->targets[0], v);
    if (suite(s->body) == Flow::Returned)
      fail(DiagnosticKind::ReturnInLoop);
  }
}

/// `range(...)`, `tl.range(...)` or `tl.static_range(...)` as its three bounds.
static std::array<Value, 3> bounds(Emitter &e, Call &call) {
  std::vector<Value> p = call.positional;
  auto keyword = [&](llvm::StringRef id) { return e.argument(call, -1, id); };
  Value start = Value::ofInt(0), stop, step = Value::ofInt(1);
  if (p.size() == 1) {
    stop = p[0];
    if (auto v = keyword("arg2")) {
      start = p[0];
      stop = *v;
    }
  } else if (p.size() >= 2 && p.size() <= 3) {
    start = p[0];
    stop = p[1];
    if (p.size() == 3)
      step = p[2];
  } else {
    e.fail(DiagnosticKind::WrongArgumentCount, call.name, "1 to 3",
           std::to_string(p.size()));
  }
  if (auto v = keyword("step"))
    step = *v;
  for (const Value &v : {start, stop, step})
    if (!(v.isInt() || (v.isTensor() && isInteger(v.type.element) &&
                        !v.type.isBlock() && !v.type.pointer)))
      e.fail(DiagnosticKind::BadRange, v.describe());
  return {start, stop, step};
}

void Emitter::forLoop(Stmt *s) {
  if (!s->orelse.empty())
    fail(DiagnosticKind::UnsupportedSyntax, "`else` of a loop");
  Value iterable;
  Call call;
  if (s->value->kind == Expr::Kind::Call) {
    Value callee = expression(s->value->items[0]);
    call.name = callee.text;
    if (callee.kind == Kind::Builtin &&
        (call.name == "range" || call.name == "tl.range" ||
         call.name == "tl.static_range")) {
      for (size_t i = 1; i < s->value->items.size(); ++i)
        call.positional.push_back(expression(s->value->items[i]));
      for (const Keyword &k : s->value->keywords)
        call.keywords.emplace_back(k.name, expression(k.value));
    } else {
      call.name.clear();
    }
  }
  if (call.name.empty()) {
    iterable = expression(s->value);
    if (iterable.kind != Kind::Tuple)
      failAt(s->value->range, DiagnosticKind::NotIterable, iterable.describe());
    return staticFor(s, iterable.items);
  }
  At at(*this, s->value->range);
  auto [start, stop, step] = bounds(*this, call);
  if (step.isConstant() && step.integer == 0)
    fail(DiagnosticKind::ZeroStep);
  if (call.name == "tl.static_range") {
    if (!start.isConstant() || !stop.isConstant() || !step.isConstant())
      fail(DiagnosticKind::NotConstexpr, "a bound of `tl.static_range`",
           (!start.isConstant()  ? start
            : !stop.isConstant() ? stop
                                 : step)
               .describe());
    std::vector<Value> values;
    for (__int128 i = start.integer;
         step.integer > 0 ? i < stop.integer : i > stop.integer;
         i += step.integer) {
      if (values.size() >= limits.steps)
        fail(DiagnosticKind::TooManySteps, std::to_string(limits.steps));
      values.push_back(Value::ofInt(i));
    }
    return staticFor(s, values);
  }

  // The induction variable has the widest of the bounds' types. A loop that
  // counts down is run by its step number.
  bool down = step.isConstant() && step.integer < 0;
  if (s->targets[0]->kind != Expr::Kind::Name)
    failAt(s->targets[0]->range, DiagnosticKind::UnsupportedSyntax,
           "this loop variable");
  start = toTensor(start);
  stop = toTensor(stop);
  step = toTensor(step);
  DType t = promote(
      promote(start.type.element, false, stop.type.element, false, false),
      false, step.type.element, false, false);
  start = cast(start, t);
  stop = cast(stop, t);
  step = cast(step, t);
  mlir::Value lower = start.tensor, upper = stop.tensor, by = step.tensor;
  mlir::Location loc = location();
  if (down) {
    Value distance = binary("-", start, stop);
    Value stride = unary("-", step);
    Value steps = binary(
        "//", binary("+", distance, binary("-", stride, Value::ofInt(1))),
        stride);
    lower = constant(t, Value::ofInt(0)).tensor;
    upper = steps.tensor;
    by = constant(t, Value::ofInt(1)).tensor;
  }
  Names before = frame().names;
  Carried carried(*this, s->body);
  auto op = scf::ForOp::create(builder, loc, lower, upper, by, carried.values,
                               nullptr, isUnsigned(t));
  for (auto &[name, value] : call.keywords)
    if (value.isInt() && name != "step")
      op->setAttr("kernel." + name, builder.getI64IntegerAttr(value.integer));
  {
    mlir::OpBuilder::InsertionGuard guard(builder);
    mlir::Block *body = op.getBody();
    body->clear();
    builder.setInsertionPointToEnd(body);
    carried.bind(*this, op.getRegionIterArgs());
    Value iv = Value::ofTensor(op.getInductionVar(), {t, false, {}});
    if (down)
      iv = binary("+", start, binary("*", iv, step));
    assign(s->targets[0], iv);
    ++frame().loopDepth;
    suite(s->body);
    --frame().loopDepth;
    scf::YieldOp::create(builder, loc, carried.yields(*this));
  }
  carried.leave(*this, before, op.getResults());
  if (!before.count(s->targets[0]->text))
    frame().lost[s->targets[0]->text] = s->targets[0]->range;
}

void Emitter::whileLoop(Stmt *s) {
  if (!s->orelse.empty())
    fail(DiagnosticKind::UnsupportedSyntax, "`else` of a loop");
  Names before = frame().names;
  Carried carried(*this, s->body);
  mlir::Location loc = location();
  auto op = scf::WhileOp::create(builder, loc, carried.types(), carried.values);
  mlir::OpBuilder::InsertionGuard guard(builder);
  llvm::SmallVector<mlir::Location> locations(carried.values.size(), loc);
  mlir::Block *test =
      builder.createBlock(&op.getBefore(), {}, carried.types(), locations);
  carried.bind(*this, test->getArguments());
  Value condition = expression(s->value);
  if (condition.isConstant() && condition.truth())
    failAt(s->value->range, DiagnosticKind::EndlessLoop);
  if (condition.isTensor() && condition.type.isBlock())
    failAt(s->value->range, DiagnosticKind::BlockCondition,
           condition.describe());
  condition = cast(condition, DType::Int1);
  scf::ConditionOp::create(builder, loc, condition.tensor,
                           test->getArguments());
  mlir::Block *body =
      builder.createBlock(&op.getAfter(), {}, carried.types(), locations);
  carried.bind(*this, body->getArguments());
  ++frame().loopDepth;
  suite(s->body);
  --frame().loopDepth;
  scf::YieldOp::create(builder, loc, carried.yields(*this));
  carried.leave(*this, before, op.getResults());
}
