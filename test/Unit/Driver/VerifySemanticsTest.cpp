// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What `--verify-semantics` says of steps that change nothing, of sums in
// another order, and of planted faults.
#include "lib/Driver/VerifySemantics.h"
#include "lib/Transforms/Access/KernelToTile.h"

#include "dialects/Kernel/Kernel.h"
#include "dialects/Tile/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/FileSystem.h"
#include "gtest/gtest.h"

using namespace terrazzo;
using namespace terrazzo::driver;

namespace {

const std::string head =
    "import triton\nimport triton.language as tl\n\n"
    "@triton.jit\n"
    "def k(x, o, c, n, R: tl.constexpr, C: tl.constexpr):\n"
    "    r = tl.program_id(0) * R + tl.arange(0, R)\n"
    "    i = tl.arange(0, C)\n"
    "    at = r[:, None] * C + i[None, :]\n"
    "    v = tl.load(x + at, mask=r[:, None] < n, other=0.0)\n";
const std::string scaled =
    head + "    tl.store(o + at, v * 3.0, mask=r[:, None] < n)\n";
const std::string summed =
    head + "    tl.store(o + r, tl.sum(v, 1), mask=r < n)\n";
const std::string added = head + "    tl.atomic_add(c + i, tl.sum(v, 0))\n";
const std::string printing = head +
                             "    tl.device_print(\"v\", r)\n"
                             "    tl.store(o + at, v, mask=r[:, None] < n)\n";

/// A kernel and its launch: five blocks of eight rows, the last one half full.
class Case {
public:
  Case(const std::string &source) {
    engine.setSilent(true);
    llvm::SmallString<128> path;
    int fd;
    EXPECT_FALSE(
        llvm::sys::fs::createTemporaryFile("semantics", "yaml", fd, path));
    {
      llvm::raw_fd_ostream(fd, /*shouldClose=*/true)
          << "kernel: k\nargs:\n"
             "  x: {shape: [36, 64], dtype: f32, init: normal, seed: 1}\n"
             "  o: {shape: [36, 64], dtype: f32}\n"
             "  c: {shape: [64], dtype: f32, init: zeros}\n"
             "  n: 36\nconstexpr: {R: 8, C: 64}\n"
             "grid: [5]\noutputs: [o, c]\n";
    }
    file = readLaunchFile(path.str().str(), engine);
    llvm::sys::fs::remove(path);
    unsigned buffer = engine.addBuffer("k.py", source);
    prepared = prepare(
        *file, frontend::listKernels(engine, buffer).at(0),
        [](const std::vector<frontend::Argument> &) {
          return std::vector<frontend::Argument>();
        },
        engine);
    frontend::Request request;
    request.buffer = buffer;
    for (auto &[name, bound] : prepared->bound)
      request.arguments.push_back({name, bound.type});
    kernel = frontend::emitKernelIR(context, request, engine);
    tile = frontend::emitKernelIR(context, request, engine);
    EXPECT_TRUE(kernel && succeeded(kernelToTile(*tile, engine)));
    verifier.emplace(*prepared, 2, engine);
  }
  /// Both levels, and what an honest device would leave.
  bool run() {
    if (!verifier->runKernel("Kernel IR", *kernel) ||
        !verifier->runTile("Tile IR", *tile,
                           mayRegroup(*tile) ? Agreement::Bounds
                                             : Agreement::Bits))
      return false;
    auto launch = launchOf(*kernel, *prepared, engine);
    std::string prints;
    launch->prints = &prints;
    return interpreter::run(*launch, engine).has_value();
  }
  std::vector<std::string> errors() const {
    std::vector<std::string> out;
    for (const DiagnosticRecord &r : engine.records())
      if (r.severity() == Severity::Error)
        out.push_back(r.message);
    return out;
  }
  /// The first op of a kind in the Tile IR.
  template <typename Op> Op first() {
    Op found;
    tile->walk([&](Op op) {
      if (!found)
        found = op;
    });
    EXPECT_TRUE(found);
    return found;
  }

  DiagnosticEngine engine;
  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  std::optional<LaunchFile> file;
  std::optional<Prepared> prepared;
  mlir::OwningOpRef<mlir::ModuleOp> kernel, tile;
  std::optional<SemanticsVerifier> verifier;
};

/// What a planted fault in Tile IR makes the verifier say.
std::string said(const std::string &source,
                 llvm::function_ref<void(Case &)> plant) {
  Case c(source);
  plant(c);
  EXPECT_TRUE(c.run());
  EXPECT_FALSE(c.verifier->ok());
  EXPECT_EQ(c.verifier->steps.size(), 1u);
  EXPECT_FALSE(c.verifier->steps[0].ok());
  EXPECT_EQ(c.errors().size(), 1u);
  return c.errors().empty() ? "" : c.errors()[0];
}

TEST(VerifySemantics, HonestStepsChangeNothing) {
  for (const std::string &source : {scaled, summed, added, printing}) {
    Case c(source);
    ASSERT_TRUE(c.run()) << source;
    c.verifier->compareResults("code", c.prepared->buffers);
    EXPECT_TRUE(c.verifier->ok()) << source << c.verifier->text();
    EXPECT_TRUE(c.errors().empty());
    EXPECT_EQ(c.verifier->summary(),
              "3 levels, 2 steps compared, none skipped");
    EXPECT_EQ(c.verifier->steps[0].name(), "from Kernel IR to Tile IR");
    EXPECT_EQ(c.verifier->steps[1].name(), "from Tile IR to code");
  }
}

TEST(VerifySemantics, OnlyWhatReordersMayChangeBits) {
  EXPECT_FALSE(mayRegroup(*Case(scaled).tile));
  EXPECT_TRUE(mayRegroup(*Case(summed).tile));
  EXPECT_TRUE(mayRegroup(*Case(added).tile));
  // A sum in a tree has other bits, which the bounds allow …
  Case c(summed);
  c.first<tile::ReduceOp>().setOrder("tree");
  EXPECT_FALSE(mayRegroup(*c.tile));
  ASSERT_TRUE(c.verifier->runKernel("Kernel IR", *c.kernel));
  ASSERT_TRUE(c.verifier->runTile("Tile IR", *c.tile, Agreement::Bounds));
  EXPECT_TRUE(c.verifier->ok()) << c.errors()[0];
  EXPECT_GT(c.verifier->steps[0].outputs[0].otherBits, 0);
  // … and which are a change where nothing may be reordered.
  Case strict(summed);
  strict.first<tile::ReduceOp>().setOrder("tree");
  ASSERT_TRUE(strict.verifier->runKernel("Kernel IR", *strict.kernel));
  ASSERT_TRUE(
      strict.verifier->runTile("Tile IR", *strict.tile, Agreement::Bits));
  EXPECT_FALSE(strict.verifier->ok());
}

void changeConstant(Case &c, double from, double to) {
  int changed = 0;
  c.tile->walk([&](mlir::arith::ConstantOp op) {
    auto value = mlir::dyn_cast<mlir::FloatAttr>(op.getValue());
    if (!value || value.getValueAsDouble() != from)
      return;
    op.setValueAttr(mlir::FloatAttr::get(value.getType(), to));
    ++changed;
  });
  EXPECT_EQ(changed, 1);
}

TEST(VerifySemantics, AChangedConstantIsNamed) {
  std::string text = said(scaled, [](Case &c) { changeConstant(c, 3.0, 2.0); });
  EXPECT_EQ(text.find("the step from Kernel IR to Tile IR changed `o`: "
                      "element 0 is "),
            0u)
      << text;
  EXPECT_NE(text.find(", was "), std::string::npos) << text;
  // One unit in the last place.
  text = said(scaled, [](Case &c) { changeConstant(c, 3.0, 3.0 + 0x1p-22); });
  EXPECT_NE(text.find("changed `o`"), std::string::npos) << text;
  size_t is = text.find(" is "), was = text.find(", was ");
  EXPECT_NE(text.substr(is + 4, was - is - 4), text.substr(was + 6)) << text;
}

TEST(VerifySemantics, AChangedStrideIsNamed) {
  std::string text = said(scaled, [](Case &c) {
    // The rows of what is read lie 63 elements apart, not 64.
    auto view = c.first<tile::ViewOp>();
    mlir::OpBuilder builder(view);
    mlir::Value narrower =
        mlir::arith::ConstantIndexOp::create(builder, view.getLoc(), 63);
    bool changed = false;
    for (mlir::OpOperand &operand : view->getOpOperands()) {
      auto stride = operand.get().getDefiningOp<mlir::arith::ConstantIndexOp>();
      if (!stride || stride.value() != 64)
        continue;
      operand.set(narrower);
      changed = true;
    }
    EXPECT_TRUE(changed);
  });
  EXPECT_EQ(text.find("the step from Kernel IR to Tile IR changed `o`: "
                      "element 64 is "),
            0u)
      << text;
}

TEST(VerifySemantics, AStoreThatIsMissingIsNamed) {
  std::string text =
      said(scaled, [](Case &c) { c.first<tile::StoreOp>().erase(); });
  EXPECT_EQ(text.find("the step from Kernel IR to Tile IR changed `o`: "
                      "element 0 is unwritten, was "),
            0u)
      << text;
}

TEST(VerifySemantics, APrintThatIsMissingIsNamed) {
  EXPECT_EQ(
      said(printing, [](Case &c) { c.first<kernel::PrintOp>().erase(); }),
      "the step from Kernel IR to Tile IR changed what the kernel prints");
}

/// One of 36 addends of a sum in any order, a millionth too large: the bounds
/// alone would let it through.
TEST(VerifySemantics, ASmallChangeWithinTheBoundsIsFound) {
  Case c(added);
  ASSERT_TRUE(c.verifier->runKernel("Kernel IR", *c.kernel));
  ASSERT_TRUE(mayRegroup(*c.tile));
  auto reduce = c.first<tile::ReduceOp>();
  mlir::OpBuilder builder(reduce.getBody().front().getTerminator());
  mlir::Operation *end = reduce.getBody().front().getTerminator();
  mlir::Type type = end->getOperand(0).getType();
  mlir::Value factor = mlir::arith::ConstantOp::create(
      builder, reduce.getLoc(), builder.getFloatAttr(type, 1.0 + 0x1p-22));
  end->setOperand(0, mlir::arith::MulFOp::create(builder, reduce.getLoc(),
                                                 end->getOperand(0), factor));
  ASSERT_TRUE(c.verifier->runTile("Tile IR", *c.tile, Agreement::Bounds));
  EXPECT_FALSE(c.verifier->ok());
}

TEST(VerifySemantics, CodeThatIsWrongIsNamed) {
  Case c(scaled);
  ASSERT_TRUE(c.run());
  std::vector<interpreter::Buffer> results = c.prepared->buffers;
  results[1].data.values[70] += 1;
  c.verifier->compareResults("code", results);
  EXPECT_TRUE(c.verifier->steps[0].ok());
  EXPECT_FALSE(c.verifier->steps[1].ok());
  ASSERT_EQ(c.errors().size(), 1u);
  EXPECT_EQ(c.errors()[0].find(
                "the step from Tile IR to code changed `o`: element 70 is "),
            0u)
      << c.errors()[0];
}

/// Where both steps change something the first is the one to look at.
TEST(VerifySemantics, TheFirstStepSpeaks) {
  Case c(scaled);
  changeConstant(c, 3.0, 2.0);
  ASSERT_TRUE(c.run());
  c.verifier->compareResults("code", c.prepared->buffers);
  EXPECT_FALSE(c.verifier->steps[1].ok()) << "the code is right, Tile IR not";
  ASSERT_EQ(c.errors().size(), 1u);
  EXPECT_NE(c.errors()[0].find("from Kernel IR to Tile IR"), std::string::npos);
}

TEST(VerifySemantics, ALevelThatCannotRunIsAnError) {
  Case c(scaled);
  auto map = c.first<tile::MapOp>();
  mlir::OpBuilder builder(map);
  auto vector = mlir::VectorType::get({4}, builder.getF32Type());
  mlir::arith::ConstantOp::create(builder, map.getLoc(),
                                  builder.getZeroAttr(vector));
  EXPECT_FALSE(c.run());
  EXPECT_EQ(c.errors().size(), 1u);
}

} // namespace
