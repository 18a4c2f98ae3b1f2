// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// tile.mma: a register tile of rows by vectors, generated. A stands row-major
// (each element is broadcast; where it can be, straight from its array), B in
// panels as wide as the register tile; for narrow types, `group` rows of B are
// interleaved for the dot instructions. docs/Rationale/CpuMma.md has the
// measurements behind the shapes.
#include "lib/Transforms/Decompose/FloatCasts.h"
#include "targets/Cpu/Lowering/Emitter.h"

#include "mlir/IR/Matchers.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace terrazzo;
using namespace terrazzo::cpu;
using namespace mlir;

/// Panels that are filled side by side: enough for whole pages of lines to be
/// read, and few enough streams to write.
static constexpr int64_t packPanelsAtOnce = 4;

/// Which types are multiplied, and the register tile's size.
Emitter::MmaShape Emitter::shapeOfMma(tile::MmaOp op) {
  MmaShape s;
  s.m = shapeOf(op.getA())[0];
  s.k = shapeOf(op.getA())[1];
  s.n = shapeOf(op.getB())[1];
  s.acc = elementOf(op.getAcc());
  s.a = s.b = s.acc;
  if (shapeOnTiles(op, s))
    return s;
  Type from = elementOf(op.getA());
  auto rate = [&](llvm::StringRef type) {
    return chipNumber("vector", "simd", type);
  };
  s.width = widthFor(s.acc);
  while (s.width > 1 && s.n % s.width)
    s.width /= 2;
  // The dot instructions are used on whole registers, and where the chip file
  // says that they are faster than widening.
  bool whole = s.width * 32 == 512 && s.acc.getIntOrFloatBitWidth() == 32;
  if (whole && from.isBF16() && s.k % 2 == 0 && chip.has("avx512bf16") &&
      rate("bf16") > rate("f32")) {
    s.a = s.b = from;
    s.group = 2;
  } else if (whole && from.isInteger(8) && s.k % 4 == 0 &&
             chip.has("avx512vnni")) {
    s.a = s.b = from;
    s.group = 4;
    s.biased = true;
  }
  // Sums in half of the registers: the other half is for A and B on their way.
  int64_t sums =
      std::max<int64_t>(4, chipNumber("vector", "simd", "registers") / 2);
  bool many = sums >= 16;
  int64_t vectors = s.n / s.width, count = many ? 4 : 2;
  // A panel that stays in the first cache while the rows go by, where there is
  // one of two vectors: a narrower one would be loads, mostly. A quarter is
  // left for A and the sums, which pass by: a choice, not a fact.
  int64_t holds = cacheBytes("l1") * 3 / 4;
  int64_t column = s.k * bytesOf(s.b) * s.width;
  if (many && column * count > holds && column * 2 <= holds)
    count = 2;
  while (vectors % count)
    --count;
  s.panel = s.width * count;
  s.rows = sums / count;
  return s;
}

/// An operand's element as the type that is multiplied.
Value Emitter::convertOperand(Value v, Type to) {
  Type from = getElementTypeOrSelf(v.getType());
  if (from == to)
    return v;
  if (isa<FloatType>(to))
    return castFloat(b, loc, v, to);
  Type type =
      isa<VectorType>(v.getType()) ? Type(Vector::get({lanes}, to)) : to;
  return arith::ExtSIOp::create(b, loc, type, v);
}

/// Copies A row-major, as the type that is multiplied.
void Emitter::packA(Value a, const MmaShape &s, const Buffer &to) {
  auto along = alongTheWay({a}, {s.m, s.k});
  Value ends[] = {{}, along.empty() ? s.used : Value()};
  bool isBytes = elementOf(a) == s.a && bytesOf(s.a) == 1;
  nest(
      {s.m, s.k}, 1, isBytes ? vectorBits / 8 : widthFor(s.a),
      [&](const Indices &at) {
        Value v = evaluate(a, at);
        keep(along, at);
        storeBuffer(to, at, convertOperand(v, s.a));
      },
      ends);
  kept(along);
}

/// A as it is read: its first element and the distance of rows. An array that
/// has all of the window is read where it is.
std::pair<Value, Value> Emitter::rowsOfA(Value a, const MmaShape &s) {
  auto known = buffers.find(a);
  if (known != buffers.end() && known->second.element == s.a)
    return {known->second.base, index(s.k)};
  auto copied = [&](Buffer to) -> std::pair<Value, Value> {
    packA(a, s, to);
    return {to.base, index(s.k)};
  };
  auto load = a.getDefiningOp<tile::LoadOp>();
  Buffer to = allocate({s.m, s.k}, s.a);
  if (!load || known != buffers.end() || load.getMask() || elementOf(a) != s.a)
    return copied(to);
  Window w = windowOf(load.getView());
  auto plain = [](Value v) { return !v; };
  APInt n;
  if (w.wholeTensor || w.dims != llvm::SmallVector<int64_t, 4>{0, 1} ||
      !llvm::all_of(w.tensors, plain) || !llvm::all_of(w.offsets, plain) ||
      !w.strides[0] || !w.strides[1] ||
      !matchPattern(w.strides[1], m_ConstantInt(&n)) || !n.isOne())
    return copied(to);
  Value inside;
  for (auto [d, extent] : llvm::enumerate(w.extents))
    if (extent && !isa<tile::InAttr>(w.boundaries[d]))
      inside = both(inside, arith::CmpIOp::create(
                                b, loc, arith::CmpIPredicate::sge, extent,
                                d == 1 && s.used ? s.used : index(w.shape[d])));
  if (!inside)
    return {w.base, w.strides[0]};
  auto branch = scf::IfOp::create(
      b, loc, TypeRange{pointerType, b.getIndexType()}, inside, true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  scf::YieldOp::create(b, loc, ValueRange{w.base, w.strides[0]});
  b.setInsertionPointToStart(branch.elseBlock());
  auto outside = cache;
  auto [base, stride] = copied(to);
  scf::YieldOp::create(b, loc, ValueRange{base, stride});
  cache = std::move(outside);
  return {branch.getResult(0), branch.getResult(1)};
}

int64_t Emitter::bytesOfB(const MmaShape &s) {
  return s.n * s.k * bytesOf(s.b) + (s.biased ? s.n * bytesOf(s.acc) : 0);
}

/// Steps of the register tile's loop in one go: two halve the loop's own
/// instructions.
int64_t Emitter::stepsAtOnce(const MmaShape &s) {
  return s.k / s.group % 2 ? 1 : 2;
}

/// Groups of k that are needed; null: all.
Value Emitter::groupsOf(const MmaShape &s) {
  return s.used ? arith::DivUIOp::create(b, loc, s.used, index(s.group))
                      .getResult()
                : Value();
}

/// Asks for the memory that holds an element of a block that is loaded.
void Emitter::prefetchElement(Value v, const Indices &at) {
  auto load = v.getDefiningOp<tile::LoadOp>();
  if (!load || buffers.count(v))
    return;
  Window w = windowOf(load.getView());
  if (w.wholeTensor || !llvm::all_of(w.tensors, [](Value t) { return !t; }))
    return;
  Address a = addressOf(w, at, false);
  LLVM::Prefetch::create(b, loc, pointerAt(w.base, w.element, a.scalar), 0, 3,
                         1);
}

/// Copies B in panels of s.panel columns: [n / panel][k / group][panel][group];
/// without masks where all of it is inside its array.
void Emitter::packB(Value operand, const MmaShape &s, Value base) {
  alongTheWay({operand}, {});
  unsigned before = lanes;
  auto pack = [&] {
    s.rowTiles ? packPanels(operand, s, base) : packVectors(operand, s, base);
  };
  tile::LoadOp load = loadBehind(operand);
  std::optional<Value> whole;
  if (load && !buffers.count(operand) && !buffers.count(load.getValue()) &&
      !load.getMask() && !isSmall())
    whole = isWhole(windowOf(load.getView()));
  if (!whole || !*whole) {
    pack();
  } else {
    auto branch = scf::IfOp::create(b, loc, *whole, true);
    auto outside = cache;
    for (bool all : {true, false}) {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(all ? branch.thenBlock() : branch.elseBlock());
      llvm::SaveAndRestore now(inside, all);
      pack();
      cache = outside;
    }
  }
  lanes = before;
}

/// Vector number \p v from \p panel on, of one group of rows; gives what was
/// stored. \p ahead: rows further on to ask for, as the rows of B lie far apart
/// and the machine does not ask for them by itself.
Value Emitter::packVector(Value operand, const MmaShape &s, Value base,
                          Value panel, Value g, int64_t v, int64_t ahead) {
  int64_t vectors = s.panel / s.width;
  int64_t line = 64 / bytesOf(elementOf(operand)); // elements of it
  Value row = times(g, index(s.group));
  Index column{
      plus(times(panel, index(s.panel)), index(v * s.width)), lanes > 1, {}};
  for (int64_t q = 0; q < s.group && v * s.width % line == 0; ++q)
    prefetchElement(operand,
                    {{plus(row, index(q + ahead)), false, {}}, column});
  llvm::SmallVector<Value> rows;
  for (int64_t q = 0; q < s.group; ++q)
    rows.push_back(convertOperand(
        asLanes(evaluate(operand, {{plus(row, index(q)), false, {}}, column})),
        s.b));
  // The dot instructions have vectors as long as a tile's row.
  Value mixed = s.group > 1 ? interleaveForTile(rows) : rows[0];
  int64_t inPanel = v % vectors * s.width * s.group,
          behind = v / vectors * s.k * s.panel;
  Value to = pointerAt(
      base, s.b,
      plus(times(panel, index(s.k * s.panel)),
           plus(times(g, index(s.panel * s.group)), index(inPanel + behind))));
  LLVM::StoreOp::create(b, loc, mixed, to, bytesOf(s.b));
  return mixed;
}

/// Some columns after others, for products of vectors; row after row, so that
/// whole lines of memory are read. What makes A plus 128 too much is summed on
/// the way.
void Emitter::packVectors(Value operand, const MmaShape &s, Value base) {
  lanes = s.width;
  int64_t panels = packPanelsAtOnce;
  while (s.n / s.panel % panels)
    --panels;
  int64_t across = panels * s.panel / s.width;
  int64_t ahead = std::max<int64_t>(
      1, bytesAhead() / bytesOf(elementOf(operand)) / (s.panel * panels));
  Value zero = constant(cast<TypedAttr>(b.getZeroAttr(lanesType(s.acc))));
  llvm::SmallVector<Value> none(s.biased ? across : 0, zero);
  loop(0, s.n / s.panel, panels, [&](Value panel) {
    auto sums = carryingLoop(
        0, s.k / s.group, 1, none,
        [&](Value g, ValueRange carried) {
          llvm::SmallVector<Value> next(carried);
          for (int64_t v = 0; v < across; ++v) {
            Value mixed = packVector(operand, s, base, panel, g, v, ahead);
            if (s.biased)
              next[v] = multiplyAdd(
                  s,
                  constant(DenseElementsAttr::get(
                      cast<VectorType>(mixed.getType()), int8_t(-128))),
                  mixed, next[v]);
          }
          return next;
        },
        groupsOf(s));
    for (auto [v, sum] : llvm::enumerate(sums))
      LLVM::StoreOp::create(
          b, loc, sum,
          elementAfter(excessOf(s, base, panel), s.acc, int64_t(v) * s.width),
          bytesOf(s.acc));
  });
}

/// acc + a·b of one row and one vector, `group` products an element; \p a is
/// the same in all lanes, and has no sign where \p s is biased.
Value Emitter::multiplyAdd(const MmaShape &s, Value a, Value c, Value acc) {
  if (s.group > 1) {
    a = LLVM::BitcastOp::create(b, loc, c.getType(), a);
    llvm::StringRef name = s.biased ? "llvm.x86.avx512.vpdpbusd.512"
                                    : "llvm.x86.avx512bf16.dpbf16ps.512";
    return LLVM::CallIntrinsicOp::create(b, loc, acc.getType(),
                                         b.getStringAttr(name),
                                         ValueRange{acc, a, c})
        .getResult(0);
  }
  if (!isa<FloatType>(s.acc))
    return arith::AddIOp::create(b, loc, arith::MulIOp::create(b, loc, a, c),
                                 acc);
  if (chip.has("fma"))
    return math::FmaOp::create(b, loc, a, c, acc);
  return arith::AddFOp::create(b, loc, arith::MulFOp::create(b, loc, a, c),
                               acc);
}

/// The first panel brings A from far: the rows of the next register tile are
/// asked for while this one is computed.
void Emitter::prefetchRows(const MmaShape &s, llvm::ArrayRef<Value> rows,
                           Value distance) {
  if (matchPattern(distance, m_Constant()))
    return; // in scratch memory, just written
  int64_t line = 64 / bytesOf(s.a);
  Value ahead = times(distance, index(rows.size()));
  loop(
      0, s.k, line,
      [&](Value k) {
        for (Value row : rows)
          LLVM::Prefetch::create(b, loc, pointerAt(row, s.a, plus(ahead, k)), 0,
                                 2, 1);
      },
      s.used);
}

Value Emitter::elementAfter(Value pointer, Type element, int64_t offset) {
  if (!offset)
    return pointer;
  return LLVM::GEPOp::create(b, loc, pointerType, storageOf(element), pointer,
                             llvm::ArrayRef<LLVM::GEPArg>{int32_t(offset)});
}

/// The sums of a register tile before the product: what stands at \p corner, or
/// zero where \p zero says so.
llvm::SmallVector<Value> Emitter::startOfTile(const MmaShape &s, Value corner,
                                              int64_t rows, Value zero) {
  Type type = lanesType(s.acc);
  int64_t vectors = s.panel / s.width;
  auto make = [&](bool isZero) {
    llvm::SmallVector<Value> sums;
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t v = 0; v < vectors; ++v)
        sums.push_back(
            isZero ? constant(cast<TypedAttr>(b.getZeroAttr(type)))
                   : LLVM::LoadOp::create(
                         b, loc, type,
                         elementAfter(corner, s.acc, r * s.n + v * s.width),
                         bytesOf(s.acc))
                         .getResult());
    return sums;
  };
  if (!zero || matchPattern(zero, m_One()))
    return make(bool(zero));
  llvm::SmallVector<Type> types(rows * vectors, type);
  auto branch = scf::IfOp::create(b, loc, types, zero, true);
  OpBuilder::InsertionGuard guard(b);
  for (bool isZero : {true, false}) {
    b.setInsertionPointToStart(isZero ? branch.thenBlock()
                                      : branch.elseBlock());
    scf::YieldOp::create(b, loc, make(isZero));
  }
  return llvm::SmallVector<Value>(branch.getResults());
}

/// What makes four bytes of A in each lane plus 128. In assembly, because LLVM
/// would exclusive-or before it broadcasts, which takes two instructions more.
Value Emitter::biasOfA() {
  Value bits = constant(b.getI32IntegerAttr(int32_t(0x80808080)));
  return LLVM::InlineAsmOp::create(
             b, loc, TypeRange{Vector::get({16}, b.getI32Type())},
             ValueRange{bits}, "vpbroadcastd $1, $0", "=v,r",
             /*has_side_effects=*/false, /*is_align_stack=*/false,
             LLVM::TailCallKind::None, /*asm_dialect=*/nullptr,
             /*operand_attrs=*/nullptr)
      .getResult(0);
}

/// Of packed B: 128 times the sum of each column of a panel.
Value Emitter::excessOf(const MmaShape &s, Value w, Value panel) {
  return pointerAt(elementAfter(w, s.b, s.n * s.k), s.acc,
                   times(panel, index(s.panel)));
}

/// A register tile over all of k: rows of A and a panel of B, from these sums
/// on.
llvm::SmallVector<Value> Emitter::multiplyTile(const MmaShape &s,
                                               llvm::ArrayRef<Value> aRows,
                                               Value bPanel,
                                               llvm::ArrayRef<Value> start) {
  int64_t vectors = s.panel / s.width, unroll = stepsAtOnce(s);
  Value bias = s.biased ? biasOfA() : Value();
  Type bits = s.group == 1 ? s.a : Type(b.getI32Type());
  Type columnType =
      lanes * s.group == 1
          ? storageOf(s.b)
          : Type(Vector::get({int64_t(lanes) * s.group}, storageOf(s.b)));
  return carryingLoop(
      0, s.k / s.group, unroll, start,
      [&](Value g, ValueRange carried) {
        llvm::SmallVector<Value> next(carried), aSteps;
        Value aStep = times(g, index(s.group));
        for (Value r : aRows)
          aSteps.push_back(pointerAt(r, s.a, aStep));
        Value bStep =
            pointerAt(bPanel, s.b, times(g, index(s.panel * s.group)));
        for (int64_t u = 0; u < unroll; ++u) {
          llvm::SmallVector<Value> columns;
          for (int64_t v = 0; v < vectors; ++v)
            columns.push_back(LLVM::LoadOp::create(
                b, loc, columnType,
                elementAfter(bStep, s.b, (u * s.panel + v * s.width) * s.group),
                bytesOf(s.b)));
          for (size_t r = 0; r < aRows.size(); ++r) {
            Value one = LLVM::LoadOp::create(
                b, loc, bits, elementAfter(aSteps[r], s.a, u * s.group),
                bytesOf(s.a));
            Value spread = asLanes(one);
            if (s.biased)
              spread = arith::XOrIOp::create(b, loc, spread, bias);
            for (int64_t v = 0; v < vectors; ++v) {
              Value &sum = next[r * vectors + v];
              sum = multiplyAdd(s, spread, columns[v], sum);
            }
          }
        }
        return next;
      },
      groupsOf(s));
}

/// Takes off what A plus 128 makes too much.
void Emitter::takeExcessOff(const MmaShape &s, Value w, Value panel,
                            llvm::MutableArrayRef<Value> sums) {
  size_t vectors = s.panel / s.width;
  for (size_t v = 0; s.biased && v < vectors; ++v) {
    Value excess = LLVM::LoadOp::create(
        b, loc, lanesType(s.acc),
        elementAfter(excessOf(s, w, panel), s.acc, int64_t(v) * s.width),
        bytesOf(s.acc));
    for (size_t at = v; at < sums.size(); at += vectors)
      sums[at] = arith::SubIOp::create(b, loc, sums[at], excess);
  }
}

/// `rows` rows of one panel of columns over all of k, in registers.
void Emitter::registerTile(const MmaShape &s, std::pair<Value, Value> a,
                           Value w, const Buffer &acc, Value row, Value panel,
                           int64_t rows, Value zero) {
  Value corner =
      pointerAt(acc.base, s.acc,
                plus(times(row, index(s.n)), times(panel, index(s.panel))));
  Value bPanel = pointerAt(w, s.b, times(panel, index(s.k * s.panel)));
  llvm::SmallVector<Value> aRows;
  for (int64_t r = 0; r < rows; ++r)
    aRows.push_back(pointerAt(
        a.first, s.a,
        arith::MulIOp::create(b, loc, plus(row, index(r)), a.second)));
  Value first =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, panel, index(0));
  auto branch = scf::IfOp::create(b, loc, first, false);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    prefetchRows(s, aRows, a.second);
  }
  auto start = startOfTile(s, corner, rows, zero);
  takeExcessOff(s, w, panel, start);
  auto results = multiplyTile(s, aRows, bPanel, start);
  auto leave = [&](Value to, int64_t distance) {
    for (auto [n, sum] : llvm::enumerate(results)) {
      int64_t vectors = s.panel / s.width, r = int64_t(n) / vectors,
              v = int64_t(n) % vectors;
      LLVM::StoreOp::create(b, loc, sum,
                            elementAfter(to, s.acc, r * distance + v * s.width),
                            bytesOf(s.acc));
    }
  };
  if (!epilogue)
    return leave(corner, s.n);
  auto ends = scf::IfOp::create(b, loc, epilogue->isLast, true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(ends.thenBlock());
  leave(epilogue->tile, s.panel);
  storeTile(s, row, panel, rows);
  b.setInsertionPointToStart(ends.elseBlock());
  leave(corner, s.n);
}

bool terrazzo::cpu::isZero(Value v) {
  auto map = v.getDefiningOp<tile::MapOp>();
  if (!map || !map.getIns().empty() || map->getNumResults() != 1)
    return false;
  Value y = map.getBody().front().getTerminator()->getOperand(0);
  return matchPattern(y, m_AnyZeroFloat()) || matchPattern(y, m_Zero());
}

/// Where the result stands, with acc in it unless that is zero.
Buffer Emitter::accumulator(tile::MmaOp op, const MmaShape &s, bool fromZero) {
  Value accIn = op.getAcc();
  if (fromZero)
    return allocate({s.m, s.n}, s.acc);
  if (auto own = reusable(accIn, op->getBlock())) {
    if (!buffers.count(accIn))
      materialise(accIn, *own);
    return *own;
  }
  Buffer acc = allocate({s.m, s.n}, s.acc);
  bool known = buffers.count(accIn);
  materialise(accIn, acc);
  if (!known)
    buffers.erase(accIn);
  return acc;
}

void Emitter::mma(tile::MmaOp op) {
  if (!isTensor(op.getA()) || !isTensor(op.getB()) || !op.getScales().empty())
    refuse(op, "`tile.mma` of views or with scales");
  MmaShape s = shapeOfMma(op);
  if (!s.rowTiles)
    s.used = usedOfK(op, s);
  bool fromZero = isZero(op.getAcc());
  // Operands are packed first: they may read what the result replaces.
  auto a = rowsOfA(op.getA(), s);
  Value w;
  auto keyed = keyedB.find(op);
  if (keyed == keyedB.end()) {
    w = scratch(bytesOfB(s));
    packB(op.getB(), s, w);
  } else {
    w = packKeyed(op, s, keyed->second);
  }
  Buffer acc = accumulator(op, s, fromZero);
  Value zero =
      fromZero ? constant(b.getBoolAttr(true)) : zeroAt.lookup(op.getAcc());
  if (s.rowTiles) {
    productOnTiles(op, s, a, w, acc, zero);
    buffers[op.getResult()] = acc;
    return;
  }
  unsigned before = lanes;
  lanes = s.width;
  int64_t tail = s.m % s.rows;
  loop(0, s.n / s.panel, 1, [&](Value panel) {
    loop(0, s.m - tail, s.rows, [&](Value row) {
      registerTile(s, a, w, acc, row, panel, s.rows, zero);
    });
    if (tail)
      registerTile(s, a, w, acc, index(s.m - tail), panel, tail, zero);
  });
  lanes = before;
  buffers[op.getResult()] = acc;
}
