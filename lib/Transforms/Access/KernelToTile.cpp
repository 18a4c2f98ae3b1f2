// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Transforms/Access/KernelToTile.h"

#include "lib/Diagnostics/MLIRBridge.h"
#include "lib/Transforms/Access/Converter.h"

#include "mlir/IR/Matchers.h"
#include "mlir/IR/Verifier.h"

using namespace terrazzo;
using namespace terrazzo::access;
using namespace mlir;

llvm::ArrayRef<int64_t> terrazzo::access::shapeOf(Value v) {
  auto tensor = dyn_cast<RankedTensorType>(v.getType());
  return tensor ? tensor.getShape() : llvm::ArrayRef<int64_t>();
}
bool terrazzo::access::isTensor(Value v) {
  return isa<RankedTensorType>(v.getType());
}
bool terrazzo::access::isPointer(Value v) {
  return isa<kernel::PtrType>(elementOf(v));
}

Converter::Converter(ModuleOp module, DiagnosticEngine &engine)
    : builder(module.getContext()), engine(engine),
      loc(builder.getUnknownLoc()) {
  MLIRContext *context = module.getContext();
  global = tile::PlaceAttr::get(
      context, builder.getStringAttr("global"),
      tile::NestAttr::get(context, builder.getArrayAttr({}), ArrayAttr()));
}

void Converter::refuse(Operation *op, llvm::StringRef what) {
  engine.emit(DiagnosticKind::CannotTile, where(op->getLoc()), what);
  throw Refused();
}

std::optional<int64_t> Converter::constantOf(Value v) {
  APInt value;
  if (v && matchPattern(v, m_ConstantInt(&value)))
    return value.getSExtValue();
  return std::nullopt;
}
Value Converter::index(int64_t value) {
  return arith::ConstantIndexOp::create(builder, loc, value);
}
Value Converter::asIndex(Value integer) {
  if (integer.getType().isIndex())
    return integer;
  if (auto n = constantOf(integer))
    return *n ? index(*n) : Value();
  return arith::IndexCastOp::create(builder, loc, builder.getIndexType(),
                                    integer);
}
Value Converter::plus(Value a, Value b, bool subtract) {
  if (!b)
    return a;
  auto n = constantOf(b), m = a ? constantOf(a) : std::optional<int64_t>(0);
  if (n && m) {
    int64_t sum = subtract ? *m - *n : *m + *n;
    return sum ? index(sum) : Value();
  }
  if (!a && !subtract)
    return b;
  if (subtract && a == b)
    return {};
  if (!a)
    a = index(0);
  if (subtract)
    return arith::SubIOp::create(builder, loc, a, b);
  return arith::AddIOp::create(builder, loc, a, b);
}
Value Converter::times(Value a, Value b) {
  if (!a || !b)
    return {};
  auto n = constantOf(a), m = constantOf(b);
  if (n && m)
    return *n * *m ? index(*n * *m) : Value();
  if (n == 0 || m == 0)
    return {};
  if (n == 1)
    return b;
  if (m == 1)
    return a;
  return arith::MulIOp::create(builder, loc, a, b);
}

void Converter::operation(Operation *op) {
  loc = op->getLoc();
  if (auto id = dyn_cast<kernel::GetProgramIdOp>(op)) {
    spreads[id] = {programIds[id.getAxis()], {}};
  } else if (auto count = dyn_cast<kernel::GetNumProgramsOp>(op)) {
    spreads[count] = {arith::IndexCastOp::create(builder, loc,
                                                 builder.getI32Type(),
                                                 gridExtents[count.getAxis()])
                          .getResult(),
                      {}};
  } else if (isa<kernel::DebugBarrierOp, kernel::AssumeOp>(op)) {
    return; // one stream a program; a promise changes nothing
  } else if (auto o = dyn_cast<kernel::LoadOp>(op)) {
    load(o);
  } else if (auto o = dyn_cast<kernel::StoreOp>(op)) {
    store(o);
  } else if (auto o = dyn_cast<kernel::AtomicRMWOp>(op)) {
    atomic(o);
  } else if (auto o = dyn_cast<kernel::AtomicCASOp>(op)) {
    compareAndSwap(o);
  } else if (auto o = dyn_cast<kernel::DotOp>(op)) {
    dot(o);
  } else if (auto o = dyn_cast<kernel::GatherOp>(op)) {
    gather(o);
  } else if (auto o = dyn_cast<kernel::HistogramOp>(op)) {
    histogram(o);
  } else if (isa<kernel::AssertOp, kernel::PrintOp>(op)) {
    report(op);
  } else if (!regionOp(op) && !addressOp(op) && !shapeOp(op) &&
             !elementwise(op)) {
    refuse(op, "`" + op->getName().getStringRef().str() + "`");
  }
  // What has a simple form gets it here, where it dominates all its uses.
  for (Value r : op->getResults())
    if (isTensor(r) && elementOf(r).isInteger() && !isPointer(r) &&
        !offsets.count(r))
      if (auto offset = affine(r))
        offsets[r] = *offset;
}

void Converter::block(Block &body) {
  for (Operation &op : body.without_terminator())
    operation(&op);
}

/// Erases what nothing uses, uses before definitions: the arithmetic that
/// views have swallowed.
static void eraseDead(Region &region) {
  for (Block &block : region)
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block))) {
      for (Region &inner : op.getRegions())
        if (!isa<tile::MapOp, tile::ReduceOp, tile::ScanOp>(op))
          eraseDead(inner);
      bool pure = isa<tile::MapOp, tile::TakeOp, tile::ReduceOp, tile::ScanOp,
                      tile::ViewOp, tile::SliceOp, tile::LoadOp, tile::MmaOp,
                      tile::MoveOp>(op);
      if (op.use_empty() && (pure || isOpTriviallyDead(&op)))
        op.erase();
    }
}

/// The grid, in groups of so many programs as one program of the launch does.
llvm::SmallVector<Value, 3> Converter::launchExtents(func::FuncOp function) {
  auto factors =
      function->getAttrOfType<DenseI64ArrayAttr>(kernel::coarsenName);
  llvm::SmallVector<Value, 3> out = gridExtents;
  for (unsigned axis = 0; factors && axis < 3; ++axis)
    if (int64_t factor = factors[axis]; factor != 1)
      out[axis] = arith::DivUIOp::create(
          builder, loc, plus(gridExtents[axis], index(factor - 1)),
          index(factor));
  return out;
}

void Converter::convert(func::FuncOp function) {
  loc = function.getLoc();
  Block &old = function.getBody().front();
  auto type = builder.getFunctionType(
      [&] {
        llvm::SmallVector<Type> inputs(function.getArgumentTypes());
        inputs.append(3, builder.getIndexType());
        return inputs;
      }(),
      {});
  builder.setInsertionPoint(function);
  auto made = func::FuncOp::create(builder, loc, function.getName(), type);
  made->setDiscardableAttrs(function->getDiscardableAttrDictionary());
  if (auto attributes = function.getArgAttrsAttr())
    for (auto [i, a] : llvm::enumerate(attributes))
      made.setArgAttrs(i, cast<DictionaryAttr>(a));
  Block *entry = made.addEntryBlock();
  for (auto [from, to] : llvm::zip(old.getArguments(), entry->getArguments()))
    spreads[from] = {to, {}};
  builder.setInsertionPointToStart(entry);
  for (unsigned axis = 0; axis < 3; ++axis)
    gridExtents.push_back(entry->getArgument(old.getNumArguments() + axis));
  auto launch = tile::LaunchOp::create(
      builder, loc, launchExtents(function),
      builder.getStrArrayAttr({"parallel", "parallel", "parallel"}),
      ArrayAttr(), false, false);
  func::ReturnOp::create(builder, loc);
  Block *body = builder.createBlock(&launch.getBody());
  for (unsigned axis = 0; axis < 3; ++axis) {
    Value iv = body->addArgument(builder.getIndexType(), loc);
    programIds.push_back(
        arith::IndexCastOp::create(builder, loc, builder.getI32Type(), iv));
  }
  block(old);
  tile::YieldOp::create(builder, loc, ValueRange());
  launch.walk([&](scf::WhileOp loop) {
    loop.getBefore().walk([&](tile::AtomicOp) { launch.setCooperative(true); });
  });
  function.erase();
  eraseDead(made.getBody());
}

LogicalResult terrazzo::kernelToTile(ModuleOp module,
                                     DiagnosticEngine &engine) {
  module.getContext()->loadDialect<tile::TileDialect>();
  for (auto function :
       llvm::make_early_inc_range(module.getOps<func::FuncOp>())) {
    movePointersAsNumbers(function);
    try {
      Converter(module, engine).convert(function);
    } catch (const Refused &) {
      return failure();
    }
  }
  MLIRDiagnosticBridge bridge(module.getContext(), engine);
  return mlir::verify(module);
}
