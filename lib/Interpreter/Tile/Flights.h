// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The waits that `engines-in-flight` writes on ops, tried out: a value that an
// engine makes cannot be used until a wait covers it.
#ifndef TERRAZZO_LIB_INTERPRETER_TILE_FLIGHTS_H
#define TERRAZZO_LIB_INTERPRETER_TILE_FLIGHTS_H

#include "lib/Interpreter/Tensor.h"

#include "mlir/IR/Operation.h"

namespace terrazzo::interpreter {

class Program;

/// What one stream has given to engines, in this order.
class Flights {
public:
  /// Ends what the waits of \p op cover; reports a value of it that is not made
  /// yet.
  void before(Program &program, mlir::Operation *op);
  void after(Program &program, mlir::Operation *op);

private:
  struct Flight {
    mlir::Operation *op;
    std::vector<std::shared_ptr<const Tensor>> results;
  };
  void end(mlir::DictionaryAttr wait);
  void check(Program &program, mlir::Operation *op, mlir::Value value);

  std::vector<Flight> open;
};

} // namespace terrazzo::interpreter

#endif // TERRAZZO_LIB_INTERPRETER_TILE_FLIGHTS_H
