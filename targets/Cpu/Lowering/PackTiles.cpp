// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// B for matrix registers: panels of `panel` columns in which `group` rows are
// interleaved, [n / panel][k / group][panel][group].
#include "targets/Cpu/Lowering/Emitter.h"

#include "mlir/IR/Matchers.h"

using namespace terrazzo;
using namespace terrazzo::cpu;
using namespace mlir;

/// The dimension along which a block's elements are consecutive in memory, by
/// structure; -1: none is known.
int64_t Emitter::consecutiveDim(Value v) {
  if (buffers.count(v))
    return int64_t(shapeOf(v).size()) - 1;
  if (auto load = v.getDefiningOp<tile::LoadOp>()) {
    Window w = windowOf(load.getView());
    APInt n;
    for (auto [k, d] : llvm::enumerate(w.dims))
      if (!w.wholeTensor && w.strides[d] && !w.tensors[d] &&
          matchPattern(w.strides[d], m_ConstantInt(&n)) && n.isOne())
        return k;
    return -1;
  }
  if (auto take = v.getDefiningOp<tile::TakeOp>()) {
    int64_t inner = consecutiveDim(take.getSource());
    AffineMap map = take.getMap();
    if (inner < 0 || !map.isPermutation())
      return -1;
    return map.getDimPosition(unsigned(inner));
  }
  return -1;
}

/// Rows become columns: of each square of vectors.size() elements along the
/// vectors, by exchanging ever smaller parts of pairs of rows.
void Emitter::transposeSquares(llvm::MutableArrayRef<Value> rows) {
  int64_t width = cast<VectorType>(rows[0].getType()).getDimSize(0);
  for (int64_t part = int64_t(rows.size()) / 2; part > 0; part /= 2) {
    llvm::SmallVector<int64_t> low, high;
    for (int64_t l = 0; l < width; ++l) {
      low.push_back(l & part ? width + l - part : l);
      high.push_back(l & part ? width + l : l + part);
    }
    for (size_t i = 0; i < rows.size(); ++i) {
      if (i & part)
        continue;
      Value x = rows[i], y = rows[i + part];
      rows[i] = vector::ShuffleOp::create(b, loc, x, y, low);
      rows[i + part] = vector::ShuffleOp::create(b, loc, x, y, high);
    }
  }
}

/// One tile of a B that is consecutive along k: its columns are read, and each
/// `group` of their elements is one element of 32 bits to be moved.
void Emitter::packColumns(Value operand, const MmaShape &s, Value g,
                          Value column, Value to) {
  lanes = unsigned(s.depth * s.group);
  Index k{times(g, index(s.group)), lanes > 1, {}};
  auto dwords = Vector::get({s.depth}, b.getI32Type());
  llvm::SmallVector<Value> rows;
  for (int64_t c = 0; c < tileRows; ++c) {
    Value v = evaluate(operand, {k, {plus(column, index(c)), false, {}}});
    v = convertOperand(asLanes(v), s.b);
    rows.push_back(LLVM::BitcastOp::create(b, loc, dwords, v));
  }
  // Vectors of 16 elements, number i with a square's row i for each square;
  // neighbouring squares are put together until one stands next to the other.
  while (int64_t(rows.size()) > s.depth) {
    int64_t width = cast<VectorType>(rows[0].getType()).getDimSize(0);
    llvm::SmallVector<int64_t> both;
    for (int64_t l = 0; l < 2 * width; ++l)
      both.push_back(l);
    llvm::SmallVector<Value> wider;
    for (size_t square = 0; square < rows.size(); square += 2 * s.depth)
      for (size_t i = square; i < square + s.depth; ++i)
        wider.push_back(vector::ShuffleOp::create(b, loc, rows[i],
                                                  rows[i + s.depth], both));
    rows = wider;
  }
  transposeSquares(rows);
  for (auto [r, row] : llvm::enumerate(rows))
    LLVM::StoreOp::create(
        b, loc, row, pointerAt(to, s.b, index(int64_t(r) * s.panel * s.group)),
        4);
}

/// The load behind a block that is one, or one with its dimensions exchanged.
tile::LoadOp terrazzo::cpu::loadBehind(Value v) {
  if (auto take = v.getDefiningOp<tile::TakeOp>())
    v = take.getSource();
  return v.getDefiningOp<tile::LoadOp>();
}

/// `group` rows of 16 columns as one row of a tile: element by element of each
/// in turn. First side by side, then one permutation: two instructions that
/// take their operands from memory.
Value Emitter::interleaveForTile(llvm::ArrayRef<Value> rows) {
  llvm::SmallVector<Value> parts(rows);
  while (parts.size() > 1) {
    int64_t width = cast<VectorType>(parts[0].getType()).getDimSize(0);
    llvm::SmallVector<int64_t> both;
    for (int64_t l = 0; l < 2 * width; ++l)
      both.push_back(l);
    for (size_t i = 0; i < parts.size() / 2; ++i)
      parts[i] = vector::ShuffleOp::create(b, loc, parts[2 * i],
                                           parts[2 * i + 1], both);
    parts.resize(parts.size() / 2);
  }
  llvm::SmallVector<int64_t> mask;
  for (int64_t column = 0; column < tileRows; ++column)
    for (size_t q = 0; q < rows.size(); ++q)
      mask.push_back(int64_t(q) * tileRows + column);
  bool isBytes = rows.size() == 4;
  if (!chip.has(isBytes ? "avx512vbmi" : "avx512bw"))
    return vector::ShuffleOp::create(b, loc, parts[0], parts[0], mask);
  // Named, because LLVM would make two steps of one that takes three times as
  // long, or eleven.
  Type element = b.getIntegerType(isBytes ? 8 : 16);
  auto type = Vector::get({int64_t(mask.size())}, element);
  llvm::SmallVector<Attribute> numbers;
  for (int64_t n : mask)
    numbers.push_back(b.getIntegerAttr(element, n));
  Value order = constant(DenseElementsAttr::get(type, numbers));
  Value mixed = LLVM::BitcastOp::create(b, loc, type, parts[0]);
  return LLVM::InlineAsmOp::create(
             b, loc, TypeRange{type}, ValueRange{order, mixed},
             isBytes ? "vpermb $2, $1, $0" : "vpermw $2, $1, $0", "=v,v,v",
             /*has_side_effects=*/false, /*is_align_stack=*/false,
             LLVM::TailCallKind::None, /*asm_dialect=*/nullptr,
             /*operand_attrs=*/nullptr)
      .getResult(0);
}

/// Row after row: what lies together in memory is read together.
void Emitter::packPanels(Value operand, const MmaShape &s, Value base) {
  bool byColumns =
      consecutiveDim(operand) == 0 && llvm::isPowerOf2_64(uint64_t(s.depth));
  loop(0, s.k / s.group, byColumns ? s.depth : 1, [&](Value g) {
    loop(0, s.n / s.panel, 1, [&](Value panel) {
      for (int64_t c = 0; c < s.columnTiles; ++c) {
        lanes = unsigned(s.width);
        Value column = plus(times(panel, index(s.panel)), index(c * s.width));
        Value to = pointerAt(base, s.b,
                             plus(times(panel, index(s.k * s.panel)),
                                  plus(times(g, index(s.panel * s.group)),
                                       index(c * s.width * s.group))));
        if (byColumns) {
          packColumns(operand, s, g, column, to);
          continue;
        }
        llvm::SmallVector<Value> rows;
        for (int64_t q = 0; q < s.group; ++q) {
          Value k = plus(times(g, index(s.group)), index(q));
          Value v = evaluate(operand, {{k, false, {}}, {column, true, {}}});
          rows.push_back(convertOperand(asLanes(v), s.b));
        }
        LLVM::StoreOp::create(b, loc, interleaveForTile(rows), to,
                              bytesOf(s.b));
      }
    });
  });
}
