// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A kernel's parameters and what a launch gives them.
#ifndef TERRAZZO_LIB_DRIVER_BINDING_H
#define TERRAZZO_LIB_DRIVER_BINDING_H

#include "lib/Driver/Prepare.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace terrazzo::driver {

/// Bytes of an element in a device's memory; smaller ones take a byte each.
int64_t elementBytes(const interpreter::ElementType &type);

/// Where the memory of an argument starts on a device is divisible by this.
constexpr int64_t memoryAlignment = 64;

/// What the front end is told of each parameter. With \p specialize as Triton
/// does: an integer 1 is a constant, and what is divisible by 16 says so.
std::vector<frontend::Argument> argumentsOf(const Prepared &prepared,
                                            const frontend::KernelInfo &kernel,
                                            bool specialize);

/// The launch's value of each argument of \p entry, in order, but for the last
/// \p unbound. Nothing after an error, which was reported.
std::optional<std::vector<interpreter::LaunchArgument>>
bind(mlir::func::FuncOp entry, const Prepared &prepared,
     DiagnosticEngine &engine, unsigned unbound = 0);

/// The arguments through which \p entry may store.
std::vector<bool> writtenArguments(mlir::func::FuncOp entry);

/// Whether an argument that is written shares its memory with another one.
bool overlapsWritten(mlir::func::FuncOp entry, const Prepared &prepared);

/// The groups of parameters that share memory, as text: `q k v; x y`.
std::string sharedMemory(const Prepared &prepared,
                         const frontend::KernelInfo &kernel);

} // namespace terrazzo::driver

#endif // TERRAZZO_LIB_DRIVER_BINDING_H
