// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Survey/Bounds.h"

#include <algorithm>

using namespace terrazzo;
using namespace terrazzo::survey;
using chip::Tag;

std::string Bound::calibration() const {
  if (tag == Tag::Assumed)
    return "modeled, uncalibrated";
  return ("modeled (" + chip::name(tag) + ")").str();
}

namespace {
class Bounding {
public:
  explicit Bounding(const chip::Chip &chip) : chip(chip) {}
  void launch(const Work &work);
  void finish();
  void energy(const std::vector<Work> &works, double seconds);
  Bound out;

private:
  void note(const std::string &text) {
    if (!text.empty() && llvm::find(out.notes, text) == out.notes.end())
      out.notes.push_back(text);
  }
  double take(const Way &way, double operations, bool isNeeded);

  const chip::Chip &chip;
  double seconds = 0;
  std::map<std::string, double> by;
  bool isKnown = true;
};
} // namespace

/// The seconds of some operations; notes what is special about them.
double Bounding::take(const Way &way, double operations, bool isNeeded) {
  if (operations == 0)
    return 0;
  note(way.how);
  out.isRefused |= !way.isPossible;
  if (way.rate.perSecond == 0) {
    isKnown &= !isNeeded && way.isPossible;
    return 0;
  }
  out.tag = chip::weaker(out.tag, way.rate.tag);
  out.peak = std::max(out.peak.value_or(0), way.rate.perSecond);
  return operations / way.rate.perSecond;
}

void Bounding::launch(const Work &work) {
  double memory = 0, matrix = 0, vector = 0;
  auto bandwidth = chip::globalBandwidth(chip);
  if (bandwidth) {
    out.tag = chip::weaker(out.tag, bandwidth->tag);
    out.bandwidth = bandwidth->perSecond;
    memory = double(work.bytes()) / bandwidth->perSecond;
  } else {
    note("the bandwidth of its memory is not known");
    isKnown = false;
  }
  for (const auto &[product, operations] : work.products)
    matrix += take(wayOf(chip, product), operations, true);
  // Without a rate of vectors the others still bound from below.
  for (const auto &[type, operations] : work.vector)
    vector += take(wayOf(chip, type), operations, false);
  out.memory += memory;
  out.matrix += matrix;
  out.vector += vector;
  double longest = std::max({memory, matrix, vector});
  seconds += longest;
  by[longest == memory   ? "memory"
     : longest == matrix ? "matrix"
                         : "vector"] += longest;
}

void Bounding::finish() {
  if (!isKnown || out.isRefused)
    return;
  out.seconds = seconds;
  auto most = std::max_element(by.begin(), by.end(), [](auto &a, auto &b) {
    return a.second < b.second;
  });
  out.boundBy = most == by.end() ? "memory" : most->first;
}

void Bounding::energy(const std::vector<Work> &works, double time) {
  if (chip.parts("power").empty())
    return;
  const chip::Part &power = chip.parts("power").front();
  const chip::Quantity *byte = power.number("byte"),
                       *operation = power.number("operation"),
                       *base = power.number("static"),
                       *tdp = power.number("tdp"),
                       *price = power.number("price");
  if (price)
    out.dollars = price->value * time / 3600;
  if (byte && operation && base) {
    double joules = base->value * time;
    for (const Work &work : works)
      joules += 1e-12 * (byte->value * double(work.bytes()) +
                         operation->value * work.operations());
    out.joules = joules;
  } else if (tdp) {
    out.joules = tdp->value * time;
    out.isJoulesUpperBound = true;
  }
}

Bound survey::boundOf(const chip::Chip &chip, const std::vector<Work> &works,
                      std::optional<double> simulated) {
  Bounding bounding(chip);
  for (const Work &work : works)
    bounding.launch(work);
  bounding.finish();
  std::optional<double> seconds = simulated ? simulated : bounding.out.seconds;
  if (seconds)
    bounding.energy(works, *seconds);
  return std::move(bounding.out);
}
