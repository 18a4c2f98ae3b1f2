// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Branches. A name that a branch changes becomes a result of the op; a name
// bound only inside is gone after it, as in Triton. When one branch leaves
// (return, break, continue), what follows belongs to the other; when one may
// leave, what follows is guarded by whether it did.
#include "lib/Frontend/Emit/Branch.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include "llvm/ADT/BitVector.h"

#include <functional>

using namespace terrazzo;
using namespace terrazzo::frontend;
namespace scf = mlir::scf;
using Flow = Emitter::Flow;

void terrazzo::frontend::boundNames(const Suite &suite,
                                    std::map<std::string, Range> &out) {
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

/// The parts of a block pointer that are values.
template <typename F> static void forEachPart(BlockPointer &p, F f) {
  f(p.base);
  for (auto *list : {&p.shape, &p.strides, &p.offsets})
    for (Value &part : *list)
      f(part);
}

void terrazzo::frontend::flatten(const Value &v,
                                 llvm::SmallVectorImpl<Value> &out) {
  if (v.isTensor())
    out.push_back(v);
  for (const Value &item : v.items)
    flatten(item, out);
  if (v.kind == Value::Kind::BlockPointer) {
    BlockPointer copy = *v.block;
    forEachPart(copy, [&](Value &part) { out.push_back(part); });
  }
}

Value terrazzo::frontend::rebuild(const Value &v,
                                  llvm::ArrayRef<mlir::Value> &next) {
  Value r = v;
  auto take = [&](Value &part) {
    part.tensor = next.front();
    next = next.drop_front();
  };
  if (v.isTensor())
    take(r);
  for (Value &item : r.items)
    item = rebuild(item, next);
  if (v.kind == Value::Kind::BlockPointer) {
    auto copy = std::make_shared<BlockPointer>(*v.block);
    forEachPart(*copy, take);
    r.block = copy;
  }
  return r;
}

bool terrazzo::frontend::sameValue(const Value &a, const Value &b) {
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

bool terrazzo::frontend::sameTypes(const Value &a, const Value &b) {
  llvm::SmallVector<Value> x, y;
  flatten(a, x);
  flatten(b, y);
  if (a.kind != b.kind || x.size() != y.size())
    return false;
  if (a.kind == Value::Kind::BlockPointer && a.block->block != b.block->block)
    return false;
  if (x.empty() && !a.sameConstant(b))
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
      if (!sameValue(a.items[i], b.items[i]) &&
          !agree(e, a.items[i], b.items[i], inA, inB))
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

//===-- Branch
//------------------------------------------------------------------------===//

static bool isConstant(const Names &names, const char *flag, bool value) {
  auto found = names.find(flag);
  return found != names.end() && found->second.isConstant() &&
         found->second.truth() == value;
}

Branch::Branch(Emitter &emitter, const Value &condition)
    : e(emitter), condition(condition), before(emitter.frame().names),
      lostBefore(emitter.frame().lost) {
  for (Side &side : sides) {
    side.names = before;
    side.lost = lostBefore;
  }
}

void Branch::on(int index, llvm::function_ref<void()> emit) {
  Side &side = sides[index];
  mlir::OpBuilder::InsertionGuard guard(e.builder);
  if (side.region.empty())
    e.builder.createBlock(&side.region);
  e.builder.setInsertionPointToEnd(&side.region.front());
  e.frame().names = std::move(side.names);
  e.frame().lost = std::move(side.lost);
  emit();
  side.names = std::move(e.frame().names);
  side.lost = std::move(e.frame().lost);
  e.frame().names = before;
  e.frame().lost = lostBefore;
}

Flow Branch::flow(int side) const {
  return isConstant(sides[side].names, liveName, false)  ? Flow::Left
         : isConstant(sides[side].names, liveName, true) ? Flow::Next
                                                         : Flow::Maybe;
}

bool Branch::isKept(const std::string &name) const {
  const auto &loops = e.frame().loops;
  return !loops.empty() && loops.back().kept.count(name);
}

void Branch::join(const std::string &name, Value a, Value b) {
  if (sameValue(a, b)) {
    merged.push_back({name, a, false});
    return;
  }
  if (!agree(e, a, b, &sides[0].region.front(), &sides[1].region.front()))
    e.fail(DiagnosticKind::BranchTypes,
           name == resultName ? "the returned value" : "`" + name + "`",
           a.describe(), b.describe());
  if (sameValue(a, b)) { // tuples whose items agree one by one
    merged.push_back({name, a, false});
    return;
  }
  flatten(a, sides[0].yields);
  flatten(b, sides[1].yields);
  merged.push_back({name, a, true});
}

Value terrazzo::frontend::anyOf(Emitter &e, const Value &like) {
  if (!like.type.pointer)
    return e.constant(like.type.element, Value::ofInt(0), like.type.shape);
  Value zero = e.constant(DType::Int64, Value::ofInt(0), like.type.shape);
  return Value::ofTensor(kernel::IntToPtrOp::create(e.builder, e.location(),
                                                    like.tensor.getType(),
                                                    zero.tensor),
                         like.type);
}

/// The value of one side only matters: the other yields anything of its type.
void Branch::takeFrom(int side, const std::string &name, const Value &value) {
  llvm::SmallVector<Value> flat, other;
  flatten(value, flat);
  if (flat.empty()) {
    merged.push_back({name, value, false});
    return;
  }
  auto own = sides[1 - side].names.find(name);
  if (own != sides[1 - side].names.end() && sameTypes(own->second, value)) {
    flatten(own->second, other);
  } else {
    e.builder.setInsertionPointToEnd(&sides[1 - side].region.front());
    for (const Value &v : flat)
      other.push_back(anyOf(e, v));
  }
  sides[side].yields.append(flat.begin(), flat.end());
  sides[1 - side].yields.append(other.begin(), other.end());
  merged.push_back({name, value, true});
}

void Branch::mergeName(const std::string &name) {
  auto a = sides[0].names.find(name), b = sides[1].names.find(name);
  bool inA = a != sides[0].names.end(), inB = b != sides[1].names.end();
  bool control = name[0] == '%';
  if (inA && inB && sameValue(a->second, b->second)) {
    merged.push_back({name, a->second, false});
    return;
  }
  if (!control && !isKept(name)) {
    bool leftA = flow(0) == Flow::Left, leftB = flow(1) == Flow::Left;
    if (leftA && leftB)
      return;
    if (leftA || leftB) {
      if (leftA ? inB : inA)
        takeFrom(leftA ? 1 : 0, name, leftA ? b->second : a->second);
      return;
    }
  }
  if (!inA || !inB)
    return; // gone
  join(name, a->second, b->second);
}

/// What was returned matters where something was.
void Branch::mergeResult() {
  bool none[2];
  for (int i = 0; i < 2; ++i)
    none[i] = isConstant(sides[i].names, returnedName, false);
  if (none[0] && none[1])
    return;
  if (none[0] || none[1])
    return takeFrom(none[0] ? 1 : 0, resultName,
                    sides[none[0] ? 1 : 0].names[resultName]);
  join(resultName, sides[0].names[resultName], sides[1].names[resultName]);
}

Flow Branch::merge(Keep keep, const std::map<std::string, Range> &bound) {
  for (int i = 0; i < 2; ++i)
    on(i, [] {});
  mlir::Location loc = e.location();
  auto here = e.builder.saveInsertionPoint();
  std::set<std::string> all;
  for (Side &side : sides)
    for (auto &[name, value] : side.names)
      if (name != resultName && (name[0] == '%' || keep == Keep::All ||
                                 (keep == Keep::OfLoop && isKept(name))))
        all.insert(name);
  for (const std::string &name : all)
    mergeName(name);
  mergeResult();
  llvm::SmallVector<mlir::Type> types;
  for (Side &side : sides) {
    llvm::SmallVector<mlir::Value> yields;
    for (Value &v : side.yields)
      yields.push_back(v.tensor);
    e.builder.setInsertionPointToEnd(&side.region.front());
    scf::YieldOp::create(e.builder, loc, yields);
  }
  for (Value &v : sides[0].yields)
    types.push_back(v.tensor.getType());
  e.builder.restoreInsertionPoint(here);
  auto op =
      scf::IfOp::create(e.builder, loc, types, condition.tensor, false, false);
  op.getThenRegion().takeBody(sides[0].region);
  op.getElseRegion().takeBody(sides[1].region);
  e.builder.setInsertionPointAfter(op);

  llvm::SmallVector<mlir::Value> results(op.getResults());
  llvm::ArrayRef<mlir::Value> next(results);
  Names &names = e.frame().names;
  for (const std::string &name : all)
    names.erase(name);
  for (Merged &m : merged)
    names[m.name] = m.isResult ? rebuild(m.value, next) : m.value;
  for (auto &[name, where] : bound)
    if (!names.count(name))
      e.frame().lost[name] = where;
  return e.flow();
}

/// A branch passes on every name that may be read later; most are not.
void terrazzo::frontend::dropUnusedResults(mlir::Operation *root) {
  llvm::SmallVector<scf::IfOp> branches;
  root->walk<mlir::WalkOrder::PreOrder>(
      [&](scf::IfOp op) { branches.push_back(op); });
  for (scf::IfOp op : branches) {
    llvm::SmallVector<mlir::Value> used;
    llvm::BitVector unused(op.getNumResults());
    for (mlir::OpResult r : op.getResults())
      if (r.use_empty())
        unused.set(r.getResultNumber());
      else
        used.push_back(r);
    if (unused.none())
      continue;
    for (mlir::Region &region : op->getRegions())
      if (!region.empty())
        region.front().getTerminator()->eraseOperands(unused);
    mlir::OpBuilder builder(op);
    auto slim = scf::IfOp::create(builder, op.getLoc(),
                                  mlir::ValueRange(used).getTypes(),
                                  op.getCondition(), false, false);
    slim.getThenRegion().takeBody(op.getThenRegion());
    slim.getElseRegion().takeBody(op.getElseRegion());
    for (auto [from, to] : llvm::zip(used, slim.getResults()))
      from.replaceAllUsesWith(to);
    op.erase();
  }
  root->walk([](mlir::arith::ConstantOp constant) {
    if (constant->use_empty())
      constant.erase();
  });
}

//===-- if
//---------------------------------------------------------------------------===//

Flow Emitter::flow() {
  const Value &live = frame().names[liveName];
  return !live.isConstant() ? Flow::Maybe
         : live.truth()     ? Flow::Next
                            : Flow::Left;
}

/// What must outlive a branch after which its suite has ended.
static Branch::Keep keepAtEnd(Emitter &e) {
  if (e.frame().openSuites > 1)
    return Branch::Keep::All;
  return e.frame().loops.empty() ? Branch::Keep::None : Branch::Keep::OfLoop;
}

Flow Emitter::guarded(const Value &condition, const Suite &suite, size_t from,
                      llvm::function_ref<void()> body, bool isEnd) {
  Nesting nesting(*this);
  std::map<std::string, Range> bound;
  boundNames({suite.begin() + from, suite.end()}, bound);
  Branch branch(*this, condition);
  branch.on(0, [&] {
    frame().names[liveName] = Value::ofBool(true);
    body();
  });
  branch.on(1, [&] { frame().names[liveName] = Value::ofBool(false); });
  return branch.merge(isEnd ? keepAtEnd(*this) : Branch::Keep::All, bound);
}

/// The statements from \p from on, as far as control gets there.
Flow Emitter::rest(const Suite &statements, size_t from) {
  if (flow() != Flow::Maybe || from >= statements.size())
    return flow() == Flow::Next ? run(statements, from) : flow();
  At at(*this, statements[from]->range);
  return guarded(
      frame().names[liveName], statements, from, [&] { run(statements, from); },
      true);
}

Flow Emitter::conditional(Stmt *s, const Suite &statements, size_t from,
                          bool &consumed) {
  step();
  Nesting nesting(*this);
  Value condition = expression(s->value);
  if (condition.isConstant()) // the other branch is never looked at
    return suite(condition.truth() ? s->body : s->orelse);
  if (!condition.isTensor() || condition.type.isBlock())
    failAt(s->value->range, DiagnosticKind::BlockCondition,
           condition.describe());
  condition = cast(condition, DType::Int1);
  std::map<std::string, Range> bound;
  boundNames(s->body, bound);
  boundNames(s->orelse, bound);
  Branch branch(*this, condition);
  branch.on(0, [&] { suite(s->body); });
  branch.on(1, [&] { suite(s->orelse); });
  bool left[2] = {branch.flow(0) == Flow::Left, branch.flow(1) == Flow::Left};
  if (left[0] != left[1] && from < statements.size()) {
    branch.on(left[0] ? 1 : 0, [&] { rest(statements, from); });
    consumed = true;
  }
  bool isEnd = consumed || (from >= statements.size() && (left[0] || left[1]));
  return branch.merge(isEnd ? keepAtEnd(*this) : Branch::Keep::All, bound);
}
