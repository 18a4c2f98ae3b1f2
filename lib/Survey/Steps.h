// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A kernel prepared for counting: every value has a number, every op knows
// what it is. Looked up once, run for each program.
#ifndef TERRAZZO_LIB_SURVEY_STEPS_H
#define TERRAZZO_LIB_SURVEY_STEPS_H

#include "lib/Survey/Numbers.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"

#include <map>
#include <string>
#include <vector>

namespace terrazzo::survey {

struct Step;

struct Body {
  std::vector<unsigned> arguments; // values
  std::vector<Step> steps;
  std::vector<unsigned> results; // what the terminator passes on
};

struct Step {
  mlir::Operation *op = nullptr;
  Arithmetic arithmetic = nullptr; // of scalars
  unsigned from = 0, to = 0;       // bits
  std::vector<unsigned> ins, outs;
  std::vector<Body> bodies;
  /// Float operations of one element (or of the op, on scalars), by type.
  std::map<std::string, double> cost;
  bool steers = false; // its elements are needed, not only their number
};

class Steps {
public:
  explicit Steps(mlir::func::FuncOp entry);
  Body body;
  unsigned count = 0; // of values
  bool steers(mlir::Value value) const { return steering.contains(value); }

private:
  unsigned number(mlir::Value value);
  Body bodyOf(mlir::Block &block);
  Step stepOf(mlir::Operation *op);
  void findSteering(mlir::func::FuncOp entry);

  llvm::DenseMap<mlir::Value, unsigned> numbers;
  llvm::DenseSet<mlir::Value> steering;
};

/// f32, i8, f8E4M3FN: as in chip files.
std::string formatOf(mlir::Type type);

} // namespace terrazzo::survey

#endif // TERRAZZO_LIB_SURVEY_STEPS_H
