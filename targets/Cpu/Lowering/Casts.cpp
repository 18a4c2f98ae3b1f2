// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Casts that the chip has an instruction for.
#include "lib/Transforms/Decompose/FloatCasts.h"
#include "targets/Cpu/Lowering/Emitter.h"

using namespace terrazzo;
using namespace terrazzo::cpu;
using namespace mlir;

/// 16 lanes of f32 as bf16, by VCVTNEPS2BF16: 2 instructions in place of 9. It
/// takes a denormal number for zero, so that a vector with one among its lanes
/// goes the long way. Null: not such a cast.
Value Emitter::roundToBf16(kernel::FpCastOp cast, Value from) {
  auto type = dyn_cast<Vector>(from.getType());
  if (!type || type.getDimSize(0) != 16 || !type.getElementType().isF32() ||
      !getElementTypeOrSelf(cast.getType()).isBF16() ||
      cast.getRounding() != kernel::Rounding::Nearest ||
      !chip.has("avx512bf16") || !chip.has("avx512dq"))
    return {};
  auto call = [&](llvm::StringRef name, Type result, ValueRange operands) {
    return LLVM::CallIntrinsicOp::create(
               b, loc, result, b.getStringAttr("llvm.x86." + name.str()),
               operands)
        .getResult(0);
  };
  Type bf16 = b.getBF16Type();
  Value isDenormal = LLVM::ConstantOp::create(b, loc, b.getI32Type(),
                                              b.getI32IntegerAttr(0x20));
  Value which = call("avx512.fpclass.ps.512", Vector::get({16}, b.getI1Type()),
                     ValueRange{from, isDenormal});
  Value bits = LLVM::BitcastOp::create(b, loc, b.getI16Type(), which);
  Value any = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, bits,
                                    constant(b.getI16IntegerAttr(0)));
  auto branch =
      scf::IfOp::create(b, loc, TypeRange{Vector::get({16}, bf16)}, any, true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  scf::YieldOp::create(
      b, loc,
      castFloat(b, loc, from, bf16, cast.getRounding(), cast.getSaturate()));
  b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(b, loc,
                       call("avx512bf16.cvtneps2bf16.512",
                            Vector::get({16}, bf16), ValueRange{from}));
  return branch.getResult(0);
}
