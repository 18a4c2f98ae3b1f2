// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Frontend/Emit/Emitter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace terrazzo;
using namespace terrazzo::frontend;

Emitter::Flow Emitter::suite(const Suite &statements, size_t from) {
  for (size_t i = from; i < statements.size(); ++i) {
    Stmt *s = statements[i];
    if (s->kind == Stmt::Kind::If) {
      At at(*this, s->range);
      bool consumed = false;
      Flow flow = conditional(s, statements, i + 1, consumed);
      if (flow == Flow::Returned || consumed)
        return flow;
      continue;
    }
    if (statement(s) == Flow::Returned)
      return Flow::Returned;
  }
  return Flow::Next;
}

Emitter::Flow Emitter::statement(Stmt *s) {
  At at(*this, s->range);
  step();
  switch (s->kind) {
  case Stmt::Kind::Expression:
    if (s->value->kind != Expr::Kind::String &&
        s->value->kind != Expr::Kind::Ellipsis)
      expression(s->value);
    return Flow::Next;
  case Stmt::Kind::Assign: {
    Value v = expression(s->value);
    for (Expr *target : s->targets)
      assign(target, v);
    return Flow::Next;
  }
  case Stmt::Kind::AnnAssign: {
    if (!s->value)
      return Flow::Next;
    Value v = expression(s->value);
    bool isConstexpr = s->annotation->kind == Expr::Kind::Attribute &&
                       s->annotation->text == "constexpr";
    if (isConstexpr && !v.isConstant())
      failAt(s->value->range, DiagnosticKind::NotConstexpr,
             "a `tl.constexpr` name", v.describe());
    assign(s->targets[0], v);
    return Flow::Next;
  }
  case Stmt::Kind::AugAssign:
    augmentedAssign(s);
    return Flow::Next;
  case Stmt::Kind::Return:
    if (frame().loopDepth)
      fail(DiagnosticKind::ReturnInLoop);
    frame().result = s->value ? expression(s->value) : Value::none();
    return Flow::Returned;
  case Stmt::Kind::For:
    forLoop(s);
    return Flow::Next;
  case Stmt::Kind::While:
    whileLoop(s);
    return Flow::Next;
  case Stmt::Kind::Pass:
    return Flow::Next;
  case Stmt::Kind::Assert: {
    Value c = expression(s->value);
    std::string text = s->message ? expression(s->message).text : "";
    if (c.isConstant()) {
      if (!c.truth())
        fail(DiagnosticKind::StaticAssertFailed, text);
      return Flow::Next;
    }
    c = cast(c, DType::Int1);
    kernel::AssertOp::create(builder, location(), c.tensor, text);
    return Flow::Next;
  }
  case Stmt::Kind::Break:
  case Stmt::Kind::Continue:
    fail(DiagnosticKind::UnsupportedSyntax,
         s->kind == Stmt::Kind::Break ? "break" : "continue");
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
    break; // suite() handles it: it may take the statements that follow
  }
  return Flow::Next;
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
  suite(function->body);
  if (frame().result && frame().result->kind != Kind::None)
    fail(DiagnosticKind::KernelReturnsValue, function->text);
  mlir::func::ReturnOp::create(builder, location());
  frames.pop_back();
  return module.release();
}
