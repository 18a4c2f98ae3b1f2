// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Schedule/ChipView.h"

#include "mlir/IR/Matchers.h"

#include <deque>

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::tile;

PlaceAttr terrazzo::placeOf(Type type) {
  if (auto view = dyn_cast<ViewType>(type))
    type = view.getTensor();
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor ? dyn_cast_or_null<PlaceAttr>(tensor.getEncoding())
                : PlaceAttr();
}

RoleAttr terrazzo::roleOf(Operation *op) {
  for (Region *region = op->getParentRegion(); region;
       region = region->getParentRegion())
    if (auto roles = dyn_cast_or_null<RolesOp>(region->getParentOp()))
      return cast<RoleAttr>(roles.getRoles()[region->getRegionNumber()]);
  return {};
}

llvm::SmallVector<llvm::StringRef> terrazzo::memoriesOf(Operation *op) {
  llvm::SmallVector<llvm::StringRef> out;
  auto add = [&](Type type) {
    PlaceAttr place = placeOf(type);
    if (place && !llvm::is_contained(out, place.getMemory().getValue()))
      out.push_back(place.getMemory().getValue());
  };
  for (Value operand : op->getOperands())
    if (!matchPattern(operand, m_Constant()))
      add(operand.getType());
  for (Type type : op->getResultTypes())
    add(type);
  return out;
}

llvm::StringRef ChipView::through(llvm::StringRef name) const {
  const chip::Part *part = memory(name);
  return part && part->word("policy") == "cache" ? "global" : name;
}

std::optional<Route> ChipView::route(llvm::StringRef from, llvm::StringRef to,
                                     bool layout) const {
  from = through(from);
  to = through(to);
  if (from == to)
    return Route();
  auto changes = [&](const chip::Part &path) {
    return llvm::is_contained(path.list("transforms"), "layout");
  };
  std::optional<Route> best;
  std::deque<Route> open = {Route()};
  while (!open.empty() && (!best || open.front().size() < best->size())) {
    Route here = std::move(open.front());
    open.pop_front();
    llvm::StringRef at = here.empty() ? from : here.back()->word("to");
    for (const chip::Part &path : chip.parts("paths")) {
      llvm::StringRef next = path.word("to");
      bool seen = llvm::any_of(here, [&](const chip::Part *step) {
        return step->word("from") == next;
      });
      if (path.word("from") != at || seen)
        continue;
      Route longer = here;
      longer.push_back(&path);
      if (next != to) {
        open.push_back(longer);
        continue;
      }
      bool can = llvm::any_of(longer, [&](auto *p) { return changes(*p); });
      if (!best || (layout && can))
        best = longer;
      if (!layout || can)
        return best;
    }
  }
  return best;
}

/// The name of an element type in a chip file.
static std::string formatOf(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << getElementTypeOrSelf(type);
  return text;
}
static Type tensorOf(Type type) {
  auto view = dyn_cast<ViewType>(type);
  return view ? Type(view.getTensor()) : type;
}

llvm::SmallVector<const chip::Part *> ChipView::products(MmaOp mma) const {
  std::string a = formatOf(tensorOf(mma.getA().getType())),
              b = formatOf(tensorOf(mma.getB().getType())),
              acc = formatOf(mma.getAcc().getType());
  llvm::SmallVector<const chip::Part *> out;
  for (const chip::Part &part : chip.parts("matrix"))
    if (part.word("a") == a && part.word("b") == b && part.word("acc") == acc)
      out.push_back(&part);
  return out;
}

/// Whether \p type lies in a place that \p part lists for \p operand.
static bool takes(const chip::Part &part, llvm::StringRef operand, Type type) {
  PlaceAttr place = placeOf(type);
  llvm::ArrayRef<std::string> list = part.list(operand);
  return !place || list.empty() ||
         llvm::is_contained(list, place.getMemory().getValue());
}

const chip::Part *ChipView::product(MmaOp mma) const {
  for (const chip::Part *part : products(mma))
    if (takes(*part, "operands.a", mma.getA().getType()) &&
        takes(*part, "operands.b", mma.getB().getType()) &&
        takes(*part, "operands.acc", mma.getAcc().getType()))
      return part;
  return nullptr;
}

bool ChipView::reaches(const chip::Part &part, llvm::StringRef stream) {
  llvm::ArrayRef<std::string> streams = part.list("streams");
  return stream.empty() || streams.empty() ||
         llvm::is_contained(streams, stream);
}

const chip::Part *ChipView::vector(llvm::ArrayRef<llvm::StringRef> memories,
                                   llvm::StringRef stream) const {
  for (const chip::Part &part : chip.parts("vector")) {
    const chip::Part *engine = chip.find("engines", part.word("engine"));
    llvm::ArrayRef<std::string> list = part.list("operands");
    if ((!engine || reaches(*engine, stream)) &&
        llvm::all_of(memories, [&](llvm::StringRef memory) {
          return list.empty() || llvm::is_contained(list, memory);
        }))
      return &part;
  }
  return nullptr;
}

/// Whether \p op reads or writes rows that an index tensor names.
static bool gathers(Operation *op) {
  return llvm::any_of(op->getOperands(), [](Value operand) {
    auto slice = operand.getDefiningOp<SliceOp>();
    return slice && llvm::any_of(slice.getOffsets(), [](Value offset) {
             return isa<RankedTensorType>(offset.getType());
           });
  });
}

/// The first step of the way from \p source to \p target; of several direct
/// ones that which gathers when \p op does.
static const chip::Part *firstStep(const ChipView &view, Operation *op,
                                   llvm::StringRef source,
                                   llvm::StringRef target) {
  if (gathers(op))
    for (const chip::Part &path : view.chip.parts("paths"))
      if (path.word("from") == view.through(source) &&
          path.word("to") == view.through(target) &&
          llvm::is_contained(path.list("transforms"), "gather"))
        return &path;
  std::optional<Route> way = view.route(source, target, true);
  return way && !way->empty() ? way->front() : nullptr;
}

const chip::Part *ChipView::engineOf(Operation *op) const {
  RoleAttr role = roleOf(op);
  llvm::StringRef stream = role ? role.getStream().getValue() : "";
  const chip::Part *part = nullptr;
  if (auto mma = dyn_cast<MmaOp>(op)) {
    part = product(mma);
  } else if (isa<CopyOp, LoadOp, StoreOp, MoveOp>(op)) {
    llvm::SmallVector<llvm::StringRef> memories = memoriesOf(op);
    if (isa<StoreOp>(op) && memories.size() == 2 &&
        !placeOf(op->getOperand(0).getType()))
      return nullptr;
    if (memories.size() == 2) {
      auto store = dyn_cast<StoreOp>(op);
      auto from = store ? placeOf(store.getValue().getType())
                        : placeOf(op->getOperand(0).getType());
      llvm::StringRef source = from.getMemory().getValue();
      llvm::StringRef target =
          memories[0] == source ? memories[1] : memories[0];
      part = firstStep(*this, op, source, target);
    } else if (memories.size() == 1 && !isa<CopyOp>(op)) {
      return nullptr; // the value is used where it lies
    }
  } else if (isa<MapOp, ReduceOp, ScanOp, TakeOp>(op)) {
    part = vector(memoriesOf(op), stream);
  }
  return part ? chip.find("engines", part->word("engine")) : nullptr;
}

void ChipView::note(InFlightDiagnostic &error, const FilePosition &where,
                    const llvm::Twine &text) {
  if (where.file.empty())
    return;
  MLIRContext *context =
      error.getUnderlyingDiagnostic()->getLocation().getContext();
  error.attachNote(
      FileLineColLoc::get(context, where.file, where.line, where.column))
      << text;
}

void ChipView::note(InFlightDiagnostic &error, const chip::Part &part,
                    llvm::StringRef key, const llvm::Twine &text) {
  note(error, part.place(key), text);
}
