// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "lib/Diagnostics/MLIRBridge.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Location.h"

using namespace mlir;

namespace terrazzo {

Where where(Location location) {
  if (auto range = dyn_cast<FileLineColRange>(location)) {
    FilePosition position;
    position.file = range.getFilename().str();
    position.line = range.getStartLine();
    position.column = range.getStartColumn();
    position.endLine = range.getEndLine();
    position.endColumn = range.getEndColumn();
    return position;
  }
  if (auto name = dyn_cast<NameLoc>(location))
    return where(name.getChildLoc());
  if (auto opaque = dyn_cast<OpaqueLoc>(location))
    return where(opaque.getFallbackLocation());
  if (auto call = dyn_cast<CallSiteLoc>(location))
    return where(call.getCallee());
  if (auto fused = dyn_cast<FusedLoc>(location))
    for (Location part : fused.getLocations())
      if (Where found = where(part); !found.isNowhere())
        return found;
  return {};
}

llvm::SmallVector<Where> callers(Location location) {
  llvm::SmallVector<Where> result;
  while (true) {
    if (auto name = dyn_cast<NameLoc>(location)) {
      location = name.getChildLoc();
      continue;
    }
    auto call = dyn_cast<CallSiteLoc>(location);
    if (!call)
      return result;
    // The callee may be a call site itself (inlining from the inside out).
    for (Where &inner : callers(call.getCallee()))
      result.push_back(std::move(inner));
    result.push_back(where(call.getCaller()));
    location = call.getCaller();
    if (auto outer = dyn_cast<CallSiteLoc>(location)) {
      llvm::SmallVector<Where> rest = callers(outer);
      result.append(rest.begin(), rest.end());
      return result;
    }
  }
}

static DiagnosticKind kindOf(DiagnosticSeverity severity) {
  switch (severity) {
  case DiagnosticSeverity::Error:
    return DiagnosticKind::IRError;
  case DiagnosticSeverity::Warning:
    return DiagnosticKind::IRWarning;
  case DiagnosticSeverity::Remark:
    return DiagnosticKind::IRRemark;
  case DiagnosticSeverity::Note:
    return DiagnosticKind::IRNote;
  }
  return DiagnosticKind::IRError;
}

MLIRDiagnosticBridge::MLIRDiagnosticBridge(MLIRContext *context,
                                           DiagnosticEngine &engine)
    : ScopedDiagnosticHandler(context) {
  setHandler([&engine](Diagnostic &diagnostic) {
    DiagnosticBuilder builder =
        engine.emit(kindOf(diagnostic.getSeverity()),
                    where(diagnostic.getLocation()), diagnostic.str());
    for (const Where &caller : callers(diagnostic.getLocation()))
      builder.note(DiagnosticKind::CalledFromHere, caller);
    for (Diagnostic &note : diagnostic.getNotes())
      builder.note(DiagnosticKind::IRNote, where(note.getLocation()),
                   note.str());
    return success();
  });
}

} // namespace terrazzo
