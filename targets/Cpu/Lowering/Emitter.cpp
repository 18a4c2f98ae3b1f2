// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/Cpu/Lowering/Emitter.h"

#include "lib/Diagnostics/MLIRBridge.h"
#include "terrazzo-c/Runtime.h"

#include "mlir/IR/Matchers.h"

using namespace terrazzo;
using namespace terrazzo::cpu;
using namespace mlir;

Emitter::Emitter(ModuleOp module, const chip::Chip &chip, bool assumeNoAlias,
                 bool trustsArguments, DiagnosticEngine &engine)
    : module(module), chip(chip), assumeNoAlias(assumeNoAlias),
      trustsArguments(trustsArguments), engine(engine), b(module.getContext()),
      loc(b.getUnknownLoc()),
      pointerType(LLVM::LLVMPointerType::get(module.getContext())) {
  if (int64_t width = chipNumber("vector", "simd", "width"))
    vectorBits = unsigned(width);
}

int64_t Emitter::chipNumber(llvm::StringRef section, llvm::StringRef part,
                            llvm::StringRef key) const {
  const chip::Quantity *q = chip.number(section, part, key);
  return q ? int64_t(q->value) : 0;
}

int64_t Emitter::lastCacheBytes() const {
  for (llvm::StringRef name : {"l3", "l2", "l1"})
    if (int64_t bytes = cacheBytes(name))
      return bytes;
  return 0;
}

void Emitter::refuse(Operation *op, llvm::StringRef what) {
  engine.emit(DiagnosticKind::CannotLower, where(op->getLoc()), what,
              chip.name);
  throw Refused();
}

Value Emitter::index(int64_t v) {
  return arith::ConstantIndexOp::create(b, loc, v);
}
static std::optional<int64_t> constantOf(Value v) {
  APInt n;
  if (v && matchPattern(v, m_ConstantInt(&n)))
    return n.getSExtValue();
  return std::nullopt;
}
Value Emitter::plus(Value x, Value y) {
  if (!x || !y)
    return x ? x : y;
  auto n = constantOf(x), m = constantOf(y);
  if (n && m)
    return index(*n + *m);
  if (n == 0)
    return y;
  if (m == 0)
    return x;
  return arith::AddIOp::create(b, loc, x, y);
}
Value Emitter::times(Value x, Value y) {
  if (!x || !y)
    return {};
  auto n = constantOf(x), m = constantOf(y);
  if (n && m)
    return index(*n * *m);
  if (n == 1)
    return y;
  if (m == 1)
    return x;
  if (n == 0)
    return x;
  if (m == 0)
    return y;
  return arith::MulIOp::create(b, loc, x, y);
}

/// The emitted value of a scalar of the Tile program.
Value Emitter::scalarOf(Value v) {
  auto found = scalars.find(v);
  if (found != scalars.end())
    return found->second;
  // Constants are made anew where they are used.
  if (auto constantOp = v.getDefiningOp<arith::ConstantOp>())
    return constant(constantOp.getValue());
  refuse(v.getDefiningOp() ? v.getDefiningOp()
                           : v.getParentBlock()->getParentOp(),
         "this value");
}

void Emitter::scalarOp(Operation *op) {
  if (isa<arith::ConstantOp>(op))
    return;
  if (auto move = dyn_cast<kernel::AddPtrOp>(op)) {
    Value offset = scalarOf(move.getOffset());
    auto type = cast<kernel::PtrType>(move.getType());
    if (!offset.getType().isInteger(64))
      offset = arith::ExtSIOp::create(b, loc, b.getI64Type(), offset);
    scalars[move] = LLVM::GEPOp::create(
        b, loc, pointerType, storageOf(type.getPointee()),
        scalarOf(move.getPtr()), llvm::ArrayRef<LLVM::GEPArg>{offset});
    return;
  }
  if (auto cast = dyn_cast<kernel::BitcastOp>(op);
      cast && isa<kernel::PtrType>(cast.getType())) {
    scalars[cast] = scalarOf(cast.getSrc());
    return;
  }
  if (isa<kernel::PtrToIntOp>(op)) {
    scalars[op->getResult(0)] = LLVM::PtrToIntOp::create(
        b, loc, b.getI64Type(), scalarOf(op->getOperand(0)));
    return;
  }
  if (isa<kernel::IntToPtrOp>(op)) {
    scalars[op->getResult(0)] = LLVM::IntToPtrOp::create(
        b, loc, pointerType, scalarOf(op->getOperand(0)));
    return;
  }
  if (auto select = dyn_cast<arith::SelectOp>(op);
      select && isa<kernel::PtrType>(select.getType())) {
    scalars[select] = LLVM::SelectOp::create(
        b, loc, scalarOf(select.getCondition()),
        scalarOf(select.getTrueValue()), scalarOf(select.getFalseValue()));
    return;
  }
  if (op->getNumResults() != 1)
    refuse(op, "`" + op->getName().getStringRef().str() + "`");
  llvm::DenseMap<Value, Value> values;
  llvm::DenseMap<Value, Index> none;
  scalars[op->getResult(0)] = regionOp(op, values, none);
}

void Emitter::operation(Operation *op) {
  loc = op->getLoc();
  current = op;
  unsigned before = lanes;
  lanes = 1;
  if (isa<tile::ViewOp, tile::SliceOp>(op))
    ; // read where they are used
  else if (isa<tile::AllocOp>(op))
    windowOf(op->getResult(0));
  else if (auto load = dyn_cast<tile::LoadOp>(op);
           load && !isTensor(load.getValue()))
    scalars[load.getValue()] = loadWindow(load, {});
  else if (isDeferrable(op))
    define(op);
  else if (auto o = dyn_cast<tile::StoreOp>(op))
    store(o);
  else if (auto o = dyn_cast<tile::AtomicOp>(op))
    atomic(o);
  else if (auto o = dyn_cast<tile::ReduceOp>(op))
    reduce(o);
  else if (auto o = dyn_cast<tile::ScanOp>(op))
    scan(o);
  else if (auto o = dyn_cast<tile::MmaOp>(op))
    mma(o);
  else if (auto o = dyn_cast<scf::ForOp>(op))
    forLoop(o);
  else if (auto o = dyn_cast<scf::IfOp>(op))
    branch(o);
  else if (auto o = dyn_cast<scf::WhileOp>(op))
    whileLoop(o);
  else if (auto o = dyn_cast<kernel::AssertOp>(op))
    assertion(o);
  else if (auto o = dyn_cast<kernel::PrintOp>(op))
    print(o);
  else
    scalarOp(op);
  lanes = before;
}

void Emitter::block(Block &body) {
  for (Operation &op : body.without_terminator()) {
    cache.clear();
    if (!early.contains(&op))
      operation(&op);
  }
  cache.clear();
}

/// An argument from its 64-bit slot (include/terrazzo-c/Runtime.h).
Value Emitter::argument(Value arguments, unsigned number, Type type) {
  auto slot = [&](Type as) -> Value {
    Value at =
        LLVM::GEPOp::create(b, loc, pointerType, b.getI64Type(), arguments,
                            llvm::ArrayRef<LLVM::GEPArg>{int32_t(number)});
    return LLVM::LoadOp::create(b, loc, as, at, 8);
  };
  if (isa<kernel::PtrType>(type))
    return slot(pointerType);
  if (type.isIndex())
    return arith::IndexCastOp::create(b, loc, type, slot(b.getI64Type()));
  return widen(slot(storageOf(type)), type);
}

Value Emitter::contextSlot(int32_t number) {
  return LLVM::GEPOp::create(b, loc, pointerType, b.getI64Type(), context,
                             llvm::ArrayRef<LLVM::GEPArg>{number});
}
Value Emitter::contextWord(int32_t number, Type type) {
  return LLVM::LoadOp::create(b, loc, type, contextSlot(number), 8);
}

/// One program; none begins after an assertion has failed.
void Emitter::emitProgram(Block &body) {
  bool asserts =
      body.getParent()
          ->walk([](kernel::AssertOp) { return WalkResult::interrupt(); })
          .wasInterrupted();
  if (!asserts)
    return block(body);
  Value status = LLVM::LoadOp::create(
      b, loc, b.getI64Type(), contextSlot(5), 8, /*isVolatile=*/false,
      /*isNonTemporal=*/false, /*isInvariant=*/false,
      /*isInvariantGroup=*/false, LLVM::AtomicOrdering::monotonic);
  Value goesOn = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, status,
                                       constant(b.getI64IntegerAttr(0)));
  auto branch = scf::IfOp::create(b, loc, goesOn, false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  block(body);
}

/// The function of the programs, and what it finds in its context.
void Emitter::openBody(func::FuncOp function, llvm::StringRef suffix) {
  b.setInsertionPointToEnd(module.getBody());
  Type i64 = b.getI64Type();
  auto type =
      LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(b.getContext()),
                                  {pointerType, i64, i64, pointerType});
  made = LLVM::LLVMFuncOp::create(b, loc, (function.getName() + suffix).str(),
                                  type, LLVM::Linkage::Internal);
  for (unsigned i : {0, 3})
    made.setArgAttr(i, "llvm.noalias", b.getUnitAttr());
  Block *entry = made.addEntryBlock(b);
  b.setInsertionPointToStart(entry);
  context = entry->getArgument(0);
  scratchBase = entry->getArgument(3);
  Value one = LLVM::ConstantOp::create(b, loc, i64, b.getI64IntegerAttr(1));
  spare = LLVM::AllocaOp::create(
      b, loc, pointerType,
      LLVM::LLVMArrayType::get(b.getI8Type(), vectorBits / 8), one, 64);
  // The context: the address of the arguments, then the grid.
  Value arguments = LLVM::LoadOp::create(b, loc, pointerType, context, 8);
  unsigned count = function.getNumArguments() - 3;
  for (unsigned i = 0; i < count; ++i)
    scalars[function.getArgument(i)] =
        argument(arguments, i, function.getArgument(i).getType());
  for (unsigned axis = 0; axis < 3; ++axis)
    scalars[function.getArgument(count + axis)] =
        argument(context, 1 + axis, b.getIndexType());
}

/// The programs [begin, end) of the grid, in one thread.
void Emitter::emitBody(func::FuncOp function, tile::LaunchOp launch,
                       llvm::StringRef suffix) {
  loc = function.getLoc();
  openBody(function, suffix);
  auto asIndex = [&](unsigned number) {
    return arith::IndexCastOp::create(b, loc, b.getIndexType(),
                                      made.getArgument(number))
        .getResult();
  };
  Value begin = asIndex(1), end = asIndex(2);
  // How many programs a schedule makes of the grid.
  for (Operation &op : function.getBody().front().without_terminator())
    if (!isa<tile::LaunchOp>(op))
      operation(&op);
  programs = index(1);
  for (Value extent : launch.getExtents())
    programs = times(programs, scalarOf(extent));
  // A product is read again soon; rows and elements are not.
  hasProducts = launch.walk([](tile::MmaOp) { return WalkResult::interrupt(); })
                    .wasInterrupted();
  mayStream = !isSmall() && !hasProducts;
  // Without the memory that it asked for it does nothing but say so; whether it
  // asks is known at the end.
  Value lacks = constant(b.getBoolAttr(false));
  end = arith::SelectOp::create(b, loc, lacks, begin, end);
  openTiles(launch);
  emitPrograms(launch, begin, end);
  closeTiles();
  // Stores that go past the caches are seen by others only after a fence.
  if (usesStream)
    LLVM::CallIntrinsicOp::create(
        b, loc, b.getStringAttr("llvm.x86.sse.sfence"), ValueRange());
  LLVM::ReturnOp::create(b, loc, ValueRange());
  if (scratchMost == 0)
    return;
  b.setInsertionPoint(lacks.getDefiningOp());
  Value none = LLVM::ZeroOp::create(b, loc, pointerType);
  Value missing =
      LLVM::ICmpOp::create(b, loc, LLVM::ICmpPredicate::eq, scratchBase, none);
  lacks.replaceAllUsesWith(missing);
  auto note = scf::IfOp::create(b, loc, missing, false);
  b.setInsertionPointToStart(note.thenBlock());
  LLVM::StoreOp::create(b, loc, constant(b.getI64IntegerAttr(1)),
                        contextSlot(5), 8, /*isVolatile=*/false,
                        /*isNonTemporal=*/false, /*isInvariantGroup=*/false,
                        LLVM::AtomicOrdering::monotonic);
}

/// The programs [begin, end), in the form that suits them.
void Emitter::emitPrograms(tile::LaunchOp launch, Value begin, Value end) {
  auto rows = isSmall() ? std::nullopt : planRows(launch);
  if (rows)
    return emitRows(*rows, launch, begin, end);
  auto general = [&] {
    auto loop = scf::ForOp::create(b, loc, begin, end, index(1));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    bindProgram(launch, loop.getInductionVar());
    emitProgram(launch.getBody().front());
  };
  Value holds;
  tile::LaunchOp simple =
      isSmall() ? tile::LaunchOp() : singleSteps(launch, holds);
  if (simple)
    rows = planRows(simple);
  if (!rows)
    return general();
  auto branch = scf::IfOp::create(b, loc, holds, true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  emitRows(*rows, simple, begin, end);
  b.setInsertionPointToStart(branch.elseBlock());
  general();
}

/// The ids of program number \p id: axis 0 runs fastest.
void Emitter::bindProgram(tile::LaunchOp launch, Value id) {
  Value x = scalarOf(launch.getExtents()[0]),
        y = scalarOf(launch.getExtents()[1]);
  Value rest = arith::DivUIOp::create(b, loc, id, x);
  Block &body = launch.getBody().front();
  programIds = {arith::RemUIOp::create(b, loc, id, x),
                arith::RemUIOp::create(b, loc, rest, y),
                arith::DivUIOp::create(b, loc, rest, y)};
  for (auto [argument, value] : llvm::zip(body.getArguments(), programIds))
    scalars[argument] = value;
}

/// int NAME(const uint64_t *arguments, const int64_t grid[3], const
/// TerrazzoRuntime *runtime): all programs, in pieces, on the runtime's
/// threads.
void Emitter::emitEntry(func::FuncOp function, const Emitter *other) {
  b.setInsertionPointToEnd(module.getBody());
  Type i32 = b.getI32Type(), i64 = b.getI64Type();
  auto type =
      LLVM::LLVMFunctionType::get(i32, {pointerType, pointerType, pointerType});
  std::string name = function.getName().str();
  auto coarsen =
      function->getAttrOfType<DenseI64ArrayAttr>(kernel::coarsenName);
  function.setName(name + ".kernel"); // it goes below
  auto whole = LLVM::LLVMFuncOp::create(b, loc, name, type);
  Block *entry = whole.addEntryBlock(b);
  b.setInsertionPointToStart(entry);
  Value arguments = entry->getArgument(0), grid = entry->getArgument(1),
        runtime = entry->getArgument(2);
  if (usesTiles)
    askForTiles(whole, runtime);
  Value words = LLVM::ConstantOp::create(b, loc, i64, b.getI64IntegerAttr(8));
  context = LLVM::AllocaOp::create(b, loc, pointerType, i64, words, 8);
  auto slot = [&](Value base, int32_t n) -> Value {
    return LLVM::GEPOp::create(b, loc, pointerType, i64, base,
                               llvm::ArrayRef<LLVM::GEPArg>{n});
  };
  LLVM::StoreOp::create(b, loc, arguments, context, 8);
  // The time stamp tells this launch from all others on this machine.
  Value stamp =
      LLVM::CallIntrinsicOp::create(
          b, loc, i64, b.getStringAttr("llvm.readcyclecounter"), ValueRange())
          .getResult(0);
  LLVM::StoreOp::create(b, loc, stamp, slot(context, 6), 8);
  Value one = LLVM::ConstantOp::create(b, loc, i64, b.getI64IntegerAttr(1));
  Value count = one;
  Value none = LLVM::ConstantOp::create(b, loc, i64, b.getI64IntegerAttr(0));
  for (int32_t axis = 0; axis < 3; ++axis) {
    Value extent = LLVM::LoadOp::create(b, loc, i64, slot(grid, axis), 8);
    LLVM::StoreOp::create(b, loc, extent, slot(context, axis + 1), 8);
    // A negative extent is an empty grid.
    extent = LLVM::SMaxOp::create(b, loc, extent, none);
    if (int64_t merged = coarsen ? coarsen[axis] : 1; merged != 1) {
      auto constant = [&](int64_t n) -> Value {
        return LLVM::ConstantOp::create(b, loc, i64, b.getI64IntegerAttr(n));
      };
      extent = LLVM::UDivOp::create(
          b, loc, LLVM::AddOp::create(b, loc, extent, constant(merged - 1)),
          constant(merged));
    }
    count = LLVM::MulOp::create(b, loc, count, extent);
  }
  LLVM::StoreOp::create(b, loc, runtime, slot(context, 4), 8);
  Value address = LLVM::AddressOfOp::create(b, loc, made), status = none;
  Value scratch = constant(b.getI64IntegerAttr(scratchMost));
  // In both versions parts may ask whether arguments are apart.
  bool asks = other || (asksForApart() && !trustsArguments);
  Value areApart = none;
  if (Value checked =
          checkedArguments(function, asks, arguments, grid, runtime)) {
    auto is = [&](int64_t code) {
      return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, checked,
                                   constant(b.getI64IntegerAttr(code)));
    };
    auto choose = [&](int64_t code, Value then, Value otherwise) {
      return arith::SelectOp::create(b, loc, is(code), then, otherwise);
    };
    areApart = choose(TERRAZZO_MAY_OVERLAP, none, one);
    status = choose(TERRAZZO_BROKEN_PROMISE, checked, none);
    count = choose(TERRAZZO_BROKEN_PROMISE, none, count);
    if (other) {
      address = choose(TERRAZZO_MAY_OVERLAP,
                       LLVM::AddressOfOp::create(b, loc, other->made), address);
      scratch =
          choose(TERRAZZO_MAY_OVERLAP,
                 constant(b.getI64IntegerAttr(other->scratchMost)), scratch);
    }
  }
  function.erase();
  LLVM::StoreOp::create(b, loc, status, slot(context, 5), 8);
  LLVM::StoreOp::create(b, loc, areApart, slot(context, 7), 8);
  Value run = LLVM::LoadOp::create(b, loc, pointerType, slot(runtime, 1), 8);
  auto callee = LLVM::LLVMFunctionType::get(
      LLVM::LLVMVoidType::get(b.getContext()),
      {pointerType, pointerType, pointerType, i64, i64, i64});
  LLVM::CallOp::create(
      b, loc, callee,
      ValueRange{run, runtime, address, context, count, none, scratch});
  Value done = LLVM::TruncOp::create(
      b, loc, i32, LLVM::LoadOp::create(b, loc, i64, slot(context, 5), 8));
  LLVM::ReturnOp::create(b, loc, ValueRange{done});
}

/// Whether who waits in this atomic waits for a lock: whoever holds that is
/// running and will give it back. A flag may be set by a program that comes
/// later in the same thread.
static bool takesLock(tile::AtomicOp atomic) {
  if (atomic.getKind() != "cas")
    return atomic.getKind() == "xchg";
  Value expected = atomic.getValues()[0], put = atomic.getValues()[1];
  auto n = constantOf(expected), m = constantOf(put);
  return expected != put && !(n && m && *n == *m);
}

/// The one launch of \p function, which the CPU can run.
tile::LaunchOp Emitter::launchOf(func::FuncOp function) {
  loc = function.getLoc();
  tile::LaunchOp launch;
  for (Operation &op : function.getBody().front().without_terminator()) {
    if (isa<arith::ArithDialect>(op.getDialect()))
      continue; // the extents of the launch
    if (launch || !isa<tile::LaunchOp>(op))
      refuse(&op, "a host plan of more than one launch");
    launch = cast<tile::LaunchOp>(op);
  }
  if (!launch)
    refuse(function, "a function without a launch");
  launch.walk([&](scf::WhileOp loop) {
    loop.getBefore().walk([&](tile::AtomicOp atomic) {
      if (takesLock(atomic))
        return;
      engine.emit(DiagnosticKind::WaitsForProgram, where(atomic.getLoc()),
                  chip.name);
      throw Refused();
    });
  });
  return launch;
}

Versions cpu::emitKernel(ModuleOp module, func::FuncOp function,
                         const chip::Chip &chip, const LoweringOptions &options,
                         DiagnosticEngine &engine) {
  Emitter emitter(module, chip, /*assumeNoAlias=*/true, options.assumeNoAlias,
                  engine);
  tile::LaunchOp launch = emitter.launchOf(function);
  emitter.emitBody(function, launch, ".programs");
  // Without an assumption both versions would be the same.
  if (options.assumeNoAlias || !emitter.hasAssumed()) {
    Versions versions = emitter.hasAssumed() || (options.assumeNoAlias &&
                                                 emitter.asksForApart())
                            ? Versions::NoAlias
                            : Versions::Any;
    emitter.emitEntry(function, nullptr);
    return versions;
  }
  Emitter other(module, chip, /*assumeNoAlias=*/false,
                /*trustsArguments=*/false, engine);
  other.emitBody(function, launch, ".overlapping");
  emitter.emitEntry(function, &other);
  return Versions::Guarded;
}
