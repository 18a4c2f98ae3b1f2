// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Names at the top of a file: its functions and constants, what it imports
// from other files (lib/Frontend/Ast/Modules.h), and the language's own.
#include "lib/Frontend/Ast/Modules.h"
#include "lib/Frontend/Emit/Builtins.h"
#include "lib/Frontend/Emit/Emitter.h"

#include "llvm/ADT/StringSet.h"

using namespace terrazzo;
using namespace terrazzo::frontend;

static const llvm::StringSet<> &pythonBuiltins() {
  static const llvm::StringSet<> names = {
      "range", "min",   "max",        "len", "int",   "float", "bool",
      "abs",   "print", "isinstance", "str", "tuple", "round", "sum"};
  return names;
}

/// The one name under which builtins are known: `tl.x` for every way to it.
std::string terrazzo::frontend::canonicalName(llvm::StringRef full) {
  for (llvm::StringRef prefix :
       {"triton.language.extra.cuda.libdevice.",
        "triton.language.extra.libdevice.", "tl.extra.cuda.libdevice.",
        "tl.extra.libdevice.", "tl.libdevice.", "tl.math.libdevice.",
        "libdevice."})
    if (full.consume_front(prefix))
      return "libdevice." + full.str();
  for (llvm::StringRef prefix :
       {"triton.language.math.", "tl.math.", "triton.language.standard.",
        "tl.standard.", "triton.language.core.", "tl.core.",
        "triton.language.random.", "tl.random.", "triton.language."})
    if (full.consume_front(prefix))
      return "tl." + full.str();
  return full.str();
}

SourceModule &Emitter::callerOf(const Frame &frame) const {
  return frame.caller ? *frame.caller : *main;
}

/// What the import statements of this file bind.
Emitter::Scope &Emitter::scope() {
  Scope &s = scopes[source];
  if (s.importsRead)
    return s;
  s.importsRead = true;
  for (Stmt *i : source->imports()) {
    for (auto &[name, alias] : i->names) {
      if (i->kind == Stmt::Kind::Import) {
        // `import a.b` binds `a`, `import a.b as c` binds `c` to a.b.
        std::string bound =
            alias == name ? name.substr(0, name.find('.')) : alias;
        s.modules[bound] = alias == name ? bound : name;
      } else {
        // A `try` may import one name twice: the first file that is there.
        s.imported[alias].push_back({i->text, name});
      }
    }
    if (i->kind == Stmt::Kind::ImportFrom && i->names.empty())
      s.stars.push_back(i->text);
  }
  s.modules.try_emplace("tl", "triton.language");
  s.modules.try_emplace("triton", "triton");
  return s;
}

SourceModule *Emitter::fileOf(llvm::StringRef module) {
  using Kind = Modules::Finding::Kind;
  Modules::Finding found = source->modules().find(*source, module);
  switch (found.kind) {
  case Kind::Outside:
    fail(DiagnosticKind::ImportOutside, found.path, module);
  case Kind::TooMany:
    fail(DiagnosticKind::TooManyFiles, std::to_string(limits.files));
  case Kind::Broken:
    throw Failure();
  case Kind::Absent:
  case Kind::Found:
    break;
  }
  return found.module;
}

std::optional<Value> Emitter::moduleNamed(llvm::StringRef name) {
  SourceModule *module = fileOf(name);
  if (!module)
    return std::nullopt;
  Value v;
  v.kind = Kind::Module;
  v.text = name.str();
  v.module = module;
  return v;
}

/// A frame for the top of a file, which is asked for at \p site.
void Emitter::pushTop(Range site) {
  frames.emplace_back();
  frame().callSite = site;
  frame().caller = source;
  frame().isTop = true;
}

/// What \p module says of \p id, with the errors that it makes in its own
/// file.
std::optional<Value> Emitter::definedIn(SourceModule &module,
                                        llvm::StringRef id) {
  Range at;
  for (const Island &island : module.islands())
    if (island.name == id)
      at = {island.range.begin, island.range.begin + uint32_t(id.size())};
  pushTop(range);
  std::optional<Value> v;
  {
    InModule in(*this, module);
    At place(*this, at);
    v = defined(id, at);
  }
  frames.pop_back();
  return v;
}

Value Emitter::moduleMember(const Value &module, llvm::StringRef id) {
  if (auto v = definedIn(*module.module, id))
    return *v;
  if (auto part = moduleNamed(Modules::join(module.text, id)))
    return *part;
  auto d = source->diagnostics().emit(DiagnosticKind::NoMember,
                                      source->where(range), module.text, id);
  std::vector<llvm::StringRef> names;
  for (const Island &island : module.module->islands())
    names.push_back(island.name);
  if (llvm::StringRef near = nearestName(id, names); !near.empty())
    d.note(DiagnosticKind::DidYouMean, near);
  addCallers(d);
  d.report();
  throw Failure();
}

/// A name of an import statement, from a file or of the language.
std::optional<Value> Emitter::importedName(llvm::StringRef id, Range at) {
  Scope &s = scope();
  auto found = s.imported.find(id.str());
  if (found == s.imported.end())
    return std::nullopt;
  // Two files may import one name from each other, and nobody has it.
  std::string mark = "import " + id.str();
  if (!s.evaluating.insert(mark).second)
    failAt(at, DiagnosticKind::RecursiveConstant, id);
  At place(*this, at);
  std::optional<Value> v, module;
  for (const auto &[from, name] : found->second) {
    std::string full = Modules::join(from, name);
    if (SourceModule *file = v ? nullptr : fileOf(from)) {
      v = definedIn(*file, name);
      module.emplace();
      module->text = from;
      module->module = file;
    }
    if (!v)
      v = moduleNamed(full);
    if (!v && module)
      moduleMember(*module, name); // says that it has none
  }
  s.evaluating.erase(mark);
  const auto &[from, name] = found->second.back();
  return v ? *v : Value::ofBuiltin(canonicalName(Modules::join(from, name)));
}

/// What \p id is at the top of this file; nothing when nobody defines it.
std::optional<Value> Emitter::defined(llvm::StringRef id, Range at) {
  auto known = scopes[source].globals.find(id.str());
  if (known != scopes[source].globals.end())
    return known->second;
  if (source->hasFunction(id)) {
    Stmt *function = source->function(id);
    if (!function)
      throw Failure(); // its syntax error was reported
    owners[function] = source;
    return scopes[source].globals[id.str()] = Value::ofFunction(function);
  }
  Scope &s = scope();
  if (source->hasConstant(id)) {
    if (!s.evaluating.insert(id.str()).second)
      failAt(at, DiagnosticKind::RecursiveConstant, id);
    Stmt *statement = source->constant(id);
    if (!statement)
      throw Failure();
    if (!statement->value)
      failAt(at, DiagnosticKind::UnknownName, id);
    bool within = frame().isTop; // of another constant
    if (!within)
      pushTop(at);
    Value v = expression(statement->value);
    if (!within)
      frames.pop_back();
    s.evaluating.erase(id.str());
    if (!v.isConstant())
      failAt(at, DiagnosticKind::NotConstantGlobal, id);
    return s.globals[id.str()] = v;
  }
  if (auto it = s.modules.find(id.str()); it != s.modules.end()) {
    At place(*this, at);
    if (auto module = moduleNamed(it->second))
      return module;
    return Value::ofBuiltin(canonicalName(it->second));
  }
  if (auto v = importedName(id, at))
    return v;
  for (const std::string &star : s.stars) {
    At place(*this, at);
    if (SourceModule *file = id.starts_with("_") ? nullptr : fileOf(star))
      if (auto v = definedIn(*file, id))
        return v;
  }
  return std::nullopt;
}

/// The module that the import statements of this file look for and that
/// \p name is of; no file has it.
std::optional<std::string> Emitter::absentModule(llvm::StringRef name) {
  std::optional<std::string> longest;
  auto consider = [&](const std::string &module) {
    llvm::StringRef rest = name;
    bool leads = rest.consume_front(module) &&
                 (rest.empty() || rest[0] == '.' || module.back() == '.');
    if (leads && !Modules::isLanguage(module) &&
        (!longest || module.size() > longest->size()))
      longest = module;
  };
  Scope &s = scope();
  for (auto &[alias, module] : s.modules)
    consider(module);
  for (auto &[alias, origins] : s.imported)
    for (auto &[module, id] : origins)
      consider(module);
  return longest;
}

void Emitter::noModule(const std::string &module, Range at) {
  auto d = source->diagnostics().emit(DiagnosticKind::NoModule,
                                      source->where(at), module);
  std::vector<std::string> files =
      source->modules().candidates(*source, module);
  if (files.empty())
    d.note(DiagnosticKind::ImportRoots);
  else
    d.note(DiagnosticKind::LookedFor, "`" + llvm::join(files, "`, `") + "`");
  addCallers(d);
  d.report();
  throw Failure();
}

void Emitter::notAValue(const Value &v) {
  if (v.kind == Kind::Builtin)
    if (auto module = absentModule(v.text))
      noModule(*module, range);
  fail(DiagnosticKind::NotAValue, v.describe());
}

Value Emitter::global(llvm::StringRef id, Range at) {
  if (auto v = defined(id, at))
    return *v;
  if (pythonBuiltins().contains(id))
    return Value::ofBuiltin(id.str());
  auto d = source->diagnostics().emit(DiagnosticKind::UnknownName,
                                      source->where(at), id);
  // The nearest name in sight.
  std::string best;
  unsigned bestDistance = std::max<size_t>(1, id.size() / 3) + 1;
  auto consider = [&](llvm::StringRef other) {
    unsigned distance = id.edit_distance(other, true, bestDistance);
    if (distance < bestDistance) {
      bestDistance = distance;
      best = other.str();
    }
  };
  for (auto &[other, value] : frame().names)
    if (other[0] != '%')
      consider(other);
  for (const Island &island : source->islands())
    consider(island.name);
  if (!best.empty())
    d.note(DiagnosticKind::DidYouMean, best).fix(source->where(at), best);
  addCallers(d);
  d.report();
  throw Failure();
}
