// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// NumPy's .npy files, versions 1 to 3: numbers in, numbers out.
#ifndef TERRAZZO_LIB_DRIVER_NPY_H
#define TERRAZZO_LIB_DRIVER_NPY_H

#include "lib/Interpreter/Tensor.h"

#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace terrazzo::driver {

struct NpyArray {
  std::vector<int64_t> shape;
  bool isFloat = false;
  std::vector<double> reals;     // isFloat
  std::vector<int64_t> integers; // the bits of an unsigned 64-bit number
  bool isUnsigned = false;

  double real(size_t i) const {
    return isFloat      ? reals[i]
           : isUnsigned ? double(uint64_t(integers[i]))
                        : double(integers[i]);
  }
};

/// At most \p maxElements elements are read; objects are refused.
llvm::Expected<NpyArray> readNpy(const std::string &path, int64_t maxElements);

/// Writes elements of \p type in \p shape, row-major; a float type that NumPy
/// lacks is written as float32. The file appears whole or not at all.
llvm::Error writeNpy(const std::string &path, const interpreter::Tensor &data,
                     const std::vector<int64_t> &shape);

} // namespace terrazzo::driver

#endif // TERRAZZO_LIB_DRIVER_NPY_H
