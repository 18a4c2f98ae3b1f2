// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One program instance in execution.
#ifndef TERRAZZO_LIB_INTERPRETER_ENGINE_H
#define TERRAZZO_LIB_INTERPRETER_ENGINE_H

#include "lib/Interpreter/Interpreter.h"
#include "lib/Interpreter/Semantics.h"
#include "lib/Interpreter/Tile/Flights.h"
#include "lib/Interpreter/Waiting.h"

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
  LaunchState(const Launch &launch, DiagnosticEngine &engine,
              const Semantics &semantics)
      : launch(launch), engine(engine), semantics(semantics) {}
  const Launch &launch;
  DiagnosticEngine &engine;
  const Semantics &semantics;
  std::mutex reports;
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> operations{0};
  std::array<std::mutex, 64> stripes; // atomics
  std::atomic<int64_t> programs{0};   // of the launches of Tile IR
  int64_t sample = 0;                 // of one launch of Tile IR; 0: all
  bool flights = false;               // ops say what they wait for
  Waiting waiting;

  std::mutex &stripe(int64_t element) {
    return stripes[size_t(element) % stripes.size()];
  }
};

/// The programs of a sample: first, last, and the rest spread evenly.
struct Sample {
  int64_t total, count;
  Sample(int64_t total, int64_t wanted)
      : total(total), count(wanted > 0 ? std::min(wanted, total) : total) {}
  int64_t at(int64_t i) const;
};

class Stream; // Streams.h

/// How a reduction may group its elements.
enum class Grouping { Any, Tree, Sequential };

class Program {
public:
  Program(LaunchState &shared, std::array<int64_t, 3> id)
      : shared(shared), id(id) {}
  /// A part of \p outer (a program of its launch, a role, a callee): sees its
  /// values and sets its own.
  Program(const Program &outer, std::array<int64_t, 3> id)
      : shared(outer.shared), id(id), outer(&outer), stream(outer.stream),
        depth(outer.depth) {}
  void run(mlir::func::FuncOp function);

  llvm::SmallVector<Shared> block(mlir::Block &block);
  void execute(mlir::Operation *op);
  /// Elementwise arith and math; false when the op is none.
  bool elementwise(mlir::Operation *op);
  bool floatOp(mlir::Operation *op);
  bool intOp(mlir::Operation *op);
  bool castOp(mlir::Operation *op);
  void shapeOp(mlir::Operation *op);
  /// A body of elementwise ops on whole tensors: what is a scalar inside
  /// (constants, uniform values from outside) is spread where it meets one.
  llvm::SmallVector<Shared> wideBlock(mlir::Block &block,
                                      llvm::ArrayRef<int64_t> shape);
  void load(kernel::LoadOp op);
  void store(kernel::StoreOp op);
  void atomic(kernel::AtomicRMWOp op);
  void compareAndSwap(kernel::AtomicCASOp op);
  void addPointer(kernel::AddPtrOp op);
  void dot(kernel::DotOp op);
  void dotScaled(kernel::DotScaledOp op);
  /// acc + a b, in the type of acc; \p inputUnit is what a product may lose.
  Tensor multiplyAdd(mlir::Operation *op, const Tensor &a, const Tensor &b,
                     const Tensor &acc, double inputUnit);
  /// Combines the middle of three dimensions {outer, n, inner} of \p parts.
  llvm::SmallVector<Shared> reduceMiddle(mlir::Region &combine,
                                         llvm::SmallVector<Shared> parts,
                                         Grouping grouping);
  llvm::SmallVector<Tensor>
  scanMiddle(mlir::Region &combine, llvm::ArrayRef<Shared> parts, bool reverse);
  llvm::SmallVector<Shared> combine(mlir::Region &region,
                                    llvm::ArrayRef<Shared> left,
                                    llvm::ArrayRef<Shared> right);

  Shared get(mlir::Value value);
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
  /// The next pass of a loop: reports a program that takes too long.
  void pass(mlir::Operation *loop);
  /// Said after the next report of fail().
  template <typename... Args>
  void note(DiagnosticKind kind, mlir::Operation *op, Args... args);
  /// Notes the slots that the operands of \p op come from and that nobody
  /// wrote.
  void noteSlots(mlir::Operation *op);
  const Tensor *find(mlir::Value value) const;

  LaunchState &shared;
  std::array<int64_t, 3> id;
  std::vector<std::function<void(DiagnosticBuilder &)>> notes;
  const Program *outer = nullptr;
  Stream *stream = nullptr; // null: the program is one stream
  int depth = 0;            // of calls
  llvm::DenseMap<mlir::Value, Shared> values;
  uint64_t steps = 0;
  uint64_t passes = 0; // of loops
  Flights flights;

private:
  void perform(mlir::Operation *op);
};

Tensor makeLike(const Tensor &shape, mlir::Type resultType);
Tensor make(const ElementType &type, std::vector<int64_t> shape);
Tensor scalarOf(int64_t v, unsigned bits);
std::vector<int64_t> shapeOf(mlir::Type type);
int64_t countOf(llvm::ArrayRef<int64_t> shape);
llvm::SmallVector<int64_t> rowMajor(llvm::ArrayRef<int64_t> shape);
/// The elements of \p from, from element \p base on, seen through \p strides.
Tensor strided(const Tensor &from, std::vector<int64_t> shape,
               llvm::ArrayRef<int64_t> strides, int64_t base = 0);
/// Whether two elements of one type are the same number to a device.
bool sameBits(const Tensor &a, size_t i, const Tensor &b, size_t j);
/// One step of an atomic, locked by the caller. Reports nothing.
void combineInPlace(Tensor &data, int64_t element, kernel::AtomicKind kind,
                    const Tensor &value, size_t i);

} // namespace terrazzo::interpreter

#endif // TERRAZZO_LIB_INTERPRETER_ENGINE_H
