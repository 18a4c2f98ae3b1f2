// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// for and while. A body is emitted first and looked at then: one that may
// `break` or `return` makes an scf.while with a flag, any other an scf.for (or
// a plain scf.while); `continue` is a branch around what follows.
#include "lib/Frontend/Emit/Branch.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include <array>

using namespace terrazzo;
using namespace terrazzo::frontend;
namespace arith = mlir::arith;
namespace scf = mlir::scf;
using Flow = Emitter::Flow;
using MLIRValues = llvm::SmallVector<mlir::Value>;

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

/// `a or b` of two flags.
static Value either(Emitter &e, const Value &a, const Value &b) {
  if (a.isConstant())
    return a.truth() ? a : b;
  if (b.isConstant())
    return b.truth() ? b : a;
  return e.binary("|", a, b);
}

static mlir::Value flag(Emitter &e, const Value &v) {
  return e.toTensor(v, DType::Int1).tensor;
}

static bool isFalse(const Value &v) { return v.isConstant() && !v.truth(); }

//===-- What a loop carries
//------------------------------------------------------------===//

/// \p name as the loop carries it: a number takes the type it had before.
static Value carriedValue(Emitter &e, const std::string &name,
                          const Emitter::LoopScope::Entry &entry) {
  Value now = e.frame().names[name];
  const Value &initial = entry.value;
  if (now.isNumber() && initial.isTensor() && !initial.type.isBlock() &&
      !initial.type.pointer)
    now = e.constant(initial.type.element, now);
  if (now.kind == Value::Kind::Tuple && initial.kind == now.kind &&
      now.items.size() == initial.items.size())
    for (size_t i = 0; i < now.items.size(); ++i)
      if (now.items[i].isNumber() && initial.items[i].isTensor())
        now.items[i] = e.constant(initial.items[i].type.element, now.items[i]);
  if (!sameTypes(now, initial))
    e.failAt(entry.where, DiagnosticKind::LoopCarriedType, name,
             initial.describe(), now.describe());
  return now;
}

void Emitter::leaveLoop(bool returns) {
  if (frame().loops.empty() || frame().loops.back().isStatic)
    return;
  // What is left behind merges with other ways out, so its types are those of
  // the loop; after a return only these matter.
  for (auto &[name, entry] : frame().loops.back().kept)
    frame().names[name] =
        returns ? entry.value : carriedValue(*this, name, entry);
}

namespace {

/// The body of a loop, emitted into a region of its own: what it is given and
/// what it passes on. Position 0 is the counter of a `for`.
class LoopBody {
public:
  LoopBody(Emitter &e, Stmt *s);

  void addCounter(mlir::Value lower) {
    inits.push_back(lower);
    hasCounter = true;
  }
  /// Emits the body. \p prepare binds the loop's own variable.
  void emit(llvm::function_ref<void(mlir::Value counter)> prepare);
  bool exits() const { return !isFalse(broke) || !isFalse(returned); }
  /// Yields of a loop that only its condition ends.
  void endPlain(mlir::ValueRange counter);
  /// Adds the flags to what is passed on, after which \ref running is one of
  /// \p arguments of the `before` region.
  void endWithFlags(mlir::ValueRange counter);
  mlir::Value running(mlir::ValueRange arguments) const {
    return arguments[inits.size() - flags];
  }
  /// The names after the loop.
  void leave(mlir::ValueRange results);

  Emitter &e;
  Stmt *stmt;
  mlir::Location loc;
  mlir::Region region;
  MLIRValues inits;
  Names before;
  std::map<std::string, Range> bound;
  Emitter::LoopScope scope;
  Value broke, returned, result;

  llvm::SmallVector<mlir::Type> types() const {
    llvm::SmallVector<mlir::Type> out;
    for (mlir::Value v : inits)
      out.push_back(v.getType());
    return out;
  }
  llvm::SmallVector<mlir::Location> locations() const {
    return llvm::SmallVector<mlir::Location>(inits.size(), loc);
  }
  void bind(mlir::ValueRange carried);
  /// Binds the names to a loop's arguments or results.
  void bindAll(mlir::ValueRange all);

private:
  void dropInvariants();

  std::vector<std::string> names;
  MLIRValues yields;
  bool hasCounter = false;
  size_t flags = 0;
  /// Where each carried value is now: its position, or -1 and what it is.
  std::vector<std::pair<int, mlir::Value>> places;
};

} // namespace

LoopBody::LoopBody(Emitter &e, Stmt *s)
    : e(e), stmt(s), loc(e.location()), before(e.frame().names) {
  boundNames(s->body, bound);
}

void LoopBody::bind(mlir::ValueRange carried) {
  MLIRValues all(carried);
  llvm::ArrayRef<mlir::Value> next(all);
  for (const std::string &name : names)
    e.frame().names[name] = rebuild(scope.kept[name].value, next);
}

void LoopBody::emit(llvm::function_ref<void(mlir::Value)> prepare) {
  Emitter::Frame &f = e.frame();
  for (auto &[name, where] : bound) {
    auto found = f.names.find(name);
    if (found == f.names.end())
      continue;
    Value v = runtime(e, found->second);
    llvm::SmallVector<Value> flat;
    flatten(v, flat);
    names.push_back(name);
    scope.kept[name] = {v, where};
    for (Value &x : flat)
      inits.push_back(x.tensor);
  }
  mlir::OpBuilder::InsertionGuard guard(e.builder);
  mlir::Block *block = e.builder.createBlock(&region, {}, types(), locations());
  mlir::ValueRange arguments = block->getArguments();
  bind(arguments.drop_front(hasCounter));
  for (const std::string &name : names)
    scope.kept[name].value = e.frame().names[name];
  e.frame().names[liveName] = Value::ofBool(true);
  e.frame().names[brokeName] = Value::ofBool(false);
  e.frame().names[returnedName] = Value::ofBool(false);
  unsigned suites = std::exchange(e.frame().openSuites, 0);
  e.frame().loops.push_back(scope);
  prepare(hasCounter ? arguments[0] : mlir::Value());
  e.suite(stmt->body);
  e.frame().loops.pop_back();
  e.frame().openSuites = suites;
  for (const std::string &name : names) {
    llvm::SmallVector<Value> flat;
    flatten(carriedValue(e, name, scope.kept[name]), flat);
    for (Value &x : flat)
      yields.push_back(x.tensor);
  }
  broke = e.frame().names[brokeName];
  returned = e.frame().names[returnedName];
  result = e.frame().names[resultName];
  dropInvariants();
}

/// What comes out of a step as it went in needs not be carried.
void LoopBody::dropInvariants() {
  mlir::Block &block = region.front();
  unsigned first = hasCounter, kept = first;
  MLIRValues returns; // may be among what is dropped
  llvm::SmallVector<Value> flat;
  flatten(result, flat);
  for (Value &v : flat)
    returns.push_back(v.tensor);
  MLIRValues keptInits(inits.begin(), inits.begin() + first), keptYields;
  for (size_t i = 0; i < yields.size(); ++i) {
    mlir::Value argument = block.getArgument(kept);
    if (yields[i] == argument) {
      argument.replaceAllUsesWith(inits[first + i]);
      for (auto *list : {&yields, &returns})
        for (mlir::Value &v : *list)
          if (v == argument)
            v = inits[first + i];
      block.eraseArgument(kept);
      places.emplace_back(-1, inits[first + i]);
      continue;
    }
    places.emplace_back(kept++, mlir::Value());
    keptInits.push_back(inits[first + i]);
    keptYields.push_back(yields[i]);
  }
  inits = keptInits;
  yields = keptYields;
  llvm::ArrayRef<mlir::Value> next(returns);
  result = rebuild(result, next);
}

void LoopBody::endPlain(mlir::ValueRange counter) {
  mlir::OpBuilder::InsertionGuard guard(e.builder);
  e.builder.setInsertionPointToEnd(&region.front());
  MLIRValues all(counter);
  all.append(yields);
  scf::YieldOp::create(e.builder, loc, all);
}

void LoopBody::endWithFlags(mlir::ValueRange counter) {
  auto add = [&](mlir::Value yielded) {
    yields.push_back(yielded);
    region.front().addArgument(yielded.getType(), loc);
    ++flags;
  };
  llvm::SmallVector<Value> flat;
  {
    mlir::OpBuilder::InsertionGuard guard(e.builder);
    e.builder.setInsertionPointToEnd(&region.front());
    add(flag(e, e.unary("not", either(e, broke, returned))));
    if (!isFalse(returned)) {
      add(flag(e, returned));
      if (result.isNumber())
        result = e.toTensor(result);
      flatten(result, flat);
      for (Value &v : flat)
        add(v.tensor);
    }
  }
  inits.push_back(flag(e, Value::ofBool(true)));
  if (!isFalse(returned))
    inits.push_back(flag(e, Value::ofBool(false)));
  for (Value &v : flat)
    inits.push_back(anyOf(e, v).tensor);
  endPlain(counter);
}

void LoopBody::bindAll(mlir::ValueRange all) {
  MLIRValues carried;
  for (auto &[position, value] : places)
    carried.push_back(position < 0 ? value : all[position]);
  e.frame().names = before;
  bind(carried);
}

void LoopBody::leave(mlir::ValueRange results) {
  bindAll(results);
  for (auto &[name, where] : bound)
    if (!before.count(name))
      e.frame().lost[name] = where;
  if (isFalse(returned))
    return;
  MLIRValues last(results.drop_front(inits.size() - flags + 1));
  returned = Value::ofTensor(last[0], {DType::Int1, false, {}});
  llvm::ArrayRef<mlir::Value> next = llvm::ArrayRef(last).drop_front();
  e.frame().names[returnedName] = returned;
  e.frame().names[resultName] = rebuild(result, next);
  e.frame().names[liveName] = e.unary("not", returned);
}

//===-- for
//---------------------------------------------------------------------------===//

void Emitter::staticFor(Stmt *s, const std::vector<Value> &values) {
  Names before = frame().names;
  Value broke = frame().names[brokeName];
  std::map<std::string, Range> bound;
  boundNames(s->body, bound);
  boundNames({s}, bound);
  LoopScope scope;
  scope.isStatic = true;
  for (auto &[name, where] : bound)
    if (before.count(name))
      scope.kept[name] = {before[name], where};
  frame().names[brokeName] = Value::ofBool(false);
  frame().loops.push_back(scope);
  ++frame().openSuites; // more may follow
  for (const Value &v : values) {
    step();
    auto one = [&] {
      frame().names[liveName] = Value::ofBool(true);
      assign(s->targets[0], v);
      suite(s->body);
    };
    Value stop =
        either(*this, frame().names[brokeName], frame().names[returnedName]);
    if (!stop.isConstant())
      guarded(unary("not", stop), {s}, 0, one, false);
    else if (!stop.truth())
      one();
  }
  --frame().openSuites;
  frame().loops.pop_back();
  // After a way out that the values decide, only what was there before is sure.
  if (!frame().names[brokeName].isConstant())
    for (auto &[name, where] : bound)
      if (!before.count(name)) {
        frame().names.erase(name);
        frame().lost[name] = where;
      }
  const Value &returned = frame().names[returnedName];
  frame().names[liveName] = returned.isConstant()
                                ? Value::ofBool(!returned.truth())
                                : unary("not", returned);
  frame().names[brokeName] = broke;
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
  static constexpr llvm::StringLiteral known[] = {"arg2",
                                                  "step",
                                                  "num_stages",
                                                  "loop_unroll_factor",
                                                  "flatten",
                                                  "disallow_acc_multi_buffer",
                                                  "warp_specialize",
                                                  "disable_licm"};
  for (auto &[name, value] : call.keywords)
    if (!llvm::is_contained(known, name))
      e.fail(DiagnosticKind::UnknownArgument, name, call.name);
  for (const Value &v : {start, stop, step})
    if (!(v.isInt() || (v.isTensor() && isInteger(v.type.element) &&
                        !v.type.isBlock() && !v.type.pointer)))
      e.fail(DiagnosticKind::BadRange, v.describe());
  return {start, stop, step};
}

static std::vector<Value> unrolled(Emitter &e, const Value &start,
                                   const Value &stop, const Value &step) {
  for (const Value *v : {&start, &stop, &step})
    if (!v->isConstant())
      e.fail(DiagnosticKind::NotConstexpr, "a bound of `tl.static_range`",
             v->describe());
  std::vector<Value> values;
  for (__int128 i = start.integer;
       step.integer > 0 ? i < stop.integer : i > stop.integer;
       i += step.integer) {
    if (values.size() >= e.limits.unroll)
      e.fail(DiagnosticKind::UnrolledTooLong, std::to_string(e.limits.unroll));
    values.push_back(Value::ofInt(i));
  }
  return values;
}

void Emitter::forLoop(Stmt *s) {
  if (!s->orelse.empty())
    fail(DiagnosticKind::UnsupportedSyntax, "`else` of a loop");
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
    Value iterable = expression(s->value);
    if (iterable.kind != Kind::Tuple)
      failAt(s->value->range, DiagnosticKind::NotIterable, iterable.describe());
    return staticFor(s, iterable.items);
  }
  At at(*this, s->value->range);
  auto [start, stop, step] = bounds(*this, call);
  if (step.isConstant() && step.integer == 0)
    fail(DiagnosticKind::ZeroStep);
  if (call.name == "tl.static_range")
    return staticFor(s, unrolled(*this, start, stop, step));
  if (s->targets[0]->kind != Expr::Kind::Name)
    failAt(s->targets[0]->range, DiagnosticKind::UnsupportedSyntax,
           "this loop variable");
  countedLoop(s, call, start, stop, step);
}

void Emitter::countedLoop(Stmt *s, const Call &call, Value start, Value stop,
                          Value step) {
  // The induction variable has the widest of the bounds' types. A loop that
  // counts down is run by its step number.
  bool down = step.isConstant() && step.integer < 0;
  start = toTensor(start);
  stop = toTensor(stop);
  step = toTensor(step);
  DType t = promote(
      promote(start.type.element, false, stop.type.element, false, false),
      false, step.type.element, false, false);
  start = cast(start, t);
  stop = cast(stop, t);
  step = cast(step, t);
  Value lower = start, upper = stop, by = step;
  if (down) {
    Value distance = binary("-", start, stop);
    Value stride = unary("-", step);
    upper = binary("//",
                   binary("+", distance, binary("-", stride, Value::ofInt(1))),
                   stride);
    lower = constant(t, Value::ofInt(0));
    by = constant(t, Value::ofInt(1));
  }
  LoopBody loop(*this, s);
  loop.addCounter(lower.tensor);
  loop.emit([&](mlir::Value counter) {
    Value iv = Value::ofTensor(counter, {t, false, {}});
    if (down)
      iv = binary("+", start, binary("*", iv, step));
    assign(s->targets[0], iv);
  });
  mlir::Operation *op;
  mlir::ValueRange results;
  mlir::Location loc = loop.loc;
  if (!loop.exits()) {
    loop.endPlain({});
    auto counted = scf::ForOp::create(
        builder, loc, lower.tensor, upper.tensor, by.tensor,
        llvm::ArrayRef(loop.inits).drop_front(), nullptr, isUnsigned(t));
    counted.getRegion().takeBody(loop.region);
    op = counted;
  } else {
    mlir::Value next;
    {
      mlir::OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToEnd(&loop.region.front());
      next = arith::AddIOp::create(
          builder, loc, loop.region.front().getArgument(0), by.tensor);
    }
    loop.endWithFlags(next);
    auto open = scf::WhileOp::create(builder, loc, loop.types(), loop.inits);
    open.getAfter().takeBody(loop.region);
    mlir::OpBuilder::InsertionGuard guard(builder);
    mlir::Block *test = builder.createBlock(&open.getBefore(), {}, loop.types(),
                                            loop.locations());
    auto order =
        isUnsigned(t) ? arith::CmpIPredicate::ult : arith::CmpIPredicate::slt;
    mlir::Value more = arith::CmpIOp::create(
        builder, loc, order, test->getArgument(0), upper.tensor);
    more = arith::AndIOp::create(builder, loc,
                                 loop.running(test->getArguments()), more);
    scf::ConditionOp::create(builder, loc, more, test->getArguments());
    op = open;
  }
  for (auto &[name, value] : call.keywords)
    if (value.isInt() && name != "step")
      op->setAttr("kernel." + name, builder.getI64IntegerAttr(value.integer));
  // A counted loop gives back what it carries without its counter.
  MLIRValues all(op->getResults());
  if (!loop.exits())
    all.insert(all.begin(), mlir::Value());
  loop.leave(all);
  const std::string &name = s->targets[0]->text;
  if (!loop.before.count(name))
    frame().lost[name] = s->targets[0]->range;
}

//===-- while
//---------------------------------------------------------------------------===//

void Emitter::whileLoop(Stmt *s) {
  if (!s->orelse.empty())
    fail(DiagnosticKind::UnsupportedSyntax, "`else` of a loop");
  LoopBody loop(*this, s);
  loop.emit([&](mlir::Value) {});
  mlir::Location loc = loop.loc;
  bool exits = loop.exits();
  if (exits)
    loop.endWithFlags({});
  else
    loop.endPlain({});
  auto op = scf::WhileOp::create(builder, loc, loop.types(), loop.inits);
  op.getAfter().takeBody(loop.region);
  {
    mlir::OpBuilder::InsertionGuard guard(builder);
    mlir::Block *test = builder.createBlock(&op.getBefore(), {}, loop.types(),
                                            loop.locations());
    MLIRValues arguments(test->getArguments());
    loop.bindAll(arguments);
    auto evaluate = [&] {
      Value condition = expression(s->value);
      if (condition.isConstant() && condition.truth() && !exits)
        failAt(s->value->range, DiagnosticKind::EndlessLoop);
      if (condition.isTensor() && condition.type.isBlock())
        failAt(s->value->range, DiagnosticKind::BlockCondition,
               condition.describe());
      return flag(*this, condition.isConstant()
                             ? Value::ofBool(condition.truth())
                             : cast(condition, DType::Int1));
    };
    mlir::Value more;
    if (!exits) {
      more = evaluate();
    } else {
      // After a way out the condition is not asked: it may load.
      auto ask = scf::IfOp::create(builder, loc, builder.getI1Type(),
                                   loop.running(test->getArguments()), true);
      builder.setInsertionPointToStart(ask.thenBlock());
      scf::YieldOp::create(builder, loc, evaluate());
      builder.setInsertionPointToStart(ask.elseBlock());
      scf::YieldOp::create(builder, loc, flag(*this, Value::ofBool(false)));
      builder.setInsertionPointAfter(ask);
      more = ask.getResult(0);
    }
    scf::ConditionOp::create(builder, loc, more, arguments);
  }
  loop.leave(op.getResults());
}
