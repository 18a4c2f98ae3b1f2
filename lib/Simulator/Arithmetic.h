// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The ops of arith, math and kernel that compute elements: the same set as the
// oracle runs, with the same results for the same inputs.
#ifndef TERRAZZO_LIB_SIMULATOR_ARITHMETIC_H
#define TERRAZZO_LIB_SIMULATOR_ARITHMETIC_H

#include "lib/Simulator/Program.h"

#include "mlir/IR/Operation.h"

// clang-format off
// One float operand.
#define TERRAZZO_FLOAT1(X)                                                     \
  X(NegF) X(AbsF) X(Exp) X(Exp2) X(ExpM1) X(Log) X(Log2) X(Log1p) X(Tanh)      \
  X(Erf) X(Sqrt) X(Rsqrt) X(Sin) X(Cos) X(Floor) X(Ceil)
// Two.
#define TERRAZZO_FLOAT2(X)                                                     \
  X(AddF) X(SubF) X(MulF) X(DivF) X(RemF) X(PowF) X(MaximumF) X(MinimumF)      \
  X(MaxNumF) X(MinNumF)
// Two integers, of which AbsI uses the first.
#define TERRAZZO_INTEGER2(X)                                                   \
  X(AddI) X(SubI) X(MulI) X(DivSI) X(DivUI) X(CeilDivSI) X(CeilDivUI)          \
  X(FloorDivSI) X(RemSI) X(RemUI) X(AndI) X(OrI) X(XOrI) X(ShLI) X(ShRUI)      \
  X(ShRSI) X(MaxSI) X(MinSI) X(MaxUI) X(MinUI) X(AbsI) X(MulHiUI)
// What has a form of its own. AddPtr: detail is the element's size in bytes;
// Clamp: whether a NaN stays; FloatCast: 1 toward zero, 2 saturating.
#define TERRAZZO_OTHER(X)                                                      \
  X(Fma) X(Clamp) X(CmpF) X(CmpI) X(Select) X(SignExtend) X(ZeroExtend)        \
  X(FPToSI) X(FPToUI) X(SIToFP) X(UIToFP) X(FloatCast) X(Bitcast) X(AddPtr)
// clang-format on

namespace terrazzo::simulator {

enum class Arithmetic::Code : uint16_t {
#define X(Name) Name,
  TERRAZZO_FLOAT1(X) TERRAZZO_FLOAT2(X) TERRAZZO_INTEGER2(X) TERRAZZO_OTHER(X)
#undef X
};

/// What \p op computes, without its registers; nothing when it is none of them.
std::optional<Arithmetic> arithmeticOf(mlir::Operation *op);

/// Of scalars. A division by 0 gives what RISC-V gives: all ones, and the
/// dividend as the rest; a chip does not stop there, and the oracle says it.
Word evaluate(const Arithmetic &op, const Word *registers);

/// Bytes of an element in the memories of a core and in global memory.
inline int64_t bytesOf(const ElementType &type) {
  return type.bits < 8 ? 1 : type.bits / 8;
}
/// One element as a register has it, and back.
Word loadElement(const ElementType &type, const char *from);
void storeElement(const ElementType &type, Word value, char *to);

} // namespace terrazzo::simulator

#endif // TERRAZZO_LIB_SIMULATOR_ARITHMETIC_H
