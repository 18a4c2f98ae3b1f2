// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What one compilation or run may cost at most: sources are not trusted. Each
// limit has a name, under which `--limits` sets it and diagnostics speak of it.
#ifndef TERRAZZO_LIMITS_H
#define TERRAZZO_LIMITS_H

#include <cstdint>

namespace terrazzo {

//   TERRAZZO_LIMIT(name, default, lowest, highest, "what it counts")
//
// The highest is what the compiler's own stack or its arithmetic can stand.
#define TERRAZZO_LIMITS                                                        \
  TERRAZZO_LIMIT(steps, 1000000, 1, 1000000000000,                             \
                 "expressions and statements evaluated at compile time")       \
  TERRAZZO_LIMIT(unroll, 100000, 1, 100000000,                                 \
                 "passes of one unrolled loop, items of one tuple")            \
  TERRAZZO_LIMIT(operations, 200000, 1, 10000000, "ops of Kernel IR")          \
  TERRAZZO_LIMIT(block, 1048576, 1, 2147483647,                                \
                 "elements of a block (as in Triton)")                         \
  TERRAZZO_LIMIT(calls, 64, 1, 200, "calls within calls")                      \
  TERRAZZO_LIMIT(nesting, 200, 1, 200,                                         \
                 "brackets within brackets, blocks within blocks")             \
  TERRAZZO_LIMIT(source, 16777216, 1, 1073741824, "bytes of a source file")    \
  TERRAZZO_LIMIT(files, 256, 1, 10000, "source files that a kernel imports")   \
  TERRAZZO_LIMIT(elements, 2147483648, 1, 1099511627776,                       \
                 "elements of all arguments of a launch")                      \
  TERRAZZO_LIMIT(passes, 1000000000, 1, 1000000000000000,                      \
                 "passes of loops of one program in the oracle")               \
  TERRAZZO_LIMIT(seconds, 600, 1, 31536000, "time that a compilation takes")   \
  TERRAZZO_LIMIT(memory, 0, 0, 17592186044416,                                 \
                 "bytes of address space of the whole run; 0: all there is")

struct Limits {
#define TERRAZZO_LIMIT(name, standard, lowest, highest, what)                  \
  uint64_t name = standard;
  TERRAZZO_LIMITS
#undef TERRAZZO_LIMIT
};

} // namespace terrazzo

#endif // TERRAZZO_LIMITS_H
