// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// tile.mma on matrix registers (Intel AMX), where the chip file has them: 2 by
// 2 tiles of 16 x 16 sums stay in registers over all of k. B is packed in
// panels of two tiles, `group` rows interleaved, and stays in the first cache;
// A passes by it. The registers are named here and not left to LLVM: their
// shapes are set once for the launch, and nothing is ever spilled.
// docs/Rationale/CpuMma.md says why.
#include "targets/Cpu/Lowering/Emitter.h"

#include "terrazzo-c/Runtime.h"

#include "mlir/IR/Matchers.h"

#include <set>

using namespace terrazzo;
using namespace terrazzo::cpu;
using namespace mlir;

/// A tile's row has 64 bytes; there are eight tiles: four of sums, four of A
/// and B.
static constexpr int64_t tileBytes = 64, sumTiles = 4;

//===-- Shapes -----------------------------------------------------------===//

/// Which registers A's and B's tiles take: all that the other leaves, in turn.
static int64_t tilesOfA(int64_t rowTiles, int64_t columnTiles) {
  return columnTiles == 1 ? std::min<int64_t>(rowTiles, 3)
                          : std::min<int64_t>(rowTiles, 2);
}
static int64_t tileOfA(int64_t row, int64_t ofA) {
  return sumTiles + row % ofA;
}
static int64_t tileOfB(int64_t column, int64_t ofA) {
  return sumTiles + ofA + column % (sumTiles - ofA);
}

/// Whether the matrix registers take this product, and then how.
bool Emitter::shapeOnTiles(tile::MmaOp op, MmaShape &s) {
  Type from = elementOf(op.getA());
  bool isFloat = s.acc.isF32() && ((from.isBF16() && chip.has("amx-bf16")) ||
                                   (from.isF16() && chip.has("amx-fp16")));
  bool isInteger =
      s.acc.isInteger(32) && from.isInteger(8) && chip.has("amx-int8");
  if (elementOf(op.getB()) != from || !(isFloat || isInteger))
    return false;
  int64_t group = isFloat ? 2 : 4;
  if (s.n % tileRows || s.k % group)
    return false;
  s.a = s.b = from;
  s.group = group;
  s.width = tileRows;
  s.biased = false;
  // All steps of k are alike: a shorter one takes no more than a longer one.
  s.depth = tileRows;
  while (s.k / group % s.depth)
    --s.depth;
  int64_t across = s.n / tileRows, down = (s.m + tileRows - 1) / tileRows;
  s.columnTiles = across % 2 ? 1 : down == 1 && across % 4 == 0 ? 4 : 2;
  s.rowTiles = std::min<int64_t>(down, s.columnTiles == 1   ? 3
                                       : s.columnTiles == 2 ? 2
                                                            : 1);
  s.panel = s.columnTiles * tileRows;
  s.rows = s.rowTiles * tileRows;
  return true;
}

/// The parts of m whose register tiles are alike: whole ones, then what is
/// left.
static llvm::SmallVector<std::pair<int64_t, int64_t>, 2>
partsOfM(int64_t m, int64_t rows) {
  llvm::SmallVector<std::pair<int64_t, int64_t>, 2> parts;
  if (m >= rows)
    parts.push_back({m / rows, rows});
  if (m % rows)
    parts.push_back({1, m % rows});
  return parts;
}

/// What LDTILECFG reads, for register tiles of \p rows rows.
std::string Emitter::tileConfig(const MmaShape &s, int64_t rows) {
  std::string bytes(64, '\0');
  bytes[0] = 1; // palette
  auto set = [&](int64_t tile, int64_t height, int64_t width) {
    bytes[16 + 2 * tile] = char(width);
    bytes[48 + tile] = char(height);
  };
  int64_t ofA = tilesOfA(s.rowTiles, s.columnTiles);
  for (int64_t r = 0; r * tileRows < rows; ++r) {
    int64_t height = std::min(tileRows, rows - r * tileRows);
    for (int64_t c = 0; c < s.columnTiles; ++c)
      set(r * s.columnTiles + c, height, tileBytes);
    set(tileOfA(r, ofA), height, s.depth * 4);
  }
  for (int64_t c = 0; c < s.columnTiles; ++c)
    set(tileOfB(c, ofA), s.depth, tileBytes);
  return bytes;
}

//===-- Instructions -----------------------------------------------------===//

void Emitter::tileOp(llvm::StringRef name, llvm::ArrayRef<int64_t> tiles,
                     ValueRange more) {
  llvm::SmallVector<Value> operands;
  for (int64_t tile : tiles)
    operands.push_back(LLVM::ConstantOp::create(
        b, loc, b.getI8Type(), b.getI8IntegerAttr(int8_t(tile))));
  operands.append(more.begin(), more.end());
  LLVM::CallIntrinsicOp::create(
      b, loc, b.getStringAttr("llvm.x86." + name.str()), operands);
}

/// Sets the shapes, from a constant of the module that all bodies share.
void Emitter::loadTileConfig(const std::string &bytes) {
  // Its name says all that is in it.
  std::string name = "tiles";
  for (size_t tile = 0; tile < 8; ++tile)
    name += "." + std::to_string(bytes[48 + tile]) + "x" +
            std::to_string(bytes[16 + 2 * tile]);
  auto global = module.lookupSymbol<LLVM::GlobalOp>(name);
  if (!global) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(module.getBody());
    auto type = LLVM::LLVMArrayType::get(b.getI8Type(), bytes.size());
    global = LLVM::GlobalOp::create(b, loc, type, /*isConstant=*/true,
                                    LLVM::Linkage::Internal, name,
                                    b.getStringAttr(bytes), /*alignment=*/64);
  }
  tileOp("ldtilecfg", {},
         ValueRange{LLVM::AddressOfOp::create(b, loc, global)});
}

/// At the start of an entry: the system grants a process the matrix registers
/// when it asks for them; without them the launch fails before it begins.
void Emitter::askForTiles(LLVM::LLVMFuncOp entry, Value runtime) {
  Type i32 = b.getI32Type();
  auto number = [&](int32_t n) {
    return LLVM::ConstantOp::create(b, loc, i32, b.getI32IntegerAttr(n));
  };
  Block *asking = entry.addBlock(), *refused = entry.addBlock(),
        *granted = entry.addBlock();
  // An older runtime has no such function.
  Value version = LLVM::LoadOp::create(b, loc, i32, runtime, 4);
  Value isOld = LLVM::ICmpOp::create(b, loc, LLVM::ICmpPredicate::ult, version,
                                     number(3));
  LLVM::CondBrOp::create(b, loc, isOld, refused, asking);
  b.setInsertionPointToStart(asking);
  Value slot = LLVM::GEPOp::create(b, loc, pointerType, b.getI64Type(), runtime,
                                   llvm::ArrayRef<LLVM::GEPArg>{int32_t(3)});
  Value ask = LLVM::LoadOp::create(b, loc, pointerType, slot, 8);
  Value answer = LLVM::CallOp::create(
                     b, loc, LLVM::LLVMFunctionType::get(i32, {pointerType}),
                     ValueRange{ask, runtime})
                     .getResult();
  Value isRefused =
      LLVM::ICmpOp::create(b, loc, LLVM::ICmpPredicate::ne, answer, number(0));
  LLVM::CondBrOp::create(b, loc, isRefused, refused, granted);
  b.setInsertionPointToStart(refused);
  LLVM::ReturnOp::create(b, loc, ValueRange{number(TERRAZZO_NO_TILES)});
  b.setInsertionPointToStart(granted);
}

/// Before the programs: the shapes, where all products of the launch have the
/// same; else each product sets its own.
void Emitter::openTiles(tile::LaunchOp launch) {
  std::set<std::string> all;
  launch.walk([&](tile::MmaOp op) {
    if (!isTensor(op.getA()) || !isTensor(op.getB()))
      return;
    MmaShape s = shapeOfMma(op);
    if (s.rowTiles)
      for (auto [count, rows] : partsOfM(s.m, s.rows))
        all.insert(tileConfig(s, rows));
  });
  usesTiles = !all.empty();
  oneTileConfig = all.size() == 1;
  if (oneTileConfig)
    loadTileConfig(*all.begin());
}

/// After them: a context switch need not save what nobody reads.
void Emitter::closeTiles() {
  if (usesTiles)
    tileOp("tilerelease", {}, {});
}

//===-- The product ------------------------------------------------------===//

/// The groups of k for which a panel of B stays in the first cache, next to
/// what passes by.
int64_t Emitter::groupsAtOnce(const MmaShape &s) {
  int64_t holds = cacheBytes("l1") * 2 / 3; // the rest passes by: a choice
  int64_t groups = holds / (s.panel * 4) / s.depth * s.depth;
  return std::clamp(groups, s.depth, s.k / s.group);
}

/// At each step of k: some lines of what the next panel of B, and the next
/// block of A, will bring from behind the second cache; and of the next rows of
/// A, while the first panel of the first block meets them for the first time.
void Emitter::prefetchForTiles(const MmaShape &s, const TileStep &t, Value g,
                               Value bPanel) {
  constexpr int64_t most = 8; // lines a step: more would delay the tiles
  auto line = [&](Value base, Type element, Value at) {
    LLVM::Prefetch::create(b, loc, pointerAt(base, element, at), 0, 2, 1);
  };
  int64_t stepLines = s.depth * s.panel / tileRows;
  int64_t perStep = std::min(most, (stepLines + t.rowSteps - 1) / t.rowSteps);
  Value step = plus(times(t.rowStep, index(t.groups / s.depth)),
                    arith::DivUIOp::create(b, loc, g, index(s.depth)));
  Value ahead = plus(times(step, index(perStep * tileBytes)),
                     index(s.k / s.group * s.panel * 4));
  for (int64_t q = 0; q < perStep; ++q)
    line(bPanel, b.getI8Type(), plus(ahead, index(q * tileBytes)));
  if (!t.nextA)
    return;
  Value k = plus(times(t.group, index(s.group)), times(g, index(s.group)));
  int64_t panels = s.n / s.panel;
  int64_t rows = std::min(most, (t.rows + panels - 1) / panels);
  auto row = [&](Value q) {
    Value at = plus(t.row, plus(times(t.panel, index(rows)), q));
    line(t.nextA, s.a, plus(times(at, t.a.second), k));
  };
  // As a loop where the addresses of all would take the registers.
  if (rows > 4)
    return loop(0, rows, 1, row);
  for (int64_t q = 0; q < rows; ++q)
    row(index(q));
}

/// The rows of the next register tile, at the first panel.
void Emitter::prefetchRowsForTiles(const MmaShape &s, const TileStep &t,
                                   Value g) {
  Value isFirst = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                                        t.panel, index(0));
  if (t.zero)
    isFirst = both(isFirst, t.zero);
  auto branch = scf::IfOp::create(b, loc, isFirst, false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  Value k = plus(times(t.group, index(s.group)), times(g, index(s.group)));
  loop(0, t.rows, 1, [&](Value r) {
    Value row = plus(t.row, plus(r, index(t.rows)));
    LLVM::Prefetch::create(
        b, loc, pointerAt(t.a.first, s.a, plus(times(row, t.a.second), k)), 0,
        2, 1);
  });
}

/// One register tile over \p groups groups of k from \p g on.
void Emitter::tilesOfProduct(const MmaShape &s, const TileStep &t) {
  int64_t ofA = tilesOfA(s.rowTiles, s.columnTiles);
  int64_t down = (t.rows + tileRows - 1) / tileRows;
  Value corner =
      pointerAt(t.acc.base, s.acc,
                plus(times(t.row, index(s.n)), times(t.panel, index(s.panel))));
  auto bytes = [&](int64_t n) {
    return LLVM::ConstantOp::create(b, loc, b.getI64Type(),
                                    b.getI64IntegerAttr(n));
  };
  Value accStride = bytes(s.n * bytesOf(s.acc)), bStride = bytes(s.panel * 4);
  auto sums = [&](llvm::function_ref<void(int64_t, Value)> each) {
    for (int64_t r = 0; r < down; ++r)
      for (int64_t c = 0; c < s.columnTiles; ++c)
        each(
            r * s.columnTiles + c,
            pointerAt(corner, s.acc, index(r * tileRows * s.n + c * tileRows)));
  };
  auto zero = [&] {
    sums([&](int64_t tile, Value) { tileOp("tilezero", {tile}, {}); });
  };
  auto load = [&] {
    sums([&](int64_t tile, Value from) {
      tileOp("tileloadd64", {tile}, {from, accStride});
    });
  };
  if (!t.zero) {
    load();
  } else if (matchPattern(t.zero, m_One())) {
    zero();
  } else {
    auto branch = scf::IfOp::create(b, loc, t.zero, true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    zero();
    b.setInsertionPointToStart(branch.elseBlock());
    load();
  }
  Value aStride = LLVM::MulOp::create(
      b, loc, arith::IndexCastOp::create(b, loc, b.getI64Type(), t.a.second),
      bytes(bytesOf(s.a)));
  llvm::SmallVector<Value> aRows;
  for (int64_t r = 0; r < down; ++r)
    aRows.push_back(
        pointerAt(t.a.first, s.a,
                  plus(times(plus(t.row, index(r * tileRows)), t.a.second),
                       times(t.group, index(s.group)))));
  Value bPanel = pointerAt(t.b, s.b,
                           plus(times(t.panel, index(s.k * s.panel)),
                                times(t.group, index(s.panel * s.group))));
  llvm::StringRef product = s.a.isBF16()  ? "tdpbf16ps"
                            : s.a.isF16() ? "tdpfp16ps"
                                          : "tdpbssd";
  loop(0, t.groups, s.depth, [&](Value g) {
    prefetchForTiles(s, t, g, bPanel);
    if (t.nextA)
      prefetchRowsForTiles(s, t, g);
    Value bStep = pointerAt(bPanel, s.b, times(g, index(s.panel * s.group)));
    Value aStep = times(g, index(s.group));
    auto loadB = [&](int64_t c) {
      tileOp("tileloadd64", {tileOfB(c, ofA)},
             {pointerAt(bStep, s.b, index(c * tileRows * s.group)), bStride});
    };
    // Each tile is loaded before the first product that needs it; B's are read
    // again by the next rows, A's are not and leave the first cache alone.
    for (int64_t r = 0; r < down; ++r) {
      tileOp("tileloaddt164", {tileOfA(r, ofA)},
             {pointerAt(aRows[r], s.a, aStep), aStride});
      for (int64_t c = 0; c < s.columnTiles; ++c) {
        if (r == 0)
          loadB(c);
        tileOp(product,
               {r * s.columnTiles + c, tileOfA(r, ofA), tileOfB(c, ofA)}, {});
      }
    }
  });
  sums([&](int64_t tile, Value to) {
    tileOp("tilestored64", {tile}, {to, accStride});
  });
}

/// What is read of A after these groups of k, seen from the same columns: the
/// block's next part, or the first part of the loop's next block, if A is read
/// where it is and moves along k; else the same again. Only ever prefetched.
Value Emitter::nextPartOfA(tile::MmaOp op, const MmaShape &s,
                           std::pair<Value, Value> a, Value group,
                           int64_t many) {
  if (matchPattern(a.second, m_Constant()))
    return {}; // in scratch memory, just written
  Value distance = index(0);
  if (auto loop = dyn_cast<scf::ForOp>(op->getParentOp())) {
    Value next = arith::AddIOp::create(b, loc, scalarOf(loop.getInductionVar()),
                                       scalarOf(loop.getStep()));
    Value goesOn = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt,
                                         next, scalarOf(loop.getUpperBound()));
    Value toNext =
        arith::SubIOp::create(b, loc, index(s.k), times(group, index(s.group)));
    distance = arith::SelectOp::create(b, loc, goesOn, toNext, distance);
  }
  if (many < s.k / s.group) {
    Value isLast =
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge,
                              plus(group, index(many)), index(s.k / s.group));
    distance = arith::SelectOp::create(b, loc, isLast, distance,
                                       index(many * s.group));
  }
  return pointerAt(a.first, s.a, distance);
}

/// acc += A B for packed operands. \p zero: whether acc is zero and was not
/// written; null: no.
void Emitter::productOnTiles(tile::MmaOp op, const MmaShape &s,
                             std::pair<Value, Value> a, Value w,
                             const Buffer &acc, Value zero) {
  int64_t groups = s.k / s.group, atOnce = groupsAtOnce(s), first = 0;
  for (auto [count, rows] : partsOfM(s.m, s.rows)) {
    if (!oneTileConfig)
      loadTileConfig(tileConfig(s, rows));
    auto over = [&](Value group, int64_t many, Value whether) {
      Value nextA = nextPartOfA(op, s, a, group, many);
      loop(0, s.n / s.panel, 1, [&](Value panel) {
        loop(0, count, 1, [&](Value i) {
          Value row = plus(times(i, index(s.rows)), index(first));
          tilesOfProduct(s, {a, w, acc, row, panel, group, rows, many, whether,
                             i, count, nextA});
        });
      });
    };
    int64_t whole = groups / atOnce * atOnce;
    loop(0, whole, atOnce, [&](Value group) {
      Value whether = zero;
      if (zero && whole > atOnce)
        whether =
            both(zero, arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                                             group, index(0)));
      over(group, atOnce, whether);
    });
    if (whole < groups)
      over(index(whole), groups - whole, {});
    first += count * s.rows;
  }
}

//===-- Sums that begin with zero ----------------------------------------===//

/// Whether a carried block is zero at first and read by a product alone: that
/// clears its registers, and the block is not written before.
bool Emitter::startsUnwritten(scf::ForOp loop, unsigned number) {
  Value inner = loop.getRegionIterArg(number);
  if (!isZero(loop.getInitArgs()[number]) || !inner.hasOneUse())
    return false;
  auto op = dyn_cast<tile::MmaOp>(*inner.user_begin());
  return op && op.getAcc() == inner && op->getBlock() == loop.getBody() &&
         isTensor(op.getA()) && isTensor(op.getB()) && op.getScales().empty();
}

/// In the loop's body: it is zero in the first step.
void Emitter::noteUnwritten(scf::ForOp loop, unsigned number) {
  zeroAt[loop.getRegionIterArg(number)] = arith::CmpIOp::create(
      b, loc, arith::CmpIPredicate::eq, scalarOf(loop.getInductionVar()),
      scalarOf(loop.getLowerBound()));
}

/// Behind the loop: it is still to be written when there was no step.
void Emitter::fillUnwritten(scf::ForOp loop, unsigned number,
                            const Buffer &memory) {
  auto less = loop.getUnsignedCmp() ? arith::CmpIPredicate::ult
                                    : arith::CmpIPredicate::slt;
  Value ran =
      arith::CmpIOp::create(b, loc, less, scalarOf(loop.getLowerBound()),
                            scalarOf(loop.getUpperBound()));
  if (matchPattern(ran, m_One()))
    return;
  auto branch = scf::IfOp::create(b, loc, ran, true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.elseBlock());
  Value init = loop.getInitArgs()[number];
  bool known = buffers.count(init);
  auto outside = cache;
  materialise(init, memory);
  cache = std::move(outside);
  if (!known)
    buffers.erase(init);
}
