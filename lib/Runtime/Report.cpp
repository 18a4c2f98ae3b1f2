// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Runtime/Report.h"

#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <pthread.h>

namespace {

pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
char failure[512], taken[512];
bool failed = false;

/// `idx (i, j)` of element \p i, padded to the digits of the largest.
void printIndex(const TerrazzoValue &value, int64_t i) {
  int64_t below = value.count;
  std::fputs(" idx (", stdout);
  for (int64_t d = 0; d < value.rank; ++d) {
    int64_t size = value.sizes[d];
    below /= size;
    int width = 0;
    for (int64_t last = size - 1; last > 0; last /= 10)
      ++width;
    std::printf("%s%*" PRId64, d ? ", " : "", width, i / below % size);
  }
  std::putchar(')');
}

void printNumber(const TerrazzoValue &value, int64_t i, bool isHex) {
  if (value.isFloat) {
    std::printf(isHex ? "%a" : "%f",
                static_cast<const double *>(value.numbers)[i]);
    return;
  }
  auto n = static_cast<const uint64_t *>(value.numbers)[i];
  uint64_t bits = value.bits < 64 ? n & ((uint64_t(1) << value.bits) - 1) : n;
  if (isHex)
    std::printf("0x%0*" PRIx64, int(value.bits / 4), bits);
  else if (value.isSigned)
    std::printf("%" PRId64, int64_t(n));
  else
    std::printf("%" PRIu64, bits);
}

/// As Triton's own device code prints, and lib/Interpreter/Print.h: a line for
/// each element.
void print(const TerrazzoReport &r, int length) {
  auto program = [&] {
    std::printf("pid (%" PRId64 ", %" PRId64 ", %" PRId64 ")", r.program[0],
                r.program[1], r.program[2]);
  };
  if (r.count == 0) {
    program();
    std::printf("%.*s\n", length, r.message);
  }
  for (int64_t n = 0; n < r.count; ++n)
    for (int64_t i = 0; i < r.values[n].count; ++i) {
      program();
      printIndex(r.values[n], i);
      std::printf("%.*s", length, r.message);
      if (r.count > 1)
        std::printf("(operand %" PRId64 ") ", n);
      printNumber(r.values[n], i, r.isHex);
      std::putchar('\n');
    }
  std::fflush(stdout);
}

} // namespace

void terrazzo::runtime::report(const TerrazzoRuntime *,
                               const TerrazzoReport *r) {
  int length = int(r->length < 400 ? r->length : 400);
  pthread_mutex_lock(&lock);
  if (!r->isFailure) {
    print(*r, length);
  } else if (!failed) {
    failed = true;
    int n = std::snprintf(failure, sizeof failure, "%.*s", length, r->message);
    if (r->program[0] >= 0)
      std::snprintf(failure + n, sizeof failure - size_t(n),
                    " (program %" PRId64 ", %" PRId64 ", %" PRId64 ")",
                    r->program[0], r->program[1], r->program[2]);
  }
  pthread_mutex_unlock(&lock);
}

const char *terrazzoFailure(void) {
  pthread_mutex_lock(&lock);
  std::memcpy(taken, failed ? failure : "", failed ? sizeof taken : 1);
  failed = false;
  pthread_mutex_unlock(&lock);
  return taken;
}
