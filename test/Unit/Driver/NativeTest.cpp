// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The oracle's elements as a device's bytes and back, and the verdict on what a
// device left there.
#include "lib/Driver/Native.h"

#include <bit>
#include <cmath>
#include <cstring>

#include <gtest/gtest.h>

using namespace terrazzo;
using namespace terrazzo::driver;
using interpreter::Buffer;
using interpreter::ElementType;
using numerics::Format;

namespace {

ElementType floatType(Format f) {
  return {ElementType::Kind::Float, numerics::info(f).bits, f};
}
ElementType intType(unsigned bits) {
  return {ElementType::Kind::Integer, bits, {}};
}

Buffer bufferOf(ElementType type, std::vector<double> values) {
  Buffer b;
  b.name = "b";
  b.data.type = type;
  b.data.allocate(values.size());
  b.data.flags.assign(values.size(), 0);
  for (size_t i = 0; i < values.size(); ++i)
    if (type.isFloat())
      b.data.values[i] = b.data.reference[i] = values[i];
    else
      b.data.ints[i] = int64_t(values[i]);
  return b;
}
void forget(Buffer &b) {
  b.data.flags.assign(b.data.size(), interpreter::Poison);
}

template <typename T> T at(NativeMemory &m, size_t i) {
  T v;
  std::memcpy(&v, m.data() + i * sizeof(T), sizeof(T));
  return v;
}
template <typename T> void put(NativeMemory &m, size_t i, T v) {
  std::memcpy(m.data() + i * sizeof(T), &v, sizeof(T));
}

TEST(Native, BytesAreWhatADeviceExpects) {
  NativeMemory f32(bufferOf(floatType(Format::F32), {1.5, -0.25, INFINITY}));
  EXPECT_EQ(at<float>(f32, 0), 1.5f);
  EXPECT_EQ(at<float>(f32, 1), -0.25f);
  EXPECT_EQ(at<float>(f32, 2), INFINITY);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(f32.data()) % 64, 0u);
  NativeMemory f64(bufferOf(floatType(Format::F64), {0.1}));
  EXPECT_EQ(at<double>(f64, 0), 0.1);
  NativeMemory bf16(bufferOf(floatType(Format::BF16), {1, -2}));
  EXPECT_EQ(at<uint16_t>(bf16, 0), 0x3f80);
  EXPECT_EQ(at<uint16_t>(bf16, 1), 0xc000);
  NativeMemory f16(bufferOf(floatType(Format::F16), {1}));
  EXPECT_EQ(at<uint16_t>(f16, 0), 0x3c00);
  NativeMemory e4m3(bufferOf(floatType(Format::E4M3FN), {448, 1}));
  EXPECT_EQ(at<uint8_t>(e4m3, 0), 0x7e); // OCP: S.1111.110 is 448
  EXPECT_EQ(at<uint8_t>(e4m3, 1), 0x38);
  NativeMemory i64(bufferOf(intType(64), {-3}));
  EXPECT_EQ(at<int64_t>(i64, 0), -3);
  NativeMemory i16(bufferOf(intType(16), {-3, 7}));
  EXPECT_EQ(at<int16_t>(i16, 1), 7);
  NativeMemory i1(bufferOf(intType(1), {-1, 0})); // true is -1 in the oracle
  EXPECT_EQ(at<uint8_t>(i1, 0), 1);
  EXPECT_EQ(at<uint8_t>(i1, 1), 0);
}

TEST(Native, EveryTypeComesBack) {
  for (const numerics::FormatInfo &f : numerics::allFormats()) {
    if (f.format == Format::TF32)
      continue; // no type of memory
    std::vector<double> values;
    for (uint64_t code = 0; code < (1ull << std::min(f.bits, 8u)); ++code) {
      double v =
          numerics::decode(f.format, code << (f.bits - std::min(f.bits, 8u)));
      if (!std::isnan(v))
        values.push_back(v);
    }
    Buffer b = bufferOf(floatType(f.format), values);
    interpreter::Tensor back = NativeMemory(b).read();
    for (size_t i = 0; i < values.size(); ++i) {
      ASSERT_EQ(back.values[i], values[i]) << f.name;
      ASSERT_EQ(back.flag(i), 0) << f.name;
    }
  }
  for (unsigned bits : {1u, 8u, 16u, 32u, 64u}) {
    Buffer b = bufferOf(intType(bits), {0, -1});
    b.data.ints.push_back(interpreter::signExtend(0x5AA55AA55AA55AA5, bits));
    b.data.flags.push_back(0);
    interpreter::Tensor back = NativeMemory(b).read();
    EXPECT_EQ(back.ints, b.data.ints) << bits;
  }
}

TEST(Native, WhatNothingWroteIsToldApart) {
  for (ElementType type : {floatType(Format::F32), floatType(Format::F64),
                           floatType(Format::F16), floatType(Format::BF16),
                           floatType(Format::E5M2), intType(8), intType(64)}) {
    Buffer b = bufferOf(type, {1, 2, 3});
    forget(b);
    NativeMemory m(b);
    std::memset(m.data() + (type.bits / 8), 0, type.bits / 8);
    interpreter::Tensor back = m.read();
    EXPECT_EQ(back.flag(0), interpreter::Poison);
    EXPECT_EQ(back.flag(1), 0);
    EXPECT_EQ(back.flag(2), interpreter::Poison);
  }
  // The mark is a NaN, so that a kernel that reads it shows it.
  Buffer b = bufferOf(floatType(Format::F32), {1});
  forget(b);
  NativeMemory m(b);
  EXPECT_TRUE(std::isnan(at<float>(m, 0)));
  // And an honest NaN of a computation is no mark.
  put(m, 0, std::nanf(""));
  EXPECT_EQ(m.read().flag(0), 0);
}

TEST(Native, WritesOutsideAreSeen) {
  for (int64_t at : {-4096, -1, 12, 4000}) {
    NativeMemory m(bufferOf(floatType(Format::F32), {1, 2, 3}));
    EXPECT_FALSE(m.wroteOutside());
    m.data()[at] = 0;
    EXPECT_TRUE(m.wroteOutside()) << at;
  }
}

TEST(Native, ComesBackToWhatWasRemembered) {
  NativeMemory m(bufferOf(intType(32), {1, 2, 3}));
  m.remember();
  EXPECT_FALSE(m.hasChanged());
  put(m, 1, 9);
  EXPECT_TRUE(m.hasChanged());
  m.restore();
  EXPECT_EQ(at<int32_t>(m, 1), 2);
}

/// The oracle says 1 ± 0.25 and 2 ± 0.25.
Buffer oracle() {
  Buffer b = bufferOf(floatType(Format::F32), {1, 2});
  b.data.error.assign(2, 0.25);
  return b;
}
interpreter::Tensor device(std::vector<double> values) {
  return bufferOf(floatType(Format::F32), values).data;
}

TEST(Native, VerdictByTheOraclesBounds) {
  EXPECT_TRUE(compareWithOracle(oracle(), device({1.2, 1.8})).ok);
  EXPECT_FALSE(compareWithOracle(oracle(), device({1.3, 2})).ok);
  EXPECT_FALSE(compareWithOracle(oracle(), device({1, NAN})).ok);
}

TEST(Native, VerdictOnWhatOnlyOneOfTheTwoWrote) {
  Buffer half = oracle();
  half.data.flags[1] = interpreter::Poison;
  interpreter::Tensor both = device({1, 2}), one = both;
  one.flags[1] = interpreter::Poison;
  one.values[1] = NAN;
  EXPECT_TRUE(compareWithOracle(half, one).ok);
  EXPECT_EQ(compareWithOracle(half, one).unwritten, 1);
  EXPECT_FALSE(compareWithOracle(half, both).ok);
  EXPECT_FALSE(compareWithOracle(oracle(), one).ok);
  // Even where the oracle computes a NaN, the mark is not it.
  Buffer nan = oracle();
  nan.data.values[1] = nan.data.reference[1] = NAN;
  EXPECT_FALSE(compareWithOracle(nan, one).ok);
  one.flags[1] = 0;
  EXPECT_TRUE(compareWithOracle(nan, one).ok);
}

TEST(Native, LargeIntegersAreComparedExactly) {
  Buffer b = bufferOf(intType(64), {0});
  b.data.ints[0] = (int64_t(1) << 62) + 1;
  interpreter::Tensor d = b.data;
  EXPECT_TRUE(compareWithOracle(b, d).ok);
  --d.ints[0]; // the same double
  EXPECT_FALSE(compareWithOracle(b, d).ok);
}

TEST(Native, OfASampleOnlyWhatItStoredIsCompared) {
  Buffer b = oracle();
  b.written = {interpreter::Stored, 0};
  EXPECT_TRUE(compareWithOracle(b, device({1, 77})).ok);
  EXPECT_FALSE(compareWithOracle(b, device({77, 2})).ok);
  b.written = {interpreter::Stored, interpreter::Combined};
  EXPECT_TRUE(compareWithOracle(b, device({1, 77})).ok);
}

} // namespace
