// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Addresses of a core's buffers: first fit over their lives.
#include "lib/Transforms/Buffers/Buffers.h"

#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::buffers;

namespace {

/// From the first to the last op that touches a buffer, in the order of the
/// text.
struct Life {
  memref::AllocOp alloc;
  int64_t begin = 0, end = 0, bytes = 0, address = 0;
};

class Placing {
public:
  Placing(tile::LaunchOp launch, const chip::Chip &chip, bool reports)
      : launch(launch), chip(chip), reports(reports) {}
  LogicalResult run();

private:
  void number();
  Life lifeOf(memref::AllocOp alloc);
  LogicalResult place(StringRef memory, llvm::SmallVector<Life> &lives);

  tile::LaunchOp launch;
  const chip::Chip &chip;
  bool reports;
  llvm::DenseMap<Operation *, std::pair<int64_t, int64_t>> spans;
};

} // namespace

void Placing::number() {
  int64_t now = 0;
  std::function<void(Operation *)> visit = [&](Operation *op) {
    int64_t begin = now++;
    for (Region &region : op->getRegions())
      for (Block &block : region)
        for (Operation &inner : block)
          visit(&inner);
    spans[op] = {begin, now++};
  };
  visit(launch);
}

/// Everything that reaches the buffer, through views of it.
static void usersOf(Value buffer, llvm::SmallVector<Operation *> &out) {
  for (Operation *user : buffer.getUsers()) {
    out.push_back(user);
    if (isa<ViewLikeOpInterface, memref::TransposeOp>(user))
      usersOf(user->getResult(0), out);
    else if (user->getNumResults() && !isa<memref::LoadOp>(user))
      for (Value result :
           user->getResults()) // a handle of the buffer's content
        for (Operation *later : result.getUsers())
          out.push_back(later);
  }
}

Life Placing::lifeOf(memref::AllocOp alloc) {
  Life life{alloc};
  auto type = alloc.getType();
  life.bytes = type.getNumElements() * bytesOf(type.getElementType());
  if (alloc->hasAttr("keep")) {
    std::tie(life.begin, life.end) = spans[launch];
    return life;
  }
  llvm::SmallVector<Operation *> users;
  usersOf(alloc, users);
  // The innermost block that has them all: what is made and used in one
  // iteration of a loop needs no place in the others.
  Block *common = nullptr;
  for (Operation *user : users) {
    if (!common)
      common = user->getBlock();
    while (!common->findAncestorOpInBlock(*user))
      common = common->getParentOp()->getBlock();
  }
  bool first = true;
  for (Operation *user : users) {
    auto [begin, end] = spans[common->findAncestorOpInBlock(*user)];
    life.begin = first ? begin : std::min(life.begin, begin);
    life.end = std::max(life.end, end);
    first = false;
  }
  return life;
}

static int64_t numberOr(const chip::Part *part, StringRef key, int64_t other) {
  const chip::Quantity *number = part ? part->number(key) : nullptr;
  return number ? int64_t(number->value) : other;
}

LogicalResult Placing::place(StringRef memory, llvm::SmallVector<Life> &lives) {
  const chip::Part *part = chip.find("memories", memory);
  int64_t align = std::max<int64_t>(numberOr(part, "align", 8), 8);
  int64_t capacity =
      numberOr(part, "bytes", INT64_MAX) - numberOr(part, "reserved", 0);
  llvm::stable_sort(
      lives, [](const Life &a, const Life &b) { return a.bytes > b.bytes; });
  // Where there is room for all, none shares its place: engines need not wait
  // for one another over it.
  int64_t all = 0;
  for (const Life &life : lives)
    all = int64_t(llvm::alignTo(all, align)) + life.bytes;
  if (all <= capacity)
    for (Life &life : lives)
      std::tie(life.begin, life.end) = spans[launch];
  llvm::SmallVector<Life *> placed;
  int64_t most = 0;
  for (Life &life : lives) {
    int64_t at = 0;
    for (Life *other : placed) // in the order of their addresses
      if (other->begin <= life.end && life.begin <= other->end) {
        if (at + life.bytes <= other->address)
          break;
        at = std::max(
            at, int64_t(llvm::alignTo(other->address + other->bytes, align)));
      }
    life.address = at;
    placed.insert(llvm::upper_bound(placed, &life,
                                    [](const Life *a, const Life *b) {
                                      return a->address < b->address;
                                    }),
                  &life);
    most = std::max(most, at + life.bytes);
  }
  if (most > capacity && !reports)
    return failure();
  if (most > capacity) {
    InFlightDiagnostic error =
        mlir::emitError(launch.getLoc(), "does not fit: ")
        << memory << " of " << chip.name << " has " << capacity
        << " bytes, and the program needs " << most << ", " << most - capacity
        << " more";
    for (Life &life : llvm::MutableArrayRef(lives).take_front(3))
      error.attachNote(life.alloc.getLoc()) << life.bytes << " bytes for this";
    return error;
  }
  Builder b(launch.getContext());
  for (Life &life : lives)
    life.alloc->setAttr("address", b.getI64IntegerAttr(life.address));
  return success();
}

LogicalResult Placing::run() {
  number();
  llvm::MapVector<StringAttr, llvm::SmallVector<Life>> lives;
  launch->walk([&](memref::AllocOp alloc) {
    if (alloc->use_empty())
      return;
    lives[cast<StringAttr>(alloc.getType().getMemorySpace())].push_back(
        lifeOf(alloc));
  });
  for (auto &[memory, list] : lives)
    if (failed(place(memory, list)))
      return failure();
  launch->walk([](memref::AllocOp alloc) {
    if (alloc->use_empty())
      alloc.erase();
  });
  return success();
}

LogicalResult buffers::assignAddresses(func::FuncOp function,
                                       const chip::Chip &chip, bool reports) {
  LogicalResult ok = success();
  function.walk([&](tile::LaunchOp launch) {
    if (succeeded(ok))
      ok = Placing(launch, chip, reports).run();
  });
  return ok;
}

LogicalResult
buffers::fitToCore(ModuleOp module, const chip::Chip &chip,
                   llvm::function_ref<LogicalResult(ModuleOp, int64_t)> make) {
  for (int64_t depth : {2, 1}) {
    OwningOpRef<ModuleOp> copy(cast<ModuleOp>(module->clone()));
    if (failed(make(*copy, depth)))
      return failure();
    bool fits = true;
    for (auto function : copy->getOps<func::FuncOp>())
      fits = fits && succeeded(assignAddresses(function, chip,
                                               /*reports=*/depth == 1));
    if (!fits && depth == 1)
      return failure();
    if (!fits)
      continue;
    module.getBodyRegion().takeBody(copy->getBodyRegion());
    break;
  }
  return success();
}
