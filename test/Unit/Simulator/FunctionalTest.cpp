// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What works do to memory, against formulas written out and double arithmetic.
#include "test/Unit/Simulator/Building.h"

#include "gtest/gtest.h"

#include <cmath>
#include <random>

using namespace terrazzo;
using namespace terrazzo::simulator;
using namespace terrazzo::simulator::test;
using Code = Arithmetic::Code;

namespace {
std::vector<float> randoms(size_t n, unsigned seed, float scale = 1) {
  std::mt19937 gen(seed);
  std::normal_distribution<float> normal;
  std::vector<float> out(n);
  for (float &v : out)
    v = normal(gen) * scale;
  return out;
}
simulator::Run runOn(std::vector<Buffer> buffers) {
  simulator::Run run;
  run.buffers = std::move(buffers);
  return run;
}
} // namespace

TEST(Transfers, ClipsAndStrides) {
  // Rows 1 to 3 and columns 2 to 5 of a 4x8 window of a 6x10 array.
  std::vector<float> from(60), to(60, -1);
  for (int i = 0; i < 60; ++i)
    from[i] = float(i);
  Builder b;
  int a = b.allocate("a", 0, 4 * 8 * 4);
  Window w = window(a, F32, {4, 8});
  Transfer in = b.in(0, w), out = b.out(w, 1);
  for (Transfer *t : {&in, &out}) {
    t->global->strides[0].constant = 10;
    t->global->low = {{-1, 1}, {-1, 2}};
    t->global->high = {{-1, 3}, {-1, 99}};
  }
  out.global->low[1].constant = 3;
  b.add(in);
  b.add(out);
  ASSERT_TRUE(b.run(runOn({bufferOf("x", from), bufferOf("y", to)})))
      << b.error;
  for (int i = 0; i < 60; ++i) {
    bool isIn = i / 10 >= 1 && i / 10 < 3 && i % 10 >= 3 && i % 10 < 8;
    EXPECT_EQ(to[i], isIn ? float(i) : -1.0f) << i;
  }
}

TEST(Transfers, PicksByIndex) {
  std::vector<float> from = randoms(40, 1), to(12, 0);
  std::vector<int32_t> index = {7, -1, 3};
  Builder b;
  int a = b.allocate("a", 0, 12 * 4), i = b.allocate("i", 64, 12);
  Window w = window(a, F32, {3, 4});
  b.add(b.in(1, window(i, I32, {3})));
  b.add(b.in(2, w));
  Transfer gather = b.in(0, w);
  gather.global->index = window(i, I32, {3});
  gather.global->indexDim = 0;
  gather.global->indexLow.constant = 0;
  gather.global->indexHigh.constant = 10;
  b.add(gather);
  b.add(b.out(w, 2));
  std::vector<float> before = randoms(12, 2);
  to = before;
  ASSERT_TRUE(b.run(
      runOn({bufferOf("x", from), bufferOf("i", index), bufferOf("y", to)})))
      << b.error;
  for (int r = 0; r < 3; ++r)
    for (int c = 0; c < 4; ++c)
      EXPECT_EQ(to[r * 4 + c],
                r == 1 ? before[r * 4 + c] : from[index[r] * 4 + c]);
}

TEST(Transfers, AtomicsByElement) {
  std::vector<int32_t> sums = {10, 20, 30}, index = {2, 0, 2, 2}, old(4);
  std::vector<int32_t> values = {1, 2, 3, 4};
  std::vector<int8_t> mask = {1, 1, 0, 1};
  Builder b;
  Window v = window(b.allocate("v", 0, 16), I32, {4}),
         i = window(b.allocate("i", 16, 16), I32, {4}),
         o = window(b.allocate("o", 32, 16), I32, {4}),
         m = window(b.allocate("m", 48, 4), I1, {4});
  b.add(b.in(1, i));
  b.add(b.in(2, v));
  b.add(b.in(3, m));
  b.add(b.in(4, o));
  Transfer t = b.out(v, 0);
  t.atomic = kernel::AtomicKind::Add;
  t.mask = m;
  t.old = o;
  t.global->index = i;
  t.global->indexDim = -1;
  t.global->indexHigh.constant = 3;
  b.add(t);
  b.add(b.out(o, 4));
  ASSERT_TRUE(b.run(
      runOn({bufferOf("s", sums), bufferOf("i", index), bufferOf("v", values),
             bufferOf("m", mask), bufferOf("o", old)})))
      << b.error;
  EXPECT_EQ(sums, (std::vector<int32_t>{12, 20, 35}));
  EXPECT_EQ(old, (std::vector<int32_t>{30, 10, 0, 31}));
}

TEST(Transfers, OutsideAnArgument) {
  std::vector<float> x(7);
  Builder b;
  Window w = window(b.allocate("a", 0, 32), F32, {8});
  b.add(b.in(0, w));
  EXPECT_FALSE(b.run(runOn({bufferOf("x", x)})));
  EXPECT_EQ(b.error, "element 7 of `x` is out of bounds: it has 7 elements");
}

TEST(Transfers, WhatNothingWroteReachesNoArgument) {
  // The last of eight elements is left out on the way in.
  std::vector<float> x(8, 1), y(8);
  Builder b;
  Window w = window(b.allocate("a", 0, 32), F32, {8}),
         v = window(b.allocate("b", 32, 32), F32, {8});
  Transfer in = b.in(0, w);
  in.global->low = {{-1, 0}};
  in.global->high = {{-1, 7}};
  b.add(in);
  b.add(mapOf(Code::AddF, v, {w, w}));
  b.add(b.out(v, 1));
  EXPECT_FALSE(b.run(runOn({bufferOf("x", x), bufferOf("y", y)})));
  EXPECT_EQ(b.error, "a value that was never written or was masked off is "
                     "stored to `y` at element 7");
}

TEST(Maps, IndexAndBroadcast) {
  // out[i][j] = i * 100 + j where x[j] > 0, else y[i]
  constexpr int rows = 37, columns = 29;
  std::vector<float> x = randoms(columns, 3), y = randoms(rows, 4),
                     out(rows * columns);
  Builder b;
  Window wx = window(b.allocate("x", 0, columns * 4), F32, {columns}),
         wy = window(b.allocate("y", 1024, rows * 4), F32, {rows}),
         wo = window(b.allocate("o", 2048, rows * columns * 4), F32,
                     {rows, columns});
  b.add(b.in(0, wx));
  b.add(b.in(1, wy));
  Map m;
  m.outs = {wo};
  m.ins = {wx, wy};
  m.dims = {{1}, {0}};
  m.lambda.arguments = 4;
  m.lambda.registers = 12;
  m.lambda.integers = {{4, 100}};
  m.lambda.reals = {{5, 0}};
  auto op = [&](Code code, ElementType from, ElementType to, Register result,
                llvm::SmallVector<Register, 3> operands, int32_t detail = 0) {
    m.lambda.ops.push_back({code, from, to, detail, result, operands});
  };
  op(Code::MulI, I64, I64, 6, {0, 4});
  op(Code::AddI, I64, I64, 7, {6, 1});
  op(Code::SIToFP, I64, F32, 8, {7});
  op(Code::CmpF, F32, I1, 9, {2, 5}, 2 /* OGT */);
  op(Code::Select, F32, F32, 10, {9, 8, 3});
  m.lambda.results = {10};
  b.add(m);
  b.add(b.out(wo, 2));
  ASSERT_TRUE(
      b.run(runOn({bufferOf("x", x), bufferOf("y", y), bufferOf("o", out)})))
      << b.error;
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < columns; ++j)
      EXPECT_EQ(out[i * columns + j], x[j] > 0 ? float(i * 100 + j) : y[i]);
}

/// Reductions along each dimension of 5x7x11, in order and as a tree.
static void reduces(int dim, bool tree) {
  std::vector<float> x = randoms(5 * 7 * 11, 7);
  int64_t shape[] = {5, 7, 11};
  llvm::SmallVector<int64_t> rest;
  for (int d = 0; d < 3; ++d)
    if (d != dim)
      rest.push_back(shape[d]);
  std::vector<float> out(size_t(rest[0] * rest[1]));
  Builder b;
  Window w = window(b.allocate("x", 0, 4 * 385), F32, shape),
         o = window(b.allocate("o", 4096, 4 * int64_t(out.size())), F32, rest);
  b.add(b.in(0, w));
  Reduce r;
  r.ins = {w};
  r.outs = {o};
  r.dim = dim;
  r.tree = tree;
  r.lambda = lambdaOf(Code::AddF, F32);
  b.add(r);
  b.add(b.out(o, 1));
  ASSERT_TRUE(b.run(runOn({bufferOf("x", x), bufferOf("o", out)}))) << b.error;
  int64_t strides[] = {77, 11, 1};
  for (int64_t i = 0; i < int64_t(out.size()); ++i) {
    int64_t outer = i / rest[1], inner = i % rest[1];
    int64_t first =
        outer * strides[dim == 0 ? 1 : 0] + inner * strides[dim == 2 ? 1 : 2];
    std::vector<float> row;
    for (int64_t k = 0; k < shape[dim]; ++k)
      row.push_back(x[first + k * strides[dim]]);
    while (tree && row.size() > 1) {
      std::vector<float> next;
      for (size_t k = 0; k < row.size(); k += 2)
        next.push_back(k + 1 < row.size() ? row[k] + row[k + 1] : row[k]);
      row = next;
    }
    float sum = row[0];
    for (size_t k = 1; k < row.size(); ++k)
      sum += row[k];
    EXPECT_EQ(out[i], sum) << dim << " " << i;
  }
}
TEST(Reduces, EachDimension) {
  for (int dim = 0; dim < 3; ++dim) {
    reduces(dim, false);
    reduces(dim, true);
  }
}

TEST(Reduces, ToAScalar) {
  std::vector<int32_t> x = {4, -9, 7}, out(1);
  Builder b;
  Window w = window(b.allocate("x", 0, 12), I32, {3}),
         o = window(b.allocate("o", 16, 4), I32, {1});
  b.add(b.in(0, w));
  Reduce r;
  r.ins = {w};
  r.scalars = {b.reg()};
  r.lambda = lambdaOf(Code::MinSI, I32);
  b.add(r);
  Element e;
  e.store = true;
  e.value = r.scalars[0];
  e.window = window(o.allocation, I32, {});
  b.add(e);
  b.add(b.out(o, 1));
  ASSERT_TRUE(b.run(runOn({bufferOf("x", x), bufferOf("o", out)}))) << b.error;
  EXPECT_EQ(out[0], -9);
}

TEST(Scans, BothWays) {
  for (bool reverse : {false, true}) {
    std::vector<int32_t> x(6 * 5), out(30);
    for (int i = 0; i < 30; ++i)
      x[i] = (i * 7919) % 23 - 11;
    Builder b;
    Window w = window(b.allocate("x", 0, 120), I32, {6, 5}),
           o = window(b.allocate("o", 128, 120), I32, {6, 5});
    b.add(b.in(0, w));
    Scan s;
    s.ins = {w};
    s.outs = {o};
    s.dim = 0;
    s.reverse = reverse;
    s.lambda = lambdaOf(Code::AddI, I32);
    b.add(s);
    b.add(b.out(o, 1));
    ASSERT_TRUE(b.run(runOn({bufferOf("x", x), bufferOf("o", out)})))
        << b.error;
    for (int j = 0; j < 5; ++j) {
      int sum = 0;
      for (int k = 0; k < 6; ++k) {
        int i = reverse ? 5 - k : k;
        sum += x[i * 5 + j];
        EXPECT_EQ(out[i * 5 + j], sum);
      }
    }
  }
}

TEST(Takes, TransposeAndReshape) {
  std::vector<float> x = randoms(24, 9), t(24), r(24);
  Builder b;
  Window w = window(b.allocate("x", 0, 96), F32, {4, 6}),
         wt = window(b.allocate("t", 96, 96), F32, {6, 4}),
         wr = window(b.allocate("r", 192, 96), F32, {24});
  b.add(b.in(0, w));
  Take transpose;
  transpose.in = w;
  transpose.out = wt;
  transpose.rows.resize(2);
  transpose.rows[0].push_back({{0, 1}, {}, 1, 0});
  transpose.rows[1].push_back({{1, 0}, {}, 1, 0});
  b.add(transpose);
  Take flat; // the transposed array, flattened the other way round
  flat.in = w;
  flat.out = wr;
  flat.rows.resize(2);
  flat.rows[0].push_back({{-1}, {-1, 23}, 6, 0});
  flat.rows[1].push_back({{-1}, {-1, 23}, 1, 6});
  b.add(flat);
  b.add(b.out(wt, 1));
  b.add(b.out(wr, 2));
  ASSERT_TRUE(
      b.run(runOn({bufferOf("x", x), bufferOf("t", t), bufferOf("r", r)})))
      << b.error;
  for (int i = 0; i < 24; ++i) {
    EXPECT_EQ(t[i], x[i % 4 * 6 + i / 4]);
    EXPECT_EQ(r[i], x[23 - i]);
  }
}

/// a (m x k) b (k x n) in three sizes, fresh and added to.
template <typename Get>
static void multiplies(ElementType type, Get get, int64_t m, int64_t n,
                       int64_t k, bool fresh) {
  std::vector<float> a = randoms(size_t(m * k), 11),
                     c = randoms(size_t(m * n), 13);
  std::vector<float> right = randoms(size_t(k * n), 12), out(size_t(m * n));
  Builder b;
  int64_t each = bytesOf(type);
  Window wa = window(b.allocate("a", 0, m * k * 4), F32, {m, k}),
         wb = window(b.allocate("b", 1 << 20, k * n * 4), F32, {k, n}),
         wc = window(b.allocate("c", 2 << 20, m * n * 4), F32, {m, n}),
         na = window(b.allocate("na", 3 << 20, m * k * each), type, {m, k}),
         nb = window(b.allocate("nb", (3 << 20) + (1 << 19), k * n * each),
                     type, {k, n});
  b.add(b.in(0, wa));
  b.add(b.in(1, wb));
  b.add(b.in(2, wc));
  b.add(mapOf(Code::FloatCast, na, {wa}));
  b.add(mapOf(Code::FloatCast, nb, {wb}));
  Multiply mul;
  mul.acc = wc;
  mul.a = na;
  mul.b = nb;
  mul.fresh.constant = fresh;
  b.add(mul);
  b.add(b.out(wc, 3));
  ASSERT_TRUE(b.run(runOn({bufferOf("a", a), bufferOf("b", right),
                           bufferOf("c", c), bufferOf("o", out)})))
      << b.error;
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < n; ++j) {
      double sum = fresh ? 0 : c[i * n + j], squares = 0;
      for (int64_t p = 0; p < k; ++p) {
        double term = get(a[i * k + p]) * get(right[p * n + j]);
        sum += term;
        squares += term * term;
      }
      ASSERT_NEAR(out[i * n + j], sum,
                  4 * std::sqrt(double(k)) * 0x1p-24 * (std::sqrt(squares) + 1))
          << i << " " << j;
    }
}
TEST(Products, AgainstDouble) {
  auto rounded = [](numerics::Format f) {
    return [f](float v) { return numerics::round(f, v); };
  };
  multiplies(F32, rounded(numerics::Format::F32), 64, 96, 128, true);
  multiplies(F32, rounded(numerics::Format::F32), 13, 17, 5, false);
  multiplies(BF16, rounded(numerics::Format::BF16), 64, 128, 128, false);
  multiplies(BF16, rounded(numerics::Format::BF16), 1, 33, 200, true);
  multiplies(F16, rounded(numerics::Format::F16), 29, 31, 37, true);
}

TEST(Products, FactorsOfOtherWidths) {
  // i8 into i64, and f32 into f64, whose sums are exact.
  constexpr int m = 5, n = 19, k = 7;
  for (bool floats : {false, true}) {
    std::vector<int8_t> a(m * k), right(k * n);
    std::vector<float> fa(m * k), fb(k * n);
    for (int i = 0; i < m * k; ++i)
      fa[i] = a[i] = int8_t(i * 37);
    for (int i = 0; i < k * n; ++i)
      fb[i] = right[i] = int8_t(i * 91 + 5);
    std::vector<int64_t> out(m * n);
    std::vector<double> reals(m * n);
    Builder b;
    ElementType from = floats ? F32 : I8, to = floats ? F64 : I64;
    Multiply mul;
    mul.a = window(b.allocate("a", 0, m * k * bytesOf(from)), from, {m, k});
    mul.b = window(b.allocate("b", 1024, k * n * bytesOf(from)), from, {k, n});
    mul.acc = window(b.allocate("c", 4096, m * n * 8), to, {m, n});
    mul.fresh.constant = 1;
    b.add(b.in(0, mul.a));
    b.add(b.in(1, mul.b));
    b.add(mul);
    b.add(b.out(mul.acc, 2));
    ASSERT_TRUE(b.run(floats ? runOn({bufferOf("a", fa), bufferOf("b", fb),
                                      bufferOf("c", reals)})
                             : runOn({bufferOf("a", a), bufferOf("b", right),
                                      bufferOf("c", out)})))
        << b.error;
    for (int i = 0; i < m * n; ++i) {
      int64_t sum = 0;
      for (int p = 0; p < k; ++p)
        sum += int64_t(a[i / n * k + p]) * right[p * n + i % n];
      ASSERT_EQ(floats ? int64_t(reals[i]) : out[i], sum) << floats << i;
    }
  }
}

TEST(Products, IntegersAndStrides) {
  // b is read as the transpose of what lies in memory.
  constexpr int m = 9, n = 40, k = 21;
  std::vector<int8_t> a(m * k), right(n * k);
  for (int i = 0; i < m * k; ++i)
    a[i] = int8_t(i * 37);
  for (int i = 0; i < n * k; ++i)
    right[i] = int8_t(i * 91 + 5);
  std::vector<int32_t> out(m * n);
  Builder b;
  Window wa = window(b.allocate("a", 0, m * k), I8, {m, k}),
         wb = window(b.allocate("b", 1024, n * k), I8, {n, k}),
         wc = window(b.allocate("c", 4096, m * n * 4), I32, {m, n});
  b.add(b.in(0, wa));
  b.add(b.in(1, wb));
  Multiply mul;
  mul.acc = wc;
  mul.a = wa;
  mul.b = wb;
  std::swap(mul.b.shape[0], mul.b.shape[1]);
  std::swap(mul.b.strides[0], mul.b.strides[1]);
  mul.fresh.constant = 1;
  b.add(mul);
  b.add(b.out(wc, 2));
  ASSERT_TRUE(b.run(
      runOn({bufferOf("a", a), bufferOf("b", right), bufferOf("c", out)})))
      << b.error;
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < n; ++j) {
      int sum = 0;
      for (int p = 0; p < k; ++p)
        sum += a[i * k + p] * right[j * k + p];
      ASSERT_EQ(out[i * n + j], sum);
    }
}
