// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A product of blocks in L1: parts that fit into half of L0A and L0B, so that
// the next part is loaded while the cube multiplies the last.
#include "targets/Ascend/Lowering/Instructions.h"

#include "targets/Ascend/IR/Ascend.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::ascend;

static constexpr int64_t halves = 2;

int64_t Instructions::bytesOf(StringRef memory) const {
  const chip::Quantity *bytes = chip.number("memories", memory, "bytes");
  return bytes ? int64_t(bytes->value) : 65536;
}

Instructions::Operands &Instructions::operandsOf(OpBuilder &b, Location loc) {
  Operation *launch = b.getInsertionBlock()->getParentOp();
  if (!isa<tile::LaunchOp>(launch))
    launch = launch->getParentOfType<tile::LaunchOp>();
  Operands &mine = operands[launch];
  if (mine.left)
    return mine;
  OpBuilder top =
      OpBuilder::atBlockBegin(&cast<tile::LaunchOp>(launch).getBody().front());
  auto whole = [&](StringRef memory) -> Value {
    auto type =
        MemRefType::get({bytesOf(memory)}, b.getI8Type(),
                        MemRefLayoutAttrInterface(), b.getStringAttr(memory));
    auto made = memref::AllocOp::create(top, loc, type);
    made->setAttr("keep", b.getUnitAttr());
    return made;
  };
  mine.left = whole("l0a");
  mine.right = whole("l0b");
  mine.queue = InitQueOp::create(top, loc, QueType::get(b.getContext(), halves),
                                 ValueRange{mine.left, mine.right});
  return mine;
}

/// Of whole fractals (16 x 32 bytes), as deep as the halves allow.
Instructions::Tiles Instructions::tilesFor(int64_t m, int64_t n, int64_t k,
                                           int64_t bytes) const {
  int64_t left = bytesOf("l0a") / halves, right = bytesOf("l0b") / halves;
  int64_t least = std::max<int64_t>(16, 32 / bytes);
  Tiles tiles{m, n, int64_t(llvm::PowerOf2Ceil(uint64_t(std::max(k, least))))};
  auto most = [&](int64_t half) { return half / (least * bytes); };
  tiles.m = std::min(tiles.m, most(left));
  tiles.n = std::min(tiles.n, most(right));
  auto padded = [](int64_t size) { return int64_t(llvm::alignTo(size, 16)); };
  while (tiles.k > least && (padded(tiles.m) * tiles.k * bytes > left ||
                             padded(tiles.n) * tiles.k * bytes > right))
    tiles.k /= 2;
  return tiles;
}

static Value part(OpBuilder &b, Location loc, Value from,
                  ArrayRef<int64_t> offsets, ArrayRef<int64_t> sizes) {
  auto type = cast<MemRefType>(from.getType());
  if (type.getShape() == sizes)
    return from;
  llvm::SmallVector<int64_t> ones(offsets.size(), 1);
  auto result = memref::SubViewOp::inferRankReducedResultType(
      sizes.take_back(2), type, offsets, sizes, ones);
  return memref::SubViewOp::create(b, loc, cast<MemRefType>(result), from,
                                   offsets, sizes, ones);
}

/// The half number \p turn of L0A or L0B as rows x columns elements, within
/// rows of \p pitch.
static Value half(OpBuilder &b, Location loc, Value memory, int64_t turn,
                  Type element, int64_t pitch, ArrayRef<int64_t> sizes) {
  auto type = cast<MemRefType>(memory.getType());
  int64_t each = type.getNumElements() / halves / buffers::bytesOf(element);
  auto view =
      MemRefType::get({halves, each / pitch, pitch}, element,
                      MemRefLayoutAttrInterface(), type.getMemorySpace());
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value all = memref::ViewOp::create(b, loc, view, memory, zero, ValueRange());
  int64_t shape[] = {1, sizes[0], sizes[1]}, offsets[] = {turn, 0, 0};
  return part(b, loc, all, offsets, shape);
}

/// One part of \p rows x \p depth by \p depth x \p columns, through the next
/// half of L0A and L0B, which \p load fills.
void Instructions::step(OpBuilder &b, Location loc, Type element,
                        ArrayRef<int64_t> sizes, Value acc, Value fresh,
                        llvm::function_ref<void(Value, Value)> load) {
  Operands &mine = operandsOf(b, loc);
  int64_t turn = mine.turn++ % halves;
  int64_t rows = sizes[0], columns = sizes[1], depth = sizes[2];
  auto pitch = [](int64_t size) {
    return int64_t(llvm::PowerOf2Ceil(uint64_t(size)));
  };
  Value l0a =
      half(b, loc, mine.left, turn, element, pitch(depth), {rows, depth});
  Value l0b =
      half(b, loc, mine.right, turn, element, pitch(columns), {depth, columns});
  Value slot = arith::ConstantIndexOp::create(b, loc, turn);
  AllocTensorOp::create(b, loc, mine.queue, slot);
  load(l0a, l0b);
  EnQueOp::create(b, loc, mine.queue, slot);
  DeQueOp::create(b, loc, mine.queue, slot);
  MmadOp::create(b, loc, acc, l0a, l0b, fresh);
  FreeTensorOp::create(b, loc, mine.queue, slot);
}

static void fillWithZeros(OpBuilder &b, Location loc, Value block) {
  auto type = cast<MemRefType>(block.getType());
  auto fill =
      InitConstValueOp::create(b, loc, ValueRange(), block, b.getArrayAttr({}));
  OpBuilder inner(b.getContext());
  Block *body = inner.createBlock(&fill.getBody());
  for (int64_t d = 0; d < type.getRank(); ++d)
    body->addArgument(b.getIndexType(), loc);
  Value zero = arith::ConstantOp::create(
      inner, loc, inner.getZeroAttr(type.getElementType()));
  tile::YieldOp::create(inner, loc, zero);
}

/// A product of zeros: the cube alone writes L0C.
void Instructions::clearSum(OpBuilder &b, Location loc, Value sum) {
  auto type = cast<MemRefType>(sum.getType());
  Type element = isa<FloatType>(type.getElementType()) ? Type(b.getF16Type())
                                                       : Type(b.getI8Type());
  int64_t depth = 32 / buffers::bytesOf(element);
  Value always = arith::ConstantIntOp::create(b, loc, 1, 1);
  Tiles tiles = tilesFor(type.getDimSize(0), type.getDimSize(1), depth,
                         buffers::bytesOf(element));
  for (int64_t m = 0; m < type.getDimSize(0); m += tiles.m)
    for (int64_t n = 0; n < type.getDimSize(1); n += tiles.n) {
      int64_t high = std::min(tiles.m, type.getDimSize(0) - m),
              wide = std::min(tiles.n, type.getDimSize(1) - n);
      step(b, loc, element, {high, wide, depth},
           part(b, loc, sum, {m, n}, {high, wide}), always,
           [&](Value left, Value right) {
             fillWithZeros(b, loc, left);
             fillWithZeros(b, loc, right);
           });
    }
}

void Instructions::multiply(OpBuilder &b, Location loc, Value a, Value rhs,
                            Value acc, Value fresh) {
  auto left = cast<MemRefType>(a.getType());
  int64_t rows = left.getDimSize(0), depth = left.getDimSize(1);
  int64_t columns = cast<MemRefType>(rhs.getType()).getDimSize(1);
  Tiles tiles =
      tilesFor(rows, columns, depth, buffers::bytesOf(left.getElementType()));
  Value never = arith::ConstantIntOp::create(b, loc, 0, 1);
  for (int64_t m = 0; m < rows; m += tiles.m)
    for (int64_t n = 0; n < columns; n += tiles.n)
      for (int64_t k = 0; k < depth; k += tiles.k) {
        int64_t high = std::min(tiles.m, rows - m),
                wide = std::min(tiles.n, columns - n),
                deep = std::min(tiles.k, depth - k);
        step(b, loc, left.getElementType(), {high, wide, deep},
             part(b, loc, acc, {m, n}, {high, wide}), k ? never : fresh,
             [&](Value l0a, Value l0b) {
               LoadL0aOp::create(b, loc, part(b, loc, a, {m, k}, {high, deep}),
                                 l0a);
               LoadL0bOp::create(b, loc,
                                 part(b, loc, rhs, {k, n}, {deep, wide}), l0b);
             });
      }
}
