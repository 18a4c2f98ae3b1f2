// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Files that appear whole or not at all.
#ifndef TERRAZZO_LIB_DRIVER_WHOLEFILE_H
#define TERRAZZO_LIB_DRIVER_WHOLEFILE_H

#include "llvm/ADT/StringRef.h"

#include <system_error>

namespace terrazzo::driver {

/// Writes through a temporary file beside it, which goes when that fails and
/// when the process is interrupted. What is no regular file (a device) cannot
/// be replaced and is written as it is.
std::error_code writeWholeFile(llvm::StringRef path, llvm::StringRef bytes);

} // namespace terrazzo::driver

#endif // TERRAZZO_LIB_DRIVER_WHOLEFILE_H
