// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Pipeline/Pipeline.h"

#include "dialects/Tile/Tile.h"
#include "lib/Diagnostics/MLIRBridge.h"
#include "lib/Transforms/Access/KernelToTile.h"
#include "lib/Transforms/Decompose/ScaledDots.h"
#include "lib/Transforms/Tiling/Tiling.h"

using namespace terrazzo;
using namespace mlir;

static LogicalResult refuse(llvm::StringRef key,
                            const tiling::Obstacle &obstacle,
                            terrazzo::DiagnosticEngine &engine) {
  Location loc = obstacle.op->getLoc();
  engine.emit(DiagnosticKind::ScheduleIllegal, where(loc), key, obstacle.what);
  return failure();
}

/// The sizes of blocks, before anything is known of memory. Loops first: parts
/// and merged programs put new ones around them.
static LogicalResult resize(func::FuncOp function,
                            const schedule::Schedule &schedule, bool mayOverlap,
                            terrazzo::DiagnosticEngine &engine) {
  if (schedule.kmerge != 1) {
    tiling::Outcome o = tiling::mergeSteps(function, schedule.kmerge);
    if (!o.isDone && o.obstacle)
      return refuse("kmerge", *o.obstacle, engine);
  }
  if (!schedule.subtile.empty()) {
    tiling::Outcome o = tiling::subtile(function, schedule.subtile, mayOverlap);
    if (o.obstacle)
      return refuse("subtile", *o.obstacle, engine);
  }
  if (schedule.coarsen.empty())
    return success();
  tiling::Outcome o = tiling::coarsen(function, schedule.coarsen);
  if (o.obstacle && !o.isDone)
    engine.emit(DiagnosticKind::ScheduleApart, where(o.obstacle->op->getLoc()),
                o.obstacle->what);
  return success();
}

/// `#tile.schedule<{coarsen = [2, 1]}>`: what the launch was made under.
static void note(func::FuncOp function, const schedule::Schedule &schedule) {
  if (schedule.isDefault())
    return;
  Builder b(function.getContext());
  NamedAttrList keys;
  if (!schedule.coarsen.empty())
    keys.set("coarsen", b.getI64ArrayAttr(schedule.coarsen));
  if (schedule.kmerge != 1)
    keys.set("kmerge", b.getI64IntegerAttr(schedule.kmerge));
  if (!schedule.subtile.empty())
    keys.set("subtile", b.getI64ArrayAttr(schedule.subtile));
  for (const auto &[name, value] : schedule.author)
    keys.set(name, b.getStringAttr(value));
  auto attribute = tile::ScheduleAttr::get(function.getContext(),
                                           keys.getDictionary(b.getContext()));
  function.walk(
      [&](tile::LaunchOp launch) { launch->setAttr("schedule", attribute); });
}

LogicalResult terrazzo::toTile(ModuleOp module,
                               const schedule::Schedule &schedule,
                               terrazzo::DiagnosticEngine &engine,
                               bool mayOverlap) {
  // No target has matrix units that take scales yet; one that has will say so.
  for (auto function : module.getOps<func::FuncOp>())
    decomposeScaledDots(function);
  for (auto function : module.getOps<func::FuncOp>())
    if (failed(resize(function, schedule, mayOverlap, engine)))
      return failure();
  if (failed(kernelToTile(module, engine)))
    return failure();
  for (auto function : module.getOps<func::FuncOp>())
    note(function, schedule);
  return success();
}
