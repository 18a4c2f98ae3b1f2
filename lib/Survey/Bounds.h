// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The roofline of a chip for the work of launches: no schedule is faster.
#ifndef TERRAZZO_LIB_SURVEY_BOUNDS_H
#define TERRAZZO_LIB_SURVEY_BOUNDS_H

#include "lib/Survey/Ways.h"

namespace terrazzo::survey {

/// One chip's answer. Seconds, joules and money of all launches together.
struct Bound {
  std::optional<double> seconds;
  std::string boundBy;                       // memory, matrix or vector
  chip::Tag tag = chip::Tag::Published;      // of the worst number in it
  double memory = 0, matrix = 0, vector = 0; // seconds, each for itself
  bool isRefused = false;
  /// What is done in another type, what is not known, why there is no bound.
  std::vector<std::string> notes;
  std::optional<double> joules;
  bool isJoulesUpperBound = false; // TDP x time
  std::optional<double> dollars;
  /// Of the fastest product, or of vector arithmetic, for a picture.
  std::optional<double> bandwidth, peak;

  /// modeled (published), modeled, uncalibrated.
  std::string calibration() const;
};

/// \p works are of launches, one after the other; between them nothing stays
/// on the chip. \p seconds is a simulated time, where there is one: energy and
/// price are for it.
Bound boundOf(const chip::Chip &chip, const std::vector<Work> &works,
              std::optional<double> seconds = std::nullopt);

} // namespace terrazzo::survey

#endif // TERRAZZO_LIB_SURVEY_BOUNDS_H
