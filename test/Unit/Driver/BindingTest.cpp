// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Driver/Binding.h"

#include "mlir/Parser/Parser.h"

#include <gtest/gtest.h>

using namespace terrazzo;
using namespace terrazzo::driver;

namespace {

/// A launch with two f32 buffers `x` and `y`, a view `v` into `x`, and numbers.
Prepared launch() {
  Prepared p;
  for (const char *name : {"x", "y"}) {
    interpreter::Buffer b;
    b.name = name;
    b.data.type = {interpreter::ElementType::Kind::Float, 32,
                   numerics::Format::F32};
    b.data.allocate(100);
    p.bound[name].type = "*fp32";
    p.bound[name].argument.buffer = int(p.buffers.size());
    p.types.push_back(b.data.type);
    p.buffers.push_back(std::move(b));
  }
  p.bound["v"] = p.bound["x"];
  auto number = [&](const char *name, const char *type, int64_t value) {
    p.bound[name].type = type;
    p.bound[name].argument.integer = value;
  };
  number("n", "i32", 48);
  number("stride", "i64", 1);
  number("odd", "i32", 47);
  number("zero", "i32", 0);
  number("flag", "i1", 1);
  number("small", "u8", 32);
  p.bound["scale"].type = "fp32";
  p.bound["scale"].argument.real = 1;
  return p;
}

std::map<std::string, std::string>
texts(const Prepared &p, bool specialize,
      const std::vector<std::string> &constexprs = {}) {
  frontend::KernelInfo kernel;
  for (auto &[name, bound] : p.bound)
    kernel.parameters.push_back(
        {name, llvm::is_contained(constexprs, name), false});
  std::map<std::string, std::string> out;
  for (const frontend::Argument &a : argumentsOf(p, kernel, specialize))
    out[a.name] = a.text;
  return out;
}

TEST(Binding, SpecialisesAsTritonDoes) {
  Prepared p = launch();
  auto t = texts(p, true);
  EXPECT_EQ(t["x"], "*fp32:16");
  EXPECT_EQ(t["n"], "i32:16");
  EXPECT_EQ(t["stride"], "1");
  EXPECT_EQ(t["odd"], "i32");
  EXPECT_EQ(t["zero"], "i32:16");
  EXPECT_EQ(t["flag"], "i1");
  EXPECT_EQ(t["small"], "u8:16");
  EXPECT_EQ(t["scale"], "fp32");
  p.bound["v"].argument.offset = 8; // 32 bytes
  EXPECT_EQ(texts(p, true)["v"], "*fp32:16");
  p.bound["v"].argument.offset = 3;
  EXPECT_EQ(texts(p, true)["v"], "*fp32");
}

TEST(Binding, AConstexprIsItsValueInAnyCase) {
  EXPECT_EQ(texts(launch(), false, {"n"})["n"], "48");
  EXPECT_EQ(texts(launch(), true, {"n"})["n"], "48");
  EXPECT_EQ(texts(launch(), false)["stride"], "i64");
}

class Aliasing : public testing::Test {
protected:
  /// A kernel with pointers x, v, y and this body.
  mlir::func::FuncOp parse(const std::string &body) {
    frontend::loadDialects(context);
    std::string text =
        "func.func @k(%x: !kernel.ptr<f32> {kernel.name = \"x\"}, %v: "
        "!kernel.ptr<f32> {kernel.name = \"v\"}, %y: !kernel.ptr<f32> "
        "{kernel.name = \"y\"}, %n: i32 {kernel.name = \"n\"}) attributes "
        "{kernel.entry} {\n" +
        body + "\nreturn\n}";
    module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    EXPECT_TRUE(module);
    return *module->getOps<mlir::func::FuncOp>().begin();
  }
  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

using Written = std::vector<bool>;

TEST_F(Aliasing, AStoreWritesThroughArithmetic) {
  auto f = parse(R"(
    %p = kernel.addptr %y, %n : !kernel.ptr<f32>, i32
    %a = kernel.load %x : !kernel.ptr<f32>
    kernel.store %p, %a : !kernel.ptr<f32>)");
  EXPECT_EQ(writtenArguments(f), (Written{false, false, true, false}));
  EXPECT_FALSE(overlapsWritten(f, launch()));
}

TEST_F(Aliasing, AViewThatIsWrittenOverlaps) {
  auto f = parse(R"(
    %a = kernel.load %x : !kernel.ptr<f32>
    kernel.store %v, %a : !kernel.ptr<f32>)");
  EXPECT_EQ(writtenArguments(f), (Written{false, true, false, false}));
  EXPECT_TRUE(overlapsWritten(f, launch()));
}

TEST_F(Aliasing, PointersThroughLoopsAndBranches) {
  auto f = parse(R"(
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %less = arith.cmpi slt, %n, %c1 : i32
    %q = scf.if %less -> !kernel.ptr<f32> {
      scf.yield %x : !kernel.ptr<f32>
    } else {
      scf.yield %y : !kernel.ptr<f32>
    }
    %r = scf.for %i = %c0 to %n step %c1 iter_args(%p = %q) -> !kernel.ptr<f32> : i32 {
      %a = kernel.load %v : !kernel.ptr<f32>
      kernel.store %p, %a : !kernel.ptr<f32>
      %next = kernel.addptr %p, %c1 : !kernel.ptr<f32>, i32
      scf.yield %next : !kernel.ptr<f32>
    })");
  EXPECT_EQ(writtenArguments(f), (Written{true, false, true, false}));
  EXPECT_TRUE(overlapsWritten(f, launch()));
}

TEST_F(Aliasing, TheGroupsAsText) {
  frontend::KernelInfo kernel;
  for (const char *name : {"y", "x", "n", "v"})
    kernel.parameters.push_back({name, false, false});
  EXPECT_EQ(sharedMemory(launch(), kernel), "x v");
}

} // namespace
