// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The Python that decorators and defaults are written in, as far as it needs no
// host: dicts, lambdas, comprehensions over what is known, triton.Config.
#include "lib/Frontend/Emit/Emitter.h"

#include <functional>

using namespace terrazzo;
using namespace terrazzo::frontend;

Value Emitter::hostDict(Expr *e) {
  std::vector<Value> items;
  for (Expr *item : e->items)
    items.push_back(expression(item));
  return Value::ofDict(std::move(items));
}

Value Emitter::hostLambda(Expr *e) {
  Value v;
  v.kind = Kind::Lambda;
  v.lambda = e;
  return v;
}

Value Emitter::hostComprehension(Expr *e) {
  std::vector<Value> out;
  auto saved = frame().names;
  std::function<void(size_t)> clause = [&](size_t at) {
    if (at == e->items.size()) {
      step();
      out.push_back(expression(e->items[0]));
      return;
    }
    const std::vector<Expr *> &parts = e->items[at]->items;
    Value source = expression(parts[1]);
    if (source.kind != Kind::Tuple)
      failAt(parts[1]->range, DiagnosticKind::NotIterable, source.describe());
    for (const Value &v : source.items) {
      step();
      assign(parts[0], v);
      bool wanted = true;
      for (size_t i = 2; i < parts.size() && wanted; ++i)
        wanted = expression(parts[i]).truth();
      if (wanted)
        clause(at + 1);
    }
  };
  clause(1);
  frame().names = std::move(saved);
  return Value::ofTuple(std::move(out));
}

/// `triton.Config({...}, num_warps=4)`. Hooks are code of the host: not asked.
Value Emitter::hostConfig(Expr *e) {
  static constexpr llvm::StringLiteral positions[] = {
      "kwargs", "num_warps", "num_stages", "num_ctas", "maxnreg"};
  std::vector<Value> items;
  auto add = [&](llvm::StringRef name, Expr *value) {
    if (!llvm::is_contained(positions, name))
      return;
    items.push_back(Value::ofString(name.str()));
    items.push_back(expression(value));
  };
  for (size_t i = 1; i < e->items.size() && i <= std::size(positions); ++i)
    add(positions[i - 1], e->items[i]);
  for (const Keyword &k : e->keywords)
    add(k.name, k.value);
  Value config = Value::ofDict(std::move(items));
  config.text = "Config";
  return config;
}

Value Emitter::hostAttribute(const Value &object, const std::string &id) {
  if (object.kind == Kind::Dict && object.text == "Config")
    return hostItem(object, Value::ofString(id));
  fail(DiagnosticKind::UnknownMethod, id, object.describe());
}

Value Emitter::hostItem(const Value &dict, const Value &key) {
  for (size_t i = 0; i + 1 < dict.items.size(); i += 2)
    if (dict.items[i].sameConstant(key))
      return dict.items[i + 1];
  fail(DiagnosticKind::UnknownArgument,
       key.kind == Kind::String ? key.text : key.describe(), dict.describe());
}

/// A lambda or a function of the file, by position.
Value Emitter::hostCall(const Value &callee,
                        const std::vector<Value> &arguments) {
  if (callee.kind == Kind::Function) {
    Call call;
    call.name = callee.text;
    call.positional = arguments;
    return callFunction(callee.function, call);
  }
  if (callee.kind != Kind::Lambda)
    fail(DiagnosticKind::NotCallable, callee.describe());
  const std::vector<Expr *> &parts = callee.lambda->items;
  if (arguments.size() != parts.size() - 1)
    fail(DiagnosticKind::WrongArgumentCount, "lambda",
         std::to_string(parts.size() - 1), std::to_string(arguments.size()));
  if (frames.size() > limits.calls)
    fail(DiagnosticKind::CallsTooDeep, std::to_string(limits.calls));
  Frame next;
  next.callSite = range;
  for (size_t i = 0; i < arguments.size(); ++i)
    next.names[parts[i]->text] = arguments[i];
  frames.push_back(std::move(next));
  Value result = expression(parts.back());
  frames.pop_back();
  return result;
}
