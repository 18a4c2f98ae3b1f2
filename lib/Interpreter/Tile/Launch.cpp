// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The host plan: launches, their programs, and the streams of a program.
#include "lib/Diagnostics/Progress.h"
#include "lib/Interpreter/Report.h"
#include "lib/Interpreter/Tile/Channels.h"

#include "dialects/Tile/Order.h"

#include <thread>

using namespace terrazzo;
using namespace terrazzo::interpreter;

namespace {
struct Grid {
  llvm::SmallVector<int64_t> extents;
  int64_t parallel = 1, sequential = 1;
};
} // namespace

static Grid gridOf(Program &program, tile::LaunchOp op) {
  Grid grid;
  for (auto [extent, kind] : llvm::zip(op.getExtents(), op.getKinds())) {
    int64_t n = program.decide(op, extent);
    int64_t &count = mlir::cast<mlir::StringAttr>(kind) == "sequential"
                         ? grid.sequential
                         : grid.parallel;
    if (n < 0 || __builtin_mul_overflow(count, n, &count) ||
        count > (int64_t(1) << 40))
      program.fail(op, DiagnosticKind::TileBadExtent, std::to_string(n));
    grid.extents.push_back(n);
  }
  return grid;
}

/// The program of one point: its ivs are the digits of \p number.
static void runPoint(const Program &host, tile::LaunchOp op, const Grid &grid,
                     int64_t number) {
  size_t rank = grid.extents.size();
  llvm::SmallVector<int64_t> iv(rank, 0);
  for (size_t d = rank; d-- > 0;) {
    iv[d] = number % grid.extents[d];
    number /= grid.extents[d];
  }
  std::array<int64_t, 3> id{0, 0, 0};
  for (size_t d = 0; d < std::min<size_t>(rank, 3); ++d)
    id[d] = iv[d];
  Program program(host, id);
  mlir::Block &body = op.getBody().front();
  for (size_t d = 0; d < rank; ++d)
    program.set(body.getArgument(d), scalarOf(iv[d], 64));
  for (mlir::Operation &inner : body.without_terminator())
    program.execute(&inner);
  checkRings(program, body);
  program.shared.operations += program.steps;
  ++program.shared.programs;
}

/// Programs that may wait for each other: each a stream, all in turn.
static void launchTogether(Program &host, tile::LaunchOp op, const Grid &grid) {
  constexpr int64_t most = 256;
  int64_t total = grid.parallel * grid.sequential;
  if (total > most)
    host.fail(op, DiagnosticKind::TileTooManyStreams, std::to_string(total));
  Scheduler scheduler(host.shared);
  scheduler.fair = true;
  for (int64_t p = 0; p < total; ++p)
    scheduler.add("program", p, 0);
  scheduler.run([&](Stream &stream) {
    Program one(host, host.id);
    one.stream = &stream;
    runPoint(one, op, grid, stream.number);
  });
  if (host.shared.stop)
    throw Stopped();
}

static void launch(Program &host, tile::LaunchOp op) {
  Grid grid = gridOf(host, op);
  LaunchState &shared = host.shared;
  if (op.getCooperative())
    return launchTogether(host, op, grid);
  Sample points(grid.parallel, shared.sample);
  Progress progress(shared.engine, "oracle: program",
                    points.count * grid.sequential);
  std::atomic<int64_t> next{0};
  auto work = [&] {
    try {
      for (int64_t i; (i = next++) < points.count && !shared.stop;)
        for (int64_t s = 0; s < grid.sequential; ++s) {
          runPoint(host, op, grid, points.at(i) * grid.sequential + s);
          progress.step();
        }
    } catch (const Stopped &) {
    }
    shared.waiting.end();
  };
  int64_t wanted = shared.launch.threads ? shared.launch.threads
                                         : std::thread::hardware_concurrency();
  wanted = std::clamp<int64_t>(points.count, 1, wanted);
  shared.waiting.start(wanted);
  std::vector<std::thread> pool;
  for (int64_t i = 1; i < wanted; ++i)
    pool.emplace_back(work);
  work();
  for (std::thread &t : pool)
    t.join();
  shared.waiting.start(1); // the host goes on
  if (shared.stop)
    throw Stopped();
}

/// How much a role gives rather than takes: producers have the lower rank.
static int rankOf(mlir::Block &block, llvm::StringRef role) {
  int rank = 0;
  for (mlir::Operation &op : block)
    if (auto channel = mlir::dyn_cast<tile::ChannelOp>(op))
      rank += int(channel.getTo() == role) - int(channel.getFrom() == role);
  return rank;
}

static void roles(Program &program, tile::RolesOp op) {
  if (program.stream)
    program.fail(op, DiagnosticKind::CannotInterpret,
                 "tile.roles in a cooperative launch");
  Scheduler scheduler(program.shared);
  constexpr int64_t most = 64;
  int64_t total = 0;
  for (mlir::Attribute a : op.getRoles())
    total += std::min<int64_t>(mlir::cast<tile::RoleAttr>(a).getReplicas(),
                               most + 1);
  if (total > most)
    program.fail(op, DiagnosticKind::TileTooManyStreams, std::to_string(total));
  Races races(total);
  std::vector<mlir::Region *> regions;
  bool reverse = program.shared.launch.roleOrder == RoleOrder::ConsumersFirst;
  for (auto [a, region] : llvm::zip(op.getRoles(), op.getBodies())) {
    auto role = mlir::cast<tile::RoleAttr>(a);
    int rank = rankOf(*op->getBlock(), role.getRole().getValue());
    for (int64_t r = 0; r < role.getReplicas(); ++r) {
      Stream &stream =
          scheduler.add(role.getRole().str(), r, reverse ? -rank : rank);
      stream.races = total > 1 ? &races : nullptr;
      regions.push_back(&region);
    }
  }
  scheduler.run([&](Stream &stream) {
    Program inner(program, program.id);
    inner.stream = &stream;
    mlir::Block &body = regions[stream.number]->front();
    inner.set(body.getArgument(0), scalarOf(stream.replica, 64));
    for (mlir::Operation &op : body.without_terminator())
      inner.execute(&op);
    checkRings(inner, body);
    program.shared.operations += inner.steps;
  });
  if (program.shared.stop)
    throw Stopped();
}

static void order(Program &program, tile::OrderOp op) {
  llvm::SmallVector<int64_t> extents;
  int64_t total = 1;
  for (mlir::Value v : op.getExtents()) {
    extents.push_back(program.decide(op, v));
    if (extents.back() < 0 ||
        __builtin_mul_overflow(total, extents.back(), &total))
      program.fail(op, DiagnosticKind::TileBadExtent,
                   std::to_string(extents.back()));
  }
  int64_t t = program.decide(op, op.getIndex());
  if (t < 0 || t >= total)
    program.fail(op, DiagnosticKind::TileTakeOutside, std::to_string(t),
                 std::to_string(total));
  auto kind = tile::orderNamed(op.getKind());
  llvm::SmallVector<int64_t> at =
      tile::inOrder(*kind, op.getGroup().value_or(1), extents, t);
  for (auto [result, i] : llvm::zip(op.getIndices(), at))
    program.set(result, scalarOf(i, 64));
}

void terrazzo::interpreter::addTileSemantics(Semantics &semantics) {
  semantics.add(launch);
  semantics.add(roles);
  semantics.add(order);
  addMemorySemantics(semantics);
  addComputeSemantics(semantics);
  addChannelSemantics(semantics);
}
