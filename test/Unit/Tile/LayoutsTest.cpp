// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Layouts against address formulas written out by hand.
#include "dialects/Tile/Layouts.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"
#include <set>

using namespace mlir;
using namespace terrazzo::tile;

namespace {

struct Layouts : testing::Test {
  MLIRContext context;
  Layouts() { context.loadDialect<TileDialect>(); }

  Attribute nest(std::initializer_list<std::pair<int64_t, int64_t>> list) {
    Builder b(&context);
    SmallVector<Attribute> parts;
    for (auto [dim, size] : list)
      parts.push_back(b.getI64ArrayAttr({dim, size}));
    return NestAttr::get(&context, b.getArrayAttr(parts), ArrayAttr());
  }

  template <typename Formula>
  void expectAll(Attribute layout, int64_t rows, int64_t columns, unsigned bits,
                 Formula formula) {
    auto digits = factors(layout, {rows, columns}, bits);
    ASSERT_TRUE(digits.has_value());
    std::set<int64_t> seen;
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < columns; ++j) {
        int64_t offset = locate(*digits, {i, j});
        ASSERT_EQ(offset, formula(i, j)) << i << ", " << j;
        seen.insert(offset);
      }
    EXPECT_EQ(static_cast<int64_t>(seen.size()), rows * columns);
    EXPECT_EQ(*seen.rbegin(), rows * columns - 1);
  }
};

TEST_F(Layouts, EmptyNestIsRowMajor) {
  expectAll(nest({}), 7, 5, 32, [](int64_t i, int64_t j) { return i * 5 + j; });
}

TEST_F(Layouts, PackedPanelPairsRows) {
  // AMX: [k/2][n of 16][2].
  expectAll(nest({{0, -1}, {1, 16}, {0, 2}}), 32, 16, 16,
            [](int64_t k, int64_t n) { return k / 2 * 32 + n * 2 + k % 2; });
}

TEST_F(Layouts, SublanePacking) {
  // TPU, bf16: (16,128) tiles, two rows in a sublane.
  expectAll(nest({{0, -1}, {1, -1}, {0, 8}, {1, 128}, {0, 2}}), 32, 256, 16,
            [](int64_t i, int64_t j) {
              return (i / 16 * 2 + j / 128) * 2048 + i % 16 / 2 * 256 +
                     j % 128 * 2 + i % 2;
            });
}

TEST_F(Layouts, FractalsExpandWithTheElementType) {
  auto fractal = [&](StringRef name) {
    return FractalAttr::get(&context, StringAttr::get(&context, name));
  };
  // bf16: blocks of 16 x 16. zN: rows inside a block, columns of blocks.
  expectAll(fractal("zN"), 48, 32, 16, [](int64_t i, int64_t j) {
    return (j / 16 * 3 + i / 16) * 256 + i % 16 * 16 + j % 16;
  });
  // int8: blocks are 16 x 32; nZ: columns inside, rows of blocks of 32 x 16.
  expectAll(fractal("nZ"), 64, 48, 8, [](int64_t i, int64_t j) {
    return (i / 32 * 3 + j / 16) * 512 + j % 16 * 32 + i % 32;
  });
}

TEST_F(Layouts, SwizzleIsAnExclusiveOrOfRowAndChunk) {
  // 64 x 64 bf16 in rows of 128 bytes: 16-byte chunk c of row r at c xor r%8.
  Builder b(&context);
  SmallVector<Attribute> bases;
  for (int64_t j : {1, 2, 4, 8, 16, 32})
    bases.push_back(b.getI64ArrayAttr({0, j}));
  for (auto [i, j] : {std::pair<int64_t, int64_t>{1, 8},
                      {2, 16},
                      {4, 32},
                      {8, 0},
                      {16, 0},
                      {32, 0}})
    bases.push_back(b.getI64ArrayAttr({i, j}));
  auto layout = LinearAttr::get(
      &context,
      b.getDictionaryAttr(b.getNamedAttr("offset", b.getArrayAttr(bases))));
  for (int64_t offset = 0; offset < 64 * 64; ++offset) {
    int64_t row = offset / 64, chunk = offset % 64 / 8, inside = offset % 8;
    SmallVector<int64_t> expected = {row, (chunk ^ row % 8) * 8 + inside};
    ASSERT_EQ(indexAt(layout, {{"offset", offset}}), expected) << offset;
  }
}

TEST_F(Layouts, NoNestWhereSizesDoNotDivide) {
  EXPECT_FALSE(factors(nest({{0, -1}, {1, 16}, {0, 2}}), {31, 16}, 16));
  EXPECT_FALSE(factors(nest({{0, 4}, {1, 4}}), {8, 4}, 16));
  EXPECT_FALSE(factors(nest({{2, -1}}), {8, 4}, 16));
}

// A window of whole blocks begins at one; one of fewer rows begins anywhere.
TEST_F(Layouts, Granule) {
  Attribute tpu = nest({{0, -1}, {1, -1}, {0, 8}, {1, 128}, {0, 2}});
  EXPECT_EQ(granule(tpu, 0, 32, 16), 16);
  EXPECT_EQ(granule(tpu, 0, 8, 16), 2); // pairs of rows share a sublane
  EXPECT_EQ(granule(tpu, 0, 1, 16), 1);
  EXPECT_EQ(granule(tpu, 1, 256, 16), 128);
  EXPECT_EQ(granule(tpu, 1, 64, 16), 1);
  // AMX: panels of 256 rows, 2 tiles of 16 columns, pairs of rows.
  Attribute amx =
      nest({{1, -1}, {0, -1}, {1, 8}, {0, 256}, {1, 2}, {1, 16}, {0, 2}});
  EXPECT_EQ(granule(amx, 0, 32, 16), 2);
  EXPECT_EQ(granule(amx, 1, 32, 16), 32);
  EXPECT_EQ(granule(nest({}), 0, 64, 32), 1);
  Attribute zN = FractalAttr::get(&context, StringAttr::get(&context, "zN"));
  EXPECT_EQ(granule(zN, 0, 64, 16), 16); // blocks of 16 rows by 32 bytes
  EXPECT_EQ(granule(zN, 1, 64, 16), 16);
  EXPECT_EQ(granule(zN, 1, 64, 32), 8);
}

TEST_F(Layouts, Footprint) {
  Builder b(&context);
  EXPECT_EQ(footprint(nest({}), {3, 5}, 16), 30);
  EXPECT_EQ(footprint(nest({}), {3}, 4), 2);
  // Rows of 8 with one element of padding: 4 * (8 + 1).
  Attribute padded = NestAttr::get(
      &context,
      b.getArrayAttr({b.getI64ArrayAttr({0, -1}), b.getI64ArrayAttr({1, 8})}),
      b.getI64ArrayAttr({0, 1}));
  EXPECT_EQ(footprint(padded, {4, 8}, 32), 4 * 9 * 4);
  // 2 numbers in the 2 registers of each of 32 lanes of 4 warps.
  auto zero = b.getI64ArrayAttr({0});
  auto copies = b.getDictionaryAttr(
      {b.getNamedAttr("lane", b.getArrayAttr({zero, zero, zero, zero, zero})),
       b.getNamedAttr("register", b.getArrayAttr({b.getI64ArrayAttr({1})})),
       b.getNamedAttr("warp", b.getArrayAttr({zero, zero}))});
  EXPECT_EQ(footprint(LinearAttr::get(&context, copies), {2}, 32),
            2 * 32 * 4 * 4);
}

} // namespace
