// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the arrays of a launch hold at first.
#ifndef TERRAZZO_LIB_DRIVER_CONTENTS_H
#define TERRAZZO_LIB_DRIVER_CONTENTS_H

#include "lib/Diagnostics/FirstFault.h"
#include "lib/Driver/LaunchFile.h"
#include "lib/Interpreter/Tensor.h"

#include "llvm/ADT/STLFunctionalExtras.h"

namespace terrazzo::driver {

class Contents : FirstFault {
public:
  /// The value of an expression of the file; reports its faults.
  using Number = llvm::function_ref<int64_t(const Text &)>;

  /// \p folder is where relative paths begin; a file has at most \p
  /// maxElements.
  Contents(Number number, llvm::StringRef folder, int64_t maxElements,
           DiagnosticEngine &engine)
      : FirstFault(engine), number(number), folder(folder),
        maxElements(maxElements) {}
  /// Does what `init` of \p arg says; without it no element has a value.
  void fill(interpreter::Tensor &data, const LaunchArg &arg,
            const std::vector<int64_t> &shape);

private:
  void list(interpreter::Tensor &data, const LaunchArg &arg);
  void file(interpreter::Tensor &data, const LaunchArg &arg,
            llvm::StringRef path, const std::vector<int64_t> &shape);
  bool drawn(interpreter::Tensor &data, const LaunchArg &arg,
             llvm::StringRef name, llvm::StringRef inside);
  [[noreturn]] void unknown(const LaunchArg &arg);

  Number number;
  llvm::StringRef folder;
  int64_t maxElements;
};

} // namespace terrazzo::driver

#endif // TERRAZZO_LIB_DRIVER_CONTENTS_H
