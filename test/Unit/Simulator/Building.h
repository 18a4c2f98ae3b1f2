// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Programs built by hand, and what a test asks of a run.
#ifndef TERRAZZO_TEST_UNIT_SIMULATOR_BUILDING_H
#define TERRAZZO_TEST_UNIT_SIMULATOR_BUILDING_H

#include "lib/Interpreter/Interpreter.h"
#include "lib/Simulator/Arithmetic.h"
#include "lib/Simulator/Simulator.h"

#include "llvm/Support/raw_ostream.h"

namespace terrazzo::simulator::test {

const ElementType F32{ElementType::Kind::Float, 32, numerics::Format::F32};
const ElementType F64{ElementType::Kind::Float, 64, numerics::Format::F64};
const ElementType F16{ElementType::Kind::Float, 16, numerics::Format::F16};
const ElementType BF16{ElementType::Kind::Float, 16, numerics::Format::BF16};
const ElementType I32{ElementType::Kind::Integer, 32, numerics::Format::F64};
const ElementType I64{ElementType::Kind::Integer, 64, numerics::Format::F64};
const ElementType I8{ElementType::Kind::Integer, 8, numerics::Format::F64};
const ElementType I1{ElementType::Kind::Integer, 1, numerics::Format::F64};

/// One memory `mem`, one stream, one path `bus` of 1 GB/s without latency, and
/// what a test adds.
class Builder {
public:
  Builder();

  int allocate(llvm::StringRef name, int64_t address, int64_t bytes);
  int engine(llvm::StringRef name, bool inOrder = true, int queue = 0);
  int event(llvm::StringRef name, int64_t initial = 0, int64_t final = 0);
  Register reg() { return program.registers++; }
  Instruction &add(Action action, int engine = -1);
  Instruction &add(Transfer work, int engine = -1);
  Instruction &add(Map work, int engine = -1);
  Instruction &add(Reduce work, int engine = -1);
  Instruction &add(Scan work, int engine = -1);
  Instruction &add(Take work, int engine = -1);
  Instruction &add(Multiply work, int engine = -1);
  Instruction &add(Element work, int engine = -1);
  Instruction &signal(int event, int engine = -1, int64_t amount = 1);
  Instruction &wait(int event, int engine = -1, int64_t amount = 1);
  void move(Register to, int64_t constant);
  /// Global memory to or from a window of the core, contiguous.
  Transfer in(int buffer, Window target, int64_t element = 0);
  Transfer out(Window source, int buffer, int64_t element = 0);

  /// Adds the ends; then the program is whole.
  std::optional<Result> run(Run run);
  std::optional<Result> run() { return run(Run()); }
  /// What the run reported first; empty after a good run.
  std::string error;
  std::vector<std::string> notes; // of it

  Program program;
  mlir::MLIRContext context;

private:
  bool isClosed = false;
};

/// Dense, row-major.
Window window(int allocation, ElementType type, llvm::ArrayRef<int64_t> shape,
              int64_t offset = 0);
/// result = op(operands...), of elements of one type.
Map mapOf(Arithmetic::Code code, Window out, llvm::ArrayRef<Window> ins,
          int32_t detail = 0);
Lambda lambdaOf(Arithmetic::Code code, ElementType type);

/// Global memory of a run.
template <typename T>
Buffer bufferOf(llvm::StringRef name, std::vector<T> &data) {
  return {name.str(), reinterpret_cast<char *>(data.data()),
          int64_t(data.size() * sizeof(T))};
}

} // namespace terrazzo::simulator::test

#endif // TERRAZZO_TEST_UNIT_SIMULATOR_BUILDING_H
