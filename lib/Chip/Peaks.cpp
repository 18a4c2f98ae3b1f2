// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Chip/Peaks.h"

using namespace terrazzo;
using namespace terrazzo::chip;

namespace {
/// A product of numbers of the file.
struct Factors {
  Rate rate;
  bool isKnown = true;
  void times(const Quantity *q, bool isNeeded, double scale = 1) {
    if (!q) {
      isKnown &= !isNeeded;
      return;
    }
    rate.perSecond *= q->value * scale;
    rate.tag = weaker(rate.tag, q->tag);
  }
  std::optional<Rate> result() const {
    return isKnown ? std::optional(rate) : std::nullopt;
  }
};
} // namespace

std::optional<Rate> chip::globalBandwidth(const Chip &chip) {
  const Quantity *q = chip.number("memories", "global", "bandwidth");
  if (!q || q->unit != "GB/s")
    return std::nullopt;
  return Rate{q->value * 1e9, q->tag};
}

std::optional<Rate> chip::rateOf(const Chip &chip, const Part &part,
                                 llvm::StringRef key) {
  const Quantity *q = part.number(key);
  if (!q)
    return std::nullopt;
  if (q->unit == "TFLOP/s" || q->unit == "TOP/s")
    return Rate{q->value * 1e12, q->tag};
  const Part *engine = chip.find("engines", part.word("engine"));
  if (!engine || chip.parts("topology").empty())
    return std::nullopt;
  Factors all;
  all.rate = {q->value, q->tag};
  all.times(engine->number("clock"), true, 1e9);
  all.times(engine->number("count"), false);
  const Part &topology = chip.parts("topology").front();
  all.times(topology.number("cores"), true);
  all.times(topology.number("dies"), false);
  // An engine that only some streams reach stands beside each of them.
  double streams = 0;
  for (const std::string &name : engine->list("streams"))
    if (const Quantity *count = chip.number("streams", name, "count"))
      streams += count->value;
  if (streams > 0)
    all.rate.perSecond *= streams;
  return all.result();
}
