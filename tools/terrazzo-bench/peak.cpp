// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What one core can do at most: the operations a second of the widest dot
// instruction of each type that this machine has (AMX is not asked). No goal
// can be met above it. bench.py compiles this file for the machine it runs on.
#include <algorithm>
#include <ctime>
#include <immintrin.h>

namespace {

constexpr int chains = 16; // enough for a latency of 8 cycles at two a cycle
constexpr long steps = 400000;

double now() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return double(t.tv_sec) + 1e-9 * double(t.tv_nsec);
}

/// Best of seven, of independent chains that stay in registers.
template <class Vector, class Step>
double rate(double operations, Vector start, Step step) {
  double best = 1e9;
  for (int repeat = 0; repeat < 7; ++repeat) {
    Vector sum[chains];
    for (Vector &s : sum)
      s = start;
    double from = now();
    for (long i = 0; i < steps; ++i)
#pragma unroll
      for (int c = 0; c < chains; ++c) {
        sum[c] = step(sum[c]);
        asm volatile("" : "+v"(sum[c])); // not to be folded into fewer
      }
    best = std::min(best, now() - from);
  }
  return operations * chains * double(steps) / best;
}

} // namespace

extern "C" {

/// In operations a second, two for each multiply and add; 0 when unknown.
double peak_f32() {
#if defined(__AVX512F__)
  __m512 x = _mm512_set1_ps(0.5f);
  asm volatile("" : "+v"(x));
  return rate(32, x, [=](__m512 s) { return _mm512_fmadd_ps(x, x, s); });
#elif defined(__FMA__)
  __m256 x = _mm256_set1_ps(0.5f);
  asm volatile("" : "+v"(x));
  return rate(16, x, [=](__m256 s) { return _mm256_fmadd_ps(x, x, s); });
#else
  return 0;
#endif
}

double peak_bf16() {
#if defined(__AVX512BF16__) && !defined(__AMX_BF16__)
  __m512i x = _mm512_set1_epi32(0x3f003f00);
  asm volatile("" : "+v"(x));
  return rate(64, _mm512_setzero_ps(), [=](__m512 s) {
    return _mm512_dpbf16_ps(s, __m512bh(x), __m512bh(x));
  });
#else
  return 0;
#endif
}

double peak_i8() {
#if defined(__AVX512VNNI__) && !defined(__AMX_INT8__)
  __m512i x = _mm512_set1_epi8(3);
  asm volatile("" : "+v"(x));
  return rate(128, _mm512_setzero_si512(),
              [=](__m512i s) { return _mm512_dpbusd_epi32(s, x, x); });
#else
  return 0;
#endif
}
}
