// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// decompose-casts [--cpu NAME] [--lanes N] [--full] [--ir] [FROM TO]
//
// Compiles castFloat between the float types, runs it on every code of the
// small formats and on a sample of f32 and f64, and compares with lib/Numerics
// bit by bit. Exit code 1 if one differs. --full: all pairs, and a larger
// sample.
#include "lib/Transforms/Decompose/FloatCasts.h"
#include "test/Unit/Decompose/Jit.h"

#include "mlir/IR/TypeUtilities.h"

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

constexpr struct {
  Format format;
  const char *type;
} types[] = {{Format::F64, "f64"},
             {Format::F32, "f32"},
             {Format::TF32, "tf32"},
             {Format::F16, "f16"},
             {Format::BF16, "bf16"},
             {Format::E4M3FN, "f8E4M3FN"},
             {Format::E4M3FNUZ, "f8E4M3FNUZ"},
             {Format::E4M3B11FNUZ, "f8E4M3B11FNUZ"},
             {Format::E4M3, "f8E4M3"},
             {Format::E3M4, "f8E3M4"},
             {Format::E5M2, "f8E5M2"},
             {Format::E5M2FNUZ, "f8E5M2FNUZ"},
             {Format::E8M0, "f8E8M0FNU"},
             {Format::E3M2, "f6E3M2FN"},
             {Format::E2M3, "f6E2M3FN"},
             {Format::E2M1, "f4E2M1FN"}};

struct Options {
  std::string cpu = "host";
  unsigned lanes = 16;
  bool full = false, ir = false;
};

/// Bytes of a code in memory.
unsigned bytes(const FormatInfo &f) {
  return f.bits <= 8 ? 1 : f.bits == 16 ? 2 : f.bits == 64 ? 8 : 4;
}

/// Every code, or for f32 and f64 a sample: any bits, and numbers at and beside
/// the ties of the target.
std::vector<uint64_t> inputs(const FormatInfo &from, const FormatInfo &to,
                             bool full) {
  std::vector<uint64_t> codes;
  if (from.bits < 32) {
    for (uint64_t code = 0; code >> from.bits == 0; ++code)
      codes.push_back(code);
    return codes;
  }
  std::mt19937_64 random(1);
  size_t count = (full ? 1 << 24 : 1 << 20) + (1 << 15);
  uint64_t mask = from.bits == 64 ? ~0ull : (1ull << from.bits) - 1;
  for (double v : {0.0, -0.0, double(INFINITY), -double(INFINITY), double(NAN),
                   -double(NAN), 0x1p-149, 0x1p-1074})
    codes.push_back(encode(from.format, v));
  while (codes.size() < count) {
    uint64_t bits = random();
    codes.push_back(bits & mask);
    // Half-way between two codes of the target, and a step to either side.
    unsigned width = to.bits < 64 ? to.bits : 63;
    uint64_t code = random() & ((1ull << width) - 1);
    double a = decode(to.format, code), b = decode(to.format, code ^ 1);
    uint64_t tie = encode(from.format, (a + b) / 2);
    codes.push_back(tie);
    codes.push_back((tie + 1) & mask);
    codes.push_back((tie - 1) & mask);
  }
  codes.resize(count);
  return codes;
}

bool alike(const FormatInfo &to, uint64_t got, uint64_t want, double value) {
  if (got == want)
    return true;
  // The sign and payload of a NaN are not compared; where the format has none,
  // either zero stands for it.
  if (!std::isnan(value))
    return false;
  if (to.specials == Specials::None)
    return decode(to.format, got) == 0;
  return std::isnan(decode(to.format, got));
}

struct Cast {
  unsigned from, to;
  bool toZero, saturate;
};

bool check(test::Jit &jit, const Cast &cast, const Options &options) {
  const FormatInfo &from = info(types[cast.from].format),
                   &to = info(types[cast.to].format);
  test::LoopText text;
  text.lanes = options.lanes;
  text.operand = types[cast.from].type;
  text.result = types[cast.to].type;
  text.body = "%r = builtin.unrealized_conversion_cast %a : T to R";
  auto rounding =
      cast.toZero ? kernel::Rounding::ToZero : kernel::Rounding::Nearest;
  test::Loop f = jit.compile(text, options.cpu, [&](mlir::ModuleOp module) {
    module.walk([&](mlir::UnrealizedConversionCastOp op) {
      mlir::OpBuilder b(op);
      mlir::Type element =
          mlir::getElementTypeOrSelf(op->getResult(0).getType());
      op->getResult(0).replaceAllUsesWith(castFloat(
          b, op.getLoc(), op.getOperand(0), element, rounding, cast.saturate));
      op.erase();
    });
  });
  if (options.ir)
    return true;
  std::vector<uint64_t> codes = inputs(from, to, options.full);
  unsigned in = bytes(from), out = bytes(to);
  while (codes.size() % 16)
    codes.push_back(0);
  std::vector<unsigned char> a(codes.size() * in), r(codes.size() * out);
  for (size_t i = 0; i < codes.size(); ++i)
    std::memcpy(&a[i * in], &codes[i], in);
  f(a.data(), a.data(), r.data(), int64_t(codes.size()));
  size_t bad = 0;
  for (size_t i = 0; i < codes.size(); ++i) {
    uint64_t got = 0;
    std::memcpy(&got, &r[i * out], out);
    double value = decode(from.format, codes[i]);
    uint64_t want =
        from.format == to.format && !cast.saturate
            ? codes[i]
            : encode(to.format, value,
                     cast.toZero ? Rounding::ToZero : Rounding::NearestEven,
                     cast.saturate ? Overflow::Saturate : Overflow::Standard);
    if (alike(to, got, want, value))
      continue;
    if (bad++ < 3)
      std::printf("%s to %s%s%s: %llx (%.9g) gives %llx, want %llx\n",
                  text.operand.c_str(), text.result.c_str(),
                  cast.toZero ? ", to zero" : "",
                  cast.saturate ? ", saturated" : "",
                  (unsigned long long)codes[i], value, (unsigned long long)got,
                  (unsigned long long)want);
  }
  return bad == 0;
}

/// All pairs with --full; else every format to and from f32 with all roundings,
/// from f64 too, and from one of 8 and both of 16 bits by the nearest.
std::vector<Cast> casts(bool full) {
  std::vector<Cast> list;
  for (unsigned from = 0; from < std::size(types); ++from)
    for (unsigned to = 0; to < std::size(types); ++to)
      for (unsigned mode = 0; mode < 4; ++mode) {
        Format f = types[from].format;
        bool source = f == Format::F32 || (f == Format::F64 && mode < 2);
        bool nearest = mode == 0 && (types[to].format == Format::F32 ||
                                     f == Format::F16 || f == Format::BF16);
        if (full || source || nearest)
          list.push_back({from, to, mode % 2 == 1, mode / 2 == 1});
      }
  return list;
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
  size_t bad = 0, run = 0;
  for (const Cast &cast : casts(options.full || !names.empty())) {
    if (!names.empty() &&
        (names.size() != 2 || types[cast.from].type != names[0] ||
         types[cast.to].type != names[1]))
      continue;
    // A context each: nothing piles up.
    test::Jit jit;
    jit.printIR = options.ir;
    ++run;
    bad += !check(jit, cast, options);
  }
  std::printf("%zu of %zu casts are as lib/Numerics says\n", run - bad, run);
  return run == 0 ? 2 : bad != 0;
}
