// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The oracle: runs a launch of Kernel IR program by program, or the host plan
// of a Tile IR function, with bounds, poison, overflow and rounding as written.
#ifndef TERRAZZO_LIB_INTERPRETER_INTERPRETER_H
#define TERRAZZO_LIB_INTERPRETER_INTERPRETER_H

#include "lib/Diagnostics/Diagnostics.h"
#include "lib/Interpreter/Tensor.h"
#include "terrazzo/Limits.h"

#include "mlir/IR/BuiltinOps.h"

#include <array>
#include <atomic>
#include <optional>

namespace terrazzo::interpreter {

/// An argument's memory. Elements that nothing wrote carry the Poison flag.
struct Buffer {
  std::string name;
  Tensor data; // rank 1: the elements in memory order
  /// How programs wrote each element; filled when a launch is sampled.
  std::vector<uint8_t> written;
};

/// Bits of Buffer::written.
enum Written : uint8_t { Stored = 1, Combined = 2 /* by an atomic */ };

struct LaunchArgument {
  int buffer = -1;     // a pointer into this buffer …
  int64_t offset = 0;  // … this many elements in
  int64_t integer = 0; // or a scalar
  double real = 0;
};

class Semantics;

/// Which of the streams that could go on does: results must not depend on it.
enum class RoleOrder { ProducersFirst, ConsumersFirst, Seeded };

struct Launch {
  mlir::ModuleOp module;
  std::string entry;                    // empty: the marked or the only one
  const Semantics *semantics = nullptr; // null: Kernel and Tile IR
  RoleOrder roleOrder = RoleOrder::ProducersFirst;
  uint64_t roleSeed = 0;
  bool honourKeys = false; // a slot acquired with the last key is not refilled
  std::array<int64_t, 3> grid{1, 1, 1};
  std::vector<LaunchArgument> arguments;
  std::vector<Buffer> *buffers = nullptr;
  unsigned threads = 0;          // 0: all cores
  int64_t sample = 0;            // run only so many programs; 0: all
  Limits limits;                 // of these, passes and calls
  std::string *prints = nullptr; // takes what is printed; null: stdout
};

struct LaunchResult {
  int64_t programs = 0;
  uint64_t operations = 0;
};

/// The address of an element as the oracle has it, which an argument's memory
/// may hold.
int64_t addressOf(int buffer, int64_t element, const ElementType &type);

/// The buffer that an address belongs to, and how many bytes in.
std::pair<int, int64_t> placeOf(int64_t address);

/// Runs the launch on the buffers. Empty after an error, which was reported
/// with its source line, program id and index.
std::optional<LaunchResult> run(const Launch &launch, DiagnosticEngine &engine);

/// How well one output agrees with its own reference.
struct Comparison {
  double maxAbs = 0;
  double maxRel = 0;
  double errorOverBound = 0;
  double ambiguous = 0; // share of elements
  int64_t unwritten = 0;
  bool ok = true;
};

/// Compares \p actual, or the bits of \p oracle itself when null, with the
/// reference and the bounds of \p oracle.
Comparison compare(const Tensor &oracle, const std::vector<double> *actual);

} // namespace terrazzo::interpreter

#endif // TERRAZZO_LIB_INTERPRETER_INTERPRETER_H
