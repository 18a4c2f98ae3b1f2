// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From source to a launch, through the C++ API and the C API alone.
#include "terrazzo-c/Artifact.h"
#include "terrazzo/Compiler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace {

/// What `y = 3 x - 1` of every third element needs: a pointer with a hint, an
/// offset, a float.
const char *const source = R"py(
import triton
import triton.language as tl


@triton.jit
def scaled(x, y, by, n, BLOCK: tl.constexpr):
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(y + i, tl.load(x + i, mask=i < n) * by - 1, mask=i < n)


@triton.jit
def broken(x, BLOCK: tl.constexpr):
    tl.store(x, missing)
)py";

terrazzo::CompileResult compiled(terrazzo::Emit emit,
                                 const std::string &target = "cpu") {
  terrazzo::CompileRequest request;
  request.path = "scaled.py";
  request.source = source;
  request.kernel = "scaled";
  request.signature = "*fp32:16, *fp32, fp32, i32, BLOCK=128";
  request.emit = emit;
  request.target = target;
  request.targets = terrazzo::allTargets();
  return terrazzo::compile(request);
}

/// The kinds of the messages.
std::string said(const terrazzo::CompileResult &result) {
  std::string text;
  for (const terrazzo::Message &m : result.messages)
    text += m.kind + ";";
  return text;
}

std::string artifact() {
  terrazzo::CompileResult result = compiled(terrazzo::Emit::Artifact);
  EXPECT_TRUE(result.output) << result.rendered;
  return result.output.value_or("");
}

TEST(CompilerTest, WritesEveryLevel) {
  using terrazzo::Emit;
  const std::pair<Emit, const char *> marks[] = {
      {Emit::Kernel, "kernel.load"},
      {Emit::Tile, "tile.launch"},
      {Emit::Llvm, "define i32 @scaled"},
      {Emit::Asm, "scaled:"},
      {Emit::Object, "\x7f"
                     "ELF"},
      {Emit::Artifact, "TRZART\r\n"}};
  for (auto [emit, mark] : marks) {
    terrazzo::CompileResult result = compiled(emit);
    ASSERT_TRUE(result.output) << mark << result.rendered;
    EXPECT_NE(result.output->find(mark), std::string::npos) << mark;
    EXPECT_EQ(said(result), "");
  }
}

TEST(CompilerTest, CodeIsForTheChipThatIsNamed) {
  terrazzo::CompileResult wide =
      compiled(terrazzo::Emit::Asm, "cpu-emerald-rapids");
  terrazzo::CompileResult narrow =
      compiled(terrazzo::Emit::Asm, "cpu-portable");
  ASSERT_TRUE(wide.output && narrow.output);
  EXPECT_NE(wide.output->find("%zmm"), std::string::npos);
  EXPECT_EQ(narrow.output->find("%zmm"), std::string::npos);
  EXPECT_EQ(narrow.output->find("%ymm"), std::string::npos);
}

TEST(CompilerTest, SchedulesAreRead) {
  terrazzo::CompileRequest request;
  request.source = source;
  request.kernel = "scaled";
  request.signature = "*fp32, *fp32, fp32, i32, BLOCK=128";
  request.emit = terrazzo::Emit::Tile;
  terrazzo::CompileResult plain = terrazzo::compile(request);
  request.schedule = "{coarsen: [2]}";
  terrazzo::CompileResult coarse = terrazzo::compile(request);
  ASSERT_TRUE(plain.output && coarse.output) << coarse.rendered;
  EXPECT_EQ(plain.output->find("256x"), std::string::npos);
  EXPECT_NE(coarse.output->find("256x"), std::string::npos);
  request.schedule = "{coarsen: no}";
  EXPECT_FALSE(terrazzo::compile(request).output);
}

TEST(CompilerTest, WhatIsWrongIsSaid) {
  EXPECT_EQ(said(compiled(terrazzo::Emit::Asm, "abacus")), "UnknownTarget;");
  terrazzo::CompileRequest request;
  request.source = source;
  request.kernel = "broken";
  request.signature = "*fp32, BLOCK=1";
  request.emit = terrazzo::Emit::Artifact;
  terrazzo::CompileResult result = terrazzo::compile(request);
  EXPECT_FALSE(result.output);
  EXPECT_EQ(said(result), "UnknownTarget;"); // none was handed in
  request.targets = terrazzo::allTargets();
  result = terrazzo::compile(request);
  ASSERT_EQ(result.messages.size(), 1u);
  EXPECT_EQ(result.messages[0].line, 14u);
}

TEST(ArtifactTest, IsLoadedDescribedAndLaunched) {
  std::string bytes = artifact();
  const char *why = nullptr;
  TerrazzoKernel *kernel =
      terrazzoLoadArtifact(bytes.data(), bytes.size(), &why);
  ASSERT_NE(kernel, nullptr) << why;
  EXPECT_STREQ(why, "");
  std::fill(bytes.begin(), bytes.end(), 0); // they are not needed any more
  EXPECT_STREQ(terrazzoKernelName(kernel), "scaled");
  EXPECT_EQ(std::string(terrazzoKernelChip(kernel)).rfind("cpu-", 0), 0u);
  const std::pair<const char *, const char *> parameters[] = {
      {"x", "*f32:16"}, {"y", "*f32"}, {"by", "f32"}, {"n", "i32"}};
  ASSERT_EQ(terrazzoParameterCount(kernel), 4u);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_STREQ(terrazzoParameterName(kernel, i), parameters[i].first);
    EXPECT_STREQ(terrazzoParameterType(kernel, i), parameters[i].second);
  }
  EXPECT_EQ(terrazzoParameterName(kernel, 4), nullptr);
  EXPECT_EQ(terrazzoParameterType(kernel, 4), nullptr);

  constexpr int n = 1000; // the last program is not full
  alignas(16) float x[n];
  float y[n + 1];
  std::iota(x, x + n, 0.0f);
  std::fill(y, y + n + 1, -7.0f);
  float by = 3;
  uint32_t bits;
  static_assert(sizeof bits == sizeof by);
  std::copy_n(reinterpret_cast<char *>(&by), 4,
              reinterpret_cast<char *>(&bits));
  uint64_t arguments[] = {reinterpret_cast<uintptr_t>(x),
                          reinterpret_cast<uintptr_t>(y), bits, n};
  int64_t none[3] = {8, 0, 1}, grid[3] = {8, 1, 1};
  EXPECT_EQ(terrazzoLaunch(kernel, arguments, none, terrazzoRuntime(2)), 0);
  EXPECT_EQ(y[0], -7.0f);
  EXPECT_EQ(terrazzoLaunch(kernel, arguments, grid, terrazzoRuntime(2)), 0);
  for (int i = 0; i < n; ++i)
    ASSERT_EQ(y[i], 3.0f * float(i) - 1) << i;
  EXPECT_EQ(y[n], -7.0f);
  terrazzoUnloadKernel(kernel);
  terrazzoUnloadKernel(nullptr);
}

TEST(ArtifactTest, WhatIsNoneIsRefused) {
  std::string bytes = artifact();
  const char *why = nullptr;
  EXPECT_EQ(terrazzoLoadArtifact(nullptr, 0, &why), nullptr);
  EXPECT_STRNE(why, "");
  EXPECT_EQ(terrazzoLoadArtifact("#!/bin/sh\n", 10, nullptr), nullptr);
  for (size_t at :
       {size_t(0), size_t(8), size_t(20), bytes.size() / 2, bytes.size() - 1}) {
    std::string torn = bytes;
    torn[at] = char(~torn[at]);
    why = nullptr;
    EXPECT_EQ(terrazzoLoadArtifact(torn.data(), torn.size(), &why), nullptr);
    EXPECT_STRNE(why, "") << at;
    EXPECT_EQ(terrazzoLoadArtifact(bytes.data(), at, &why), nullptr) << at;
  }
}

} // namespace
