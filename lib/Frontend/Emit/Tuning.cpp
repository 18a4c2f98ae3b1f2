// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Frontend/Emit/Tuning.h"

#include "lib/Frontend/Emit/Emitter.h"
#include "lib/Frontend/Emit/Signature.h"

#include "mlir/IR/MLIRContext.h"

using namespace terrazzo;
using namespace terrazzo::frontend;
using Kind = Value::Kind;

/// The call of the decorator \p name, however it was imported.
static const Expr *decorator(const Stmt *function, llvm::StringRef name) {
  for (const Expr *d : function->decorators)
    if (d->kind == Expr::Kind::Call &&
        (d->items[0]->kind == Expr::Kind::Attribute ||
         d->items[0]->kind == Expr::Kind::Name) &&
        d->items[0]->text == name)
      return d;
  return nullptr;
}

static Expr *argumentOf(const Expr *call, size_t position,
                        llvm::StringRef name) {
  if (position + 1 < call->items.size())
    return call->items[position + 1];
  for (const Keyword &k : call->keywords)
    if (k.name == name)
      return k.value;
  return nullptr;
}

bool terrazzo::frontend::isTuned(const Stmt *function) {
  return decorator(function, "autotune") || decorator(function, "heuristics");
}

std::string terrazzo::frontend::signatureText(const Value &v) {
  switch (v.kind) {
  case Kind::None:
    return "None";
  case Kind::Bool:
    return v.integer ? "True" : "False";
  case Kind::Int:
    return std::to_string((long long)v.integer);
  case Kind::Float:
    return llvm::formatv("{0:e17}", v.real).str();
  case Kind::String:
    return "'" + v.text + "'";
  case Kind::DType:
    return v.type.pointer ? "" : "tl." + nameOf(v.type.element).str();
  default:
    return "";
  }
}

namespace {

/// Evaluates the decorators of one function.
class Decorators {
public:
  Decorators(SourceModule &source, Stmt *function)
      : context(mlir::MLIRContext::Threading::DISABLED),
        emitter(&context, source), function(function) {
    emitter.host = true;
    emitter.frames.emplace_back();
    emitter.frame().start();
  }

  /// The configurations, each a dict; none without the decorator.
  std::vector<Value> configurations() {
    const Expr *call = decorator(function, "autotune");
    Expr *list = call ? argumentOf(call, 0, "configs") : nullptr;
    if (!list)
      return {};
    At at(emitter, list->range);
    Value v = emitter.expression(list);
    if (v.kind != Kind::Tuple)
      emitter.fail(DiagnosticKind::NotATuple, v.describe());
    for (const Value &config : v.items)
      if (config.text != "Config" || kwargs(config).kind != Kind::Dict)
        emitter.fail(DiagnosticKind::BadOperand, "autotune", config.describe());
    return v.items;
  }
  Value kwargs(const Value &config) {
    for (size_t i = 0; i + 1 < config.items.size(); i += 2)
      if (config.items[i].text == "kwargs")
        return config.items[i + 1];
    return Value::ofDict({});
  }
  /// Names of a list of strings, for `key`.
  std::vector<std::string> key() {
    std::vector<std::string> out;
    const Expr *call = decorator(function, "autotune");
    if (Expr *list = call ? argumentOf(call, 1, "key") : nullptr)
      for (const Value &v : emitter.expression(list).items)
        out.push_back(v.text);
    return out;
  }
  /// The heuristics: names and functions in turn.
  Value heuristics() {
    const Expr *call = decorator(function, "heuristics");
    Expr *dict = call ? argumentOf(call, 0, "values") : nullptr;
    if (!dict)
      return Value::ofDict({});
    At at(emitter, dict->range);
    Value v = emitter.expression(dict);
    if (v.kind != Kind::Dict)
      emitter.fail(DiagnosticKind::BadOperand, "heuristics", v.describe());
    return v;
  }
  Value ask(const Value &heuristic, const std::map<std::string, Value> &known) {
    std::vector<Value> items;
    for (const Parameter &p : function->parameters) {
      auto found = known.find(p.name);
      if (found == known.end())
        continue; // the lambda that wants it fails by its name
      Value v = found->second;
      if (!v.isConstant()) {
        v = Value();
        v.kind = Kind::Opaque;
        v.text = p.name;
      }
      items.push_back(Value::ofString(p.name));
      items.push_back(std::move(v));
    }
    return emitter.hostCall(heuristic, {Value::ofDict(std::move(items))});
  }
  Range rangeOf(llvm::StringRef name) const {
    const Expr *call = decorator(function, name);
    return call ? call->range : function->range;
  }

private:
  mlir::MLIRContext context;
  Emitter emitter;
  Stmt *function;
};

/// The same source, whose mistakes are kept and not shown.
struct Quietly {
  DiagnosticEngine engine;
  std::unique_ptr<SourceModule> source;
  explicit Quietly(SourceModule &loud) {
    engine.setSilent(true);
    DiagnosticEngine &other = loud.diagnostics();
    std::string name = other.position(loud.where({0, 0})).file;
    source = SourceModule::open(
        engine, engine.addBuffer(name, other.text(loud.buffer())),
        loud.options());
  }
  DiagnosticRecord reason() const {
    return engine.records().empty() ? DiagnosticRecord()
                                    : engine.records().back();
  }
};

} // namespace

static std::vector<Argument> textsOf(const Value &dict,
                                     llvm::StringRef except) {
  std::vector<Argument> out;
  for (size_t i = 0; i + 1 < dict.items.size(); i += 2)
    if (dict.items[i].text != except)
      out.push_back({dict.items[i].text, signatureText(dict.items[i + 1])});
  return out;
}

void terrazzo::frontend::readTuning(KernelInfo &info, SourceModule &source) {
  Quietly quiet(source);
  Stmt *function = quiet.source ? quiet.source->function(info.name) : nullptr;
  if (!function)
    return;
  Decorators decorators(*quiet.source, function);
  try {
    info.tuningKey = decorators.key();
    for (const Value &config : decorators.configurations())
      info.space.push_back(
          {textsOf(decorators.kwargs(config), ""), textsOf(config, "kwargs")});
    Value heuristics = decorators.heuristics();
    for (size_t i = 0; i < heuristics.items.size(); i += 2)
      info.heuristics.push_back(heuristics.items[i].text);
  } catch (const Failure &) {
    info.tuningFault = quiet.reason().message;
  }
}

namespace {

/// Fills in the parameters of one kernel that nothing else gives.
class Choice {
public:
  Choice(SourceModule &source, Stmt *function,
         const std::map<std::string, Value> &given)
      : source(source), function(function), known(given), quiet(source) {}

  bool run() {
    Stmt *copy =
        quiet.source ? quiet.source->function(function->text) : nullptr;
    if (!copy)
      return true;
    Decorators decorators(*quiet.source, copy);
    Range tuned = decorators.rangeOf("autotune");
    Range ruled = decorators.rangeOf("heuristics");
    std::optional<DiagnosticRecord> fault;
    try {
      fromConfiguration(decorators, tuned);
    } catch (const Failure &) {
      fault = quiet.reason(); // a heuristic may give what is missing
    }
    std::string name = missing();
    try {
      Value heuristics = decorators.heuristics();
      for (size_t i = 0; i + 1 < heuristics.items.size(); i += 2) {
        if (known.count(heuristics.items[i].text))
          continue;
        name = heuristics.items[i].text;
        take(name, decorators.ask(heuristics.items[i + 1], known),
             "its heuristic", ruled);
        name = missing();
      }
    } catch (const Failure &) {
      return name.empty() ||
             refuse(name, "`@triton.heuristics`", ruled, quiet.reason());
    }
    name = missing();
    return name.empty() || !fault ||
           refuse(name, "the configurations of `@triton.autotune`", tuned,
                  *fault);
  }
  std::map<std::string, Value> chosen;

private:
  void fromConfiguration(Decorators &decorators, Range where) {
    std::vector<Value> configs = decorators.configurations();
    if (configs.empty())
      return;
    Value first = decorators.kwargs(configs[0]);
    std::string from =
        configs.size() == 1
            ? "its only configuration"
            : llvm::formatv("the first of {0} configurations", configs.size())
                  .str();
    for (size_t i = 0; i + 1 < first.items.size(); i += 2)
      take(first.items[i].text, first.items[i + 1], from, where);
  }
  /// The first parameter without a value or a default.
  std::string missing() const {
    for (const Parameter &p : function->parameters)
      if (!known.count(p.name) && !p.defaultValue)
        return p.name;
    return "";
  }
  void take(const std::string &name, const Value &value,
            const std::string &from, Range where) {
    bool isParameter =
        llvm::any_of(function->parameters,
                     [&](const Parameter &p) { return p.name == name; });
    if (!isParameter || !known.emplace(name, value).second)
      return;
    chosen[name] = value;
    source.diagnostics().emit(DiagnosticKind::TuningChoice, source.where(where),
                              name, function->text, value.describe(), from);
  }
  bool refuse(const std::string &name, llvm::StringRef what, Range where,
              const DiagnosticRecord &reason) {
    source.diagnostics()
        .emit(DiagnosticKind::TuningUnknown, source.where(where), name,
              function->text, what)
        .note(DiagnosticKind::TuningReason, Where(reason.where),
              reason.message);
    return false;
  }

  SourceModule &source;
  Stmt *function;
  std::map<std::string, Value> known;
  Quietly quiet;
};

} // namespace

bool terrazzo::frontend::chooseByDecorators(
    SourceModule &source, Stmt *function,
    const std::map<std::string, Value> &given,
    std::map<std::string, Value> &chosen) {
  Choice choice(source, function, given);
  bool ok = choice.run();
  chosen = std::move(choice.chosen);
  return ok;
}

std::optional<std::vector<Argument>> terrazzo::frontend::decoratedConstants(
    DiagnosticEngine &engine, unsigned buffer, const std::string &kernel,
    const std::vector<Argument> &given, const SourceOptions &options) {
  auto source = SourceModule::open(engine, buffer, options);
  Stmt *function = source ? source->function(kernel) : nullptr;
  if (!function)
    return std::nullopt;
  std::vector<Argument> out;
  if (!isTuned(function))
    return out;
  std::map<std::string, Value> known, chosen;
  for (const Argument &a : given) {
    unsigned text = engine.addBuffer("argument " + a.name, a.text);
    auto list = parseSignature(engine, text, 0, engine.text(text));
    if (!list || list->size() != 1)
      return std::nullopt;
    known[a.name] = (*list)[0].value;
  }
  if (!chooseByDecorators(*source, function, known, chosen))
    return std::nullopt;
  for (auto &[name, value] : chosen)
    if (std::string text = signatureText(value); !text.empty())
      out.push_back({name, text});
  return out;
}
