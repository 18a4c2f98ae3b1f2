// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Schedule/Checks.h"
#include "lib/Schedule/Passes.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::tile;

namespace {
class Verifier {
public:
  Verifier(const chip::Chip &chip) : view(chip), chip(chip) {}
  LogicalResult launch(LaunchOp op);
  /// What needs no launch around it.
  LogicalResult anywhere(Operation *op);

private:
  LogicalResult memoryNamed(Operation *op, llvm::StringRef name);
  LogicalResult typesOf(Operation *op);
  LogicalResult roles(RolesOp op);
  LogicalResult reach(Operation *op, llvm::StringRef stream);
  LogicalResult path(Operation *op, PlaceAttr from, PlaceAttr to);
  LogicalResult movement(Operation *op);
  LogicalResult product(MmaOp op);
  LogicalResult vector(Operation *op, llvm::StringRef stream);
  LogicalResult extent(LaunchOp op);
  InFlightDiagnostic refuse(Operation *op, llvm::StringRef number) {
    return op->emitOpError(number) << ": " << chip.name << " ";
  }

  ChipView view;
  const chip::Chip &chip;
};
} // namespace

/// C1: a memory of the chip.
LogicalResult Verifier::memoryNamed(Operation *op, llvm::StringRef name) {
  if (view.memory(name))
    return success();
  InFlightDiagnostic error = refuse(op, "C1")
                             << "has no memory `" << name << "`";
  ChipView::note(error, chip.parts("memories").front(), "",
                 "its memories are: " + namesOf(chip, "memories"));
  return error;
}

/// C1, C6: where the values that \p op makes lie, and how.
LogicalResult Verifier::typesOf(Operation *op) {
  llvm::SmallVector<Type> types(op->getResultTypes());
  for (Region &region : op->getRegions())
    if (!region.empty())
      llvm::append_range(types, region.front().getArgumentTypes());
  bool channel = isa<ChannelOp>(op);
  if (channel)
    for (Attribute part :
         cast<ChannelType>(op->getResultTypes()[0]).getPayload())
      types.push_back(cast<TypeAttr>(part).getValue());
  for (Type type : types) {
    PlaceAttr place = placeOf(type);
    if (!place)
      continue;
    if (failed(memoryNamed(op, place.getMemory().getValue())))
      return failure();
    // A window keeps the layout of what it was cut from, not the shape.
    auto window = dyn_cast<ViewType>(type);
    if (window && !channel && !isa<AllocOp>(op))
      continue;
    if (failed(verifyLayout(view, op,
                            window ? window.getTensor()
                                   : cast<RankedTensorType>(type))))
      return failure();
  }
  if (auto prefetch = dyn_cast<PrefetchOp>(op))
    return memoryNamed(op, prefetch.getTo());
  return success();
}

/// C2: streams of the chip, and not more of them than it has.
LogicalResult Verifier::roles(RolesOp op) {
  std::map<std::string, int64_t> taken;
  for (auto role : op.getRoles().getAsRange<RoleAttr>()) {
    llvm::StringRef name = role.getStream().getValue();
    const chip::Part *stream = chip.find("streams", name);
    if (!stream) {
      InFlightDiagnostic error = refuse(op, "C2")
                                 << "has no stream `" << name << "`";
      ChipView::note(error,
                     chip.parts("streams").empty()
                         ? chip.where
                         : chip.parts("streams").front().place(""),
                     "its streams are: " + namesOf(chip, "streams"));
      return error;
    }
    const chip::Quantity *count = stream->number("count");
    int64_t &sum = taken[stream->name] += role.getReplicas();
    if (!count || sum <= count->value)
      continue;
    InFlightDiagnostic error =
        refuse(op, "C2") << "has " << int64_t(count->value) << " of stream `"
                         << name << "`, the roles take " << sum;
    ChipView::note(error, *stream, "count", "here");
    return error;
  }
  return success();
}

/// C2: a stream works in memories and on engines that it reaches.
LogicalResult Verifier::reach(Operation *op, llvm::StringRef stream) {
  for (llvm::StringRef name : memoriesOf(op)) {
    const chip::Part *memory = view.memory(name);
    if (!memory || ChipView::reaches(*memory, stream))
      continue;
    InFlightDiagnostic error = op->emitOpError("C2: stream `")
                               << stream << "` of " << chip.name
                               << " does not reach memory `" << name << "`";
    ChipView::note(error, *memory, "streams", "here");
    return error;
  }
  const chip::Part *engine = view.engineOf(op);
  if (!engine || ChipView::reaches(*engine, stream))
    return success();
  InFlightDiagnostic error = op->emitOpError("C2: stream `")
                             << stream << "` of " << chip.name
                             << " does not reach engine `" << engine->name
                             << "`";
  ChipView::note(error, *engine, "streams", "here");
  return error;
}

/// TC7: a path, or a chain of them, with the change of layout.
LogicalResult Verifier::path(Operation *op, PlaceAttr from, PlaceAttr to) {
  llvm::StringRef source = from.getMemory().getValue(),
                  target = to.getMemory().getValue();
  bool layout = from.getLayout() != to.getLayout();
  std::optional<Route> way = view.route(source, target, layout);
  if (!way) {
    InFlightDiagnostic error = refuse(op, "TC7")
                               << "has no path from `" << source << "` to `"
                               << target << "`";
    ChipView::note(error, *view.memory(source), "", "from here");
    ChipView::note(error, *view.memory(target), "", "to here");
    return error;
  }
  if (layout && !way->empty() &&
      llvm::none_of(*way, [](const chip::Part *step) {
        return llvm::is_contained(step->list("transforms"), "layout");
      })) {
    InFlightDiagnostic error = refuse(op, "TC7")
                               << "changes no layout on the way from `"
                               << source << "` to `" << target << "`";
    ChipView::note(error, *way->front(), "transforms", "the path is this");
    return error;
  }
  if (way->size() > 1)
    op->emitRemark("TC7: through `")
        << way->front()->word("to") << "`: " << chip.name
        << " has no path from `" << source << "` to `" << target << "`";
  return success();
}

LogicalResult Verifier::movement(Operation *op) {
  PlaceAttr from, to;
  if (auto store = dyn_cast<StoreOp>(op)) {
    from = placeOf(store.getValue().getType());
    to = placeOf(store.getView().getType());
  } else if (auto copy = dyn_cast<CopyOp>(op)) {
    from = placeOf(copy.getSource().getType());
    to = placeOf(copy.getTarget().getType());
  } else if (isa<LoadOp, MoveOp>(op)) {
    from = placeOf(op->getOperand(0).getType());
    to = placeOf(op->getResult(0).getType());
  }
  return from && to ? path(op, from, to) : success();
}

/// TC14: types that an engine multiplies, where it takes them from.
LogicalResult Verifier::product(MmaOp op) {
  llvm::SmallVector<const chip::Part *> products = view.products(op);
  if (view.product(op))
    return success();
  auto typeOf = [](Value value) {
    auto window = dyn_cast<ViewType>(value.getType());
    return getElementTypeOrSelf(window ? Type(window.getTensor())
                                       : value.getType());
  };
  InFlightDiagnostic error = refuse(op, "TC14");
  if (products.empty()) {
    error << "multiplies no " << typeOf(op.getA()) << " by "
          << typeOf(op.getB()) << " into " << typeOf(op.getAcc());
    llvm::ArrayRef<chip::Part> all = chip.parts("matrix");
    ChipView::note(error, all.empty() ? chip.where : all.front().place(""),
                   "its products are: " + namesOf(chip, "matrix"));
    return error;
  }
  error << "takes the operands of this product from elsewhere";
  for (const chip::Part *part : products)
    for (auto [name, value] : {std::pair("operands.a", op.getA()),
                               {"operands.b", op.getB()},
                               {"operands.acc", op.getAcc()}}) {
      PlaceAttr place = placeOf(value.getType());
      llvm::ArrayRef<std::string> list = part->list(name);
      if (place && !list.empty() &&
          !llvm::is_contained(list, place.getMemory().getValue()))
        ChipView::note(error, *part, name,
                       "product " + llvm::Twine(part->name) + " has `" +
                           llvm::StringRef(name).split('.').second + "` in " +
                           llvm::join(list, ", ") + ", not in " +
                           place.getMemory().getValue());
    }
  return error;
}

/// C8: element by element where a vector engine can be.
LogicalResult Verifier::vector(Operation *op, llvm::StringRef stream) {
  llvm::SmallVector<llvm::StringRef> memories = memoriesOf(op);
  if (memories.empty() || chip.parts("vector").empty() ||
      view.vector(memories, stream))
    return success();
  InFlightDiagnostic error = refuse(op, "C8")
                             << "has no vector engine for values in "
                             << llvm::join(memories, ", ");
  for (const chip::Part &part : chip.parts("vector"))
    ChipView::note(error, part, "operands",
                   part.name + " works in " +
                       llvm::join(part.list("operands"), ", "));
  return error;
}

LogicalResult Verifier::anywhere(Operation *op) {
  if (failed(typesOf(op)))
    return failure();
  RoleAttr role = roleOf(op);
  llvm::StringRef stream = role ? role.getStream().getValue() : "";
  if (auto roles = dyn_cast<RolesOp>(op); roles && failed(this->roles(roles)))
    return failure();
  if (!isa<AcquireOp, WaitOp, SliceOp>(op) && op->getNumRegions() == 0 &&
      failed(reach(op, stream)))
    return failure();
  if (auto mma = dyn_cast<MmaOp>(op))
    return product(mma);
  if (auto slice = dyn_cast<SliceOp>(op))
    return verifyAlignment(view, slice);
  if (isa<MapOp, ReduceOp, ScanOp>(op))
    return vector(op, stream);
  return movement(op);
}

/// TC2: programs that must be there at one time are not more than cores.
LogicalResult Verifier::extent(LaunchOp op) {
  llvm::ArrayRef<chip::Part> topology = chip.parts("topology");
  if (topology.empty())
    return success();
  const chip::Part &shape = topology.front();
  auto check = [&](llvm::StringRef key, int64_t has,
                   llvm::StringRef what) -> LogicalResult {
    const chip::Quantity *most = shape.number(key);
    if (!most || has <= most->value)
      return success();
    InFlightDiagnostic error = refuse(op, "TC2")
                               << "has not the " << has << " cores of " << what;
    ChipView::note(error, shape, key,
                   llvm::Twine(int64_t(most->value)) + " are here");
    return error;
  };
  int64_t spread = 1;
  op->walk([&](scf::ParallelOp loop) {
    int64_t size = 1;
    for (auto [upper, lower] :
         llvm::zip(loop.getUpperBound(), loop.getLowerBound())) {
      llvm::APInt from, to;
      if (matchPattern(lower, m_ConstantInt(&from)) &&
          matchPattern(upper, m_ConstantInt(&to)))
        size *= std::max<int64_t>(1, (to - from).getSExtValue());
    }
    spread = std::max(spread, size);
  });
  if (op.getCluster()) {
    int64_t size = spread;
    for (auto part : op.getCluster()->getAsRange<IntegerAttr>())
      size *= part.getInt();
    if (failed(check("cluster", size, "a cluster")) ||
        failed(check("cores", size, "a cluster")))
      return failure();
  }
  if (!op.getResident())
    return success();
  int64_t programs = spread;
  for (Value extent : op.getExtents()) {
    llvm::APInt size;
    if (!matchPattern(extent, m_ConstantInt(&size)))
      return success(); // only the launch knows
    programs *= size.getSExtValue();
  }
  return check("cores", programs, "resident programs");
}

LogicalResult Verifier::launch(LaunchOp op) {
  if (failed(extent(op)) || failed(verifyFit(view, op)))
    return failure();
  return verifySync(view, op);
}

namespace {
struct VerifyOnChip : PassWrapper<VerifyOnChip, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(VerifyOnChip)
  explicit VerifyOnChip(chip::Chip chip) : chip(std::move(chip)) {}
  StringRef getName() const override { return "VerifyOnChip"; }

  void runOnOperation() override {
    Verifier verifier(chip);
    // All of the program first: what it names must be there before it can fit.
    WalkResult result =
        getOperation()->walk<WalkOrder::PreOrder>([&](Operation *op) {
          return failed(verifier.anywhere(op)) ? WalkResult::interrupt()
                                               : WalkResult::advance();
        });
    if (!result.wasInterrupted())
      result = getOperation()->walk([&](LaunchOp op) {
        return failed(verifier.launch(op)) ? WalkResult::interrupt()
                                           : WalkResult::advance();
      });
    if (result.wasInterrupted())
      signalPassFailure();
  }
  chip::Chip chip;
};
} // namespace

std::unique_ptr<Pass> terrazzo::createVerifyOnChip(chip::Chip chip) {
  return std::make_unique<VerifyOnChip>(std::move(chip));
}
