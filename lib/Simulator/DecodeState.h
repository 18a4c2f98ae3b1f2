// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERRAZZO_LIB_SIMULATOR_DECODESTATE_H
#define TERRAZZO_LIB_SIMULATOR_DECODESTATE_H

#include "lib/Simulator/Arithmetic.h"
#include "lib/Simulator/Decode.h"

#include "dialects/Tile/Tile.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include <map>

namespace terrazzo::simulator {

struct Decoder::State {
  State(Program program, const Rows &rows, Decoder &decoder)
      : program(std::move(program)), rows(rows), decoder(decoder) {}

  Program program;
  const Rows &rows;
  Decoder &decoder;
  llvm::DenseMap<mlir::Value, Register> registers;
  llvm::DenseMap<mlir::Value, int64_t> bindings;
  llvm::DenseMap<mlir::Value, int> allocations;
  std::map<int64_t, Register> constants; // by their bits
  llvm::DenseMap<mlir::Location, int32_t> places;
  llvm::StringMap<int32_t> names;
  mlir::Operation *launch = nullptr; // that is being decoded

  Register fresh() { return program.registers++; }
  int32_t place(mlir::Location where);
  int32_t name(mlir::Operation *op);
  int32_t here() const { return int32_t(program.instructions.size()); }
  Register constant(Word value);

  llvm::LogicalResult function(mlir::func::FuncOp function);
  llvm::LogicalResult block(mlir::Block &block);
  llvm::LogicalResult operation(mlir::Operation *op);
  llvm::LogicalResult arithmetic(mlir::Operation *op, Arithmetic work);
  llvm::LogicalResult launchBody(tile::LaunchOp launch);
  llvm::LogicalResult loop(mlir::scf::ForOp loop);
  llvm::LogicalResult branch(mlir::scf::IfOp op);
  llvm::LogicalResult loop(mlir::scf::WhileOp loop);
  llvm::LogicalResult allocate(mlir::memref::AllocOp op);
  llvm::LogicalResult element(mlir::Operation *op, mlir::Value memref,
                              mlir::ValueRange indices, mlir::Value value);

  /// Moves all at once: a target may be another's source.
  void moveAll(mlir::Operation *op, mlir::ValueRange targets,
               mlir::ValueRange sources);
  void move(mlir::Operation *op, Register target, Scalar source);
  int32_t jump(mlir::Operation *op, Action action, Register condition = -1);
  /// Of scalars without registers of memory: control only.
  Register binary(mlir::Operation *op, Arithmetic::Code code, ElementType type,
                  Register a, Register b, int32_t detail = 0);

  std::optional<Window> alloc(mlir::memref::AllocOp op);
  std::optional<Window> subview(mlir::memref::SubViewOp op);
  std::optional<Window> recast(mlir::memref::ReinterpretCastOp op);
  std::optional<Window> transpose(mlir::memref::TransposeOp op);
  std::optional<Window> view(mlir::memref::ViewOp op);
};

/// The constant that a value is, as a register has it.
std::optional<Word> constantOf(mlir::Value value);

} // namespace terrazzo::simulator

#endif // TERRAZZO_LIB_SIMULATOR_DECODESTATE_H
