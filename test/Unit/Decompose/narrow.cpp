// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// decompose-narrow [--cpu NAME] [--lanes N]
//
// What expandMath does with elements that are not f32: functions and arithmetic
// of narrow floats, functions of f64. Exit code 1 if a result is wrong.
#include "lib/Numerics/Format.h"
#include "lib/Transforms/Decompose/ExpandMath.h"
#include "test/Unit/Decompose/Jit.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

#include <bit>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <random>
#include <string>
#include <vector>

using namespace terrazzo;
using namespace terrazzo::numerics;

namespace {

struct Case {
  const char *operand, *result, *body;
  Format from, to;
  double (*reference)(double a, double b);
  double slack; // of a place, beyond the half of a correct rounding
};

// 2 ulp of f32 are less than 1/1000 of a place of f16; an f32 result that two
// roundings made of exact arithmetic is right.
constexpr double viaF32 = 1e-3;

template <double (*f)(double)> double one(double a, double) { return f(a); }
double sum(double a, double b) { return a + b; }
double product(double a, double b) { return a * b; }
double quotient(double a, double b) { return a / b; }
double smaller(double a, double b) { return a < b ? a : b; }
double same(double a, double) { return a; }

constexpr Format F16 = Format::F16, BF16 = Format::BF16, F64 = Format::F64,
                 E4 = Format::E4M3FN, E5 = Format::E5M2;
constexpr const char *less = "%c = arith.cmpf olt, %a, %b : T\n"
                             "%r = arith.select %c, %a, %b : CT, T";

const Case cases[] = {
    {"f16", "f16", "%r = math.exp %a : T", F16, F16, one<std::exp>, viaF32},
    {"f16", "f16", "%r = math.log %a : T", F16, F16, one<std::log>, viaF32},
    {"f16", "f16", "%r = math.sqrt %a : T", F16, F16, one<std::sqrt>, 0},
    {"f16", "f16", "%r = math.floor %a : T", F16, F16, one<std::floor>, 0},
    {"f16", "f16", "%r = arith.addf %a, %b : T", F16, F16, sum, 0},
    {"f16", "f16", "%r = arith.divf %a, %b : T", F16, F16, quotient, 0},
    {"bf16", "bf16", "%r = math.exp %a : T", BF16, BF16, one<std::exp>, viaF32},
    {"bf16", "bf16", "%r = math.tanh %a : T", BF16, BF16, one<std::tanh>,
     viaF32},
    {"bf16", "bf16", "%r = math.sin %a : T", BF16, BF16, one<std::sin>, viaF32},
    {"bf16", "bf16", "%r = math.absf %a : T", BF16, BF16, one<std::fabs>, 0},
    {"bf16", "bf16", "%r = arith.addf %a, %b : T", BF16, BF16, sum, 0},
    {"bf16", "bf16", "%r = arith.mulf %a, %b : T", BF16, BF16, product, 0},
    {"bf16", "bf16", "%r = arith.divf %a, %b : T", BF16, BF16, quotient, 0},
    {"bf16", "bf16", less, BF16, BF16, smaller, 0},
    {"f8E4M3FN", "f8E4M3FN", "%r = arith.addf %a, %b : T", E4, E4, sum, 0},
    {"f8E5M2", "f8E5M2", "%r = arith.mulf %a, %b : T", E5, E5, product, 0},
    {"f8E5M2", "f8E5M2", less, E5, E5, smaller, 0},
    {"f8E5M2", "f16", "%r = arith.extf %a : T to R", E5, F16, same, 0},
    {"f64", "bf16", "%r = arith.truncf %a : T to R", F64, BF16, same, 0},
    {"f64", "f8E4M3FN", "%r = arith.truncf %a : T to R", F64, E4, same, 0},
    {"f64", "f64", "%r = math.exp %a : T", F64, F64, one<std::exp>, 0},
    {"f64", "f64", "%r = math.log2 %a : T", F64, F64, one<std::log2>, 0},
    {"f64", "f64", "%r = math.erf %a : T", F64, F64, one<std::erf>, 0},
    {"f64", "f64", "%r = math.powf %a, %b : T", F64, F64, std::pow, 0},
    {"f64", "f64", "%r = math.atan2 %a, %b : T", F64, F64, std::atan2, 0},
};

struct Options {
  std::string cpu = "host";
  unsigned lanes = 16;
};

/// |got - want| in places of the format at want; infinity is the power of two
/// beyond the largest number.
double places(const FormatInfo &f, double got, double want) {
  if (std::isnan(want) || std::isnan(got))
    return std::isnan(want) == std::isnan(got) ? 0 : INFINITY;
  double end = std::exp2(std::ceil(std::log2(f.largest())));
  if (std::fabs(want) > end)
    want = std::copysign(end, want);
  if (std::isinf(got))
    got = std::copysign(end, got);
  if (want == 0 || got == want)
    return got == want ? 0 : INFINITY;
  int lowest = 1 - f.bias, exponent = std::max(lowest, std::ilogb(want));
  return std::ldexp(std::fabs(got - want), int(f.mantissaBits) - exponent);
}

/// A result is right when it is the reference rounded, or for a function near
/// half-way between two numbers, either.
bool right(const Case &c, uint64_t got, double want) {
  const FormatInfo &to = info(c.to);
  uint64_t rounded = encode(c.to, want);
  double value = decode(c.to, got), best = decode(c.to, rounded);
  if (got == rounded || (std::isnan(value) && std::isnan(best)))
    return true;
  return c.slack > 0 && places(to, value, want) <= 0.5 + c.slack;
}

std::vector<uint64_t> operands(const FormatInfo &f, size_t count, bool second) {
  std::mt19937_64 random(second ? 2 : 1);
  std::vector<uint64_t> codes;
  uint64_t mask = f.bits == 64 ? ~0ull : (1ull << f.bits) - 1;
  for (size_t i = 0; i < count; ++i)
    if (f.bits == 64)
      codes.push_back(
          i % 2 ? random()
                : std::bit_cast<uint64_t>(double(int64_t(random())) * 0x1p-60));
    else // all codes of the first operand
      codes.push_back((second ? random() : i) & mask);
  return codes;
}

bool check(test::Jit &jit, const Case &c, const Options &options,
           bool patterns) {
  test::LoopText text;
  text.lanes = options.lanes;
  text.operand = c.operand;
  text.result = c.result;
  text.body = c.body;
  // The type of a vector's conditions stands in a select on them.
  if (size_t at = text.body.find("CT, "); at != std::string::npos)
    text.body.replace(at, 4,
                      options.lanes == 1
                          ? ""
                          : "vector<" + std::to_string(options.lanes) +
                                "xi1>, ");
  ExpandMathOptions expansion{.avx512 = test::hasAvx512(options.cpu)};
  test::Loop f = jit.compile(text, options.cpu, [&](mlir::ModuleOp module) {
    if (!patterns)
      return expandMath(module, expansion);
    mlir::RewritePatternSet set(module.getContext());
    populateExpandMathPatterns(set, expansion);
    if (failed(applyPatternsGreedily(module, std::move(set))))
      std::printf("the patterns do not end\n");
  });
  const FormatInfo &from = info(c.from), &to = info(c.to);
  size_t count = 1 << 17, in = from.bits / 8, out = to.bits / 8, bad = 0;
  std::vector<uint64_t> a = operands(from, count, false),
                        b = operands(from, count, true);
  std::vector<unsigned char> ab(count * in), bb(count * in), rb(count * out);
  for (size_t i = 0; i < count; ++i) {
    std::memcpy(&ab[i * in], &a[i], in);
    std::memcpy(&bb[i * in], &b[i], in);
  }
  f(ab.data(), bb.data(), rb.data(), int64_t(count));
  for (size_t i = 0; i < count; ++i) {
    uint64_t got = 0;
    std::memcpy(&got, &rb[i * out], out);
    double x = decode(c.from, a[i]), y = decode(c.from, b[i]);
    double want = c.reference(x, y);
    if (!right(c, got, want) && bad++ < 3)
      std::printf("%s %s: %.9g, %.9g gives %llx (%.9g), want %.9g\n", c.operand,
                  c.body, x, y, (unsigned long long)got, decode(c.to, got),
                  want);
  }
  return bad == 0;
}

} // namespace

int main(int argc, char **argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    std::string a = argv[i];
    if (a == "--cpu" && i + 1 < argc)
      options.cpu = argv[++i];
    else if (a == "--lanes" && i + 1 < argc)
      options.lanes = unsigned(std::atoi(argv[++i]));
    else
      return 2;
  }
  test::Jit jit;
  size_t bad = 0;
  for (const Case &c : cases)
    bad += !check(jit, c, options, &c == cases);
  std::printf("%zu of %zu are right\n", std::size(cases) - bad,
              std::size(cases));
  return bad != 0;
}
