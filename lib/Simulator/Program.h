// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A program of a modeled chip, decoded: what its cores execute, without MLIR.
// Streams (threads of control) execute it in order and give work to engines;
// work meets only through events, and through memory in the order that events
// make. Everything is per core; cores share only global memory.
#ifndef TERRAZZO_LIB_SIMULATOR_PROGRAM_H
#define TERRAZZO_LIB_SIMULATOR_PROGRAM_H

#include "lib/Diagnostics/Diagnostics.h"
#include "lib/Interpreter/Tensor.h"

#include "dialects/Kernel/Kernel.h"

#include "llvm/ADT/SmallVector.h"

#include <optional>
#include <string>
#include <vector>

namespace terrazzo::simulator {

using interpreter::ElementType;

/// A register holds 64 bits: an integer or an address (as the oracle counts
/// them, interpreter::addressOf), sign extended, or a float as a double that is
/// a number of its format.
using Register = int32_t;
union Word {
  int64_t integer;
  double real;
};

/// A register, or a constant where there is none. As an index both count:
/// register + constant.
struct Scalar {
  Register reg = -1;
  int64_t constant = 0;
};
inline int64_t valueOf(const Scalar &s, const Word *registers) {
  return s.constant + (s.reg >= 0 ? registers[s.reg].integer : 0);
}

//===-- Arithmetic --------------------------------------------------------===//

/// An op of arith or math on scalars or on lanes.
struct Arithmetic {
  enum class Code : uint16_t; // Arithmetic.h: one for each op that is known
  Code code{};
  ElementType from, to; // of the operands (the last one) and the result
  int32_t detail = 0;   // a predicate, a fast-math flag
  Register result = -1;
  llvm::SmallVector<Register, 3> operands;
};

/// The body of a map, or what combines two elements. Its registers are its own:
/// first the arguments (of a map one index per dimension of the result, then
/// one element per operand; of a combine the left and then the right elements).
struct Lambda {
  int32_t arguments = 0, registers = 0;
  std::vector<std::pair<Register, Scalar>> uniforms; // from the program's
  std::vector<std::pair<Register, double>> reals;    // float constants
  std::vector<std::pair<Register, int64_t>> integers;
  std::vector<Arithmetic> ops;
  llvm::SmallVector<Register, 2> results;
};

//===-- Memory ------------------------------------------------------------===//

/// Part of an allocation in a memory of the core; at least a byte an element,
/// whatever layout the chip has: layouts only cost.
struct Window {
  int allocation = -1;
  ElementType type;
  /// In elements, from the allocation's first.
  int64_t offset = 0;
  llvm::SmallVector<std::pair<Register, int64_t>, 2> offsets; // reg * factor
  llvm::SmallVector<int64_t, 4> shape, strides;
};

struct Allocation {
  std::string name;
  int memory = 0;
  int64_t address = 0, bytes = 0; // allocations whose lives do not meet overlap
  mlir::Location where;
};

struct Memory {
  std::string name;
  int64_t bytes = 0; // of one core
};

/// A window of global memory, element by element at base + sum(i * stride).
/// Only elements with low <= i < high in each dimension take part in a
/// transfer; the others are left alone on the other side.
struct GlobalWindow {
  Scalar base; // an address, as the oracle counts them
  ElementType type;
  llvm::SmallVector<int64_t, 4> shape;
  llvm::SmallVector<Scalar, 4> strides; // in elements
  llvm::SmallVector<Scalar, 4> low, high;
  /// The positions along one dimension (a window of rank 1 in on-chip memory),
  /// or of every element (dim -1; a window of this one's shape, and one
  /// stride).
  std::optional<Window> index;
  int indexDim = 0;
  /// Of the positions that the index picks: others are left alone.
  Scalar indexLow, indexHigh;
};

//===-- Work --------------------------------------------------------------===//

/// Between global memory and the core, or within the core where \ref global is
/// not there: target = source.
struct Transfer {
  std::optional<GlobalWindow> global;
  bool toGlobal = false;
  std::optional<Window> source, target; // of the core
  std::optional<Window> mask;           // i1: elements that take part
  int path = 0;
  /// With an atomic kind what is stored is combined; the old value goes to
  /// \ref old.
  std::optional<kernel::AtomicKind> atomic;
  std::optional<Window> old, compare;
};

/// Elementwise: outs[j][i...] = results of the lambda.
struct Map {
  llvm::SmallVector<Window, 2> outs;
  llvm::SmallVector<Window, 4> ins;
  /// For each operand the dimensions of the result that it spans.
  llvm::SmallVector<llvm::SmallVector<int, 4>, 4> dims;
  Lambda lambda;
};

/// Along \ref dim of the operands; ascending order, or as the target says by
/// \ref tree (a balanced binary tree over the index).
struct Reduce {
  llvm::SmallVector<Window, 2> outs, ins; // outs lack the dimension
  llvm::SmallVector<Register, 2> scalars; // instead of outs, of rank 0
  int dim = 0;
  bool tree = false;
  Lambda lambda;
};

struct Scan {
  llvm::SmallVector<Window, 2> outs, ins;
  int dim = 0;
  bool reverse = false;
  Lambda lambda;
};

/// out[i] = in[map(i)]: an affine map of the result's indices as a matrix, with
/// a quotient and a remainder for each result: ((row . i + offset) / divisor) %
/// modulus (0: none).
struct Take {
  Window out, in;
  struct Row {
    llvm::SmallVector<int64_t, 4> factors;
    Scalar offset;
    int64_t divisor = 1, modulus = 0;
    int64_t times = 1; // of all
  };
  std::vector<llvm::SmallVector<Row, 2>> rows; // summed, per dimension of in
};

/// acc (M x N) = a (M x K) b (K x N) + acc, or without acc where \ref fresh (a
/// register that is not 0, or always when constant 1). Sums in acc's type.
struct Multiply {
  Window acc, a, b;
  Scalar fresh;
};

/// One element of the core's memory or of global memory into a register, or
/// back.
struct Element {
  Register value = -1;
  bool store = false;
  std::optional<Window> window; // of one element
  std::optional<GlobalWindow> global;
  int path = 0;
};

enum class Action : uint8_t {
  // Of the stream alone:
  Arithmetic,
  Move,       // a register = a scalar
  Jump,       // to \ref Instruction::target
  JumpIfZero, // where the register \ref Instruction::scalar is 0
  Element,
  // Of an engine:
  Transfer,
  Map,
  Reduce,
  Scan,
  Take,
  Multiply,
  // Of the agent that `engine` names: an engine, in its queue, or the stream.
  Signal,
  Wait,
  // The end of a launch's body for this core.
  End,
};

/// A counter. Waiting for n takes n off as soon as there are as many.
struct Event {
  std::string name;
  int64_t initial = 0;      // what there is at the start of a launch
  int64_t most = INT64_MAX; // more is a fault
  /// What must be there at the end of a launch; -1: anything.
  int64_t final = 0;
};

struct Instruction {
  Action action = Action::End;
  int16_t engine = -1; // -1: the stream itself
  /// Whose time it is, of work that the stream does itself; -1: the stream's.
  int16_t unit = -1;
  int16_t stream = -1; // that executes it; -1: each one
  int32_t payload = 0; // in the vector of its action
  int32_t target = 0;  // of a jump
  Scalar scalar;       // moved, tested; of Signal and Wait the amount
  Register result = -1;
  /// Signal and Wait: which event. Of an engine's work: the event that its end
  /// signals, by \ref scalar (-1: none).
  int32_t event = -1;
  Register eventOffset = -1; // added
  /// The engine is busy so long, and the result is there so much later. A
  /// transfer adds what its path takes.
  double busy = 0, latency = 0; // s
  int32_t place = 0;            // in Program::places
  int32_t name = -1;            // in Program::names: of the op
};

//===-- The whole ---------------------------------------------------------===//

struct Engine {
  std::string name;
  /// The stream does the work itself and is busy with it (its order is the
  /// stream's, it is no agent of its own); what it takes counts for the engine.
  bool inStream = false;
  bool inOrder = true; // else each work of its own: nothing orders two of them
  int queue = 0;       // work given and not begun; 0: as much as wanted
  double issue = 0;    // s of the stream for each work
};

/// What a transfer takes: latency + bursts * burst / bandwidth. Of a memory
/// that cores share it is the share of one core.
struct Path {
  std::string name;
  double bandwidth = 0; // B/s
  double latency = 0;   // s
  int64_t burst = 1;    // B: each run of adjacent bytes is rounded up to it
  double setup = 0;     // s for each run of adjacent bytes
};

struct Launch {
  int64_t cores = 1;
  Register core = -1; // gets the core's number
  int32_t begin = 0;  // the first instruction of its body
};

struct Program {
  std::string name;
  std::vector<Memory> memories;
  std::vector<Allocation> allocations;
  std::vector<Event> events;
  std::vector<Engine> engines;
  std::vector<std::string> streams; // of a core; at least one
  std::vector<Path> paths;
  int32_t registers = 0;
  std::vector<Register> arguments; // of the function
  std::vector<ElementType> argumentTypes;
  /// The host's plan: executed once, before the launches in their order.
  int32_t plan = 0;
  std::vector<Launch> launches;

  std::vector<Instruction> instructions;
  std::vector<Arithmetic> arithmetic;
  std::vector<Element> elements;
  std::vector<Transfer> transfers;
  std::vector<Map> maps;
  std::vector<Reduce> reduces;
  std::vector<Scan> scans;
  std::vector<Take> takes;
  std::vector<Multiply> multiplies;
  std::vector<mlir::Location> places;
  std::vector<std::string> names; // of ops

  /// Where all cores share a cache before global memory, whose bandwidth the
  /// paths have: memory's own in B/s (0: there is no such cache), and the bytes
  /// that the cache holds.
  double memoryBandwidth = 0;
  int64_t cacheBytes = 0;
  double scalarOp = 0;   // s of a stream for each op of its own
  double launchCost = 0; // s: from the launch on the device to the first op
  double dispatch = 0;   // s: the host's share
};

} // namespace terrazzo::simulator

#endif // TERRAZZO_LIB_SIMULATOR_PROGRAM_H
