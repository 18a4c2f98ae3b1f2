// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// numerics-convert encode FORMAT: f32 from stdin, one byte pair of code each
// out; numerics-convert decode FORMAT: codes 0 .. 2^bits-1 as f64 out.
#include "lib/Numerics/Format.h"

#include <cstdio>
#include <cstring>
#include <string_view>

using namespace terrazzo::numerics;

int main(int argc, char **argv) {
  if (argc != 3)
    return 2;
  for (const FormatInfo &f : allFormats()) {
    if (f.name != argv[2])
      continue;
    if (std::string_view(argv[1]) == "decode") {
      for (uint64_t code = 0; code >> f.bits == 0; ++code) {
        double v = decode(f.format, code);
        std::fwrite(&v, sizeof v, 1, stdout);
      }
      return 0;
    }
    float v;
    while (std::fread(&v, sizeof v, 1, stdin) == 1) {
      uint16_t code = uint16_t(encode(f.format, v));
      std::fwrite(&code, sizeof code, 1, stdout);
    }
    return 0;
  }
  return 1;
}
