// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What happens before what on one core, and the accesses to memory that nothing
// orders: races, found from the program's order and not from times.
#ifndef TERRAZZO_LIB_SIMULATOR_ORDER_H
#define TERRAZZO_LIB_SIMULATOR_ORDER_H

#include "lib/Simulator/Clock.h"
#include "lib/Simulator/Executor.h"
#include "lib/Simulator/Uses.h"

namespace terrazzo::simulator {

class Order {
public:
  Order(const Program &program) : program(program) {}
  const Program &program;
};

} // namespace terrazzo::simulator

#endif // TERRAZZO_LIB_SIMULATOR_ORDER_H
