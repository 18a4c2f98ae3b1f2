// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Driver/Binding.h"

#include "dialects/Kernel/Kernel.h"

#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/DenseSet.h"

using namespace terrazzo;
using namespace terrazzo::driver;

int64_t driver::elementBytes(const interpreter::ElementType &type) {
  return type.bits < 8 ? 1 : type.bits / 8;
}

/// `*fp32:16`, `1`, `i32:16`, or the type as it is.
static std::string specialized(const Prepared::Bound &bound,
                               const Prepared &prepared) {
  const interpreter::LaunchArgument &a = bound.argument;
  llvm::StringRef type = bound.type;
  if (a.buffer >= 0) {
    int64_t bytes = a.offset * elementBytes(prepared.types[a.buffer]);
    return bytes % 16 == 0 ? bound.type + ":16" : bound.type;
  }
  bool isInteger = (type.starts_with("i") || type.starts_with("u")) &&
                   type != "i1" && llvm::isDigit(type.back());
  if (!isInteger)
    return bound.type;
  if (a.integer == 1)
    return "1";
  return a.integer % 16 == 0 ? bound.type + ":16" : bound.type;
}

std::vector<frontend::Argument>
driver::argumentsOf(const Prepared &prepared,
                    const frontend::KernelInfo &kernel, bool specialize) {
  std::vector<frontend::Argument> out;
  for (const auto &p : kernel.parameters) {
    auto found = prepared.bound.find(p.name);
    if (found == prepared.bound.end())
      continue;
    const Prepared::Bound &bound = found->second;
    // What the author marked constexpr is specialised on its value.
    bool isConstant = p.isConstexpr && bound.argument.buffer < 0 &&
                      (bound.type == "i32" || bound.type == "i64");
    out.push_back({p.name, isConstant   ? std::to_string(bound.argument.integer)
                           : specialize ? specialized(bound, prepared)
                                        : bound.type});
  }
  return out;
}

static std::string nameOf(mlir::func::FuncOp entry, unsigned argument) {
  auto name = entry.getArgAttrOfType<mlir::StringAttr>(argument, "kernel.name");
  return name ? name.str() : "";
}

std::optional<std::vector<interpreter::LaunchArgument>>
driver::bind(mlir::func::FuncOp entry, const Prepared &prepared,
             DiagnosticEngine &engine, unsigned unbound) {
  std::vector<interpreter::LaunchArgument> out;
  for (unsigned i = 0; i + unbound < entry.getNumArguments(); ++i) {
    std::string id = nameOf(entry, i);
    auto bound = prepared.bound.find(id);
    bool pointer = mlir::isa<kernel::PtrType>(entry.getArgument(i).getType());
    if (bound == prepared.bound.end()) {
      engine.emit(DiagnosticKind::LaunchMissing, Where(), id, "args");
      return std::nullopt;
    }
    if (pointer != (bound->second.argument.buffer >= 0)) {
      engine.emit(DiagnosticKind::NotAPointerArgument, Where(), id);
      return std::nullopt;
    }
    out.push_back(bound->second.argument);
  }
  return out;
}

std::vector<bool> driver::writtenArguments(mlir::func::FuncOp entry) {
  llvm::SmallVector<mlir::Value> work;
  entry.walk([&](mlir::Operation *op) {
    if (auto store = mlir::dyn_cast<kernel::StoreOp>(op))
      work.push_back(store.getPtr());
    else if (auto rmw = mlir::dyn_cast<kernel::AtomicRMWOp>(op))
      work.push_back(rmw.getPtr());
    else if (auto cas = mlir::dyn_cast<kernel::AtomicCASOp>(op))
      work.push_back(cas.getPtr());
  });
  std::vector<bool> written(entry.getNumArguments(), false);
  llvm::DenseSet<mlir::Value> seen;
  auto follow = [&](mlir::ValueRange values) {
    for (mlir::Value v : values)
      if (mlir::isa<kernel::PtrType>(mlir::getElementTypeOrSelf(v.getType())))
        work.push_back(v);
  };
  // Backwards to the arguments. Of an op with regions all pointers that go in
  // or are passed on inside may come out: more than is needed, never less.
  while (!work.empty()) {
    mlir::Value v = work.pop_back_val();
    if (!seen.insert(v).second)
      continue;
    auto argument = mlir::dyn_cast<mlir::BlockArgument>(v);
    if (argument && argument.getOwner() == &entry.getBody().front()) {
      written[argument.getArgNumber()] = true;
      continue;
    }
    mlir::Operation *op =
        argument ? argument.getOwner()->getParentOp() : v.getDefiningOp();
    follow(op->getOperands());
    for (mlir::Region &region : op->getRegions())
      for (mlir::Block &block : region)
        if (!block.empty())
          follow(block.back().getOperands());
  }
  return written;
}

bool driver::overlapsWritten(mlir::func::FuncOp entry,
                             const Prepared &prepared) {
  std::vector<bool> written = writtenArguments(entry);
  auto bufferOf = [&](unsigned i) {
    auto found = prepared.bound.find(nameOf(entry, i));
    return found == prepared.bound.end() ? -1 : found->second.argument.buffer;
  };
  for (unsigned i = 0; i < written.size(); ++i)
    for (unsigned j = 0; written[i] && j < written.size(); ++j)
      if (i != j && bufferOf(i) >= 0 && bufferOf(i) == bufferOf(j))
        return true;
  return false;
}

std::string driver::sharedMemory(const Prepared &prepared,
                                 const frontend::KernelInfo &kernel) {
  std::map<int, std::vector<std::string>> groups;
  for (const auto &p : kernel.parameters) {
    auto found = prepared.bound.find(p.name);
    if (found != prepared.bound.end() && found->second.argument.buffer >= 0)
      groups[found->second.argument.buffer].push_back(p.name);
  }
  // By the first name of each, not by the buffer's number, which is chance.
  std::vector<std::string> texts;
  for (auto &[buffer, names] : groups)
    if (names.size() > 1)
      texts.push_back(llvm::join(names, " "));
  llvm::sort(texts);
  return llvm::join(texts, "; ");
}
