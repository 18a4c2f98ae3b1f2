// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Programs with one sync taken out or weakened: what a check of sync must see.
#ifndef TERRAZZO_LIB_SIMULATOR_MUTANTS_H
#define TERRAZZO_LIB_SIMULATOR_MUTANTS_H

#include "lib/Simulator/Program.h"

namespace terrazzo::simulator {

struct Mutant {
  enum class Kind {
    NoWait,   // the wait waits for nothing
    LessWait, // for one count less
    NoSignal, // the signal signals nothing
    NoEnd,    // the end of a work signals nothing
    Credit    // the event begins with one count more
  } kind;
  int32_t number; // of the instruction; of a credit, of the event

  void apply(Program &program) const;
  /// Without its wait: `tpu.wait_dma` at kernel.py:12, instruction 34
  std::string text(const Program &program) const;
};

std::vector<Mutant> mutantsOf(const Program &program);

} // namespace terrazzo::simulator

#endif // TERRAZZO_LIB_SIMULATOR_MUTANTS_H
