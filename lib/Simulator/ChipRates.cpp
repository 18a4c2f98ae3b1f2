// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Simulator/ChipRates.h"

#include "llvm/Support/ScopedPrinter.h"

using namespace terrazzo;
using namespace terrazzo::simulator;

double ChipRates::cycle(llvm::StringRef engine) const {
  auto clockOf = [](const chip::Part &part) {
    const chip::Quantity *clock = part.number("clock");
    return clock ? 1e-9 / clock->value : 0;
  };
  if (const chip::Part *part = chip.find("engines", engine))
    if (double known = clockOf(*part))
      return known;
  for (const chip::Part &part : chip.parts("engines"))
    if (double known = clockOf(part))
      return known;
  return 0;
}

double ChipRates::bandwidth(llvm::StringRef section,
                            llvm::StringRef name) const {
  const chip::Part *part = chip.find(section, name);
  const chip::Quantity *number = part ? part->number("bandwidth") : nullptr;
  if (!number)
    return 0;
  if (number->unit == "GB/s")
    return number->value * 1e9;
  double each = cycle(part->word("engine"));
  return each ? number->value / each : 0;
}

double ChipRates::seconds(llvm::StringRef section, llvm::StringRef name,
                          llvm::StringRef key, llvm::StringRef engine) const {
  const chip::Part *part = chip.find(section, name);
  const chip::Quantity *number = part ? part->number(key) : nullptr;
  if (!number)
    return 0;
  if (number->unit == "cycle")
    return number->value *
           cycle(engine.empty() ? part->word("engine") : engine);
  return number->unit == "ns" ? number->value * 1e-9 : number->value;
}

double ChipRates::rate(llvm::StringRef section, llvm::StringRef name,
                       llvm::StringRef key) const {
  const chip::Part *part = chip.find(section, name);
  const chip::Quantity *number = part ? part->number(key) : nullptr;
  if (!number)
    return 0;
  if (number->unit == "TFLOP/s" || number->unit == "TOP/s")
    return number->value * 1e12 / double(chip.cores());
  double each = cycle(part->word("engine"));
  return each ? number->value / each : 0;
}

int64_t ChipRates::number(llvm::StringRef section, llvm::StringRef name,
                          llvm::StringRef key, int64_t otherwise) const {
  const chip::Part *part = chip.find(section, name);
  const chip::Quantity *number = part ? part->number(key) : nullptr;
  return number ? int64_t(number->value) : otherwise;
}

const chip::Part *ChipRates::matrix(mlir::Type a, mlir::Type b,
                                    mlir::Type acc) const {
  return chip.matrix(llvm::to_string(a), llvm::to_string(b),
                     llvm::to_string(acc));
}

Program ChipRates::start(int64_t sharers) const {
  Program program;
  if (sharers == 0)
    sharers = chip.cores();
  for (const chip::Part &part : chip.parts("memories"))
    program.memories.push_back(
        {part.name, number("memories", part.name, "bytes", INT64_MAX)});
  for (const chip::Part &part : chip.parts("engines")) {
    Engine engine;
    engine.name = part.name;
    engine.inOrder = part.word("order") != "out";
    engine.queue = int(number("engines", part.name, "queue", 0));
    engine.issue = seconds("engines", part.name, "issue", part.name);
    program.engines.push_back(engine);
  }
  for (const chip::Part &part : chip.parts("streams"))
    program.streams.push_back(part.name);
  if (program.streams.empty())
    program.streams.push_back("core");
  const chip::Part *cache = nullptr;
  for (const chip::Part &part : chip.parts("memories"))
    if (part.word("policy") == "cache" && part.word("scope") == "chip" &&
        part.number("bandwidth"))
      cache = &part;
  if (cache) {
    program.memoryBandwidth = bandwidth("memories", "global");
    program.cacheBytes = number("memories", cache->name, "bytes", 0);
  }
  for (const chip::Part &part : chip.parts("paths")) {
    // A core has at most its share of a memory that all cores reach.
    double most = bandwidth("paths", part.name);
    for (llvm::StringRef end : {part.word("from"), part.word("to")}) {
      double all = bandwidth("memories", end == "global" && cache
                                             ? llvm::StringRef(cache->name)
                                             : end);
      const chip::Part *memory = chip.find("memories", end);
      if (memory && memory->word("scope") == "chip")
        all /= double(sharers);
      if (all && (!most || all < most))
        most = all;
    }
    program.paths.push_back(
        {part.name, most, seconds("paths", part.name, "latency"),
         std::max<int64_t>(1, number("paths", part.name, "burst", 1)), 0});
  }
  for (const chip::Part &part : chip.parts("engines"))
    if (part.word("kind") == "scalar")
      program.scalarOp = cycle(part.name);
  for (const chip::Part &part : chip.parts("launch")) {
    program.dispatch += seconds("launch", part.name, "dispatch");
    program.launchCost += seconds("launch", part.name, "kernel");
  }
  return program;
}
