// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Exact-integer runs: honest reorderings give the same bits, planted faults do
// not, and kernels that round are left out with their reason.
#include "lib/Driver/ExactRun.h"

#include "llvm/Support/FileSystem.h"
#include "gtest/gtest.h"

#include <cmath>

using namespace terrazzo;
using namespace terrazzo::driver;
using interpreter::Tensor;

namespace {

const std::string head = "import triton\nimport triton.language as tl\n\n"
                         "@triton.jit\n";

const std::string matmul = head + R"(
def k(a, b, c, M, N, K, B: tl.constexpr, BK: tl.constexpr, DOWN: tl.constexpr, SPLIT: tl.constexpr):
    m = tl.program_id(0) * B + tl.arange(0, B)
    n = tl.program_id(1) * B + tl.arange(0, B)
    acc = tl.zeros((B, B), tl.float32)
    steps = tl.cdiv(K, BK)
    for step in range(tl.program_id(2), steps, SPLIT):
        at = (steps - 1 - step if DOWN else step) * BK + tl.arange(0, BK)
        x = tl.load(a + m[:, None] * K + at[None, :], mask=(m[:, None] < M) & (at[None, :] < K), other=0.0)
        y = tl.load(b + at[:, None] * N + n[None, :], mask=(at[:, None] < K) & (n[None, :] < N), other=0.0)
        acc = tl.dot(x, y, acc, input_precision="ieee")
    tl.atomic_add(c + m[:, None] * N + n[None, :], acc, mask=(m[:, None] < M) & (n[None, :] < N))
)";

std::string matmulLaunch(int64_t K, const std::string &type) {
  return "kernel: k\nargs:\n"
         "  a: {shape: [M, K], dtype: " +
         type +
         ", init: normal, seed: 1}\n"
         "  b: {shape: [K, N], dtype: " +
         type +
         ", init: normal, seed: 2}\n"
         "  c: {shape: [M, N], dtype: f32, init: zeros}\n"
         "  M: 45\n  N: 37\n  K: " +
         std::to_string(K) +
         "\n"
         "constexpr: {B: 32, BK: 32, DOWN: 0, SPLIT: 1}\n"
         "grid: [2, 2, 1]\noutputs: [c]\n";
}

/// A kernel, its launch and what a judge makes of them.
class Case {
public:
  Case(const std::string &source, const std::string &launch) {
    engine.setSilent(true);
    llvm::SmallString<128> path;
    int fd;
    EXPECT_FALSE(llvm::sys::fs::createTemporaryFile("exact", "yaml", fd, path));
    {
      llvm::raw_fd_ostream(fd, /*shouldClose=*/true) << launch;
    }
    file = readLaunchFile(path.str().str(), engine);
    llvm::sys::fs::remove(path);
    buffer = engine.addBuffer("k.py", source);
    kernel = frontend::listKernels(engine, buffer).at(0);
    module = compile({});
  }
  /// Nothing decorates these kernels.
  std::optional<Prepared> again(const LaunchFile &which, DiagnosticEngine &to) {
    return prepare(
        which, kernel,
        [](const std::vector<frontend::Argument> &) {
          return std::vector<frontend::Argument>();
        },
        to);
  }
  /// The kernel with other constants.
  mlir::OwningOpRef<mlir::ModuleOp>
  compile(const std::map<std::string, int> &constants) {
    auto prepared = again(*file, engine);
    EXPECT_TRUE(prepared);
    frontend::Request request;
    request.buffer = buffer;
    for (auto &[name, bound] : prepared->bound)
      request.arguments.push_back(
          {name, constants.count(name) ? std::to_string(constants.at(name))
                                       : bound.type});
    auto made = frontend::emitKernelIR(context, request, engine);
    EXPECT_TRUE(made) << messages();
    return made;
  }
  ExactVerdict judge(JudgedRun run = nullptr, ExactOptions options = {}) {
    options.threads = 2;
    return judgeExactly(
        *file,
        [&](const LaunchFile &which, DiagnosticEngine &to) {
          return again(which, to);
        },
        *module, options, engine, run);
  }
  /// Another kernel runs what is judged, on another grid.
  bool runOther(mlir::ModuleOp other, Prepared &prepared, int64_t parts = 1) {
    auto launch = launchOf(other, prepared, engine);
    launch->grid[2] = parts;
    return interpreter::run(*launch, engine).has_value();
  }
  std::string messages() {
    std::string text;
    for (const DiagnosticRecord &r : engine.records())
      text += r.message + "\n";
    return text;
  }

  DiagnosticEngine engine;
  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  std::optional<LaunchFile> file;
  unsigned buffer = 0;
  frontend::KernelInfo kernel;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

/// As \ref Case, for the body of a kernel on one block.
std::string whyNot(const std::string &body) {
  std::string source = head +
                       "def k(x, o, p, n, s):\n"
                       "    i = tl.arange(0, 64)\n    v = tl.load(x + i)\n" +
                       body;
  Case c(source, "kernel: k\nargs:\n"
                 "  x: {shape: [64], dtype: f32, init: normal}\n"
                 "  o: {shape: [64], dtype: f32, init: zeros}\n"
                 "  p: {shape: [64], dtype: bf16, init: zeros}\n"
                 "  n: 64\n  s: 0.3\ngrid: [1]\noutputs: [o, p]\n");
  ExactVerdict verdict = c.judge();
  EXPECT_TRUE(verdict.ok) << body << c.messages();
  EXPECT_EQ(isExact(*c.module), whyInexact(*c.module).empty());
  return verdict.whyNot;
}

TEST(ExactRun, KernelsThatOnlyAddMultiplyAndMoveHaveARun) {
  for (const char *body :
       {"    tl.store(o + i, v * s + 3)\n",
        "    tl.store(o + i, v - tl.sum(v, 0))\n",
        "    tl.store(o + i, tl.cumsum(v, 0))\n",
        "    tl.store(p + i, (v * v).to(tl.bfloat16))\n",
        "    tl.store(o + i, tl.where(v > 0, v, -v))\n",
        "    tl.store(o + i, tl.maximum(tl.abs(v), 2.0))\n",
        "    tl.store(o + i, tl.fma(v, v, v))\n",
        "    tl.store(o + i, v, mask=i < n)\n", "    tl.store(o + i, i * v)\n"})
    EXPECT_EQ(whyNot(body), "") << body;
}

TEST(ExactRun, KernelsThatRoundAreLeftOutWithTheReason) {
  const std::pair<const char *, const char *> table[] = {
      {"    tl.store(o + i, v * 0.01)\n", "a constant is no integer"},
      {"    tl.store(o + i, tl.exp(v))\n", "`math.exp` rounds"},
      {"    tl.store(o + i, v / 2)\n", "`arith.divf` rounds"},
      {"    tl.store(o + i, tl.sqrt(v))\n", "`math.sqrt` rounds"},
      {"    tl.store(o + i, v.to(tl.bfloat16).to(tl.float32) + v)\n",
       "a rounded value is used further"},
      {"    tl.store(o + i, tl.cumprod(v, 0))\n",
       "a product goes along an axis"},
      {"    tl.store(o + i, i.to(tl.float32, bitcast=True))\n",
       "bits are taken for a float"},
      {"    tl.store(o + i, v, mask=v > 0)\n", "`kernel.store`"},
      {"    tl.store(o + i, (v > 0).to(tl.float32) * v)\n", "`arith.uitofp`"},
      {"    tl.store(o + i, tl.load(x + v.to(tl.int32) % 64))\n",
       "`kernel.addptr`"},
      {"    if tl.sum(v, 0) > 0:\n        tl.store(o + i, v)\n", "`scf.if`"},
      {"    tl.store(o + i, tl.atomic_add(o + i, v))\n",
       "what an atomic returns"},
      {"    tl.device_print(\"v\", v)\n    tl.store(o + i, v)\n",
       "the kernel prints"},
      {"    tl.device_assert(v < 1)\n    tl.store(o + i, v)\n",
       "on integers the kernel fails: assertion failed"},
      {"    for j in range(60):\n        v = v + v\n    tl.store(o + i, v)\n",
       "no integers are so small"},
  };
  for (auto [body, why] : table)
    EXPECT_NE(whyNot(body).find(why), std::string::npos)
        << body << whyNot(body);
}

/// Scaled elements are integers or not, by the scale alone.
TEST(ExactRun, ProductsWithScalesHaveARunWhereTheScalesAreLarge) {
  auto body = [](int scale) {
    return "    h = tl.arange(0, 16)\n"
           "    a = tl.load(p + h[:, None] * 0 + i[None, :])\n"
           "    b = (tl.arange(0, 32)[:, None] * 16 + h[None, "
           ":]).to(tl.uint8)\n"
           "    t = tl.full((16, 2), " +
           std::to_string(scale) +
           ", tl.uint8)\n"
           "    c = tl.dot_scaled(a, None, \"bf16\", b, t, \"e2m1\")\n"
           "    tl.store(o + h, tl.sum(c, 0))\n";
  };
  EXPECT_EQ(whyNot(body(128)), "");
  EXPECT_EQ(whyNot(body(131)), "");
  EXPECT_NE(whyNot(body(127)).find("scales make fractions"), std::string::npos);
}

TEST(ExactRun, LaunchesThatAreTooLargeOrSampledAreLeftOut) {
  Case c(matmul, matmulLaunch(64, "f32"));
  ExactOptions small;
  small.maxElements = 100;
  EXPECT_EQ(c.judge(nullptr, small).whyNot, "the launch is too large");
  ExactOptions sampled;
  sampled.sample = 2;
  EXPECT_NE(c.judge(nullptr, sampled).whyNot.find("a sample of programs"),
            std::string::npos);
  EXPECT_EQ(c.engine.records().back().kind, DiagnosticKind::NoExactRun);
}

/// Sums in other orders: the loop turned round, larger and smaller steps, a
/// sum split over programs.
TEST(ExactRun, HonestReorderingsGiveTheSameBits) {
  for (const char *type : {"f32", "f16", "bf16"})
    for (int64_t K : {1, 63, 320, 1024})
      for (uint64_t seed : {0, 1}) {
        Case c(matmul, matmulLaunch(K, type));
        auto down = c.compile({{"DOWN", 1}}), wide = c.compile({{"BK", 128}}),
             narrow = c.compile({{"BK", 16}, {"DOWN", 1}}),
             split = c.compile({{"SPLIT", 3}});
        ExactOptions options;
        options.seed = seed;
        for (auto [module, parts] :
             {std::pair(*down, 1), {*wide, 1}, {*narrow, 1}, {*split, 3}}) {
          ExactVerdict v = c.judge(
              [&, module = module, parts = parts](Prepared &p, const auto &) {
                return c.runOther(module, p, parts);
              },
              options);
          EXPECT_EQ(v.whyNot, "");
          EXPECT_TRUE(v.ok) << type << " K=" << K << "\n" << c.messages();
          EXPECT_EQ(v.compared, 45 * 37);
        }
      }
}

double largest(const Tensor &t) {
  double most = 0;
  for (double v : t.values)
    most = std::max(most, std::fabs(v));
  return most;
}

TEST(ExactRun, TheDataShowsRoundingAndStaysExact) {
  for (int64_t K : {1, 320, 2048}) {
    Case c(matmul, matmulLaunch(K, "f32"));
    c.judge([&](Prepared &p, const auto &launch) {
      const Tensor &a = p.buffers[0].data, &b = p.buffers[1].data;
      EXPECT_GT(largest(a), 2048) << "shows the rounding to tf32";
      EXPECT_GT(largest(b), 2048);
      double most = 0;
      for (int64_t m = 0; m < 45; ++m)
        for (int64_t n = 0; n < 37; ++n) {
          double sum = 0;
          for (int64_t k = 0; k < K; ++k)
            sum += std::fabs(a.values[m * K + k] * b.values[k * 37 + n]);
          most = std::max(most, sum);
        }
      EXPECT_LE(most, 0x1p24);
      return interpreter::run(launch, c.engine).has_value();
    });
  }
}

void roundTo(Tensor &t, numerics::Format format) {
  for (size_t i = 0; i < t.size(); ++i)
    t.values[i] = t.reference[i] = numerics::round(format, t.values[i]);
}

/// What a loose tolerance lets through: one operand rounded to fewer bits, one
/// element of a sum left out.
TEST(ExactRun, PlantedFaultsAreFound) {
  using numerics::Format;
  struct Fault {
    const char *name;
    std::function<void(Prepared &)> plant;
  };
  const Fault faults[] = {
      {"a in bf16",
       [](Prepared &p) { roundTo(p.buffers[0].data, Format::BF16); }},
      {"b in bf16",
       [](Prepared &p) { roundTo(p.buffers[1].data, Format::BF16); }},
      {"a in tf32",
       [](Prepared &p) { roundTo(p.buffers[0].data, Format::TF32); }},
      {"b in f16",
       [](Prepared &p) { roundTo(p.buffers[1].data, Format::F16); }},
      {"a row without its last element",
       [](Prepared &p) {
         Tensor &a = p.buffers[0].data;
         for (size_t m = 1; m <= 45; ++m)
           a.values[m * 320 - 1] = a.reference[m * 320 - 1] = 0;
       }},
  };
  for (const Fault &fault : faults)
    for (uint64_t seed : {0, 1, 2, 3}) {
      Case c(matmul, matmulLaunch(320, "f32"));
      ExactOptions options;
      options.seed = seed;
      ExactVerdict v = c.judge(
          [&](Prepared &p, const interpreter::Launch &launch) {
            fault.plant(p);
            return interpreter::run(launch, c.engine).has_value();
          },
          options);
      EXPECT_EQ(v.whyNot, "");
      EXPECT_FALSE(v.ok) << fault.name;
      EXPECT_EQ(c.engine.records().back().kind, DiagnosticKind::ExactDiffers);
    }
}

/// A dot that may round its inputs to tf32 has data which that leaves alone.
TEST(ExactRun, Tf32IsHonestWhereTheDotAllowsIt) {
  std::string source = matmul;
  size_t at = source.find("ieee");
  source.replace(at, 4, "tf32");
  for (auto [format, ok] : {std::pair(numerics::Format::TF32, true),
                            {numerics::Format::BF16, false}}) {
    Case c(source, matmulLaunch(320, "f32"));
    ExactVerdict v =
        c.judge([&, format = format](Prepared &p, const auto &launch) {
          roundTo(p.buffers[0].data, format);
          roundTo(p.buffers[1].data, format);
          return interpreter::run(launch, c.engine).has_value();
        });
    EXPECT_EQ(v.whyNot, "");
    EXPECT_EQ(v.ok, ok) << c.messages();
  }
}

/// The same fault on normal data lies within what tests often allow.
TEST(ExactRun, ALooseToleranceMissesThem) {
  Case c(matmul, matmulLaunch(320, "f32"));
  auto honest = c.again(*c.file, c.engine);
  auto fault = c.again(*c.file, c.engine);
  roundTo(fault->buffers[0].data, numerics::Format::BF16);
  for (Prepared *p : {&*honest, &*fault})
    ASSERT_TRUE(c.runOther(*c.module, *p));
  const Tensor &a = honest->buffers[2].data, &b = fault->buffers[2].data;
  int64_t apart = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    EXPECT_LE(std::fabs(a.values[i] - b.values[i]),
              0.2 + 1e-2 * std::fabs(a.values[i]));
    apart += a.values[i] != b.values[i];
  }
  EXPECT_GT(apart, 1000);
}

TEST(ExactRun, AJudgedRunThatFailsIsNotOk) {
  Case c(matmul, matmulLaunch(16, "f32"));
  EXPECT_FALSE(c.judge([](auto &, const auto &) { return false; }).ok);
}

TEST(ExactRun, Comparison) {
  Tensor want;
  want.type.kind = interpreter::ElementType::Kind::Float;
  want.allocate(4);
  want.reference = {1, NAN, -0.0, 7};
  want.setFlag(3, interpreter::Poison);
  Tensor got = want;
  got.values = {1, NAN, 0.0, 8};
  ExactComparison same = compareExact(want, got);
  EXPECT_EQ(same.compared, 3);
  EXPECT_EQ(same.differing, 0);
  got.values = {1, 2, std::nextafter(0.0, 1.0), 8};
  ExactComparison apart = compareExact(want, got);
  EXPECT_EQ(apart.differing, 2);
  EXPECT_EQ(apart.first, 1);
  EXPECT_EQ(apart.got, 2);
}

} // namespace
