// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compiles a loop over vectors the way the CPU's code generator does, and loads
// it.
#ifndef TERRAZZO_TEST_UNIT_DECOMPOSE_JIT_H
#define TERRAZZO_TEST_UNIT_DECOMPOSE_JIT_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace terrazzo::test {

/// out[i] = f(a[i], b[i]) for i < count, a multiple of the lanes.
using Loop = void (*)(const void *a, const void *b, void *out, int64_t count);

/// A function on vectors, as MLIR text.
struct LoopText {
  unsigned lanes = 16;
  std::string operand = "f32", result = "f32"; // float types
  /// Defines %r from %a and %b; `T` is the operands' type, `R` the result's.
  std::string body;
};

class Jit {
public:
  Jit();
  ~Jit();
  /// \p cpu is a name that LLVM knows, or `host`. Prints what went wrong and
  /// ends the program if something does. \p expand rewrites the module.
  Loop compile(const LoopText &text, const std::string &cpu,
               const std::function<void(mlir::ModuleOp)> &expand);
  /// Seconds that the last expansion took.
  double expansionSeconds() const { return seconds; }
  /// Print LLVM IR to stdout.
  bool printIR = false;

private:
  mlir::MLIRContext context;
  std::vector<std::unique_ptr<llvm::orc::LLJIT>> loaded;
  double seconds = 0;
};

/// Whether \p cpu has AVX-512 F, VL and DQ.
bool hasAvx512(const std::string &cpu);

} // namespace terrazzo::test

#endif // TERRAZZO_TEST_UNIT_DECOMPOSE_JIT_H
