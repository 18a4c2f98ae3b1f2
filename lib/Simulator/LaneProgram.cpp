// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Simulator/LaneProgram.h"

#include <algorithm>
#include <cstring>

using namespace terrazzo;
using namespace terrazzo::simulator;

void LaneProgram::Frame::reserve(int32_t registers) {
  size_t bytes = size_t(registers) * rowBytes + 64;
  if (memory.size() >= bytes)
    return;
  memory.resize(bytes);
  auto begin = reinterpret_cast<uintptr_t>(memory.data());
  rows = memory.data() + (64 - begin % 64) % 64;
  flagRows.resize(size_t(registers) * width);
}

LaneProgram::LaneProgram(const Lambda &lambda,
                         llvm::ArrayRef<ElementType> arguments,
                         llvm::ArrayRef<ElementType> results)
    : lambda(lambda), types(lambda.registers), isUsed(lambda.registers) {
  std::copy(arguments.begin(), arguments.end(), types.begin());
  // What comes from outside has the type of its uses.
  for (auto [r, type] : llvm::zip(lambda.results, results)) {
    types[r] = type;
    isUsed[r] = true;
  }
  for (const Arithmetic &op : lambda.ops) {
    for (auto [i, r] : llvm::enumerate(op.operands)) {
      isUsed[r] = true;
      if (r >= lambda.arguments)
        types[r] = op.from;
      if (op.code == Arithmetic::Code::Select && i == 0)
        types[r] = {ElementType::Kind::Integer, 1, numerics::Format::F64};
      if (op.code == Arithmetic::Code::AddPtr && i == 0)
        types[r] = op.to;
    }
  }
  const LaneLoops &loops = laneLoops();
  for (const Arithmetic &op : lambda.ops) {
    types[op.result] = op.to;
    steps.push_back({&op, loops.loop(op), loops.rounding(op)});
  }
}

static void spread(Lane lane, void *row, Word value, int64_t n) {
  switch (lane) {
  case Lane::Float:
    std::fill_n(static_cast<float *>(row), n, float(value.real));
    break;
  case Lane::Double:
    std::fill_n(static_cast<double *>(row), n, value.real);
    break;
  case Lane::Integer:
    std::fill_n(static_cast<int32_t *>(row), n, int32_t(value.integer));
    break;
  case Lane::Long:
    std::fill_n(static_cast<int64_t *>(row), n, value.integer);
    break;
  }
}

void LaneProgram::begin(Frame &frame, const Word *registers, int64_t n) const {
  frame.reserve(lambda.registers);
  n = std::min(n, width);
  auto put = [&](Register r, Word value) {
    spread(laneOf(types[r]), frame.row(r), value, n);
    std::memset(frame.flags(r), 0, size_t(n));
  };
  for (auto &[r, from] : lambda.uniforms) {
    Word value;
    value.integer = from.constant;
    put(r, from.reg >= 0 ? registers[from.reg] : value);
  }
  for (auto &[r, v] : lambda.reals) {
    Word value;
    value.real = v;
    put(r, value);
  }
  for (auto &[r, v] : lambda.integers) {
    Word value;
    value.integer = v;
    put(r, value);
  }
}

void LaneProgram::run(Frame &frame, int64_t n) const {
  for (const Step &step : steps) {
    const void *in[3];
    size_t count = 0;
    for (Register r : step.op->operands)
      in[count++] = frame.row(r);
    void *out = frame.row(step.op->result);
    step.loop(*step.op, out, in, n);
    if (step.rounding) {
      const void *again[1] = {out};
      step.rounding(*step.op, out, again, n);
    }
  }
}

void LaneProgram::runFlags(Frame &frame, int64_t n) const {
  for (const Step &step : steps) {
    const auto &operands = step.op->operands;
    uint8_t *out = frame.flags(step.op->result);
    if (step.op->code == Arithmetic::Code::Select) {
      // Only what is chosen counts.
      auto *c = static_cast<const int32_t *>(frame.row(operands[0]));
      const uint8_t *which = frame.flags(operands[0]);
      const uint8_t *a = frame.flags(operands[1]),
                    *b = frame.flags(operands[2]);
      for (int64_t i = 0; i < n; ++i)
        out[i] = which[i] | (c[i] ? a[i] : b[i]);
      continue;
    }
    for (int64_t i = 0; i < n; ++i) {
      uint8_t f = 0;
      for (Register r : operands)
        f |= frame.flags(r)[i];
      out[i] = f;
    }
  }
}
