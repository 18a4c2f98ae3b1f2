// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From the MLIR of a chip's program to what the simulator executes. A program
// is a function with `tile.launch` (cores) around ops of arith, math, scf,
// memref, kernel.addptr and of the family, whose rows the family adds.
#ifndef TERRAZZO_LIB_SIMULATOR_DECODE_H
#define TERRAZZO_LIB_SIMULATOR_DECODE_H

#include "lib/Simulator/Program.h"

#include "mlir/IR/BuiltinOps.h"

#include <functional>

namespace terrazzo::simulator {

class Decoder;

/// What the ops of a family are.
class Rows {
public:
  using Row = std::function<llvm::LogicalResult(Decoder &, mlir::Operation *)>;
  template <typename Op>
  void add(std::function<llvm::LogicalResult(Decoder &, Op)> row) {
    rows[mlir::TypeID::get<Op>()] = [row](Decoder &decoder,
                                          mlir::Operation *op) {
      return row(decoder, mlir::cast<Op>(op));
    };
  }
  const Row *find(mlir::Operation *op) const {
    auto found = rows.find(op->getName().getTypeID());
    return found == rows.end() ? nullptr : &found->second;
  }

private:
  llvm::DenseMap<mlir::TypeID, Row> rows;
};

class Decoder {
public:
  /// \p start has what does not come from the module: memories, engines,
  /// streams, paths, costs.
  Decoder(Program start, const Rows &rows);
  ~Decoder();

  // For rows:
  Program &program();
  Register reg(mlir::Value scalar); // the register that holds it
  Scalar scalar(mlir::Value value); // or its constant
  /// A memref of on-chip memory: memref.alloc (its attribute `address`),
  /// memref.subview, memref.reinterpret_cast of it. Nothing after an error.
  std::optional<Window> window(mlir::Value memref);
  /// Region of scalar arith and math; uniform values come from outside.
  std::optional<Lambda> lambda(mlir::Region &region);
  int engine(llvm::StringRef name) const; // -1: there is none
  int stream(llvm::StringRef name) const;
  int path(llvm::StringRef name) const;
  int memory(llvm::StringRef name) const;
  /// Adds an event (or, for an array of them, \p count); its number.
  int32_t event(Event event, int64_t count = 1);
  /// The instruction's payload is appended to its vector; \p op is its place.
  Instruction &emit(mlir::Operation *op, Action action, int engine);
  Instruction &emit(mlir::Operation *op, int engine, Transfer work);
  Instruction &emit(mlir::Operation *op, int engine, Map work);
  Instruction &emit(mlir::Operation *op, int engine, Reduce work);
  Instruction &emit(mlir::Operation *op, int engine, Scan work);
  Instruction &emit(mlir::Operation *op, int engine, Take work);
  Instruction &emit(mlir::Operation *op, int engine, Multiply work);
  Instruction &emit(mlir::Operation *op, int engine, Element work);
  /// A value that only rows know (a semaphore, a circular buffer): any number.
  void bind(mlir::Value value, int64_t number);
  std::optional<int64_t> bound(mlir::Value value) const;

  /// The function of \p module with `kernel.entry`. Nothing after an error,
  /// reported at its op through MLIR's diagnostics.
  std::optional<Program> decode(mlir::ModuleOp module);

private:
  struct State;
  std::unique_ptr<State> state;
};

} // namespace terrazzo::simulator

#endif // TERRAZZO_LIB_SIMULATOR_DECODE_H
