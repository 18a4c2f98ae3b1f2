// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Runtime/Guards.h"

#include "lib/Runtime/Report.h"

#include <atomic>
#include <cinttypes>
#include <cstdio>
#include <cstring>

using namespace terrazzo::runtime;

namespace {

std::atomic<uint64_t> fallbacks{0};

/// Nothing is known on a side that is at its end; low > high: no number at all.
struct Interval {
  int64_t low, high;
  bool isPoint() const { return low == high; }
};
constexpr int64_t below = INT64_MIN, above = INT64_MAX;
constexpr Interval any{below, above};

bool isAny(Interval a) { return a.low == below || a.high == above; }
int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

/// A sum's end on one side; \p end when it is not known.
int64_t sum(int64_t a, int64_t b, int64_t end) {
  int64_t out;
  return a == end || b == end || __builtin_add_overflow(a, b, &out) ? end : out;
}
int64_t difference(int64_t a, int64_t b, int64_t end, int64_t endOfB) {
  int64_t out;
  return a == end || b == endOfB || __builtin_sub_overflow(a, b, &out) ? end
                                                                       : out;
}

Interval multiply(Interval a, Interval b) {
  if ((a.isPoint() && a.low == 0) || (b.isPoint() && b.low == 0))
    return {0, 0};
  if (isAny(a) || isAny(b))
    return any;
  int64_t corners[4];
  if (__builtin_mul_overflow(a.low, b.low, &corners[0]) ||
      __builtin_mul_overflow(a.low, b.high, &corners[1]) ||
      __builtin_mul_overflow(a.high, b.low, &corners[2]) ||
      __builtin_mul_overflow(a.high, b.high, &corners[3]))
    return any;
  Interval out{corners[0], corners[0]};
  for (int64_t c : corners)
    out = {least(out.low, c), most(out.high, c)};
  return out;
}

/// The greatest magnitude in \p a, which has both ends.
int64_t magnitude(Interval a) {
  return most(a.low < 0 ? -a.low : a.low, a.high < 0 ? -a.high : a.high);
}

Interval divide(Interval a, Interval b) {
  if (isAny(a))
    return any;
  if (b.low <= 0 && b.high >= 0) // the quotient is nearer to 0 than a
    return {-magnitude(a), magnitude(a)};
  if (isAny(b)) // of one sign, but how large is not known
    return {-magnitude(a), magnitude(a)};
  const int64_t corners[4] = {a.low / b.low, a.low / b.high, a.high / b.low,
                              a.high / b.high};
  Interval out{corners[0], corners[0]};
  for (int64_t c : corners)
    out = {least(out.low, c), most(out.high, c)};
  return out;
}

Interval remainder(Interval a, Interval b) {
  if (a.isPoint() && b.isPoint() && !isAny(a) && !isAny(b) && b.low != 0)
    return {a.low % b.low, a.low % b.low};
  // No further from 0 than a, and than b less one.
  int64_t limit = isAny(b) ? above : most(magnitude(b) - 1, 0);
  return {a.low >= 0       ? 0
          : limit == above ? a.low
          : a.low == below ? -limit
                           : most(a.low, -limit),
          a.high <= 0 ? 0 : least(a.high, limit)};
}

/// The low \p bits of an argument, with their sign.
int64_t integer(uint64_t argument, int64_t bits) {
  int64_t unused = 64 - bits;
  return int64_t(argument << unused) >> unused;
}

Interval wrap(Interval a, int64_t bits) {
  if (bits >= 64)
    return a;
  int64_t half = int64_t(1) << (bits - 1);
  return a.low >= -half && a.high < half ? a : Interval{-half, half - 1};
}

Interval evaluate(GuardOp op, int64_t a, int64_t b, const Interval *values,
                  const uint64_t *arguments, const int64_t grid[3]) {
  switch (op) {
  case GuardOp::Constant:
    return {a, a};
  case GuardOp::Argument:
    return {integer(arguments[a], b), integer(arguments[a], b)};
  case GuardOp::Program:
    return {0, grid[a] - 1};
  case GuardOp::Grid:
    return {grid[a], grid[a]};
  case GuardOp::Wrap:
    return wrap(values[a], b);
  case GuardOp::Natural:
    return values[a].low >= 0 ? values[a] : any;
  case GuardOp::Any:
    return any;
  default:
    break;
  }
  Interval x = values[a], y = values[b];
  switch (op) {
  case GuardOp::Add:
    return {sum(x.low, y.low, below), sum(x.high, y.high, above)};
  case GuardOp::Subtract:
    return {difference(x.low, y.high, below, above),
            difference(x.high, y.low, above, below)};
  case GuardOp::Multiply:
    return multiply(x, y);
  case GuardOp::Minimum:
    return {least(x.low, y.low), least(x.high, y.high)};
  case GuardOp::Maximum:
    return {most(x.low, y.low), most(x.high, y.high)};
  case GuardOp::Divide:
    return divide(x, y);
  case GuardOp::Remainder:
    return remainder(x, y);
  case GuardOp::Join:
    return {least(x.low, y.low), most(x.high, y.high)};
  case GuardOp::Meet:
    return {most(x.low, y.low), least(x.high, y.high)};
  default:
    return any; // of a later version
  }
}

/// Whether \p a ends before \p b begins, in the addresses of both.
bool endsBefore(uint64_t atA, Interval a, int64_t bytes, uint64_t atB,
                Interval b) {
  // Addresses have 47 bits, so that what is sane does not overflow.
  int64_t end, begin;
  return a.high != above && b.low != below &&
         !__builtin_add_overflow(int64_t(atA), a.high, &end) &&
         !__builtin_add_overflow(end, bytes, &end) &&
         !__builtin_add_overflow(int64_t(atB), b.low, &begin) && end <= begin;
}

/// One test; \p words is moved behind it.
bool holds(const int64_t *&words, const Interval *values,
           const uint64_t *arguments) {
  uint64_t atA = arguments[words[0]], atB = arguments[words[3]];
  Interval a = values[words[1]], b = values[words[4]];
  bool apart = a.low > a.high || b.low > b.high ||
               endsBefore(atA, a, words[2], atB, b) ||
               endsBefore(atB, b, words[5], atA, a);
  int64_t equalities = words[6];
  words += 7;
  bool same = equalities > 0;
  for (int64_t i = 0; i < equalities; ++i, words += 2)
    same &= arguments[words[0]] == arguments[words[1]];
  return apart || same;
}

/// Tells of a promise that is broken. Names of pointers begin with `*`.
void refuse(int64_t argument, int64_t value, int64_t divisor, const char *names,
            const TerrazzoRuntime *runtime) {
  for (int64_t i = 0; i < argument; ++i)
    names += std::strlen(names) + 1;
  char text[256];
  int length =
      *names == '*'
          ? std::snprintf(text, sizeof text,
                          "argument %" PRId64 ", `%.120s`, is the address "
                          "0x%" PRIx64 ", which %" PRId64 " does not divide",
                          argument, names + 1, uint64_t(value), divisor)
          : std::snprintf(text, sizeof text,
                          "argument %" PRId64 ", `%.120s`, is %" PRId64
                          ", which %" PRId64 " does not divide",
                          argument, names, value, divisor);
  TerrazzoReport r = {};
  r.message = text;
  r.length = length;
  r.isFailure = 1;
  r.program[0] = r.program[1] = r.program[2] = -1;
  runtime->report(runtime, &r);
}

} // namespace

int terrazzo::runtime::check(const TerrazzoRuntime *runtime,
                             const int64_t *guards, const char *names,
                             const uint64_t *arguments, const int64_t grid[3]) {
  int64_t promises = guards[0], count = guards[1], tests = guards[2];
  const int64_t *words = guards + 3;
  for (int64_t i = 0; i < promises; ++i, words += 3) {
    int64_t value = integer(arguments[words[0]], words[1]);
    if (value % words[2] == 0)
      continue;
    refuse(words[0], value, words[2], names, runtime);
    return TERRAZZO_BROKEN_PROMISE;
  }
  if (tests == 0 || grid[0] <= 0 || grid[1] <= 0 || grid[2] <= 0)
    return 0;
  Interval values[maxGuardValues];
  bool apart = count <= maxGuardValues;
  for (int64_t i = 0; apart && i < count; ++i, words += 3)
    values[i] = evaluate(GuardOp(words[0]), words[1], words[2], values,
                         arguments, grid);
  for (int64_t i = 0; apart && i < tests; ++i)
    apart = holds(words, values, arguments);
  if (apart)
    return 0;
  fallbacks.fetch_add(1, std::memory_order_relaxed);
  return TERRAZZO_MAY_OVERLAP;
}

uint64_t terrazzoFallbacks(void) {
  return fallbacks.load(std::memory_order_relaxed);
}
