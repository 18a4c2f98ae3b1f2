// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// tile.mma: a register tile of rows by vectors, generated. A stands row-major
// (each element is broadcast; where it can be, straight from its array), B in
// panels as wide as the register tile; for narrow types, `group` rows of B are
// interleaved for the dot instructions. docs/Rationale/CpuMma.md has the
// measurements behind the shapes.
#include "lib/Transforms/Decompose/FloatCasts.h"
#include "targets/Cpu/Lowering/Emitter.h"

using namespace terrazzo;
using namespace terrazzo::cpu;
using namespace mlir;

/// Lines of B that are asked for ahead of the one that is copied: its rows lie
/// far apart, so the machine does not ask by itself.
static constexpr int64_t packAheadLines = 64;

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
    const chip::Quantity *q = chip.number("vector", "simd", type);
    return q ? q->value : 0;
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
  // 16 sums hide the latency of every such instruction, and leave registers.
  const chip::Quantity *registers = chip.number("vector", "simd", "registers");
  bool many = registers && registers->value >= 32;
  int64_t vectors = s.n / s.width, count = many ? 4 : 2;
  // A panel that stays in the first cache while the rows go by, where there is
  // one of two vectors: a narrower one would be loads, mostly.
  const chip::Quantity *l1 = chip.number("memories", "l1", "bytes");
  int64_t holds = l1 ? int64_t(l1->value) * 3 / 4 : 0;
  int64_t column = s.k * bytesOf(s.b) * s.width;
  if (many && column * count > holds && column * 2 <= holds)
    count = 2;
  while (vectors % count)
    --count;
  s.panel = s.width * count;
  s.rows = many ? 16 / count : 4;
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
  return s.n * s.k * bytesOf(s.b);
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
/// plus 128 where the instruction takes it without sign.
void Emitter::packB(Value operand, const MmaShape &s, Value base) {
  if (s.rowTiles)
    return packForTiles(operand, s, base);
  alongTheWay({operand}, {});
  unsigned before = lanes;
  lanes = s.width;
  int64_t vectors = s.panel / s.width;
  int64_t line = 64 / bytesOf(elementOf(operand)); // elements of it
  int64_t ahead = std::max<int64_t>(1, packAheadLines * line / s.panel);
  auto pack = [&](Value panel, Value g, int64_t v) {
    Index column{
        plus(times(panel, index(s.panel)), index(v * s.width)), lanes > 1, {}};
    for (int64_t q = 0; q < s.group && v * s.width % line == 0; ++q)
      prefetchElement(
          operand,
          {{plus(times(g, index(s.group)), index(q + ahead)), false, {}},
           column});
    llvm::SmallVector<Value> rows;
    for (int64_t q = 0; q < s.group; ++q) {
      Value k = plus(times(g, index(s.group)), index(q));
      rows.push_back(convertOperand(
          asLanes(evaluate(operand, {{k, false, {}}, column})), s.b));
    }
    Value mixed = interleave(rows);
    if (s.biased)
      mixed = arith::XOrIOp::create(
          b, loc, mixed,
          constant(DenseElementsAttr::get(cast<VectorType>(mixed.getType()),
                                          int8_t(-128))));
    Value to = pointerAt(base, s.b,
                         plus(times(panel, index(s.k * s.panel)),
                              plus(times(g, index(s.panel * s.group)),
                                   index(v * s.width * s.group))));
    LLVM::StoreOp::create(b, loc, mixed, to, bytesOf(s.b));
  };
  loop(0, s.n / s.panel, 1, [&](Value panel) {
    loop(
        0, s.k / s.group, 1,
        [&](Value g) {
          for (int64_t v = 0; v < vectors; ++v)
            pack(panel, g, v);
        },
        groupsOf(s));
  });
  lanes = before;
}

/// Element by element of each row in turn.
Value Emitter::interleave(llvm::ArrayRef<Value> rows) {
  if (rows.size() == 1)
    return rows[0];
  llvm::SmallVector<Value> parts;
  for (Value v : rows) {
    if (!isa<VectorType>(v.getType()))
      v = vector::BroadcastOp::create(b, loc, Vector::get({1}, v.getType()), v);
    parts.push_back(v);
  }
  // Of n vectors: first half with second half, twice for four.
  while (parts.size() > 1) {
    llvm::SmallVector<Value> next;
    size_t half = parts.size() / 2;
    int64_t n = cast<VectorType>(parts[0].getType()).getDimSize(0);
    llvm::SmallVector<int64_t> mask;
    for (int64_t i = 0; i < n; ++i) {
      mask.push_back(i);
      mask.push_back(n + i);
    }
    for (size_t i = 0; i < half; ++i)
      next.push_back(
          vector::ShuffleOp::create(b, loc, parts[i], parts[i + half], mask));
    parts = next;
  }
  return parts[0];
}

/// acc + a·b of one row and one vector, `group` products an element; \p a is
/// the same in all lanes.
Value Emitter::multiplyAdd(const MmaShape &s, Value a, Value c, Value acc) {
  if (s.group > 1) {
    a = LLVM::BitcastOp::create(b, loc, c.getType(), a);
    llvm::StringRef name = s.biased ? "llvm.x86.avx512.vpdpbusd.512"
                                    : "llvm.x86.avx512bf16.dpbf16ps.512";
    return LLVM::CallIntrinsicOp::create(
               b, loc, acc.getType(), b.getStringAttr(name),
               s.biased ? ValueRange{acc, c, a} : ValueRange{acc, a, c})
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

/// 128 times the sum of each of these rows of A, to \p excess: what a product
/// with B plus 128 has too much. The instruction takes one operand without
/// sign: B, which is copied anyhow, so that A need not be.
void Emitter::excessOfRows(const MmaShape &s, llvm::ArrayRef<Value> rows,
                           Value excess) {
  unsigned before = lanes;
  int64_t bytes = vectorBits / 8;
  llvm::SmallVector<Value> none(
      rows.size(), constant(cast<TypedAttr>(b.getZeroAttr(lanesType(s.acc)))));
  lanes = unsigned(bytes);
  Value bias = asLanes(constant(b.getI8IntegerAttr(-128)));
  Value iota = vectorOf({index(0), true, {}}, b.getI8Type());
  auto type = Vector::get({bytes}, b.getI8Type());
  auto sums = carryingLoop(
      0, s.k, bytes, none,
      [&](Value k, ValueRange carried) {
        Value left =
            arith::SubIOp::create(b, loc, s.used ? s.used : index(s.k), k);
        left = arith::MinSIOp::create(b, loc, left, index(bytes));
        Value mask = arith::CmpIOp::create(
            b, loc, arith::CmpIPredicate::slt, iota,
            asLanes(arith::IndexCastOp::create(b, loc, b.getI8Type(), left)));
        llvm::SmallVector<Value> next;
        for (auto [row, sum] : llvm::zip(rows, carried)) {
          Value v = LLVM::MaskedLoadOp::create(
              b, loc, type, pointerAt(row, s.a, k), mask,
              constant(cast<TypedAttr>(b.getZeroAttr(type))), 1);
          next.push_back(multiplyAdd(s, v, bias, sum));
        }
        return next;
      },
      s.used);
  for (auto [r, sum] : llvm::enumerate(sums)) {
    Value total = LLVM::CallIntrinsicOp::create(
                      b, loc, s.acc, b.getStringAttr("llvm.vector.reduce.add"),
                      ValueRange{sum})
                      .getResult(0);
    LLVM::StoreOp::create(b, loc, total, pointerAt(excess, s.acc, index(r)),
                          bytesOf(s.acc));
  }
  lanes = before;
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

/// `rows` rows of one panel of columns over all of k, in registers.
void Emitter::registerTile(const MmaShape &s, std::pair<Value, Value> a,
                           Value w, const Buffer &acc, Value row, Value panel,
                           int64_t rows, bool fromZero) {
  int64_t vectors = s.panel / s.width, groups = s.k / s.group;
  Type vectorType = lanesType(s.acc);
  auto at = [&](Value pointer, Type element, int64_t offset) -> Value {
    if (!offset)
      return pointer;
    return LLVM::GEPOp::create(b, loc, pointerType, storageOf(element), pointer,
                               llvm::ArrayRef<LLVM::GEPArg>{int32_t(offset)});
  };
  Value corner =
      pointerAt(acc.base, s.acc,
                plus(times(row, index(s.n)), times(panel, index(s.panel))));
  Value bPanel = pointerAt(w, s.b, times(panel, index(s.k * s.panel)));
  llvm::SmallVector<Value> aRows;
  for (int64_t r = 0; r < rows; ++r)
    aRows.push_back(pointerAt(
        a.first, s.a,
        arith::MulIOp::create(b, loc, plus(row, index(r)), a.second)));
  unsigned align = bytesOf(s.acc);
  Value first =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, panel, index(0));
  auto branch = scf::IfOp::create(b, loc, first, false);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    prefetchRows(s, aRows, a.second);
    if (s.excess)
      excessOfRows(s, aRows, pointerAt(s.excess, s.acc, row));
  }
  llvm::SmallVector<Value> start;
  for (int64_t r = 0; r < rows; ++r) {
    Value excess;
    if (s.excess)
      excess = asLanes(LLVM::LoadOp::create(
          b, loc, s.acc, pointerAt(s.excess, s.acc, plus(row, index(r))),
          align));
    for (int64_t v = 0; v < vectors; ++v) {
      Value from = fromZero
                       ? constant(cast<TypedAttr>(b.getZeroAttr(vectorType)))
                       : LLVM::LoadOp::create(
                             b, loc, vectorType,
                             at(corner, s.acc, r * s.n + v * s.width), align)
                             .getResult();
      if (excess)
        from = arith::SubIOp::create(b, loc, from, excess);
      start.push_back(from);
    }
  }
  int64_t unroll = stepsAtOnce(s);
  Type bits = s.group == 1 ? s.a : Type(b.getI32Type());
  Type columnType =
      lanes * s.group == 1
          ? storageOf(s.b)
          : Type(Vector::get({int64_t(lanes) * s.group}, storageOf(s.b)));
  auto results = carryingLoop(
      0, groups, unroll, start,
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
                at(bStep, s.b, (u * s.panel + v * s.width) * s.group),
                bytesOf(s.b)));
          for (int64_t r = 0; r < rows; ++r) {
            Value one = LLVM::LoadOp::create(
                b, loc, bits, at(aSteps[r], s.a, u * s.group), bytesOf(s.a));
            Value spread = asLanes(one);
            for (int64_t v = 0; v < vectors; ++v) {
              Value &sum = next[r * vectors + v];
              sum = multiplyAdd(s, spread, columns[v], sum);
            }
          }
        }
        return next;
      },
      groupsOf(s));
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t v = 0; v < vectors; ++v)
      LLVM::StoreOp::create(b, loc, results[r * vectors + v],
                            at(corner, s.acc, r * s.n + v * s.width), align);
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
  if (s.biased)
    s.excess = scratch(s.m * bytesOf(s.acc));
  Value w;
  auto keyed = keyedB.find(op);
  if (keyed == keyedB.end()) {
    w = scratch(bytesOfB(s));
    packB(op.getB(), s, w);
  } else {
    w = packKeyed(op, s, keyed->second);
  }
  Buffer acc = accumulator(op, s, fromZero);
  if (s.rowTiles) {
    productOnTiles(op, s, a, w, acc,
                   fromZero ? constant(b.getBoolAttr(true))
                            : zeroAt.lookup(op.getAcc()));
    buffers[op.getResult()] = acc;
    return;
  }
  unsigned before = lanes;
  lanes = s.width;
  int64_t tail = s.m % s.rows;
  loop(0, s.n / s.panel, 1, [&](Value panel) {
    loop(0, s.m - tail, s.rows, [&](Value row) {
      registerTile(s, a, w, acc, row, panel, s.rows, fromZero);
    });
    if (tail)
      registerTile(s, a, w, acc, index(s.m - tail), panel, tail, fromZero);
  });
  lanes = before;
  buffers[op.getResult()] = acc;
}
