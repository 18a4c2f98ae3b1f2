// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Frontend/Ast/Modules.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace terrazzo;
using namespace terrazzo::frontend;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

static std::string real(llvm::StringRef name) {
  llvm::SmallString<256> out;
  return fs::real_path(name, out) ? "" : out.str().str();
}

Modules::Modules(DiagnosticEngine &engine, const SourceOptions &options)
    : engine(engine), options(options) {
  for (const std::string &root : options.roots)
    if (std::string r = real(root); !r.empty())
      realRoots.push_back(r);
}

bool Modules::isLanguage(llvm::StringRef name) {
  llvm::StringRef top = name.split('.').first;
  return top == "triton" || top == "tl" || top == "math";
}

std::string Modules::join(llvm::StringRef module, llvm::StringRef name) {
  bool dots = module.find_first_not_of('.') == llvm::StringRef::npos;
  return module.str() + (dots ? "" : ".") + name.str();
}

bool Modules::isInside(llvm::StringRef realPath) const {
  return llvm::any_of(realRoots, [&](const std::string &root) {
    llvm::StringRef rest = realPath;
    return rest.consume_front(root) &&
           (rest.starts_with("/") || root.ends_with("/"));
  });
}

Modules::Finding Modules::open(const std::string &name) {
  using Kind = Finding::Kind;
  std::string key = real(name);
  if (key.empty())
    return {};
  if (!isInside(key))
    return {Kind::Outside, nullptr, name};
  if (auto known = loaded.find(key); known != loaded.end())
    return {Kind::Found, known->second.get(), name};
  if (broken.count(key))
    return {Kind::Broken, nullptr, name};
  if (loaded.size() >= options.limits.files)
    return {Kind::TooMany, nullptr, name};
  auto buffer = engine.addFile(name, options.limits.source, "source");
  auto module =
      buffer ? SourceModule::open(engine, *buffer, options, this) : nullptr;
  if (!module) {
    broken.insert(key);
    return {Kind::Broken, nullptr, name};
  }
  SourceModule *result = module.get();
  loaded[key] = std::move(module);
  return {Kind::Found, result, name};
}

std::vector<std::string> Modules::candidates(const SourceModule &importer,
                                             llvm::StringRef name) const {
  if (realRoots.empty() || isLanguage(name))
    return {};
  llvm::SmallVector<llvm::StringRef> parts;
  llvm::StringRef rest = name.ltrim('.');
  size_t level = name.size() - rest.size();
  rest.split(parts, '.', -1, /*KeepEmpty=*/false);
  std::vector<std::string> folders = options.roots, out;
  if (level) {
    // Relative to the folder of the importing file, or further up.
    llvm::SmallString<256> folder(path::parent_path(real(importer.path())));
    for (size_t i = 1; i < level; ++i)
      folder = path::parent_path(folder);
    folders = {folder.str().str()};
  }
  for (const std::string &folder : folders) {
    llvm::SmallString<256> base(folder);
    for (llvm::StringRef part : parts)
      path::append(base, part);
    llvm::SmallString<256> package(base);
    path::append(package, "__init__.py");
    // A package goes before a file of its name, as in Python.
    out.push_back(package.str().str());
    if (!parts.empty())
      out.push_back(base.str().str() + ".py");
  }
  return out;
}

Modules::Finding Modules::find(const SourceModule &importer,
                               llvm::StringRef name) {
  for (const std::string &candidate : candidates(importer, name))
    if (fs::is_regular_file(candidate))
      return open(candidate);
  return {};
}

std::vector<SourceModule *>
terrazzo::frontend::reachable(SourceModule &source) {
  std::vector<SourceModule *> out, work{&source};
  std::set<SourceModule *> seen{&source};
  auto follow = [&](SourceModule &from, llvm::StringRef name) {
    SourceModule *next = from.modules().find(from, name).module;
    if (!next || !seen.insert(next).second)
      return;
    out.push_back(next);
    work.push_back(next);
  };
  while (!work.empty()) {
    SourceModule &from = *work.back();
    work.pop_back();
    for (Stmt *s : from.imports()) {
      if (s->kind == Stmt::Kind::ImportFrom)
        follow(from, s->text);
      for (auto &[name, alias] : s->names) {
        std::string full = s->kind == Stmt::Kind::ImportFrom
                               ? Modules::join(s->text, name)
                               : name;
        // `import a.b` reads a too.
        for (size_t end = full.find('.', 1); end != std::string::npos;
             end = full.find('.', end + 1))
          follow(from, full.substr(0, end));
        follow(from, full);
      }
    }
  }
  return out;
}
