// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compiles a kernel from text and prints its Kernel IR, or what is wrong with
// it.
#include "terrazzo/Compiler.h"

#include <iostream>

int main() {
  terrazzo::CompileRequest request;
  request.path = "double.py";
  request.source = "import triton\n"
                   "import triton.language as tl\n"
                   "\n"
                   "@triton.jit\n"
                   "def double(x, BLOCK: tl.constexpr):\n"
                   "    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)\n"
                   "    tl.store(x + i, tl.load(x + i) * 2)\n";
  request.signature = "*fp32, BLOCK=64";
  terrazzo::CompileResult result = terrazzo::compile(request);
  if (!result.output) {
    std::cerr << result.rendered;
    return 1;
  }
  std::cout << *result.output;

  request.signature = "*fp32";
  result = terrazzo::compile(request);
  std::cout << result.messages.at(0).kind << "\n";
  return 0;
}
