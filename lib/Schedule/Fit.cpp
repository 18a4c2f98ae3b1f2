// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/Tile/Layouts.h"
#include "lib/Schedule/Checks.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace terrazzo;
using namespace terrazzo::tile;

llvm::SmallVector<Stream> terrazzo::streamsOf(LaunchOp launch) {
  llvm::SmallVector<Stream> out;
  launch->walk([&](RolesOp roles) {
    for (auto [attribute, region] :
         llvm::zip(roles.getRoles(), roles.getBodies()))
      out.push_back({&region, cast<RoleAttr>(attribute)});
  });
  if (out.empty())
    out.push_back({&launch.getBody(), RoleAttr()});
  return out;
}

static int64_t bytesOf(ViewType view, llvm::StringRef memory) {
  PlaceAttr place = placeOf(view);
  RankedTensorType tensor = view.getTensor();
  if (!place || place.getMemory() != memory || !tensor.hasStaticShape() ||
      !tensor.getElementType().isIntOrFloat())
    return 0;
  return footprint(place.getLayout(), tensor.getShape(),
                   tensor.getElementTypeBitWidth());
}

/// What the op itself makes in \p memory: an allocation, or a channel's slots.
static int64_t bytesMade(const ChipView &chip, Operation *op,
                         llvm::StringRef memory) {
  if (auto alloc = dyn_cast<AllocOp>(op))
    return bytesOf(alloc.getView().getType(), memory);
  auto channel = dyn_cast<ChannelOp>(op);
  if (!channel)
    return 0;
  ChannelType type = channel.getChannel().getType();
  int64_t slot = 0;
  for (Attribute part : type.getPayload())
    slot += bytesOf(cast<ViewType>(cast<TypeAttr>(part).getValue()), memory);
  return type.getDepth() * slot + syncBytes(chip, channel, memory);
}

namespace {
/// What a program needs of one memory, and the ops that need it.
struct Need {
  int64_t bytes = 0;
  llvm::SmallVector<std::pair<Operation *, int64_t>> parts;
  void add(Operation *op, int64_t more) {
    if (more == 0)
      return;
    bytes += more;
    parts.push_back({op, more});
  }
};
} // namespace

/// The allocations and channels of \p region, and the values in it.
static Need needOf(const ChipView &chip, Region &region, llvm::StringRef memory,
                   int64_t times) {
  Need need;
  region.walk([&](Operation *op) {
    need.add(op, times * bytesMade(chip, op, memory));
  });
  need.add(region.getParentOp(), times * peakBytes(region, memory));
  return need;
}

/// What all streams together need of a memory that they share, or what the
/// stream needs most that has it for itself.
static Need needOf(const ChipView &chip, LaunchOp launch,
                   const chip::Part &memory) {
  llvm::SmallVector<Stream> streams = streamsOf(launch);
  if (!streams.front().role)
    return needOf(chip, launch.getBody(), memory.name, 1);
  Need shared;
  launch->walk([&](Operation *op) {
    if (!roleOf(op))
      shared.add(op, bytesMade(chip, op, memory.name));
  });
  bool own = memory.word("scope") == "stream";
  Need most;
  for (const Stream &stream : streams) {
    Need need = needOf(chip, *stream.region, memory.name,
                       own ? 1 : stream.role.getReplicas());
    if (!own) {
      shared.bytes += need.bytes;
      llvm::append_range(shared.parts, need.parts);
    } else if (need.bytes > most.bytes) {
      most = std::move(need);
    }
  }
  shared.bytes += most.bytes;
  llvm::append_range(shared.parts, most.parts);
  return shared;
}

/// Memory made beside the launches is the kernel's workspace.
static Need workspaceOf(const ChipView &chip, LaunchOp launch,
                        const chip::Part &memory) {
  Need need;
  auto function = launch->getParentOfType<FunctionOpInterface>();
  if (function)
    function->walk([&](AllocOp alloc) {
      if (!alloc->getParentOfType<LaunchOp>())
        need.add(alloc, bytesMade(chip, alloc, memory.name));
    });
  return need;
}

/// Too much in a cache only costs what the promise was for.
static LogicalResult verifyMemory(const ChipView &chip, LaunchOp launch,
                                  const chip::Part &memory) {
  const chip::Quantity *bytes = memory.number("bytes");
  if (!bytes)
    return success();
  const chip::Quantity *reserved = memory.number("reserved");
  int64_t room = int64_t(bytes->value - (reserved ? reserved->value : 0));
  Need need = needOf(chip, launch, memory);
  if (memory.word("scope") == "chip") {
    Need more = workspaceOf(chip, launch, memory);
    need.bytes += more.bytes;
    llvm::append_range(need.parts, more.parts);
  }
  if (need.bytes <= room)
    return success();
  bool cache = memory.word("policy") == "cache";
  InFlightDiagnostic report = cache ? launch.emitWarning() : launch.emitError();
  report << "C3: " << need.bytes << " bytes at the least in memory `"
         << memory.name << "` of " << room
         << (cache ? ", which cannot keep them" : "");
  for (auto [op, part] : need.parts)
    report.attachNote(op->getLoc())
        << part << " of them are "
        << (isa<AllocOp, ChannelOp>(op) ? "this" : "the values of this");
  ChipView::note(report, memory, "bytes",
                 chip.chip.name + " has " + llvm::Twine(room));
  report.report();
  return success(cache);
}

/// C7: the registers that roles ask for.
static LogicalResult verifyRegisters(const ChipView &chip, LaunchOp launch) {
  const chip::Part *file = chip.memory("reg");
  const chip::Quantity *room = file ? file->number("bytes") : nullptr;
  int64_t bytes = 0;
  for (const Stream &stream : streamsOf(launch)) {
    auto regs = stream.role ? stream.role.getBudget().getAs<IntegerAttr>("regs")
                            : IntegerAttr();
    const chip::Part *kind =
        regs ? chip.chip.find("streams", stream.role.getStream().getValue())
             : nullptr;
    if (!kind)
      continue;
    Operation *roles = stream.region->getParentOp();
    const chip::Quantity *most = kind->number("registers");
    if (most && regs.getInt() > most->value) {
      InFlightDiagnostic error = roles->emitError("C7: ")
                                 << regs.getInt() << " registers of a thread";
      ChipView::note(error, *kind, "registers",
                     chip.chip.name + " has " +
                         llvm::Twine(int64_t(most->value)));
      return error;
    }
    const chip::Quantity *threads = kind->number("threads");
    bytes += stream.role.getReplicas() * regs.getInt() * 4 *
             (threads ? int64_t(threads->value) : 1);
    if (!room || bytes <= room->value)
      continue;
    InFlightDiagnostic error = roles->emitError("C7: the roles ask for ")
                               << bytes << " bytes of registers";
    ChipView::note(error, *file, "bytes",
                   chip.chip.name + " has " +
                       llvm::Twine(int64_t(room->value)));
    return error;
  }
  return success();
}

LogicalResult terrazzo::verifyFit(const ChipView &chip, LaunchOp launch) {
  for (const chip::Part &memory : chip.chip.parts("memories"))
    if (failed(verifyMemory(chip, launch, memory)))
      return failure();
  return verifyRegisters(chip, launch);
}
