// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// tile.mma: a register tile of rows by vectors, generated. A stands row-major
// (each element is broadcast), B in panels as wide as the register tile; for
// narrow types, `group` rows of B are interleaved for the dot instructions.
#include "lib/Transforms/Decompose/FloatCasts.h"
#include "targets/Cpu/Lowering/Emitter.h"

using namespace terrazzo;
using namespace terrazzo::cpu;
using namespace mlir;

/// A row-major, as the type that is multiplied. Kept for as long as \p a is in
/// scope: a loop inside packs it once.
Buffer Emitter::packA(Value a, const MmaShape &s) {
  auto known = buffers.find(a);
  if (known != buffers.end() && known->second.element == s.a)
    return known->second;
  auto packed = packedA.find({a, s.a});
  if (packed != packedA.end())
    return packed->second;
  auto along = alongTheWay({a}, {s.m, s.k});
  Buffer r = allocate({s.m, s.k}, s.a);
  nest({s.m, s.k}, 1, widthFor(s.a), [&](const Indices &at) {
    Value v = evaluate(a, at);
    keep(along, at);
    storeBuffer(r, at, convertOperand(v, s.a));
  });
  kept(along);
  return r;
}

/// An operand's element as the type that is multiplied.
Value Emitter::convertOperand(Value v, Type to) {
  Type from = getElementTypeOrSelf(v.getType());
  if (from == to)
    return v;
  Type type = isa<VectorType>(v.getType()) ? Type(Vector::get({lanes}, to)) : to;
  if (isa<FloatType>(to))
    return castFloat(b, loc, v, to, kernel::Rounding::Nearest, false);
  return arith::ExtSIOp::create(b, loc, type, v);
}

/// B in panels of s.panel columns: [n / panel][k / group][panel][group].
Buffer Emitter::packB(Value operand, const MmaShape &s) {
  alongTheWay({operand}, {});
  int64_t panels = s.n / s.panel, groups = s.k / s.group;
  Buffer r = allocate({panels, groups, s.panel, s.group}, s.b);
  unsigned before = lanes;
  loop(0, panels, 1, [&](Value number) {
    loop(0, groups, 1, [&](Value g) {
      Value base = plus(times(number, index(groups * s.panel * s.group)),
                        times(g, index(s.panel * s.group)));
      lanesOf(s.panel, widthFor(s.acc), [&](Index j) {
        llvm::SmallVector<Value> rows;
        for (int64_t q = 0; q < s.group; ++q) {
          Value k = plus(times(g, index(s.group)), q ? index(q) : Value());
          Index column{plus(times(number, index(s.panel)), j.scalar), j.lanes,
                       {}};
          rows.push_back(convertOperand(
              asLanes(evaluate(operand, {{k, false, {}}, column})), s.b));
        }
        Value v = interleave(rows);
        Address a{plus(base, times(j.scalar, index(s.group))), index(1), {}, {}};
        unsigned own = lanes;
        lanes = own * s.group;
        storeAt(r.base, s.b, a, v, false);
        lanes = own;
      });
    });
  });
  lanes = before;
  return r;
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
      next.push_back(vector::ShuffleOp::create(b, loc, parts[i],
                                               parts[i + half], mask));
    parts = next;
  }
  return parts[0];
}

/// acc + a·b of one row and one vector, `group` products an element.
Value Emitter::multiplyAdd(const MmaShape &s, Value a, Value c, Value acc) {
  if (s.group == 2) {
    llvm::StringRef name =
        isa<FloatType>(s.a) ? "llvm.x86.avx512bf16.dpbf16ps." : "llvm.x86.avx512.vpdpwssd.";
    std::string width = std::to_string(lanes * 32);
    return LLVM::CallIntrinsicOp::create(
               b, loc, acc.getType(), b.getStringAttr(name.str() + width),
               ValueRange{acc, a, c})
        .getResult(0);
  }
  if (isa<FloatType>(s.acc)) {
    if (chip.has("fma"))
      return math::FmaOp::create(b, loc, a, c, acc);
    return arith::AddFOp::create(b, loc, arith::MulFOp::create(b, loc, a, c),
                                 acc);
  }
  return arith::AddIOp::create(b, loc, arith::MulIOp::create(b, loc, a, c),
                               acc);
}

/// `rows` rows of `columns` columns (one panel) over all of k, in registers.
void Emitter::registerTile(const MmaShape &s, const Buffer &a, const Buffer &w,
                           const Buffer &acc, Value row, Value panel,
                           int64_t rows, bool fromZero) {
  int64_t vectors = s.panel / lanes, groups = s.k / s.group;
  Type vectorType = lanesType(s.acc);
  auto at = [&](Value pointer, Type element, int64_t offset) -> Value {
    return offset ? LLVM::GEPOp::create(b, loc, pointerType, element, pointer,
                                        llvm::ArrayRef<LLVM::GEPArg>{
                                            int32_t(offset)})
                        .getResult()
                  : pointer;
  };
  Value corner = pointerAt(
      acc.base, s.acc,
      plus(times(row, index(s.n)), times(panel, index(s.panel))));
  Value aRow = pointerAt(a.base, s.a, times(row, index(s.k)));
  Value bPanel = pointerAt(w.base, s.b, times(panel, index(s.k * s.panel)));
  unsigned align = bytesOf(s.acc);
  llvm::SmallVector<Value> start;
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t v = 0; v < vectors; ++v)
      start.push_back(
          fromZero
              ? constant(cast<TypedAttr>(b.getZeroAttr(vectorType)))
              : LLVM::LoadOp::create(b, loc, vectorType,
                                     at(corner, s.acc, r * s.n + v * lanes),
                                     align)
                    .getResult());
  // Two steps at a time halve the loop's own instructions.
  int64_t unroll = groups % 2 ? 1 : 2;
  Type bits = s.group == 1 ? s.a : Type(b.getI32Type());
  unsigned narrowLanes = lanes * s.group;
  auto operandType = [&](Type element) -> Type {
    return narrowLanes == 1 ? element
                            : Type(Vector::get({narrowLanes}, element));
  };
  auto results = carryingLoop(
      0, groups, unroll, start, [&](Value g, ValueRange carried) {
        llvm::SmallVector<Value> next(carried);
        Value aStep = pointerAt(aRow, s.a, times(g, index(s.group)));
        Value bStep =
            pointerAt(bPanel, s.b, times(g, index(s.panel * s.group)));
        for (int64_t u = 0; u < unroll; ++u) {
          llvm::SmallVector<Value> columns;
          for (int64_t v = 0; v < vectors; ++v)
            columns.push_back(LLVM::LoadOp::create(
                b, loc, operandType(s.b),
                at(bStep, s.b,
                   (u * s.panel + v * lanes) * s.group),
                bytesOf(s.b)));
          for (int64_t r = 0; r < rows; ++r) {
            Value one = LLVM::LoadOp::create(
                b, loc, bits, at(aStep, s.a, r * s.k + u * s.group),
                bytesOf(s.a));
            Value spread = asLanes(one);
            if (s.group > 1)
              spread = LLVM::BitcastOp::create(b, loc, operandType(s.a), spread);
            for (int64_t v = 0; v < vectors; ++v) {
              Value column = columns[v];
              Value &sum = next[r * vectors + v];
              sum = multiplyAdd(s, spread, column, sum);
            }
          }
        }
        return next;
      });
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t v = 0; v < vectors; ++v)
      LLVM::StoreOp::create(b, loc, results[r * vectors + v],
                            at(corner, s.acc, r * s.n + v * lanes), align);
}

/// Whether a block is zero everywhere, by structure.
static bool isZero(Value v) {
  auto map = v.getDefiningOp<tile::MapOp>();
  if (!map || !map.getIns().empty() || map->getNumResults() != 1)
    return false;
  Value y = map.getBody().front().getTerminator()->getOperand(0);
  return matchPattern(y, m_AnyZeroFloat()) || matchPattern(y, m_Zero());
}

/// Which types are multiplied, and the register tile's width.
Emitter::MmaShape Emitter::shapeOfMma(tile::MmaOp op) {
  MmaShape s;
  s.m = shapeOf(op.getA())[0];
  s.k = shapeOf(op.getA())[1];
  s.n = shapeOf(op.getB())[1];
  s.acc = elementOf(op.getAcc());
  s.group = 1;
  Type from = elementOf(op.getA());
  auto rate = [&](llvm::StringRef type) {
    const chip::Quantity *q = chip.number("vector", "simd", type);
    return q ? q->value : 0;
  };
  s.a = s.b = s.acc;
  bool whole = s.k % 2 == 0 && vectorBits == 512;
  if (from.isBF16() && s.acc.isF32() && whole && chip.has("avx512bf16") &&
      rate("bf16") > rate("f32")) {
    s.a = s.b = from;
    s.group = 2;
  } else if (from.isInteger(8) && s.acc.isInteger(32) && whole &&
             chip.has("avx512vnni")) {
    s.a = s.b = b.getIntegerType(16);
    s.group = 2;
  }
  unsigned width = widthFor(s.acc);
  while (width > 1 && s.n % width)
    width /= 2;
  // vpdp… exist for whole registers only.
  if (s.group > 1 && width * 32 != vectorBits) {
    s.group = 1;
    s.a = s.b = s.acc;
  }
  s.width = width;
  const chip::Quantity *registers =
      chip.number("vector", "simd", "registers");
  int64_t most = registers && registers->value >= 32 ? 4 : 2;
  int64_t vectors = s.n / width;
  s.panel = width;
  for (int64_t count = most; count > 1; --count)
    if (vectors % count == 0) {
      s.panel = width * count;
      break;
    }
  int64_t count = s.panel / width;
  int64_t free = registers ? int64_t(registers->value) : 16;
  s.rows = std::clamp<int64_t>((free - 1 - count) / count, 1, count == 1 ? 14 : 12);
  if (count == 4 && free >= 32)
    s.rows = 6;
  return s;
}

void Emitter::mma(tile::MmaOp op) {
  if (!isTensor(op.getA()) || !isTensor(op.getB()) || !op.getScales().empty())
    refuse(op, "`tile.mma` of views or with scales");
  MmaShape s = shapeOfMma(op);
  Value accIn = op.getAcc();
  bool fromZero = isZero(accIn);
  // Operands are packed first: they may read what the result replaces.
  Buffer a = packA(op.getA(), s), w = packB(op.getB(), s), acc;
  auto own = fromZero ? std::nullopt : reusable(accIn, op->getBlock());
  if (own) {
    acc = *own;
    if (!buffers.count(accIn))
      materialise(accIn, acc);
  } else {
    acc = allocate({s.m, s.n}, s.acc);
    if (!fromZero) {
      bool known = buffers.count(accIn);
      materialise(accIn, acc);
      if (!known)
        buffers.erase(accIn);
    }
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
