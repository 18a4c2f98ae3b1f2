// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/Tile/Layouts.h"
#include "lib/Schedule/Checks.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"

#include <map>

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::tile;

namespace {
/// The times at which ops begin and end, in the order of the text.
class Clock {
public:
  explicit Clock(Region &region) { number(region); }
  int64_t begin(Operation *op) const { return begins.lookup(op); }
  int64_t end(Operation *op) const { return ends.lookup(op); }

private:
  void number(Region &region) {
    for (Block &block : region)
      for (Operation &op : block) {
        begins[&op] = ++now;
        for (Region &inner : op.getRegions())
          number(inner);
        ends[&op] = ++now;
      }
  }
  llvm::DenseMap<Operation *, int64_t> begins, ends;
  int64_t now = 0;
};
} // namespace

/// Whether all uses of \p value share a loop over elements with what made it:
/// then it is one vector at a time and lies nowhere (TC18).
static bool staysInGroup(Value value) {
  Operation *made = value.getDefiningOp();
  Attribute group = made ? made->getAttr("group") : Attribute();
  return group && llvm::all_of(value.getUsers(), [&](Operation *user) {
           return user->getAttr("group") == group &&
                  user->getBlock() == made->getBlock();
         });
}

/// The end of the last use of \p value; a loop that uses what was made before
/// it needs it to its end.
static int64_t lastUse(Value value, const Clock &clock) {
  int64_t last = 0;
  for (Operation *user : value.getUsers()) {
    last = std::max(last, clock.begin(user));
    for (Operation *around = user->getParentOp();
         around && !around->isAncestor(value.getParentRegion()->getParentOp());
         around = around->getParentOp())
      if (isa<scf::ForOp, scf::WhileOp>(around))
        last = std::max(last, clock.end(around));
  }
  return last;
}

int64_t terrazzo::peakBytes(Region &region, llvm::StringRef memory) {
  Clock clock(region);
  std::map<int64_t, int64_t> changes; // bytes that come and go, by time
  auto add = [&](Value value, int64_t from) {
    PlaceAttr place = placeOf(value.getType());
    auto tensor = dyn_cast<RankedTensorType>(value.getType());
    if (!tensor || !place || place.getMemory() != memory ||
        !tensor.hasStaticShape() || !tensor.getElementType().isIntOrFloat() ||
        matchPattern(value, m_Constant()) || staysInGroup(value))
      return;
    int64_t to = lastUse(value, clock);
    if (to <= from)
      return;
    int64_t bytes = footprint(place.getLayout(), tensor.getShape(),
                              tensor.getElementTypeBitWidth());
    changes[from] += bytes;
    changes[to] -= bytes;
  };
  region.walk([&](Operation *op) {
    for (Value result : op->getResults())
      add(result, clock.end(op));
    if (isa<MapOp, ReduceOp, ScanOp>(op))
      return; // scalars
    for (Region &inner : op->getRegions())
      for (Block &block : inner)
        for (Value argument : block.getArguments())
          add(argument, clock.begin(op));
  });
  int64_t bytes = 0, peak = 0;
  for (auto [time, change] : changes)
    peak = std::max(peak, bytes += change);
  return peak;
}
