// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Target/Signature.h"

#include "dialects/Kernel/Kernel.h"

#include "llvm/Config/llvm-config.h"

using namespace terrazzo;

/// `*f32:16`, `i32`: as in a signature.
static std::string typeText(mlir::func::FuncOp entry, unsigned argument) {
  std::string text;
  llvm::raw_string_ostream os(text);
  mlir::Type type = entry.getArgument(argument).getType();
  if (auto pointer = mlir::dyn_cast<kernel::PtrType>(type))
    os << "*" << pointer.getPointee();
  else
    os << type;
  if (auto by = entry.getArgAttrOfType<mlir::IntegerAttr>(
          argument, "kernel.divisibility"))
    os << ":" << by.getInt();
  return text;
}

/// `BLOCK=1024, causal=true`.
static std::string constantsText(mlir::func::FuncOp entry) {
  std::string text;
  llvm::raw_string_ostream os(text);
  if (auto constants =
          entry->getAttrOfType<mlir::DictionaryAttr>("kernel.constexprs"))
    llvm::interleaveComma(constants, os, [&](mlir::NamedAttribute c) {
      os << c.getName().str() << "=";
      c.getValue().print(os, /*elideType=*/true);
    });
  return text;
}

void terrazzo::describeKernel(mlir::func::FuncOp entry,
                              artifact::Artifact &artifact) {
  artifact.kernel = entry.getName().str();
  artifact.constants = constantsText(entry);
  for (unsigned i = 0; i < entry.getNumArguments(); ++i)
    artifact.parameters.push_back(
        {entry.getArgAttrOfType<mlir::StringAttr>(i, "kernel.name").str(),
         typeText(entry, i)});
}

std::string terrazzo::compilerVersionText() {
  return "terrazzo 0.1.0, LLVM " LLVM_VERSION_STRING;
}
