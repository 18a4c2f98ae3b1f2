// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What an argument holds before a launch: the `init` of a launch file.
#ifndef TERRAZZO_LIB_DRIVER_FILLING_H
#define TERRAZZO_LIB_DRIVER_FILLING_H

#include "lib/Diagnostics/FirstFault.h"
#include "lib/Driver/LaunchFile.h"
#include "lib/Frontend/Emit/Value.h"
#include "lib/Interpreter/Tensor.h"

namespace terrazzo::driver {

/// Whether \p type has the number.
bool fits(frontend::DType type, __int128 number);
/// Whether \p type can round a finite number to one.
bool fits(numerics::Format format, double number);

class Filling : FirstFault {
public:
  /// The value of an expression; reports what is wrong with it and throws Stop.
  using Number = llvm::function_ref<int64_t(const Text &)>;

  /// For the arguments of \p file. A .npy file may have \p maxElements.
  Filling(const LaunchFile &file, int64_t maxElements, Number number,
          DiagnosticEngine &engine)
      : FirstFault(engine), file(file), maxElements(maxElements),
        number(number) {}

  /// Fills \p data, of \p type and \p shape. Throws Stop after an error, which
  /// was reported.
  void fill(interpreter::Tensor &data, const LaunchArg &arg,
            frontend::DType type, const std::vector<int64_t> &shape);

private:
  void fillRandomly(interpreter::Tensor &data, const LaunchArg &arg,
                    frontend::DType type, llvm::StringRef name,
                    llvm::StringRef inside);
  void fillWith(interpreter::Tensor &data, const LaunchArg &arg,
                frontend::DType type, llvm::StringRef literal);
  void permute(interpreter::Tensor &data, const LaunchArg &arg);
  void list(interpreter::Tensor &data, const LaunchArg &arg,
            frontend::DType type);
  void fillFrom(interpreter::Tensor &data, const LaunchArg &arg,
                llvm::StringRef name, const std::vector<int64_t> &shape);
  __int128 inType(const LaunchArg &arg, frontend::DType type, __int128 n);

  const LaunchFile &file;
  int64_t maxElements;
  Number number;
};

} // namespace terrazzo::driver

#endif // TERRAZZO_LIB_DRIVER_FILLING_H
