// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What instructions do to the memories of a core and to global memory: the bits
// that the chip would compute. Time and order are the machine's.
#ifndef TERRAZZO_LIB_SIMULATOR_EXECUTOR_H
#define TERRAZZO_LIB_SIMULATOR_EXECUTOR_H

#include "lib/Simulator/CoreMemory.h"
#include "lib/Simulator/Fault.h"
#include "lib/Simulator/LaneProgram.h"
#include "lib/Simulator/Nest.h"
#include "lib/Simulator/Simulator.h"

#include <array>
#include <mutex>

namespace terrazzo::simulator {

/// A window whose place is known.
struct Place {
  int allocation = -1;
  ElementType type;
  int64_t size = 1;   // bytes of an element
  int64_t offset = 0; // bytes from the allocation's first to the window's
  llvm::SmallVector<int64_t, 4> shape, strides; // in elements and bytes
};
/// Also where it lies outside its allocation.
Place placeOf(const Window &window, const Word *registers);

/// The part of a window of global memory that takes part in a transfer.
struct GlobalBox {
  ElementType type;
  int64_t size = 1;
  int64_t base = 0; // the address of element 0, …
  llvm::SmallVector<int64_t, 4> low, extents, strides; // … bytes
  bool isEmpty() const {
    return llvm::any_of(extents, [](int64_t e) { return e <= 0; });
  }
};
GlobalBox boxOf(const GlobalWindow &window, const Word *registers);

/// The lambdas of a program, prepared for lanes; shared by all cores.
struct PreparedProgram {
  explicit PreparedProgram(const Program &program);
  const Program &program;
  std::vector<LaneProgram> maps, reduces, scans;
  /// Whether the order of cores shows in the results: floats that atomics add,
  /// or what atomics give back.
  bool ordersCores = false;
};

/// What cores that run at once share.
struct GlobalMemory {
  const Run &run;
  bool isShared = false; // by several host threads
  std::array<std::mutex, 64> stripes;

  /// The bytes from \p low to \p high, whose elements have \p size; a fault
  /// where they do not lie in one argument.
  char *find(int64_t low, int64_t high, int64_t size) const;
};

class Executor {
public:
  Executor(const PreparedProgram &prepared, GlobalMemory &global);

  void execute(const Instruction &instruction, Word *registers);
  /// The positions that an index picks, without those that it leaves out.
  std::vector<int64_t> positions(const GlobalWindow &window,
                                 const GlobalBox &box,
                                 const Word *registers) const;
  const std::string &bufferName(int buffer) const {
    return global.run.buffers[buffer].name;
  }
  CoreMemory memory;

private:
  Place resolve(const Window &window, const Word *registers) const;
  Place source(const Window &window, const Word *registers) const;
  char *data(const Place &place) {
    return memory.data(place.allocation) + place.offset;
  }
  bool isWhole(const Place &place) const {
    return memory.isWhole(place.allocation);
  }
  int64_t integerAt(const Place &place, int64_t bytes);
  bool hasValue(const Place &place, int64_t bytes) const {
    return !memory.flag(place.allocation, place.offset + bytes, 0, 1,
                        place.size, nullptr);
  }

  void element(const Element &work, Word *registers);
  void globalElement(const Element &work, Word *registers);
  void transfer(const Transfer &work, const Word *registers);
  void transferWithin(const Transfer &work, const Word *registers);
  void plainTransfer(const Transfer &work, const GlobalBox &box,
                     const Place &local);
  void pickedRows(const Transfer &work, const GlobalBox &box,
                  const Place &local, const Word *registers);
  void eachElement(const Transfer &work, const GlobalBox &box,
                   const Place &local, const Word *registers);
  void oneElement(const Transfer &work, const ElementType &type,
                  int64_t address, const Place &local, int64_t at,
                  const Place *old, int64_t oldAt, const Place *compare,
                  int64_t compareAt);
  void storeRow(const Place &local, int64_t at, int64_t stride, int64_t n,
                char *to, int64_t toStride, int64_t address);
  /// to = from, element by element; operand 0 of the nest is \p to.
  void copy(const Nest &nest, const Place &to, const Place &from);

  void map(const Map &work, const LaneProgram &lanes, const Word *registers);
  void reduce(const Reduce &work, const LaneProgram &lanes, Word *registers);
  void scan(const Scan &work, const LaneProgram &lanes, const Word *registers);
  void take(const Take &work, const Word *registers);
  void takeEach(const Take &work, const Place &out, const Place &in,
                const Word *registers);
  void multiply(const Multiply &work, const Word *registers);
  template <typename T>
  void multiplyAs(const Place &acc, const Place &a, const Place &b, bool fresh);
  void flagProduct(const Place &acc, const Place &a, const Place &b,
                   bool fresh);

  /// Elements begin … begin + n of an operand, into a register's row; whether
  /// any has no value.
  bool loadRow(const Nest &nest, int operand, const Place &place, int64_t begin,
               int64_t n, Register r, bool withFlags);
  void storeRow(const Nest &nest, int operand, const Place &place,
                int64_t begin, int64_t n, Register r, bool withFlags);
  void rowFlags(const Nest &nest, int operand, const Place &place,
                int64_t begin, int64_t n, Register r);
  template <typename Store>
  void combine(const LaneProgram &lanes, const Nest &nest,
               llvm::ArrayRef<Place> ins, int dimension, int64_t begin,
               int64_t n, bool reverse, bool withFlags, Store store);

  const PreparedProgram &prepared;
  const Program &program;
  GlobalMemory &global;
  LaneProgram::Frame frame;
  std::vector<char> packedA, packedB, sums;
};

} // namespace terrazzo::simulator

#endif // TERRAZZO_LIB_SIMULATOR_EXECUTOR_H
