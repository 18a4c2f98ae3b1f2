// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Simulator/Costs.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::simulator;

VectorCosts::VectorCosts(const chip::Chip &chip, StringRef part)
    : chip(chip), rates(chip), part(part) {}

/// A simple op on one element: by the rate of its type, else of f32 (i32).
double VectorCosts::simple(StringRef type) const {
  for (StringRef key : {type, StringRef("f32"), StringRef("f16")})
    if (double rate = rates.rate("vector", part, key))
      return 1 / rate;
  return 0;
}

double VectorCosts::named(StringRef op) const {
  const chip::Part *cost = chip.find("costs", op);
  const chip::Quantity *interval = cost ? cost->number("interval") : nullptr;
  return (interval ? interval->value : 1) * simple("f32");
}

double VectorCosts::each(Region &region) const {
  double all = 0;
  region.walk([&](Operation *op) {
    if (op->hasTrait<OpTrait::IsTerminator>() || isa<arith::ConstantOp>(op))
      return;
    Type type = getElementTypeOrSelf(op->getResult(0).getType());
    double weight = 1;
    StringRef name = op->getName().stripDialect();
    if (const chip::Part *cost = chip.find("costs", name)) {
      if (const chip::Quantity *interval = cost->number("interval"))
        weight = interval->value;
    } else if (isa<math::MathDialect>(op->getDialect())) {
      if (const chip::Part *any = chip.find("costs", "function"))
        if (const chip::Quantity *interval = any->number("interval"))
          weight = interval->value;
    }
    std::string text;
    llvm::raw_string_ostream(text) << type;
    all += weight * simple(text);
  });
  return all;
}
