// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The fastest copies we know: the yardstick of kernels that stream rows.
// 64-byte aligned, a multiple of 256 bytes; bench.py compiles this file for the
// machine it runs on and takes the best variant.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <immintrin.h>
#include <iterator>
#include <thread>

namespace {

/// \p Ahead: bytes that the prefetch runs before the load, 0 for none.
template <bool NonTemporal, int Ahead>
void copy(char *to, const char *from, size_t bytes) {
  for (size_t i = 0; i < bytes; i += 256)
#pragma unroll
    for (int j = 0; j < 256; j += 64) {
      if constexpr (Ahead > 0)
        _mm_prefetch(from + i + j + Ahead, _MM_HINT_T0);
      __m512i x = _mm512_load_si512(from + i + j);
      if constexpr (NonTemporal)
        _mm512_stream_si512(reinterpret_cast<__m512i *>(to + i + j), x);
      else
        _mm512_store_si512(to + i + j, x);
    }
  _mm_sfence();
}

void system(char *to, const char *from, size_t bytes) {
  std::memcpy(to, from, bytes);
}

using Copy = void (*)(char *, const char *, size_t);
constexpr struct {
  const char *name;
  Copy run;
} variants[] = {
    {"memcpy", system},
    {"plain", copy<false, 0>},
    {"non-temporal", copy<true, 0>},
    {"non-temporal, prefetch 1 KiB", copy<true, 1024>},
    {"non-temporal, prefetch 2 KiB", copy<true, 2048>},
    {"non-temporal, prefetch 4 KiB", copy<true, 4096>},
    {"non-temporal, prefetch 8 KiB", copy<true, 8192>},
    {"non-temporal, prefetch 16 KiB", copy<true, 16384>},
};

} // namespace

extern "C" {

int copy_variants() { return std::size(variants); }
const char *copy_name(int variant) { return variants[variant].name; }

void copy_run(int variant, char *to, const char *from, uint64_t bytes,
              int threads) {
  if (threads == 1)
    return variants[variant].run(to, from, bytes);
  // A thread costs some 20 us to start: nothing against the 5 ms this takes.
  size_t half = bytes / 2 / 256 * 256;
  std::thread other(
      [=] { variants[variant].run(to + half, from + half, bytes - half); });
  variants[variant].run(to, from, half);
  other.join();
}
}
