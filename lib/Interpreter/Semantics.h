// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What ops do, by op: each dialect's rows are added by one function. A dialect
// includes nothing of lib, so the rows stand here, or in the target whose chip
// ops they run (docs/Rationale/Interpreter.md).
#ifndef TERRAZZO_LIB_INTERPRETER_SEMANTICS_H
#define TERRAZZO_LIB_INTERPRETER_SEMANTICS_H

#include "mlir/IR/Operation.h"
#include "llvm/ADT/DenseMap.h"

#include <functional>

namespace terrazzo::interpreter {

class Program;

class Semantics {
public:
  using Run = std::function<void(Program &, mlir::Operation *)>;

  template <typename Op> void add(void (*run)(Program &, Op)) {
    rows[mlir::TypeID::get<Op>()] = [run](Program &program,
                                          mlir::Operation *op) {
      run(program, mlir::cast<Op>(op));
    };
  }
  /// Null when nobody says what \p op does.
  const Run *find(mlir::Operation *op) const {
    auto found = rows.find(op->getName().getTypeID());
    return found == rows.end() ? nullptr : &found->second;
  }

private:
  llvm::DenseMap<mlir::TypeID, Run> rows;
};

void addControlSemantics(Semantics &semantics); // arith.constant, func, scf, ub
void addKernelSemantics(Semantics &semantics);
void addTileSemantics(Semantics &semantics);

/// The rows of all dialects above.
const Semantics &sharedSemantics();

} // namespace terrazzo::interpreter

#endif // TERRAZZO_LIB_INTERPRETER_SEMANTICS_H
