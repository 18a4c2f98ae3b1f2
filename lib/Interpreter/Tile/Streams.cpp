// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Interpreter/Tile/Streams.h"

#include "lib/Diagnostics/MLIRBridge.h"

#include <thread>

using namespace terrazzo;
using namespace terrazzo::interpreter;

Stream &Scheduler::add(std::string role, int64_t replica, int rank) {
  auto stream = std::make_unique<Stream>();
  stream->number = int(streams.size());
  stream->role = std::move(role);
  stream->replica = replica;
  stream->rank = rank;
  stream->scheduler = this;
  streams.push_back(std::move(stream));
  return *streams.back();
}

void Scheduler::run(std::function<void(Stream &)> body) {
  for (auto &stream : streams) {
    stream->clock.ticks.assign(streams.size(), 0);
    stream->clock.ticks[stream->number] = 1;
  }
  std::vector<std::thread> threads;
  for (auto &stream : streams)
    threads.emplace_back([this, &body, self = stream.get()] {
      try {
        {
          std::unique_lock<std::mutex> lock(mutex);
          await(*self, lock);
        }
        body(*self);
      } catch (const Stopped &) {
      }
      std::unique_lock<std::mutex> lock(mutex);
      self->done = true;
      idle = 0;
      self->ready = nullptr;
      handOver(choose());
    });
  {
    std::unique_lock<std::mutex> lock(mutex);
    handOver(choose());
  }
  for (std::thread &t : threads)
    t.join();
}

/// The stream that goes on; null when none can.
Stream *Scheduler::choose() {
  std::vector<Stream *> able;
  for (auto &stream : streams)
    if (!stream->done && (!stream->ready || stream->ready()))
      able.push_back(stream.get());
  if (able.empty())
    return nullptr;
  if (fair) {
    auto after = [&](Stream *s) {
      int from = current ? current->number : 0;
      return (s->number - from - 1 + int(streams.size())) % int(streams.size());
    };
    return *llvm::min_element(
        able, [&](Stream *a, Stream *b) { return after(a) < after(b); });
  }
  if (shared.launch.roleOrder == RoleOrder::Seeded)
    return able[random() % able.size()];
  return *llvm::min_element(able, [](Stream *a, Stream *b) {
    return std::pair(a->rank, a->number) < std::pair(b->rank, b->number);
  });
}

void Scheduler::handOver(Stream *next) {
  bool left = llvm::any_of(streams, [](auto &s) { return !s->done; });
  if (!next && left && !abandoned) {
    reportDeadlock();
    abandoned = true;
  }
  abandoned |= shared.stop;
  current = next;
  if (abandoned)
    for (auto &stream : streams)
      stream->turn.notify_all();
  else if (next)
    next->turn.notify_all();
}

void Scheduler::await(Stream &self, std::unique_lock<std::mutex> &lock) {
  self.turn.wait(lock, [&] { return current == &self || abandoned; });
  if (abandoned)
    throw Stopped();
}

void Scheduler::pass(Stream &self) {
  std::unique_lock<std::mutex> lock(mutex);
  Stream *next = choose();
  if (next == &self && !shared.stop)
    return;
  handOver(next);
  await(self, lock);
}

void Scheduler::block(Stream &self, mlir::Operation *at, std::string what,
                      std::function<bool()> ready) {
  if (ready())
    return;
  self.at = at;
  self.waitsFor = std::move(what);
  self.ready = std::move(ready);
  std::unique_lock<std::mutex> lock(mutex);
  handOver(choose());
  await(self, lock);
  self.ready = nullptr;
}

void Scheduler::reportDeadlock() {
  std::lock_guard<std::mutex> lock(shared.reports);
  if (shared.stop.exchange(true))
    return;
  auto name = [](const Stream &s) {
    return s.role + " " + std::to_string(s.replica);
  };
  std::vector<Stream *> blocked, ended;
  for (auto &stream : streams)
    (stream->done ? ended : blocked).push_back(stream.get());
  Stream &first = *blocked.front();
  auto d = shared.engine.emit(DiagnosticKind::TileDeadlock,
                              where(first.at->getLoc()), name(first),
                              first.waitsFor);
  for (size_t i = 1; i < blocked.size(); ++i)
    d.note(DiagnosticKind::TileBlockedHere, where(blocked[i]->at->getLoc()),
           name(*blocked[i]), blocked[i]->waitsFor);
  for (Stream *s : ended)
    d.note(DiagnosticKind::TileRoleEnded, name(*s));
  d.report();
}

//===-- Races -------------------------------------------------------------===//

void Races::begin(Stream &stream, mlir::Operation *op, bool write) {
  accesses.push_back({op, stream.number, stream.clock.ticks[stream.number]});
  writing = write;
}

mlir::Operation *Races::touch(Stream &stream, const Buffer *memory,
                              int64_t element) {
  std::unique_ptr<Page> &page = pages[{memory, element / pageSize}];
  if (!page) {
    page = std::make_unique<Page>();
    page->write.assign(pageSize, 0);
    page->reads.assign(pageSize * streams, 0);
  }
  int64_t i = element % pageSize;
  uint32_t now = uint32_t(accesses.size() - 1);
  const Access &written = accesses[page->write[i]];
  if (written.op && !happened(written, stream))
    return written.op;
  uint32_t *reads = &page->reads[i * streams];
  if (!writing) {
    reads[stream.number] = now;
    return nullptr;
  }
  for (size_t s = 0; s < streams; ++s)
    if (const Access &read = accesses[reads[s]];
        read.op && !happened(read, stream))
      return read.op;
  page->write[i] = now;
  return nullptr;
}
