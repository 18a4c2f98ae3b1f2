// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// numerics-blocks mx FORMAT RULE | nvfp4 SCALE: f32 from stdin; all scales,
// then all codes, then all numbers read back (f32) out.
#include "lib/Numerics/Blocks.h"

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

using namespace terrazzo::numerics;

static bool convert(int argc, char **argv, std::vector<float> &in,
                    std::vector<uint8_t> &codes, std::vector<uint8_t> &scales) {
  std::vector<float> out(in.size());
  codes.resize(in.size());
  if (argc == 3 && std::string_view(argv[1]) == "nvfp4") {
    float scale = std::strtof(argv[2], nullptr);
    scales.resize(in.size() / nvfp4Block);
    if (!encodeNvfp4(scale, in, codes, scales) ||
        !decodeNvfp4(scale, codes, scales, out))
      return false;
  } else if (argc == 4) {
    scales.resize(in.size() / mxBlock);
    const FormatInfo *element = nullptr;
    for (const FormatInfo &f : allFormats())
      if (f.name == argv[2])
        element = &f;
    auto rule = ScaleRule(std::atoi(argv[3]));
    if (!element || !encodeMX(element->format, rule, in, codes, scales) ||
        !decodeMX(element->format, codes, scales, out))
      return false;
  } else {
    return false;
  }
  in = out;
  return true;
}

int main(int argc, char **argv) {
  std::vector<float> in;
  std::vector<uint8_t> codes, scales;
  for (float v; std::fread(&v, sizeof v, 1, stdin) == 1;)
    in.push_back(v);
  if (!convert(argc, argv, in, codes, scales))
    return 1;
  std::fwrite(scales.data(), 1, scales.size(), stdout);
  std::fwrite(codes.data(), 1, codes.size(), stdout);
  std::fwrite(in.data(), sizeof(float), in.size(), stdout);
  return 0;
}
