// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What `tl.device_print` writes.
#ifndef TERRAZZO_LIB_INTERPRETER_PRINT_H
#define TERRAZZO_LIB_INTERPRETER_PRINT_H

#include "lib/Interpreter/Tensor.h"

#include "dialects/Kernel/Kernel.h"

#include <array>
#include <string>

namespace terrazzo::interpreter {

/// The lines of one op in one program, as Triton's own device code writes
/// them: `pid (x, y, z) idx (i, …)<prefix>(operand n) <value>`, one for each
/// element, the operand only where there are several. What was never written
/// is printed as `poison`.
std::string printed(kernel::PrintOp op, const std::array<int64_t, 3> &program,
                    llvm::ArrayRef<const Tensor *> values);

} // namespace terrazzo::interpreter

#endif // TERRAZZO_LIB_INTERPRETER_PRINT_H
