// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Frontend/Emit/Branch.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace terrazzo;
using namespace terrazzo::frontend;

void Emitter::Frame::start() {
  names[liveName] = Value::ofBool(true);
  names[brokeName] = names[returnedName] = Value::ofBool(false);
  names[resultName] = Value::none();
}

Emitter::Flow Emitter::suite(const Suite &statements) {
  ++frame().openSuites;
  run(statements, 0);
  --frame().openSuites;
  return flow();
}

Emitter::Flow Emitter::run(const Suite &statements, size_t from) {
  for (size_t i = from; i < statements.size(); ++i) {
    Stmt *s = statements[i];
    bool consumed = false;
    if (s->kind == Stmt::Kind::If) {
      At at(*this, s->range);
      conditional(s, statements, i + 1, consumed);
    } else {
      statement(s);
    }
    if (consumed || flow() == Flow::Left)
      break;
    if (flow() == Flow::Maybe)
      return rest(statements, i + 1);
  }
  return flow();
}

/// return, break and continue.
void Emitter::leave(Stmt *s) {
  bool returns = s->kind == Stmt::Kind::Return;
  if (!returns && frame().loops.empty())
    fail(DiagnosticKind::UnsupportedSyntax, s->kind == Stmt::Kind::Break
                                                ? "`break` outside a loop"
                                                : "`continue` outside a loop");
  if (returns) {
    frame().names[resultName] = s->value ? expression(s->value) : Value::none();
    frame().names[returnedName] = Value::ofBool(true);
  }
  leaveLoop(returns);
  if (s->kind == Stmt::Kind::Break)
    frame().names[brokeName] = Value::ofBool(true);
  frame().names[liveName] = Value::ofBool(false);
}

void Emitter::fallOff() {
  const Value &result = frame().names[resultName];
  if (result.kind != Kind::None)
    fail(DiagnosticKind::BranchTypes, "the returned value", result.describe(),
         Value::none().describe());
}

void Emitter::statement(Stmt *s) {
  At at(*this, s->range);
  step();
  switch (s->kind) {
  case Stmt::Kind::Expression:
    if (s->value->kind != Expr::Kind::String &&
        s->value->kind != Expr::Kind::Ellipsis)
      expression(s->value);
    return;
  case Stmt::Kind::Assign: {
    Value v = expression(s->value);
    for (Expr *target : s->targets)
      assign(target, v);
    return;
  }
  case Stmt::Kind::AnnAssign: {
    if (!s->value)
      return;
    Value v = expression(s->value);
    bool isConstexpr = s->annotation->kind == Expr::Kind::Attribute &&
                       s->annotation->text == "constexpr";
    if (isConstexpr && !v.isConstant())
      failAt(s->value->range, DiagnosticKind::NotConstexpr,
             "a `tl.constexpr` name", v.describe());
    assign(s->targets[0], v);
    return;
  }
  case Stmt::Kind::AugAssign:
    augmentedAssign(s);
    return;
  case Stmt::Kind::Return:
  case Stmt::Kind::Break:
  case Stmt::Kind::Continue:
    return leave(s);
  case Stmt::Kind::For:
    forLoop(s);
    return;
  case Stmt::Kind::While:
    whileLoop(s);
    return;
  case Stmt::Kind::Pass:
    return;
  case Stmt::Kind::Assert: {
    Value c = expression(s->value);
    std::string text = s->message ? expression(s->message).text : "";
    if (c.isConstant()) {
      if (!c.truth())
        fail(DiagnosticKind::StaticAssertFailed, text);
      return;
    }
    c = cast(c, DType::Int1);
    kernel::AssertOp::create(builder, location(), c.tensor, text);
    return;
  }
  case Stmt::Kind::Raise:
    fail(DiagnosticKind::UnsupportedSyntax, "raise");
  case Stmt::Kind::With:
    fail(DiagnosticKind::UnsupportedSyntax, "with");
  case Stmt::Kind::Import:
  case Stmt::Kind::ImportFrom:
    fail(DiagnosticKind::UnsupportedSyntax, "import in a kernel");
  case Stmt::Kind::Function:
    fail(DiagnosticKind::UnsupportedSyntax, "a function in a function");
  case Stmt::Kind::Unsupported:
    fail(DiagnosticKind::UnsupportedSyntax, s->text);
  case Stmt::Kind::If:
    break; // run() handles it: it may take the statements that follow
  }
}

void Emitter::assign(Expr *target, Value value) {
  if (target->kind == Expr::Kind::Tuple || target->kind == Expr::Kind::List) {
    if (value.kind != Kind::Tuple || value.items.size() != target->items.size())
      failAt(target->range, DiagnosticKind::CannotUnpack, value.describe(),
             std::to_string(target->items.size()));
    for (size_t i = 0; i < target->items.size(); ++i)
      assign(target->items[i], value.items[i]);
    return;
  }
  if (target->kind != Expr::Kind::Name)
    failAt(target->range, DiagnosticKind::UnsupportedSyntax,
           "assignment to anything but a name");
  frame().names[target->text] = std::move(value);
  frame().lost.erase(target->text);
}

void Emitter::augmentedAssign(Stmt *s) {
  Value a = expression(s->targets[0]);
  Value b = expression(s->value);
  assign(s->targets[0], binary(s->text, a, b));
}

//===-- The kernel
//-------------------------------------------------------------------===//

mlir::ModuleOp Emitter::emitKernel(Stmt *function,
                                   const std::vector<Value> &arguments,
                                   const std::vector<int64_t> &divisibility) {
  range = function->range;
  frames.emplace_back();
  Frame &f = frame();
  f.function = function;
  mlir::MLIRContext *context = builder.getContext();
  mlir::OwningOpRef<mlir::ModuleOp> module = mlir::ModuleOp::create(location());
  builder.setInsertionPointToEnd(module->getBody());

  std::vector<mlir::Type> types;
  std::vector<mlir::NamedAttribute> constants;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const Value &v = arguments[i];
    const std::string &name = function->parameters[i].name;
    if (v.isTensor())
      types.push_back(toMLIR(context, v.type));
    else if (v.kind == Kind::Bool)
      constants.push_back(
          builder.getNamedAttr(name, builder.getBoolAttr(v.integer)));
    else if (v.kind == Kind::Int)
      constants.push_back(
          builder.getNamedAttr(name, builder.getI64IntegerAttr(v.integer)));
    else if (v.kind == Kind::Float)
      constants.push_back(
          builder.getNamedAttr(name, builder.getF64FloatAttr(v.real)));
    else
      constants.push_back(
          builder.getNamedAttr(name, builder.getStringAttr(v.describe())));
  }
  auto func =
      mlir::func::FuncOp::create(builder, location(), function->text,
                                 mlir::FunctionType::get(context, types, {}));
  func->setAttr("kernel.entry", builder.getUnitAttr());
  if (!constants.empty())
    func->setAttr("kernel.constexprs", builder.getDictionaryAttr(constants));
  mlir::Block *block = func.addEntryBlock();
  builder.setInsertionPointToEnd(block);
  unsigned next = 0;
  for (size_t i = 0; i < arguments.size(); ++i) {
    Value v = arguments[i];
    const std::string &name = function->parameters[i].name;
    if (v.isTensor()) {
      func.setArgAttr(next, "kernel.name", builder.getStringAttr(name));
      if (divisibility[i] > 1)
        func.setArgAttr(next, "kernel.divisibility",
                        builder.getI32IntegerAttr(divisibility[i]));
      v.tensor = block->getArgument(next++);
    }
    f.names[name] = v;
  }
  f.start();
  suite(function->body);
  if (frame().names[resultName].kind != Kind::None)
    fail(DiagnosticKind::KernelReturnsValue, function->text);
  mlir::func::ReturnOp::create(builder, location());
  dropUnusedResults(func);
  frames.pop_back();
  return module.release();
}
