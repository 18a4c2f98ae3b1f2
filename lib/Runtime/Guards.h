// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a launch must be for a kernel's code, as numbers that an entry hands to
// TerrazzoRuntime::check: promises of divisibility, and pairs of arguments
// whose memory must be apart. The compiler writes them (targets/Cpu), a few
// lines of the runtime read them (docs/Spec/Artifact.md).
//
//   promises P, values V, tests T,
//   P times: argument, bits, divisor
//   V times: op, a, b
//   T times: argument, hull, bytes; argument, hull, bytes; equalities E,
//            E times: argument, argument
//
// A value is an interval, and a hull is one in bytes from where its argument
// points: where elements begin, each of `bytes`. Two arguments are apart when
// their hulls are, or when there are equalities and all of them hold.
#ifndef TERRAZZO_LIB_RUNTIME_GUARDS_H
#define TERRAZZO_LIB_RUNTIME_GUARDS_H

#include "terrazzo-c/Runtime.h"

namespace terrazzo::runtime {

/// How the interval of a value is made; a and b are numbers of values before
/// it unless said otherwise.
enum class GuardOp : int64_t {
  Constant, // the number a
  Argument, // argument number a, an integer of b bits
  Program,  // the programs' ids on axis a: 0 to its extent less one
  Grid,     // the extent of axis a
  Add,
  Subtract,
  Multiply,
  Minimum,
  Maximum,
  Divide,    // rounds to zero; what divides is not 0
  Remainder, // has the sign of a
  Join,      // from the least to the greatest of both
  Meet,      // what is in both
  Wrap,      // a, a number of b bits: all of those when it does not fit
  Natural,   // a, whose sign is not known to the code: any unless it is >= 0
  Any,
};

constexpr int64_t maxGuardValues = 512;

/// The default of TerrazzoRuntime::check.
int check(const TerrazzoRuntime *runtime, const int64_t *guards,
          const char *names, const uint64_t *arguments, const int64_t grid[3]);

} // namespace terrazzo::runtime

#endif // TERRAZZO_LIB_RUNTIME_GUARDS_H
