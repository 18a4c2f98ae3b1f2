// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// decompose-math [--cpu NAME] [--lanes N] [--full] [--ir] [--upstream]
// [FUNCTION...]
//
// Compiles each function on vectors of f32, runs it and prints the largest
// error in units of the last place against libm in double. Exit code 1 if one
// is above its bound. --full takes all 2^32 inputs. --upstream measures MLIR's
// own expansions, whatever their errors.
#include "lib/Transforms/Decompose/ExpandMath.h"
#include "test/Unit/Decompose/Jit.h"

#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/ADT/STLExtras.h"

#include <bit>
#include <chrono>
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
    {"sinh", std::sinh, 2},
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
    {"cbrt", std::cbrt, 0.51},
    {"atanh", std::atanh, 0.51},
    {"rsqrt", [](double x) { return 1 / std::sqrt(x); }, 2},
};

struct BinaryEntry {
  const char *name;
  double (*reference)(double, double);
  double bound;
};

constexpr BinaryEntry binaries[] = {{"powf", std::pow, 2},
                                    {"atan2", std::atan2, 2}};

struct Options {
  std::string cpu = "host", same;
  unsigned lanes = 16;
  bool full = false, ir = false, upstream = false, time = false;
};

void expand(mlir::ModuleOp module, const Options &options) {
  if (!options.upstream)
    return expandMath(module, {.avx512 = test::hasAvx512(options.cpu)});
  mlir::RewritePatternSet patterns(module.getContext());
  mlir::math::populateExpansionPatterns(
      patterns, {"sinh", "cosh", "tan", "powf", "rsqrt", "asinh"});
  mlir::populateMathPolynomialApproximationPatterns(patterns);
  if (failed(applyPatternsGreedily(module, std::move(patterns))))
    std::printf("the patterns do not end\n");
}

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

bool sameBits(float a, float b) {
  return std::bit_cast<uint32_t>(a) == std::bit_cast<uint32_t>(b) ||
         (std::isnan(a) && std::isnan(b));
}

/// Runs f over the blocks first, first + threads, ...; \p other, if there is
/// one, must give the same.
void sweep(test::Loop f, test::Loop other, const Entry &entry, uint64_t stride,
           unsigned first, unsigned threads, Worst &worst) {
  constexpr uint64_t block = 1 << 14;
  std::vector<float> in(block), out(block), others(block);
  uint64_t total = (uint64_t(1) << 32) / stride;
  for (uint64_t b = first; b * block < total; b += threads) {
    for (uint64_t i = 0; i < block; ++i) {
      // In no order, so that lanes have neighbours of all kinds.
      uint64_t at = ((b * block + i) * 2654435761u) & (total - 1);
      // Within its stride, an input of its own choice.
      uint64_t jitter = (at * 0x9e3779b97f4a7c15ull >> 40) % stride;
      in[i] = std::bit_cast<float>(uint32_t(at * stride + jitter));
    }
    if (b == 0)
      for (size_t i = 0; i < std::size(specials); ++i)
        in[i] = std::bit_cast<float>(specials[i]);
    f(in.data(), in.data(), out.data(), block);
    if (other)
      other(in.data(), in.data(), others.data(), block);
    for (uint64_t i = 0; i < block; ++i) {
      double want = entry.reference(in[i]);
      if (other && !sameBits(out[i], others[i])) {
        worst = {INFINITY, std::bit_cast<uint32_t>(in[i]), 0, out[i],
                 others[i]};
        return;
      }
      // Rounded rightly: not the worst, and most are.
      if (worst.error >= 0.5 && out[i] == float(want) && want != 0)
        continue;
      double error = ulps(out[i], want);
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
/// range; others for every \p seed.
void pairs(unsigned seed, size_t count, std::vector<float> &a,
           std::vector<float> &b) {
  a.clear();
  b.clear();
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
  std::mt19937_64 random(seed);
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

/// The best of many runs over 2048 numbers.
void printTime(const char *name, test::Loop f) {
  std::vector<float> a(2048), b(2048), out(2048);
  std::mt19937 random(1);
  std::uniform_real_distribution<float> between(0.01f, 20);
  for (size_t i = 0; i < a.size(); ++i) {
    a[i] = between(random);
    b[i] = between(random);
  }
  double best = INFINITY;
  for (int repeat = 0; repeat < 2000; ++repeat) {
    auto start = std::chrono::steady_clock::now();
    f(a.data(), b.data(), out.data(), int64_t(a.size()));
    std::chrono::duration<double, std::nano> took =
        std::chrono::steady_clock::now() - start;
    best = std::min(best, took.count());
  }
  std::printf("%-6s %.3f ns an element\n", name, best / double(a.size()));
}

bool measure(test::Jit &jit, const BinaryEntry &entry, const Options &options) {
  test::LoopText text;
  text.lanes = options.lanes;
  text.body = std::string("%r = math.") + entry.name + " %a, %b : T";
  test::Loop f = jit.compile(text, options.cpu, [&](mlir::ModuleOp module) {
    expand(module, options);
  });
  if (options.ir)
    return true;
  if (options.time)
    return printTime(entry.name, f), true;
  constexpr size_t count = 1 << 20;
  std::vector<float> a, b, out(count);
  Worst worst;
  for (unsigned seed = 0; seed < (options.full ? 256u : 4u); ++seed) {
    pairs(seed, count, a, b);
    f(a.data(), b.data(), out.data(), int64_t(count));
    for (size_t i = 0; i < count; ++i) {
      double want = entry.reference(a[i], b[i]), error = ulps(out[i], want);
      if (error > worst.error)
        worst = {error, std::bit_cast<uint32_t>(a[i]),
                 std::bit_cast<uint32_t>(b[i]), out[i], want};
    }
  }
  report(entry.name, worst, entry.bound, true, jit.expansionSeconds());
  return worst.error <= entry.bound;
}

bool measure(test::Jit &jit, const Entry &entry, const Options &options) {
  test::LoopText text;
  text.lanes = options.lanes;
  text.body = std::string("%r = math.") + entry.name + " %a : T";
  test::Loop f = jit.compile(text, options.cpu, [&](mlir::ModuleOp module) {
    expand(module, options);
  });
  if (options.ir)
    return true;
  if (options.time)
    return printTime(entry.name, f), true;
  test::Loop other = nullptr;
  if (!options.same.empty()) {
    text.lanes = 1;
    other = jit.compile(text, options.same, [&](mlir::ModuleOp module) {
      expandMath(module, {.avx512 = test::hasAvx512(options.same)});
    });
  }
  unsigned threads = options.full ? std::thread::hardware_concurrency() : 1;
  std::vector<Worst> parts(threads);
  std::vector<std::thread> running;
  for (unsigned i = 0; i < threads; ++i)
    running.emplace_back(sweep, f, other, entry, options.full ? 1 : 1 << 10, i,
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
    else if (a == "--time")
      options.time = true;
    else if (a == "--upstream")
      options.upstream = true;
    else if (a == "--cpu" && i + 1 < argc)
      options.cpu = argv[++i];
    else if (a == "--same" && i + 1 < argc)
      options.same = argv[++i];
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
