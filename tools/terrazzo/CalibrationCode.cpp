// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/terrazzo/CalibrationCode.h"

#include "targets/Cpu/Emit/Emit.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FormatVariadic.h"

#include <ctime>

using namespace terrazzo;
using namespace terrazzo::tool;

std::optional<Loop> Loop::make(const std::string &text, const chip::Chip &chip,
                               DiagnosticEngine &engine) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  context.loadDialect<mlir::LLVM::LLVMDialect>();
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  std::string fault = "its loop is not valid";
  if (module) {
    auto object = cpu::object(*module, chip);
    if (object) {
      auto code = runtime::load({object->data(), object->size()}, fault);
      if (TerrazzoEntry entry = code ? code->entry("loop") : nullptr)
        return Loop(std::move(*code), entry);
    } else {
      fault = llvm::toString(object.takeError());
    }
  }
  engine.emit(DiagnosticKind::CannotMeasure, Where(), fault);
  return std::nullopt;
}

static double now(clockid_t clock) {
  timespec t;
  clock_gettime(clock, &t);
  return double(t.tv_sec) + 1e-9 * double(t.tv_nsec);
}

Loop::Seconds Loop::run(const std::vector<uint64_t> &arguments) const {
  const int64_t grid[3] = {1, 1, 1};
  double own = now(CLOCK_THREAD_CPUTIME_ID), wall = now(CLOCK_MONOTONIC);
  entry(arguments.data(), grid, terrazzoRuntime(1));
  return {now(CLOCK_THREAD_CPUTIME_ID) - own, now(CLOCK_MONOTONIC) - wall};
}

/// The bits of the widest vectors that the chip computes with.
static unsigned widthOf(const chip::Chip &chip) {
  return chip.has("avx512f") ? 512 : chip.has("avx") ? 256 : 128;
}

static constexpr char head[] = R"mlir(
llvm.func @loop(%arguments: !llvm.ptr, %grid: !llvm.ptr, %runtime: !llvm.ptr) -> i32 {
  %zero = llvm.mlir.constant(0 : i64) : i64
  %one = llvm.mlir.constant(1 : i64) : i64
  %done = llvm.mlir.constant(0 : i32) : i32
  %passes = llvm.load %arguments : !llvm.ptr -> i64
  %second = llvm.getelementptr %arguments[1] : (!llvm.ptr) -> !llvm.ptr, i64
  %data = llvm.load %second : !llvm.ptr -> !llvm.ptr
  %third = llvm.getelementptr %arguments[2] : (!llvm.ptr) -> !llvm.ptr, i64
)mlir";

/// Chains of `%b<i> = <step>`, in which `$` stands for `%a<i>`.
static std::string chained(llvm::StringRef acc, llvm::StringRef factor,
                           llvm::StringRef step) {
  std::string out = head, starts, parameters, steps, results, ends, stores;
  out += llvm::formatv("  %px = llvm.getelementptr %data[{0}] : (!llvm.ptr) -> "
                       "!llvm.ptr, i8\n  %x = llvm.load %px : !llvm.ptr -> "
                       "{1}\n",
                       chains * chainBytes, factor);
  for (unsigned i = 0; i < chains; ++i) {
    out += llvm::formatv("  %p{0} = llvm.getelementptr %data[{1}] : "
                         "(!llvm.ptr) -> !llvm.ptr, i8\n  %s{0} = llvm.load "
                         "%p{0} : !llvm.ptr -> {2}\n",
                         i, i * chainBytes, acc);
    std::string n = std::to_string(i);
    starts += ", %s" + n;
    parameters += ", %a" + n + ": " + acc.str();
    std::string own = step.str();
    for (size_t at; (at = own.find('$')) != std::string::npos;)
      own.replace(at, 1, "%a" + n);
    for (size_t at; (at = own.find('#')) != std::string::npos;)
      own.replace(at, 1, n);
    steps += own;
    results += ", %b" + n;
    ends += (i ? ", %e" : "%e") + n + ": " + acc.str();
    stores +=
        llvm::formatv("  llvm.store %e{0}, %p{0} : {1}, !llvm.ptr\n", i, acc);
  }
  auto types = [&](bool counter) {
    std::string text = counter ? "i64" : "";
    for (unsigned i = 0; i < chains; ++i)
      text += (counter || i ? ", " : "") + acc.str();
    return text;
  };
  return out + "  llvm.br ^loop(%zero" + starts + " : " + types(true) +
         ")\n^loop(%i: i64" + parameters + "):\n" + steps +
         "  %next = llvm.add %i, %one : i64\n"
         "  %more = llvm.icmp \"slt\" %next, %passes : i64\n"
         "  llvm.cond_br %more, ^loop(%next" +
         results + " : " + types(true) + "), ^end(" + results.substr(2) +
         " : " + types(false) + ")\n^end(" + ends + "):\n" + stores +
         "  llvm.return %done : i32\n}\n";
}

std::optional<RateLoop> terrazzo::tool::rateLoop(const chip::Chip &chip,
                                                 llvm::StringRef type) {
  unsigned width = widthOf(chip);
  auto vector = [&](unsigned bits, llvm::StringRef element) {
    return llvm::formatv("vector<{0}x{1}>", width / bits, element).str();
  };
  if (type == "f32" || type == "f64" ||
      (type == "f16" && chip.has("avx512fp16"))) {
    unsigned bits = type == "f64" ? 64 : type == "f32" ? 32 : 16;
    std::string v = vector(bits, type);
    std::string step = chip.has("fma") || chip.has("avx512f")
                           ? "  %b# = llvm.intr.fma(%x, %x, $) : (" + v + ", " +
                                 v + ", " + v + ") -> " + v + "\n"
                           : "  %m# = llvm.fmul $, %x : " + v +
                                 "\n  %b# = llvm.fadd %m#, %x : " + v + "\n";
    return RateLoop{chained(v, v, step), 2.0 * width / bits * chains,
                    "FLOP/cycle"};
  }
  auto intrinsic = [&](llvm::StringRef name, const std::string &acc,
                       const std::string &in, double each,
                       llvm::StringRef unit) {
    std::string step = llvm::formatv("  %b# = llvm.call_intrinsic \"{0}\"($, "
                                     "%x, %x) : ({1}, {2}, {2}) -> {1}\n",
                                     name, acc, in);
    return RateLoop{chained(acc, in, step), each * width / 32 * chains,
                    unit.str()};
  };
  if (type == "bf16" && chip.has("avx512bf16"))
    return intrinsic("llvm.x86.avx512bf16.dpbf16ps.512", vector(32, "f32"),
                     vector(16, "bf16"), 4, "FLOP/cycle");
  if (type == "i8" && chip.has("avx512vnni"))
    return intrinsic("llvm.x86.avx512.vpdpbusd.512", vector(32, "i32"),
                     vector(8, "i8"), 8, "OP/cycle");
  return std::nullopt;
}

std::string terrazzo::tool::loadLoop(const chip::Chip &chip) {
  unsigned bytes = widthOf(chip) / 8;
  std::string loads;
  for (unsigned i = 0; i < 8; ++i)
    loads += llvm::formatv(
        "  %p{0} = llvm.getelementptr %at[{1}] : (!llvm.ptr) -> !llvm.ptr, "
        "i8\n  %v{0} = llvm.load volatile %p{0} {{alignment = {2} : i64} : "
        "!llvm.ptr -> vector<{3}xi64>\n",
        i, i * bytes, bytes, bytes / 8);
  return head +
         std::string("  %bytes = llvm.load %third : !llvm.ptr -> i64\n"
                     "  %step = llvm.mlir.constant(") +
         std::to_string(8 * bytes) + R"mlir( : i64) : i64
  llvm.br ^outer(%zero : i64)
^outer(%pass: i64):
  llvm.br ^inner(%zero : i64)
^inner(%offset: i64):
  %at = llvm.getelementptr %data[%offset] : (!llvm.ptr, i64) -> !llvm.ptr, i8
)mlir" + loads +
         R"mlir(  %next = llvm.add %offset, %step : i64
  %more = llvm.icmp "slt" %next, %bytes : i64
  llvm.cond_br %more, ^inner(%next : i64), ^after
^after:
  %again = llvm.add %pass, %one : i64
  %goon = llvm.icmp "slt" %again, %passes : i64
  llvm.cond_br %goon, ^outer(%again : i64), ^end
^end:
  llvm.return %done : i32
}
)mlir";
}

std::string terrazzo::tool::clockLoop() {
  std::string steps, last = "%a";
  for (unsigned i = 0; i < 8; ++i) {
    steps += llvm::formatv("  %m{0} = llvm.mul {1}, %factor : i64\n"
                           "  %x{0} = llvm.xor %m{0}, %i : i64\n",
                           i, last);
    last = "%x" + std::to_string(i);
  }
  return head + std::string(R"mlir(
  %factor = llvm.load %third : !llvm.ptr -> i64
  %start = llvm.load %data : !llvm.ptr -> i64
  llvm.br ^loop(%zero, %start : i64, i64)
^loop(%i: i64, %a: i64):
)mlir") + steps +
         "  %next = llvm.add %i, %one : i64\n"
         "  %more = llvm.icmp \"slt\" %next, %passes : i64\n"
         "  llvm.cond_br %more, ^loop(%next, " +
         last + " : i64, i64), ^end(" + last + R"mlir( : i64)
^end(%e: i64):
  llvm.store %e, %data : i64, !llvm.ptr
  llvm.return %done : i32
}
)mlir";
}
