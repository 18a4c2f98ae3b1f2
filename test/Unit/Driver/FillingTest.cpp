// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Driver/Filling.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

using namespace terrazzo;
using namespace terrazzo::driver;
using interpreter::ElementType;
using interpreter::Tensor;

namespace {

Text textOf(const char *text) {
  auto begin = llvm::SMLoc::getFromPointer(text);
  return {text, llvm::SMRange(begin, begin)};
}

/// What `init` and `seed` make of so many elements.
Tensor filled(LaunchArg arg, ElementType type, size_t count) {
  DiagnosticEngine engine;
  Tensor data;
  data.type = type;
  data.allocate(count);
  auto number = [](const Text &t) { return int64_t(std::stoll(t.text)); };
  LaunchFile file;
  frontend::DType dtype = type.isFloat()    ? frontend::DType::BF16
                          : type.bits == 32 ? frontend::DType::Int32
                                            : frontend::DType::Int64;
  Filling(file, 1 << 20, number, engine)
      .fill(data, arg, dtype, {int64_t(count)});
  return data;
}

constexpr ElementType i32{ElementType::Kind::Integer, 32,
                          numerics::Format::F64};
constexpr ElementType i64{ElementType::Kind::Integer, 64,
                          numerics::Format::F64};
constexpr ElementType bf16{ElementType::Kind::Float, 16,
                           numerics::Format::BF16};

TEST(Filling, APermutationHasEachNumberOnceAndDependsOnTheSeed) {
  LaunchArg arg;
  arg.init = textOf("permutation");
  std::vector<int64_t> first = filled(arg, i32, 1000).ints, sorted = first;
  std::vector<int64_t> all(1000);
  std::iota(all.begin(), all.end(), 0);
  EXPECT_NE(first, all);
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(sorted, all);
  EXPECT_EQ(filled(arg, i32, 1000).ints, first);
  arg.seed = textOf("1");
  EXPECT_NE(filled(arg, i32, 1000).ints, first);
}

TEST(Filling, AListIsRoundedToItsTypeAndKeepsWholeNumbers) {
  LaunchArg arg;
  arg.init = textOf("a list");
  arg.numbers = {textOf("0.1"), textOf("-3"), textOf("1e39")};
  EXPECT_EQ(filled(arg, bf16, 3).values,
            (std::vector<double>{0.10009765625, -3, INFINITY}));
  arg.numbers = {textOf("9007199254740993"), textOf("-1")};
  EXPECT_EQ(filled(arg, i64, 2).ints,
            (std::vector<int64_t>{9007199254740993, -1}));
}

TEST(Filling, WithoutInitNothingHasAValue) {
  Tensor data = filled(LaunchArg(), bf16, 2);
  EXPECT_EQ(data.flag(1), interpreter::Poison);
}

} // namespace
