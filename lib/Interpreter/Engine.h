// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One program instance in execution.
#ifndef TERRAZZO_LIB_INTERPRETER_ENGINE_H
#define TERRAZZO_LIB_INTERPRETER_ENGINE_H

#include "lib/Interpreter/Interpreter.h"

#include "dialects/Kernel/Kernel.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/DenseMap.h"

#include <mutex>

namespace terrazzo::interpreter {

/// Ends a program; the cause was reported.
struct Stopped {};

/// Addresses are buffer number and byte offset: an access is checked against
/// the real extent of the very argument it came from.
constexpr int64_t addressSpan = int64_t(1) << 44;
inline int64_t baseAddress(int64_t buffer) {
  return (buffer + 1) * addressSpan + addressSpan / 2;
}

/// What the programs of a launch share.
struct LaunchState {
  const Launch &launch;
  DiagnosticEngine &engine;
  std::mutex reports;
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> operations{0};
  std::array<std::mutex, 64> stripes; // atomics
};

class Program {
public:
  Program(LaunchState &shared, std::array<int64_t, 3> id)
      : shared(shared), id(id) {}
  void run(mlir::func::FuncOp function);

  llvm::SmallVector<Shared> block(mlir::Block &block);
  void execute(mlir::Operation *op);
  /// Elementwise arith and math; false when the op is none.
  bool elementwise(mlir::Operation *op);
  bool floatOp(mlir::Operation *op);
  bool intOp(mlir::Operation *op);
  bool castOp(mlir::Operation *op);
  bool shapeOp(mlir::Operation *op);
  bool memoryOp(mlir::Operation *op);
  bool controlOp(mlir::Operation *op);
  void load(kernel::LoadOp op);
  void store(kernel::StoreOp op);
  void atomic(kernel::AtomicRMWOp op);
  void compareAndSwap(kernel::AtomicCASOp op);
  void dot(kernel::DotOp op);
  void reduce(kernel::ReduceOp op);
  void scan(kernel::ScanOp op);
  llvm::SmallVector<Shared> combine(mlir::Region &region,
                                    llvm::ArrayRef<Shared> left,
                                    llvm::ArrayRef<Shared> right);

  const Shared &get(mlir::Value value);
  void set(mlir::Value value, Tensor tensor) {
    values[value] = std::make_shared<const Tensor>(std::move(tensor));
  }
  /// A scalar integer that decides something: must be no poison.
  int64_t decide(mlir::Operation *op, mlir::Value value);
  /// The element that an address points to; reports when there is none.
  std::pair<Buffer *, int64_t> element(mlir::Operation *op,
                                       const Tensor &pointers, size_t i,
                                       const ElementType &type);
  template <typename... Args>
  [[noreturn]] void fail(mlir::Operation *op, DiagnosticKind kind,
                         Args &&...args);
  void step(uint64_t work);

  LaunchState &shared;
  std::array<int64_t, 3> id;
  llvm::DenseMap<mlir::Value, Shared> values;
  uint64_t steps = 0;
};

Tensor makeLike(const Tensor &shape, mlir::Type resultType);
/// The elements of a constant.
Tensor constantOf(mlir::Attribute value, mlir::Type type);

} // namespace terrazzo::interpreter

#endif // TERRAZZO_LIB_INTERPRETER_ENGINE_H
