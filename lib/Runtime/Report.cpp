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

void printNumbers(const TerrazzoValue &value, bool isHex) {
  for (int64_t i = 0; i < value.count; ++i)
    if (value.isFloat)
      std::printf(" %g", static_cast<const double *>(value.numbers)[i]);
    else if (isHex)
      std::printf(" 0x%" PRIx64,
                  static_cast<const uint64_t *>(value.numbers)[i]);
    else
      std::printf(" %" PRId64, static_cast<const int64_t *>(value.numbers)[i]);
  if (value.isCut)
    std::fputs(" ...", stdout);
}

} // namespace

void terrazzo::runtime::report(const TerrazzoRuntime *,
                               const TerrazzoReport *r) {
  int length = int(r->length < 400 ? r->length : 400);
  pthread_mutex_lock(&lock);
  if (!r->isFailure) {
    std::printf("pid (%" PRId64 ", %" PRId64 ", %" PRId64 ") %.*s",
                r->program[0], r->program[1], r->program[2], length,
                r->message);
    for (int64_t i = 0; i < r->count; ++i)
      printNumbers(r->values[i], r->isHex);
    std::putchar('\n');
    std::fflush(stdout);
  } else if (!failed) {
    failed = true;
    std::snprintf(failure, sizeof failure,
                  "%.*s (program %" PRId64 ", %" PRId64 ", %" PRId64 ")",
                  length, r->message, r->program[0], r->program[1],
                  r->program[2]);
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
