// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// sort and topk: a bitonic network over the last dimension. The order of its
// steps is Triton's, so that equal keys of other bits (-0 and +0) end alike.
#include "lib/Frontend/Emit/Builtins.h"

#include "llvm/Support/MathExtras.h"

using namespace terrazzo;
using namespace terrazzo::frontend;

/// 0, 1, ... along the last dimension, in the shape of \p shape.
static Value positions(Emitter &e, const std::vector<int64_t> &shape) {
  Type t{DType::Int32, false, {shape.back()}};
  Value i = Value::ofTensor(
      kernel::MakeRangeOp::create(e.builder, e.location(),
                                  toMLIR(e.builder.getContext(), t), 0u,
                                  uint32_t(shape.back())),
      t);
  return e.broadcastTo(i, shape);
}

static Value take(Emitter &e, Call &call, const Value &v, const Value &index) {
  Call gather{call.expr,
              "tl.gather",
              {v, index, Value::ofInt(int64_t(v.type.shape.size()) - 1)},
              {},
              {}};
  return e.builtin(gather);
}

/// One of each pair of elements \p stride apart moves where it belongs.
static Value compareAndSwap(Emitter &e, Call &call, const Value &x,
                            const Value &index, int64_t stride,
                            const Value &flip) {
  Value y = take(e, call, x, e.binary("^", index, Value::ofInt(stride)));
  Value isRight = e.compareOne("!=", e.binary("&", index, Value::ofInt(stride)),
                               Value::ofInt(0));
  Value wanted = e.binary("^", isRight, flip);
  Value swap = e.binary("^", e.compareOne(">", x, y), wanted);
  return e.where(swap, y, x);
}

static Value network(Emitter &e, Call &call, Value x, bool descending) {
  int64_t n = x.type.shape.back();
  Value index = positions(e, x.type.shape);
  for (int64_t size = 2; size <= n; size *= 2) {
    // Runs go up and down in turn until the last stage.
    Value flip =
        size == n ? Value::ofBool(descending)
                  : e.compareOne("!=", e.binary("&", index, Value::ofInt(size)),
                                 Value::ofInt(0));
    for (int64_t stride = size / 2; stride > 0; stride /= 2)
      x = compareAndSwap(e, call, x, index, stride, flip);
  }
  return x;
}

/// The block of a call whose `dim`, if given, must be the last.
static Value lastDimension(Emitter &e, Call &call, int position) {
  Value v = e.toTensor(e.required(call, 0, "x"));
  int64_t rank = v.type.shape.size();
  if (rank == 0 || v.type.pointer)
    e.fail(DiagnosticKind::NotABlock, v.describe());
  if (auto dim = e.argument(call, position, "dim");
      dim && dim->kind != Value::Kind::None) {
    int64_t d = e.constantInt(*dim, "`dim`");
    if (d != rank - 1 && d != -1)
      e.fail(DiagnosticKind::BadOption, std::to_string(d),
             "`dim` of `" + call.name + "`", "-1, " + std::to_string(rank - 1));
  }
  if (!llvm::isPowerOf2_64(v.type.shape.back()))
    e.fail(DiagnosticKind::BadBlockSize, std::to_string(v.type.shape.back()));
  return v;
}

static Value sort(Emitter &e, Call &call) {
  Value v = lastDimension(e, call, 1);
  auto down = e.argument(call, 2, "descending");
  return network(e, call, v, down && down->truth());
}

static Value topk(Emitter &e, Call &call) {
  Value v = lastDimension(e, call, 2);
  int64_t k = e.constantInt(e.required(call, 1, "k"), "`k`");
  if (k < 1 || k > v.type.shape.back() || !llvm::isPowerOf2_64(k))
    e.fail(DiagnosticKind::BadBlockSize, std::to_string(k));
  // As in Triton, whose reductions widen.
  DType t = v.type.element;
  if (k < v.type.shape.back() && bitsOf(t) < 32)
    v = e.cast(v, isFloat(t) ? DType::FP32 : DType::Int32);
  auto down = e.argument(call, 3, "descending");
  v = network(e, call, v, !down || down->truth());
  std::vector<int64_t> shape = v.type.shape;
  shape.back() = k;
  return shape == v.type.shape ? v : take(e, call, v, positions(e, shape));
}

void terrazzo::frontend::addSortBuiltins(llvm::StringMap<Handler> &t) {
  t["tl.sort"] = sort;
  t["tl.topk"] = topk;
}
