// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Frontend/Frontend.h"

#include "lib/Diagnostics/MLIRBridge.h"
#include "lib/Frontend/Ast/Modules.h"
#include "lib/Frontend/Emit/Emitter.h"
#include "lib/Frontend/Emit/Signature.h"
#include "lib/Frontend/Emit/Tuning.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/IR/Verifier.h"

using namespace terrazzo;
using namespace terrazzo::frontend;

std::optional<unsigned> terrazzo::frontend::addSource(DiagnosticEngine &engine,
                                                      const std::string &path,
                                                      const Limits &limits) {
  return engine.addFile(path, limits.source, "source");
}

void terrazzo::frontend::loadDialects(mlir::MLIRContext &context) {
  context.loadDialect<kernel::KernelDialect, mlir::arith::ArithDialect,
                      mlir::func::FuncDialect, mlir::math::MathDialect,
                      mlir::scf::SCFDialect, mlir::ub::UBDialect>();
}

std::vector<std::string> terrazzo::frontend::languageNames() {
  return builtinNames();
}

static bool isConstexpr(const Expr *annotation) {
  return annotation && ((annotation->kind == Expr::Kind::Attribute &&
                         annotation->text == "constexpr") ||
                        (annotation->kind == Expr::Kind::Name &&
                         annotation->text == "constexpr"));
}

std::vector<KernelInfo>
terrazzo::frontend::listKernels(DiagnosticEngine &engine, unsigned buffer,
                                const SourceOptions &options) {
  std::vector<KernelInfo> out;
  auto source = SourceModule::open(engine, buffer, options);
  if (!source)
    return out;
  for (const std::string &name : source->decoratedFunctions()) {
    Stmt *s = source->function(name);
    if (!s)
      continue;
    KernelInfo info{name, {}, s->signature, {}, {}, {}, {}};
    for (const auto &p : s->parameters)
      info.parameters.push_back(
          {p.name, isConstexpr(p.annotation), p.defaultValue != nullptr});
    if (isTuned(s))
      readTuning(info, *source);
    out.push_back(std::move(info));
  }
  return out;
}

std::vector<std::string>
terrazzo::frontend::importedTexts(const DiagnosticEngine &engine,
                                  unsigned buffer,
                                  const SourceOptions &options) {
  std::vector<std::string> out;
  if (options.roots.empty())
    return out;
  DiagnosticEngine silent;
  silent.setSilent(true);
  std::string name = engine.position(engine.range(buffer, 0, 0)).file;
  auto source = SourceModule::open(
      silent, silent.addBuffer(name, engine.text(buffer)), options);
  if (source)
    for (SourceModule *module : reachable(*source))
      out.push_back(silent.text(module->buffer()).str());
  return out;
}

/// The function to compile; reports when there is no choice or too much.
static Stmt *chooseKernel(SourceModule &source, const Request &request) {
  DiagnosticEngine &engine = source.diagnostics();
  Where file = engine.range(request.buffer, 0, 0);
  std::vector<std::string> names = source.decoratedFunctions();
  if (!request.kernel.empty()) {
    if (source.hasFunction(request.kernel))
      return source.function(request.kernel);
    auto d = engine.emit(DiagnosticKind::UnknownKernel, file, request.kernel);
    std::string best;
    unsigned distance = 4;
    for (const std::string &name : names)
      if (unsigned n = llvm::StringRef(name).edit_distance(request.kernel, true,
                                                           distance);
          n < distance) {
        distance = n;
        best = name;
      }
    if (!best.empty())
      d.note(DiagnosticKind::DidYouMean, best);
    return nullptr;
  }
  if (names.empty()) {
    engine.emit(DiagnosticKind::NoKernel, file);
    return nullptr;
  }
  if (names.size() == 1)
    return source.function(names[0]);
  // Of several, the one with a signature.
  std::vector<std::string> signedOnes;
  for (const Island &island : source.islands())
    if (island.kind == Island::Kind::Function && island.decorated &&
        !island.signature.empty())
      signedOnes.push_back(island.name);
  if (signedOnes.size() == 1)
    return source.function(signedOnes[0]);
  engine.emit(DiagnosticKind::SeveralKernels, file, llvm::join(names, "`, `"));
  return nullptr;
}

namespace {
/// What each parameter is given, collected from all sources.
struct Binder {
  SourceModule &source;
  Stmt *function;
  std::vector<std::optional<SignatureEntry>> entries;

  std::optional<size_t> indexOf(llvm::StringRef name) const {
    for (size_t i = 0; i < function->parameters.size(); ++i)
      if (function->parameters[i].name == name)
        return i;
    return std::nullopt;
  }
  bool apply(const std::vector<SignatureEntry> &list, const Where &where) {
    size_t position = 0;
    std::vector<bool> given(entries.size(), false);
    for (const SignatureEntry &entry : list) {
      std::optional<size_t> at;
      if (!entry.name.empty()) {
        at = indexOf(entry.name);
        if (!at) {
          source.diagnostics().emit(DiagnosticKind::UnknownArgument, where,
                                    entry.name, function->text);
          return false;
        }
      } else {
        at = position++;
        if (*at >= function->parameters.size()) {
          source.diagnostics().emit(DiagnosticKind::WrongArgumentCount, where,
                                    function->text,
                                    std::to_string(function->parameters.size()),
                                    std::to_string(list.size()));
          return false;
        }
      }
      if (given[*at]) {
        source.diagnostics().emit(DiagnosticKind::RepeatedArgument, where,
                                  function->parameters[*at].name);
        return false;
      }
      given[*at] = true;
      entries[*at] = entry;
    }
    return true;
  }
};
} // namespace

static bool bindAll(Binder &binder, const Request &request) {
  DiagnosticEngine &engine = binder.source.diagnostics();
  Stmt *function = binder.function;
  if (!function->signature.empty() && request.signature.empty()) {
    auto list =
        parseSignature(engine, request.buffer, function->signatureRange.begin,
                       engine.text(request.buffer)
                           .slice(function->signatureRange.begin,
                                  function->signatureRange.end));
    if (!list ||
        !binder.apply(*list, binder.source.where(function->signatureRange)))
      return false;
  }
  if (!request.signature.empty()) {
    unsigned buffer = engine.addBuffer("--sig", request.signature);
    auto list = parseSignature(engine, buffer, 0, engine.text(buffer));
    if (!list ||
        !binder.apply(*list, engine.range(buffer, 0, request.signature.size())))
      return false;
  }
  for (const Argument &a : request.arguments) {
    unsigned buffer = engine.addBuffer("argument " + a.name, a.text);
    auto list = parseSignature(engine, buffer, 0, engine.text(buffer));
    if (!list || list->size() != 1)
      return false;
    (*list)[0].name = a.name;
    if (!binder.apply(*list, binder.source.where(function->range)))
      return false;
  }
  return true;
}

/// Lets the decorators give what nothing else does.
static bool decorate(Binder &binder) {
  std::map<std::string, Value> given, chosen;
  const auto &parameters = binder.function->parameters;
  for (size_t i = 0; i < parameters.size(); ++i)
    if (binder.entries[i])
      given[parameters[i].name] = binder.entries[i]->value;
  if (!chooseByDecorators(binder.source, binder.function, given, chosen))
    return false;
  for (size_t i = 0; i < parameters.size(); ++i)
    if (auto found = chosen.find(parameters[i].name); found != chosen.end()) {
      binder.entries[i].emplace();
      binder.entries[i]->value = found->second;
    }
  return true;
}

mlir::OwningOpRef<mlir::ModuleOp>
terrazzo::frontend::emitKernelIR(mlir::MLIRContext &context,
                                 const Request &request,
                                 DiagnosticEngine &engine) {
  loadDialects(context);
  auto source = SourceModule::open(engine, request.buffer, request.options);
  if (!source)
    return nullptr;
  Stmt *function = chooseKernel(*source, request);
  if (!function)
    return nullptr;
  Binder binder{*source, function, {}};
  binder.entries.resize(function->parameters.size());
  if (!bindAll(binder, request))
    return nullptr;
  if (isTuned(function) && !decorate(binder))
    return nullptr;
  Emitter emitter(&context, *source);
  try {
    std::vector<Value> arguments;
    std::vector<int64_t> divisibility;
    for (size_t i = 0; i < function->parameters.size(); ++i) {
      const auto &p = function->parameters[i];
      if (p.stars)
        emitter.failAt(p.range, DiagnosticKind::UnsupportedSyntax,
                       "`*args` in a kernel");
      auto &entry = binder.entries[i];
      if (!entry && p.defaultValue) {
        emitter.frames.emplace_back();
        emitter.host = true;
        entry.emplace();
        entry->value = emitter.expression(p.defaultValue);
        emitter.host = false;
        emitter.frames.pop_back();
      }
      if (!entry)
        emitter.failAt(p.range, DiagnosticKind::MissingSignature, p.name,
                       function->text);
      if (isConstexpr(p.annotation) && entry->value.isTensor())
        emitter.failAt(p.range, DiagnosticKind::NotConstexpr,
                       "`" + p.name + "`", entry->value.type.str());
      arguments.push_back(entry->value);
      divisibility.push_back(entry->divisibility);
    }
    mlir::OwningOpRef<mlir::ModuleOp> module =
        emitter.emitKernel(function, arguments, divisibility);
    MLIRDiagnosticBridge bridge(&context, engine);
    if (mlir::failed(mlir::verify(*module)))
      return nullptr;
    return module;
  } catch (const Failure &) {
    return nullptr;
  }
}
