// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// decompose-math [--cpu NAME] [--lanes N] [--full] [--ir] [--upstream]
// [FUNCTION...]
//
// Compiles each function on vectors of f32, runs it and prints the largest
// error in units of the last place against libm in double. Exit code 1 if one
// is above its bound. --full takes all 2^32 inputs.
#include "lib/Transforms/Decompose/ExpandMath.h"
#include "test/Unit/Decompose/Jit.h"

#include "llvm/ADT/STLExtras.h"

#include <bit>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <thread>
#include <vector>

using namespace terrazzo;

namespace {

struct Entry {
  const char *name; // of the math op
  double (*reference)(double);
  double bound; // ulp
};

constexpr Entry entries[] = {
    {"exp", std::exp, 2},
    {"exp2", std::exp2, 2},
    {"log", std::log, 2},
    {"log2", std::log2, 2},
    {"log10", std::log10, 2},
    {"log1p", std::log1p, 2},
    {"expm1", std::expm1, 2},
    {"sinh", std::sinh, 3},
    {"cosh", std::cosh, 2},
    {"tanh", std::tanh, 2},
    {"erf", std::erf, 2},
    {"sin", std::sin, 2},
    {"cos", std::cos, 2},
    {"tan", std::tan, 2},
    {"atan", std::atan, 2},
    {"asin", std::asin, 2},
    {"acos", std::acos, 2},
    {"sqrt", std::sqrt, 0.5},
    {"rsqrt", [](double x) { return 1 / std::sqrt(x); }, 2},
};

struct BinaryEntry {
  const char *name;
  double (*reference)(double, double);
  double bound;
};

constexpr BinaryEntry binaries[] = {{"powf", std::pow, 2},
                                    {"atan2", std::atan2, 3}};

struct Options {
  std::string cpu = "host";
  unsigned lanes = 16;
  bool full = false, ir = false;
};

struct Worst {
  double error = -1;
  uint32_t input = 0, second = 0;
  float got = 0;
  double want = 0;
};

/// |got - want| in places of f32 at want; infinity counts as 2^128.
double ulps(float got, double want) {
  if (std::isnan(want) || std::isnan(got))
    return std::isnan(want) && std::isnan(got)
               ? 0
               : std::numeric_limits<double>::infinity();
  if (want == 0)
    return got == 0 && std::signbit(got) == std::signbit(want)
               ? 0
               : std::numeric_limits<double>::infinity();
  double g = std::isinf(got) ? std::copysign(0x1p128, got) : double(got);
  double w = std::fabs(want) > 0x1p128 ? std::copysign(0x1p128, want) : want;
  int exponent = std::max(-126, std::min(127, std::ilogb(w)));
  return std::ldexp(std::fabs(g - w), 23 - exponent);
}

constexpr uint32_t specials[] = {
    0,          0x80000000, 1,          0x80000001, 0x007fffff, 0x807fffff,
    0x00800000, 0x80800000, 0x3f800000, 0xbf800000, 0x3f7fffff, 0xbf7fffff,
    0x3f800001, 0xbf800001, 0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000,
    0x7fc00000, 0xffc00000, 0x7f800001, 0x42b17218, 0x42b17217, 0xc2cff1b5,
    0xc2cff1b4, 0xc2aeac50, 0xc2aeac4f, 0x43000000, 0xc3160000, 0xc3150000};

/// Runs f over the blocks first, first + threads, ...
void sweep(test::Loop f, const Entry &entry, uint64_t stride, unsigned first,
           unsigned threads, Worst &worst) {
  constexpr uint64_t block = 1 << 14;
  std::vector<float> in(block), out(block);
  uint64_t total = (uint64_t(1) << 32) / stride;
  for (uint64_t b = first; b * block < total; b += threads) {
    for (uint64_t i = 0; i < block; ++i) {
      uint64_t at = b * block + i;
      // Within its stride, an input of its own choice.
      uint64_t jitter = (at * 0x9e3779b97f4a7c15ull >> 40) % stride;
      in[i] = std::bit_cast<float>(uint32_t(at * stride + jitter));
    }
    if (b == 0)
      for (size_t i = 0; i < std::size(specials); ++i)
        in[i] = std::bit_cast<float>(specials[i]);
    f(in.data(), in.data(), out.data(), block);
    for (uint64_t i = 0; i < block; ++i) {
      double want = entry.reference(in[i]), error = ulps(out[i], want);
      if (error > worst.error)
        worst = {error, std::bit_cast<uint32_t>(in[i]), 0, out[i], want};
    }
  }
}

void report(const char *name, const Worst &worst, double bound, bool two,
            double seconds) {
  auto number = [](uint32_t bits) {
    return double(std::bit_cast<float>(bits));
  };
  std::printf("%-6s %6.3f ulp of %.1f  at %08x (%.9g", name, worst.error, bound,
              worst.input, number(worst.input));
  if (two)
    std::printf(", %.9g", number(worst.second));
  std::printf("): %.9g, want %.12g; expanded in %.2f ms%s\n", double(worst.got),
              worst.want, seconds * 1e3,
              worst.error <= bound ? "" : "  ABOVE ITS BOUND");
  std::fflush(stdout);
}

/// Pairs of special numbers, pairs of any bits, and pairs whose power is in
/// range.
void pairs(size_t count, std::vector<float> &a, std::vector<float> &b) {
  for (uint32_t x : specials)
    for (uint32_t y : specials) {
      a.push_back(std::bit_cast<float>(x));
      b.push_back(std::bit_cast<float>(y));
    }
  for (float x : {0.5f, -0.5f, 2.0f, -2.0f, 3.0f, -3.0f, 1.5f, -8388609.0f})
    for (uint32_t y : specials)
      for (bool swap : {false, true}) {
        a.push_back(swap ? x : std::bit_cast<float>(y));
        b.push_back(swap ? std::bit_cast<float>(y) : x);
      }
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> unit(-1, 1);
  while (a.size() < count) {
    uint64_t bits = random();
    float x = std::bit_cast<float>(uint32_t(bits));
    float y = std::bit_cast<float>(uint32_t(bits >> 32));
    switch (a.size() % 4) {
    case 0:
      x = std::fabs(x);
      y = float(150 * unit(random) / std::log2(double(x)));
      break;
    case 1:
      y = std::floor(float(20 * unit(random)));
      x = float(30 * unit(random));
      break;
    case 2: // near 1
      x = float(1 + unit(random) * std::exp2(-24 * std::fabs(unit(random))));
      y = float(100 * unit(random) / std::log2(std::fabs(double(x))));
      break;
    }
    a.push_back(x);
    b.push_back(y);
  }
  a.resize(count);
  b.resize(count);
}

bool measure(test::Jit &jit, const BinaryEntry &entry, const Options &options) {
  test::LoopText text;
  text.lanes = options.lanes;
  text.body = std::string("%r = math.") + entry.name + " %a, %b : T";
  test::Loop f = jit.compile(text, options.cpu, [&](mlir::ModuleOp module) {
    expandMath(module, {.avx512 = test::hasAvx512(options.cpu)});
  });
  if (options.ir)
    return true;
  size_t count = size_t(1) << (options.full ? 28 : 22);
  std::vector<float> a, b;
  pairs(count, a, b);
  std::vector<float> out(count);
  f(a.data(), b.data(), out.data(), int64_t(count));
  Worst worst;
  for (size_t i = 0; i < count; ++i) {
    double want = entry.reference(a[i], b[i]), error = ulps(out[i], want);
    if (error > worst.error)
      worst = {error, std::bit_cast<uint32_t>(a[i]),
               std::bit_cast<uint32_t>(b[i]), out[i], want};
  }
  report(entry.name, worst, entry.bound, true, jit.expansionSeconds());
  return worst.error <= entry.bound;
}

bool measure(test::Jit &jit, const Entry &entry, const Options &options) {
  test::LoopText text;
  text.lanes = options.lanes;
  text.body = std::string("%r = math.") + entry.name + " %a : T";
  test::Loop f = jit.compile(text, options.cpu, [&](mlir::ModuleOp module) {
    expandMath(module, {.avx512 = test::hasAvx512(options.cpu)});
  });
  if (options.ir)
    return true;
  unsigned threads = options.full ? std::thread::hardware_concurrency() : 1;
  std::vector<Worst> parts(threads);
  std::vector<std::thread> running;
  for (unsigned i = 0; i < threads; ++i)
    running.emplace_back(sweep, f, entry, options.full ? 1 : 1 << 10, i,
                         threads, std::ref(parts[i]));
  Worst worst;
  for (unsigned i = 0; i < threads; ++i) {
    running[i].join();
    if (parts[i].error > worst.error)
      worst = parts[i];
  }
  report(entry.name, worst, entry.bound, false, jit.expansionSeconds());
  return worst.error <= entry.bound;
}

} // namespace

int main(int argc, char **argv) {
  Options options;
  std::vector<std::string> names;
  for (int i = 1; i < argc; ++i) {
    std::string a = argv[i];
    if (a == "--full")
      options.full = true;
    else if (a == "--ir")
      options.ir = true;
    else if (a == "--cpu" && i + 1 < argc)
      options.cpu = argv[++i];
    else if (a == "--lanes" && i + 1 < argc)
      options.lanes = unsigned(std::atoi(argv[++i]));
    else if (a[0] != '-')
      names.push_back(a);
    else
      return 2;
  }
  test::Jit jit;
  jit.printIR = options.ir;
  bool good = true;
  size_t measured = 0;
  auto each = [&](const auto &table) {
    for (const auto &entry : table)
      if (names.empty() || llvm::is_contained(names, entry.name)) {
        ++measured;
        good &= measure(jit, entry, options);
      }
  };
  each(entries);
  each(binaries);
  if (measured == 0 || (!names.empty() && measured != names.size()))
    return 2;
  return good ? 0 : 1;
}
