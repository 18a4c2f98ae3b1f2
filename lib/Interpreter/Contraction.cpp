// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Products of matrices: sums of products with a bound of their own.
#include "lib/Interpreter/Report.h"

#include <cmath>

using namespace terrazzo;
using namespace terrazzo::interpreter;

/// c[m,n] += a[m,k] b[k,n] in float64. Each element sums in ascending k; four
/// steps go over a row of c together, so that it is read and written once.
__attribute__((target_clones("avx512f", "avx2", "default"))) static void
multiply(const double *__restrict a, const double *__restrict b,
         double *__restrict c, int64_t m, int64_t n, int64_t k) {
  constexpr int64_t panel = 64, together = 4;
  for (int64_t k0 = 0; k0 < k; k0 += panel)
    for (int64_t i = 0; i < m; ++i) {
      double *out = c + i * n;
      const double *x = a + i * k;
      int64_t p = k0, end = std::min(k, k0 + panel);
      for (; p + together <= end; p += together) {
        double x0 = x[p], x1 = x[p + 1], x2 = x[p + 2], x3 = x[p + 3];
        const double *row = b + p * n;
        for (int64_t j = 0; j < n; ++j)
          out[j] = out[j] + x0 * row[j] + x1 * row[n + j] +
                   x2 * row[2 * n + j] + x3 * row[3 * n + j];
      }
      for (; p < end; ++p)
        for (int64_t j = 0; j < n; ++j)
          out[j] += x[p] * b[p * n + j];
    }
}

void Program::dot(kernel::DotOp op) {
  // tf32 and bf16 products may be asked for: their unit bounds the error then.
  double inputUnit = op.getPrecision() == kernel::Precision::TF32
                         ? numerics::info(numerics::Format::TF32).unit()
                         : 0;
  set(op, multiplyAdd(op, *get(op.getA()), *get(op.getB()), *get(op.getAcc()),
                      inputUnit));
}

Tensor Program::multiplyAdd(mlir::Operation *op, const Tensor &a,
                            const Tensor &b, const Tensor &c,
                            double inputUnit) {
  size_t rank = a.shape.size();
  int64_t batch = rank == 3 ? a.shape[0] : 1;
  int64_t m = a.shape[rank - 2], k = a.shape[rank - 1], n = b.shape[rank - 1];
  step(uint64_t(batch) * m * n * k / 8);
  Tensor r = c;
  for (size_t i = 0; i < a.size(); ++i)
    if (a.flag(i) & Poison)
      fail(op, DiagnosticKind::PoisonUsed, "the left operand of a dot");
  for (size_t i = 0; i < b.size(); ++i)
    if (b.flag(i) & Poison)
      fail(op, DiagnosticKind::PoisonUsed, "the right operand of a dot");
  if (!a.type.isFloat()) {
    for (int64_t z = 0; z < batch; ++z)
      for (int64_t i = 0; i < m; ++i)
        for (int64_t p = 0; p < k; ++p) {
          int64_t x = a.ints[(z * m + i) * k + p];
          for (int64_t j = 0; j < n; ++j)
            r.ints[(z * m + i) * n + j] += x * b.ints[(z * k + p) * n + j];
        }
    for (int64_t &v : r.ints)
      v = signExtend(v, r.type.bits);
    return r;
  }
  auto squares = [](const std::vector<double> &v) {
    std::vector<double> out(v.size());
    for (size_t i = 0; i < v.size(); ++i)
      out[i] = v[i] * v[i];
    return out;
  };
  auto magnitudes = [](const std::vector<double> &v) {
    std::vector<double> out(v.size());
    for (size_t i = 0; i < v.size(); ++i)
      out[i] = std::fabs(v[i]);
    return out;
  };
  auto any = [](const std::vector<double> &v) {
    return llvm::any_of(v, [](double e) { return e != 0; });
  };
  // The products of bf16 that x86 has take subnormal numbers for zero.
  bool flushes = a.type.format == numerics::Format::BF16;
  double normal = flushes ? numerics::info(a.type.format).smallestNormal() : 0;
  auto errors = [&](const Tensor &t) {
    std::vector<double> e = t.error;
    for (size_t i = 0; flushes && i < e.size(); ++i)
      if (std::fabs(t.reference[i]) < normal)
        e[i] += std::fabs(t.reference[i]);
    return e;
  };
  std::vector<double> aError = errors(a), bError = errors(b);
  bool inexact = any(aError) || any(bError);
  std::vector<double> a2 = squares(a.reference), b2 = squares(b.reference);
  std::vector<double> sum2(r.size(), 0.0), carried(r.size(), 0.0);
  std::vector<double> product(r.size(), 0.0), exact(r.size(), 0.0);
  std::vector<double> aAbs, bAbs;
  if (inexact) {
    aAbs = magnitudes(a.reference);
    bAbs = magnitudes(b.reference);
  }
  for (int64_t z = 0; z < batch; ++z) {
    int64_t ao = z * m * k, bo = z * k * n, co = z * m * n;
    multiply(&a.reference[ao], &b.reference[bo], &exact[co], m, n, k);
    multiply(&a2[ao], &b2[bo], &sum2[co], m, n, k);
    if (inexact) {
      multiply(&a.values[ao], &b.values[bo], &product[co], m, n, k);
      multiply(&aAbs[ao], &bError[bo], &carried[co], m, n, k);
      multiply(&aError[ao], &bAbs[bo], &carried[co], m, n, k);
    }
  }
  const std::vector<double> &computed = inexact ? product : exact;
  double unit = numerics::info(r.type.format).unit();
  for (size_t i = 0; i < r.size(); ++i) {
    r.values[i] = numerics::round(r.type.format, c.values[i] + computed[i]);
    r.reference[i] = c.reference[i] + exact[i];
    double spread = std::sqrt(sum2[i] + c.reference[i] * c.reference[i]);
    r.error[i] = c.error[i] + carried[i] +
                 8 * std::sqrt(double(k + 1)) * unit * spread +
                 8 * inputUnit * spread + double(k + 1) * normal;
    if (std::isnan(r.error[i]))
      r.error[i] = 0;
  }
  return r;
}
