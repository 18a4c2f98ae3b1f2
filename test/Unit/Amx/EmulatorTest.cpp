// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// AMX instructions one by one, in assembly, against what the manual says of
// them, written down a second time here. On a machine with AMX the hardware is
// what is tested, and these expectations with it.
#include "test/Unit/Amx/Emulator.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <csetjmp>
#include <csignal>
#include <cstring>
#include <random>
#include <thread>

extern "C" int arch_prctl(int, unsigned long);

namespace {

struct alignas(64) Config {
  uint8_t palette = 1, startRow = 0, reserved[14] = {};
  uint16_t columnBytes[16] = {};
  uint8_t rows[16] = {};
};

using Tile = uint8_t[16][64];

void load(const Config &c) { asm volatile("ldtilecfg %0" ::"m"(c)); }
void release() { asm volatile("tilerelease"); }

/// Every tile of full size, or of \p rows by \p bytes.
Config all(uint8_t rows = 16, uint16_t bytes = 64) {
  Config c;
  for (int t = 0; t < 8; ++t) {
    c.rows[t] = rows;
    c.columnBytes[t] = bytes;
  }
  return c;
}

class Amx : public testing::Test {
protected:
  void SetUp() override {
    if (arch_prctl(0x1023, 18) != 0)
      GTEST_SKIP() << "no tile data";
  }
  std::mt19937 random{7};
  void fill(Tile &t) {
    for (auto &row : t)
      for (auto &byte : row)
        byte = uint8_t(random());
  }
};

TEST_F(Amx, ConfigurationComesBack) {
  Config c = all(), back = all(3, 8);
  c.rows[2] = 7;
  c.columnBytes[2] = 20;
  load(c);
  asm volatile("sttilecfg %0" : "=m"(back));
  EXPECT_EQ(memcmp(&c, &back, 64), 0);
  release();
  asm volatile("sttilecfg %0" : "=m"(back));
  Config none{};
  none.palette = 0;
  EXPECT_EQ(memcmp(&none, &back, 64), 0);
}

// Loads and stores of 5 rows of 12 bytes touch no others, at every form of
// address: with and without index, scale, displacement, low and high registers.
TEST_F(Amx, Addresses) {
  load(all(5, 12));
  alignas(64) uint8_t from[32][64], to[32][64];
  for (int form = 0; form < 5; ++form) {
    for (auto &row : from)
      for (auto &byte : row)
        byte = uint8_t(random());
    memset(to, 0xee, sizeof to);
    switch (form) {
    case 0:
      asm volatile(
          "tileloadd (%0,%2), %%tmm0\n\ttilestored %%tmm0, (%1,%2)" ::"r"(from),
          "r"(to), "r"(64L)
          : "memory");
      break;
    case 1: // by 2, displacement of one byte
      asm volatile("tileloadd 64(%0,%2,2), %%tmm7\n\t"
                   "tilestored %%tmm7, 64(%1,%2,2)" ::"r"(from),
                   "r"(to), "r"(64L)
                   : "memory");
      break;
    case 2: // four bytes of displacement, high registers
      asm volatile("mov %0, %%r13\n\tmov %1, %%r12\n\tmov %2, %%r15\n\t"
                   "tileloaddt1 320(%%r13,%%r15,8), %%tmm3\n\t"
                   "tilestored %%tmm3, 320(%%r12,%%r15,8)" ::"r"(from),
                   "r"(to), "r"(16L)
                   : "memory", "r12", "r13", "r15");
      break;
    case 3: // backwards
      asm volatile("tileloadd 640(%0,%2), %%tmm1\n\t"
                   "tilestored %%tmm1, 640(%1,%2)" ::"r"(from),
                   "r"(to), "r"(-128L)
                   : "memory");
      break;
    case 4: // no index: every row is the same
      asm volatile(
          "tileloadd (%0), %%tmm2\n\ttilestored %%tmm2, (%1,%2)" ::"r"(from),
          "r"(to), "r"(64L)
          : "memory");
      break;
    }
    const int first[] = {0, 1, 5, 10, 0}, step[] = {1, 2, 2, -2, 1};
    for (int r = 0; r < 32; ++r)
      for (int b = 0; b < 64; ++b) {
        int line = (r - first[form]) / step[form];
        bool touched = b < 12 && line >= 0 && line < 5 &&
                       line * step[form] + first[form] == r;
        uint8_t want = touched ? from[form == 4 ? 0 : r][b] : 0xee;
        ASSERT_EQ(to[r][b], want) << form << " " << r << " " << b;
      }
  }
  release();
}

TEST_F(Amx, ALoadClearsWhatItDoesNotLoad) {
  load(all(5, 12));
  Tile from, to;
  fill(from);
  asm volatile("tileloadd (%0,%1), %%tmm0" ::"r"(from), "r"(64L));
  asm volatile("tilezero %%tmm0\n\ttilestored %%tmm0, (%0,%1)" ::"r"(to),
               "r"(64L)
               : "memory");
  for (int r = 0; r < 5; ++r)
    for (int b = 0; b < 12; ++b)
      EXPECT_EQ(to[r][b], 0);
  release();
}

int32_t dotOf(const uint8_t *a, const uint8_t *b, bool aSigned, bool bSigned) {
  int64_t sum = 0;
  for (int q = 0; q < 4; ++q)
    sum += int64_t(aSigned ? int8_t(a[q]) : a[q]) *
           (bSigned ? int8_t(b[q]) : b[q]);
  return int32_t(sum);
}

#define DOT(name) asm volatile(name " %%tmm5, %%tmm6, %%tmm7" ::)

// tmm7 += tmm6 tmm5 of 9 rows, 11 columns, a depth of 7, and 32 bits that wrap.
TEST_F(Amx, IntegerProducts) {
  Config c = all();
  c.rows[7] = c.rows[6] = 9;
  c.columnBytes[7] = c.columnBytes[5] = 44;
  c.columnBytes[6] = 28;
  c.rows[5] = 7;
  load(c);
  for (int kind = 0; kind < 4; ++kind) {
    Tile a, b, acc, out;
    fill(a), fill(b), fill(acc);
    asm volatile("tileloadd (%0,%3), %%tmm6\n\ttileloadd (%1,%3), %%tmm5\n\t"
                 "tileloadd (%2,%3), %%tmm7" ::"r"(a),
                 "r"(b), "r"(acc), "r"(64L));
    switch (kind) {
    case 0:
      DOT("tdpbuud");
      break;
    case 1:
      DOT("tdpbusd");
      break;
    case 2:
      DOT("tdpbsud");
      break;
    case 3:
      DOT("tdpbssd");
      break;
    }
    asm volatile("tilestored %%tmm7, (%0,%1)" ::"r"(out), "r"(64L) : "memory");
    for (int m = 0; m < 9; ++m)
      for (int n = 0; n < 11; ++n) {
        uint32_t want, got;
        memcpy(&want, &acc[m][4 * n], 4);
        for (int k = 0; k < 7; ++k)
          want +=
              uint32_t(dotOf(&a[m][4 * k], &b[k][4 * n], kind & 2, kind & 1));
        memcpy(&got, &out[m][4 * n], 4);
        ASSERT_EQ(got, want) << kind << " " << m << " " << n;
      }
  }
  release();
}

/// One element of TDPBF16PS, acc + a0 b0 + a1 b1, in one dword each.
float oneBf16(float acc, float a0, float a1, float b0, float b1) {
  load(all(1, 4));
  auto pair = [](float low, float high) {
    return std::bit_cast<uint32_t>(low) >> 16 |
           (std::bit_cast<uint32_t>(high) & 0xffff0000);
  };
  uint32_t a = pair(a0, a1), b = pair(b0, b1);
  float out = -1;
  asm volatile(
      "tileloadd (%0,%4), %%tmm6\n\ttileloadd (%1,%4), %%tmm5\n\t"
      "tileloadd (%2,%4), %%tmm7\n\ttdpbf16ps %%tmm5, %%tmm6, %%tmm7\n\t"
      "tilestored %%tmm7, (%3,%4)" ::"r"(&a),
      "r"(&b), "r"(&acc), "r"(&out), "r"(64L)
      : "memory");
  release();
  return out;
}

TEST_F(Amx, Bf16OneElement) {
  EXPECT_EQ(oneBf16(1, 2, 3, 5, 7), 32);
  // The two sums meet before the destination is added: 2^24 + 1 is 2^24 for
  // each alone, and 2 together.
  EXPECT_EQ(oneBf16(0x1p24f, 1, 1, 1, 1), 0x1p24f + 2);
  // Denormal numbers are zero, as operand, accumulator and result.
  EXPECT_EQ(oneBf16(0, 0x1p-127f, 0, 0x1p100f, 0), 0);
  EXPECT_EQ(oneBf16(0x1p-130f, 0, 0, 0, 0), 0);
  EXPECT_EQ(oneBf16(0, 0x1p-100f, 0, 0x1p-30f, 0), 0);
  EXPECT_EQ(oneBf16(0x1p-126f, 0, 0, 0, 0), 0x1p-126f);
  EXPECT_TRUE(std::isnan(oneBf16(0, INFINITY, 0, 0, 1)));
  EXPECT_EQ(oneBf16(0, INFINITY, 1, 2, 1), INFINITY);
}

TEST_F(Amx, FloatProducts) {
  load(all());
  for (bool isHalf : {false, true}) {
    Tile a, b, out;
    auto small = [&](Tile &t) {
      // Whole numbers up to 8 in either format: all sums are exact.
      for (auto &row : t)
        for (int e = 0; e < 32; ++e) {
          float v = float(int(random() % 17) - 8);
          uint16_t bits;
          if (isHalf) {
            auto h = _Float16(v);
            memcpy(&bits, &h, 2);
          } else {
            bits = uint16_t(std::bit_cast<uint32_t>(v) >> 16);
          }
          memcpy(&row[2 * e], &bits, 2);
        }
    };
    auto value = [&](const uint8_t *p) {
      uint16_t bits;
      memcpy(&bits, p, 2);
      if (!isHalf)
        return std::bit_cast<float>(uint32_t(bits) << 16);
      _Float16 h;
      memcpy(&h, p, 2);
      return float(h);
    };
    small(a), small(b);
    asm volatile("tileloadd (%0,%2), %%tmm6\n\ttileloaddt1 (%1,%2), %%tmm5\n\t"
                 "tilezero %%tmm7" ::"r"(a),
                 "r"(b), "r"(64L));
    if (isHalf)
      DOT("tdpfp16ps");
    else
      DOT("tdpbf16ps");
    asm volatile("tilestored %%tmm7, (%0,%1)" ::"r"(out), "r"(64L) : "memory");
    for (int m = 0; m < 16; ++m)
      for (int n = 0; n < 16; ++n) {
        float want = 0, got;
        for (int k = 0; k < 32; ++k)
          want += value(&a[m][2 * k]) * value(&b[k / 2][4 * n + 2 * (k % 2)]);
        memcpy(&got, &out[m][4 * n], 4);
        ASSERT_EQ(got, want) << isHalf << " " << m << " " << n;
      }
  }
  release();
}

TEST_F(Amx, EveryThreadHasItsOwn) {
  load(all());
  Tile mine, theirs, out;
  fill(mine), fill(theirs);
  asm volatile("tileloadd (%0,%1), %%tmm0" ::"r"(mine), "r"(64L));
  std::thread([&] {
    load(all());
    asm volatile("tileloadd (%0,%1), %%tmm0" ::"r"(theirs), "r"(64L));
  }).join();
  asm volatile("tilestored %%tmm0, (%0,%1)" ::"r"(out), "r"(64L) : "memory");
  EXPECT_EQ(memcmp(mine, out, sizeof mine), 0);
  release();
}

sigjmp_buf back;
void jump(int) { siglongjmp(back, 1); }

/// Whether \p f ends in an illegal instruction, which the program's own
/// handler is told.
template <typename F> bool isIllegal(F f) {
  struct sigaction action = {}, before;
  action.sa_handler = jump;
  sigaction(SIGILL, &action, &before);
  bool caught = true;
  if (!sigsetjmp(back, 1)) {
    f();
    caught = false;
  }
  sigaction(SIGILL, &before, nullptr);
  return caught;
}

TEST_F(Amx, WhatIsIllegal) {
  EXPECT_TRUE(isIllegal([] { asm volatile("ud2"); }));
  release();
  EXPECT_TRUE(isIllegal([] { asm volatile("tilezero %%tmm0" ::); }));
  Config c = all();
  c.rows[5] = 15; // A has 16 pairs a row
  load(c);
  EXPECT_TRUE(isIllegal([] { DOT("tdpbf16ps"); }));
  load(all());
  EXPECT_FALSE(isIllegal([] { DOT("tdpbf16ps"); }));
  release();
}

TEST_F(Amx, InstructionsAreCounted) {
  if (!*terrazzoEmulatedFeatures())
    GTEST_SKIP() << "nothing is emulated here";
  load(all());
  uint64_t before = terrazzoEmulatedCount("tdpbssd");
  for (int i = 0; i < 5; ++i)
    DOT("tdpbssd");
  EXPECT_EQ(terrazzoEmulatedCount("tdpbssd"), before + 5);
  release();
}

} // namespace
