// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The work of ops that derive from dialects/Interfaces/ChipOps.td, whatever the
// family calls them.
#ifndef TERRAZZO_LIB_SIMULATOR_CHIPOPS_H
#define TERRAZZO_LIB_SIMULATOR_CHIPOPS_H

#include "lib/Simulator/Decode.h"

#include "mlir/IR/AffineMap.h"
#include "mlir/IR/BuiltinAttributes.h"

namespace terrazzo::simulator {

/// The parts of a window of global memory that all transfers have.
GlobalWindow globalWindow(Decoder &decoder, kernel::PtrType base,
                          mlir::Value address, mlir::ValueRange strides,
                          mlir::ValueRange low, mlir::ValueRange high,
                          llvm::ArrayRef<int64_t> shape);
/// Fails, at \p op, where the map has no such form.
llvm::FailureOr<Take> takeOf(Decoder &decoder, mlir::Operation *op,
                             mlir::Value source, mlir::ValueRange symbols,
                             mlir::Value target, mlir::AffineMap map);
llvm::FailureOr<llvm::SmallVector<Window, 2>> windowsOf(Decoder &decoder,
                                                        mlir::ValueRange refs);

template <typename Op>
llvm::FailureOr<Transfer> transferOf(Decoder &decoder, Op op, bool toGlobal) {
  auto local = decoder.window(op.getLocal());
  if (!local)
    return mlir::failure();
  Transfer work;
  work.toGlobal = toGlobal;
  (toGlobal ? work.source : work.target) = *local;
  GlobalWindow g = globalWindow(
      decoder, mlir::cast<kernel::PtrType>(op.getBase().getType()),
      op.getBase(), op.getStrides(), op.getLow(), op.getHigh(), local->shape);
  if (op.getIndex()) {
    g.index = decoder.window(op.getIndex());
    if (!g.index)
      return mlir::failure();
    g.indexDim = int(op.getIndexDim().value_or(0));
    g.indexLow.constant = INT64_MIN;
    g.indexHigh.constant = INT64_MAX;
    if (!op.getIndexBounds().empty()) {
      g.indexLow = decoder.scalar(op.getIndexBounds()[0]);
      g.indexHigh = decoder.scalar(op.getIndexBounds()[1]);
    }
  }
  if (op.getMask()) {
    work.mask = decoder.window(op.getMask());
    if (!work.mask)
      return mlir::failure();
  }
  work.global = std::move(g);
  return work;
}

template <typename Op>
llvm::FailureOr<Transfer> atomicOf(Decoder &decoder, Op op) {
  auto work = transferOf(decoder, op, /*toGlobal=*/true);
  if (mlir::failed(work))
    return work;
  work->atomic = op.getKind();
  if (op.getCompare())
    work->compare = decoder.window(op.getCompare());
  if (op.getOld())
    work->old = decoder.window(op.getOld());
  return work;
}

template <typename Op> llvm::FailureOr<Map> mapOf(Decoder &decoder, Op op) {
  auto outs = windowsOf(decoder, op.getOuts());
  auto ins = windowsOf(decoder, op.getIns());
  auto lambda = decoder.lambda(op.getBody());
  if (mlir::failed(outs) || mlir::failed(ins) || !lambda)
    return mlir::failure();
  Map work;
  work.outs = *outs;
  work.ins.assign(ins->begin(), ins->end());
  work.lambda = std::move(*lambda);
  for (mlir::Attribute spans : op.getDims()) {
    llvm::SmallVector<int, 4> dims;
    for (mlir::Attribute dim : mlir::cast<mlir::ArrayAttr>(spans))
      dims.push_back(int(mlir::cast<mlir::IntegerAttr>(dim).getInt()));
    work.dims.push_back(dims);
  }
  return work;
}

template <typename Work, typename Op>
llvm::FailureOr<Work> combineOf(Decoder &decoder, Op op) {
  auto outs = windowsOf(decoder, op.getOuts());
  auto ins = windowsOf(decoder, op.getIns());
  auto lambda = decoder.lambda(op.getBody());
  if (mlir::failed(outs) || mlir::failed(ins) || !lambda)
    return mlir::failure();
  Work work;
  work.outs = *outs;
  work.ins = *ins;
  work.dim = int(op.getDim());
  work.lambda = std::move(*lambda);
  return work;
}

} // namespace terrazzo::simulator

#endif // TERRAZZO_LIB_SIMULATOR_CHIPOPS_H
