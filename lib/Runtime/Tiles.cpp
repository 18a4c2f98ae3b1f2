// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The matrix registers of x86-64 (AMX). Linux saves 8 KiB more for a thread
// that uses them, and so wants to be asked first; the answer holds for all
// threads of the process. No C++ library is needed to link this file.
#include "lib/Runtime/Tiles.h"

#include <atomic>

#if defined(__x86_64__) && defined(__linux__)
extern "C" int arch_prctl(int code, unsigned long argument);

static int ask() {
  constexpr int request = 0x1023; // ARCH_REQ_XCOMP_PERM
  constexpr unsigned long tileData = 18;
  return arch_prctl(request, tileData) == 0 ? 0 : -1;
}
#else
static int ask() { return -1; }
#endif

int terrazzo::runtime::useTiles(const TerrazzoRuntime *) {
  static std::atomic<int> answer{1}; // not asked yet; twice does no harm
  int known = answer.load(std::memory_order_relaxed);
  if (known == 1)
    answer.store(known = ask(), std::memory_order_relaxed);
  return known;
}
