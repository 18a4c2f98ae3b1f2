// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each op on scalars and on lanes, for every level of instructions, against the
// oracle; conversions against lib/Numerics.
#include "lib/Simulator/Lanes.h"
#include "test/Unit/Simulator/Building.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Parser/Parser.h"

#include "gtest/gtest.h"

#include <cmath>
#include <cstring>
#include <random>

using namespace terrazzo;
using namespace terrazzo::simulator;
using namespace terrazzo::simulator::test;

namespace {
constexpr int64_t count = 1024;

class Ops : public testing::Test {
protected:
  Ops() {
    context.loadDialect<mlir::arith::ArithDialect, mlir::math::MathDialect,
                        mlir::func::FuncDialect, kernel::KernelDialect>();
  }

  /// Checks one op, written with `$` before each type, on operands of \p types.
  void check(std::string op, std::vector<std::string> types, std::string result,
             bool nonzero = false);

  interpreter::Tensor operand(const ElementType &type, unsigned seed,
                              bool nonzero);
  interpreter::Tensor oracle(const std::string &op,
                             const std::vector<std::string> &types,
                             const std::string &result,
                             std::vector<interpreter::Tensor> operands);
  std::optional<Arithmetic> decode(const std::string &op,
                                   const std::vector<std::string> &types,
                                   const std::string &result);
  ElementType typeOf(const std::string &name) {
    return interpreter::elementTypeOf(mlir::parseType(name, &context));
  }
  mlir::MLIRContext context;
};

std::string replaced(std::string text, bool isTensor,
                     const std::vector<std::string> &types,
                     const std::string &result) {
  auto full = [&](const std::string &t) {
    return isTensor ? "tensor<" + std::to_string(count) + "x" + t + ">" : t;
  };
  for (size_t at; (at = text.find('$')) != std::string::npos;) {
    char which = text[at + 1];
    text.replace(at, 2, full(which == 'r' ? result : types[which - '0']));
  }
  return text;
}
} // namespace

interpreter::Tensor Ops::operand(const ElementType &type, unsigned seed,
                                 bool nonzero) {
  std::mt19937_64 gen(seed);
  interpreter::Tensor out;
  out.type = type;
  out.shape = {count};
  out.allocate(count);
  out.flags.assign(count, 0);
  std::normal_distribution<double> normal;
  for (int64_t i = 0; i < count; ++i) {
    if (!type.isFloat()) {
      int64_t v = int64_t(gen());
      if (i % 3 == 0)
        v %= 40;
      v = interpreter::signExtend(v, type.bits);
      out.ints[i] = nonzero && v == 0 ? 1 : v;
      continue;
    }
    const double special[] = {0.0,   -0.0,   INFINITY, -INFINITY, NAN,
                              1e-42, -3e-40, 65504,    65520,     1e38,
                              -2.5,  0.5,    6e-8,     448,       3.5};
    double v = i % 5 ? normal(gen) * std::ldexp(1, int(gen() % 24) - 12)
                     : special[gen() % std::size(special)];
    v = numerics::round(type.format, v);
    out.values[i] = out.reference[i] = v;
  }
  return out;
}

interpreter::Tensor Ops::oracle(const std::string &op,
                                const std::vector<std::string> &types,
                                const std::string &result,
                                std::vector<interpreter::Tensor> operands) {
  std::string n = std::to_string(count), arguments, loads;
  std::vector<std::string> all = types;
  all.push_back(result);
  auto pointers = [&](size_t i) {
    return "tensor<" + n + "x!kernel.ptr<" + all[i] + ">>";
  };
  for (size_t i = 0; i < all.size(); ++i) {
    std::string k = std::to_string(i);
    arguments += (i ? ", %p" : "%p") + k + ": !kernel.ptr<" + all[i] + ">";
    loads += "%s" + k + " = kernel.splat %p" + k + " : !kernel.ptr<" + all[i] +
             "> -> " + pointers(i) + "\n%q" + k + " = kernel.addptr %s" + k +
             ", %i : " + pointers(i) + ", tensor<" + n + "xi32>\n";
    if (i < types.size())
      loads += "%" + std::string(1, char('a' + i)) + " = kernel.load %q" + k +
               " : " + pointers(i) + "\n";
  }
  std::string last = std::to_string(types.size());
  std::string text = "func.func @f(" + arguments + ") attributes " +
                     "{kernel.entry} {\n%i = kernel.make_range 0, " + n +
                     " : tensor<" + n + "xi32>\n" + loads +
                     "%r = " + replaced(op, true, types, result) +
                     "\nkernel.store %q" + last +
                     ", %r : " + pointers(types.size()) + "\nreturn\n}\n";
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  EXPECT_TRUE(module) << text;
  std::vector<interpreter::Buffer> buffers;
  interpreter::Launch launch;
  for (interpreter::Tensor &t : operands) {
    interpreter::LaunchArgument a;
    a.buffer = int(buffers.size());
    launch.arguments.push_back(a);
    buffers.push_back({"x", t, {}});
  }
  interpreter::Tensor out;
  out.type = typeOf(result);
  out.shape = {count};
  out.allocate(count);
  out.flags.assign(count, interpreter::Poison);
  interpreter::LaunchArgument a;
  a.buffer = int(buffers.size());
  launch.arguments.push_back(a);
  buffers.push_back({"r", out, {}});
  launch.module = *module;
  launch.buffers = &buffers;
  DiagnosticEngine engine;
  EXPECT_TRUE(interpreter::run(launch, engine)) << text;
  return buffers.back().data;
}

std::optional<Arithmetic> Ops::decode(const std::string &op,
                                      const std::vector<std::string> &types,
                                      const std::string &result) {
  std::string arguments;
  for (size_t i = 0; i < types.size(); ++i)
    arguments +=
        (i ? ", %" : "%") + std::string(1, char('a' + i)) + ": " + types[i];
  auto module = mlir::parseSourceString<mlir::ModuleOp>(
      "func.func @f(" + arguments +
          ") {\n%r = " + replaced(op, false, types, result) + "\nreturn\n}\n",
      &context);
  if (!module)
    return std::nullopt;
  auto function = *module->getOps<mlir::func::FuncOp>().begin();
  std::optional<Arithmetic> out =
      arithmeticOf(&function.getBody().front().front());
  for (size_t i = 0; out && i < types.size(); ++i)
    out->operands.push_back(Register(i));
  return out;
}

static bool same(const ElementType &type, Word a, const interpreter::Tensor &t,
                 int64_t i) {
  if (!type.isFloat())
    return a.integer == t.ints[i];
  return a.real == t.values[i] || (a.real != a.real && std::isnan(t.values[i]));
}

void Ops::check(std::string op, std::vector<std::string> types,
                std::string result, bool nonzero) {
  std::vector<interpreter::Tensor> operands;
  for (size_t i = 0; i < types.size(); ++i)
    operands.push_back(operand(typeOf(types[i]), unsigned(i) + 17, nonzero));
  interpreter::Tensor expected = oracle(op, types, result, operands);
  std::optional<Arithmetic> work = decode(op, types, result);
  ASSERT_TRUE(work) << op;
  std::vector<std::vector<char>> memory;
  auto wordOf = [](const interpreter::Tensor &t, int64_t i) {
    Word w;
    if (t.type.isFloat())
      w.real = t.values[i];
    else
      w.integer = t.ints[i];
    return w;
  };
  for (interpreter::Tensor &t : operands) {
    memory.emplace_back(size_t(count * bytesOf(t.type)));
    for (int64_t i = 0; i < count; ++i)
      storeElement(t.type, wordOf(t, i),
                   memory.back().data() + i * bytesOf(t.type));
  }
  for (int64_t i = 0; i < count; ++i) {
    Word in[3];
    for (size_t k = 0; k < operands.size(); ++k)
      in[k] = wordOf(operands[k], i);
    EXPECT_TRUE(same(work->to, evaluate(*work, in), expected, i))
        << op << " " << types[0] << " scalar " << i;
  }
  for (bool slow : {false, true}) {
    const LaneLoops &loops = laneLoops(slow);
    alignas(64) char rows[4][count * 8];
    const void *in[3];
    for (size_t k = 0; k < operands.size(); ++k) {
      loops.load(operands[k].type, memory[k].data(), bytesOf(operands[k].type),
                 rows[k], count);
      in[k] = rows[k];
    }
    loops.loop (*work)(*work, rows[3], in, count);
    const void *again[1] = {rows[3]};
    if (LaneLoop rounding = loops.rounding(*work))
      rounding(*work, rows[3], again, count);
    std::vector<char> out(size_t(count * bytesOf(work->to)));
    loops.store(work->to, rows[3], out.data(), bytesOf(work->to), count);
    for (int64_t i = 0; i < count; ++i)
      EXPECT_TRUE(same(
          work->to, loadElement(work->to, out.data() + i * bytesOf(work->to)),
          expected, i))
          << op << " " << types[0] << (slow ? " slow " : " fast ") << i;
  }
}

TEST_F(Ops, Floats) {
  for (std::string t : {"f32", "bf16", "f16", "f64", "f8E4M3FN", "f8E5M2"}) {
    for (std::string op : {"negf"})
      check("arith." + op + " %a : $0", {t}, t);
    for (std::string op :
         {"absf", "exp", "exp2", "expm1", "log", "log2", "log1p", "tanh", "erf",
          "sqrt", "rsqrt", "sin", "cos", "floor", "ceil"})
      check("math." + op + " %a : $0", {t}, t);
    for (std::string op : {"addf", "subf", "mulf", "divf", "remf", "maximumf",
                           "minimumf", "maxnumf", "minnumf"})
      check("arith." + op + " %a, %b : $0", {t, t}, t);
    check("math.powf %a, %b : $0", {t, t}, t);
    for (std::string p : {"oeq", "one", "une", "olt", "ole", "ogt", "oge",
                          "uno", "ord", "ueq", "ult", "ule", "ugt", "uge"})
      check("arith.cmpf " + p + ", %a, %b : $0", {t, t}, "i1");
    check("arith.select %a, %b, %c : $0, $1", {"i1", t, t}, t);
  }
  for (std::string t : {"f32", "bf16", "f64"})
    for (std::string nan : {"all", "none"})
      check("kernel.clamp " + nan + ", %a, %b, %c : $0", {t, t, t}, t);
  // Of f32 the oracle rounds a fused multiply-add twice, a chip once.
  for (std::string t : {"bf16", "f16", "f64"})
    check("math.fma %a, %b, %c : $0", {t, t, t}, t);
}

TEST_F(Ops, Integers) {
  for (std::string t : {"i8", "i16", "i32", "i64"}) {
    for (std::string op :
         {"addi", "subi", "muli", "andi", "ori", "xori", "shli", "shrui",
          "shrsi", "maxsi", "minsi", "maxui", "minui"})
      check("arith." + op + " %a, %b : $0", {t, t}, t);
    for (std::string op : {"divsi", "divui", "ceildivsi", "ceildivui",
                           "floordivsi", "remsi", "remui"})
      check("arith." + op + " %a, %b : $0", {t, t}, t, true);
    check("math.absi %a : $0", {t}, t);
    for (std::string p :
         {"eq", "ne", "slt", "sle", "sgt", "sge", "ult", "ule", "ugt", "uge"})
      check("arith.cmpi " + p + ", %a, %b : $0", {t, t}, "i1");
    check("arith.select %a, %b, %c : $0, $1", {"i1", t, t}, t);
  }
  for (std::string t : {"i32", "i64"})
    check("kernel.mulhi_ui %a, %b : $0", {t, t}, t);
  for (std::string op : {"andi", "ori", "xori"})
    check("arith." + op + " %a, %b : $0", {"i1", "i1"}, "i1");
}

TEST_F(Ops, Casts) {
  std::vector<std::string> ints = {"i1", "i8", "i16", "i32", "i64"};
  for (size_t i = 0; i < ints.size(); ++i)
    for (size_t j = i + 1; j < ints.size(); ++j) {
      check("arith.extsi %a : $0 to $r", {ints[i]}, ints[j]);
      check("arith.extui %a : $0 to $r", {ints[i]}, ints[j]);
      check("arith.trunci %a : $0 to $r", {ints[j]}, ints[i]);
    }
  for (std::string f : {"f32", "bf16", "f16", "f64"})
    for (std::string n : ints) {
      check("arith.sitofp %a : $0 to $r", {n}, f);
      check("arith.uitofp %a : $0 to $r", {n}, f);
      if (n == "i1")
        continue;
      check("arith.fptosi %a : $0 to $r", {f}, n);
      check("arith.fptoui %a : $0 to $r", {f}, n);
    }
  for (std::string f : {"f32", "bf16", "f16", "f8E4M3FN", "f8E5M2"}) {
    check("kernel.fp_cast %a : $0 -> $r", {"f64"}, f);
    if (f == "f32")
      continue;
    check("arith.truncf %a : $0 to $r", {"f32"}, f);
    check("arith.extf %a : $0 to $r", {f}, "f32");
    check("arith.extf %a : $0 to $r", {f}, "f64");
  }
  for (std::string f : {"f8E4M3FN", "f8E5M2", "bf16"}) {
    check("kernel.fp_cast %a {rounding = 1 : i32} : $0 -> $r", {"f32"}, f);
    check("kernel.fp_cast %a {saturate} : $0 -> $r", {"f32"}, f);
  }
  check("kernel.bitcast %a : $0 -> $r", {"i32"}, "f32");
  check("kernel.bitcast %a : $0 -> $r", {"f32"}, "i32");
  check("kernel.bitcast %a : $0 -> $r", {"bf16"}, "i16");
  check("kernel.bitcast %a : $0 -> $r", {"i16"}, "f16");
  check("kernel.bitcast %a : $0 -> $r", {"i64"}, "f64");
}

TEST(Conversions, EveryCodeAndWhatLiesBetween) {
  for (const ElementType &type : {F16, BF16}) {
    std::vector<uint16_t> codes(65536), back(65536);
    for (size_t c = 0; c < codes.size(); ++c)
      codes[c] = uint16_t(c);
    std::vector<float> lanes(65536);
    const LaneLoops &loops = laneLoops();
    auto bytes = reinterpret_cast<char *>(codes.data());
    loops.load(type, bytes, 2, lanes.data(), 65536);
    for (size_t c = 0; c < codes.size(); ++c) {
      double v = numerics::decode(type.format, c);
      ASSERT_TRUE(lanes[c] == v || (v != v && lanes[c] != lanes[c])) << c;
    }
    // Half-way between neighbours, and a little beside.
    for (int beside : {-1, 0, 1}) {
      std::vector<float> between(65535);
      for (size_t c = 0; c < between.size(); ++c) {
        float half = (lanes[c] + lanes[c + 1]) / 2;
        between[c] = beside ? std::nextafter(half, beside * INFINITY) : half;
      }
      loops.store(type, between.data(), reinterpret_cast<char *>(back.data()),
                  2, int64_t(between.size()));
      for (size_t c = 0; c < between.size(); ++c) {
        if (between[c] != between[c])
          continue;
        ASSERT_EQ(back[c], numerics::encode(type.format, between[c]))
            << c << " " << between[c];
      }
    }
  }
}
