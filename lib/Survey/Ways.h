// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How a chip does what a kernel asks for in types that it may lack.
#ifndef TERRAZZO_LIB_SURVEY_WAYS_H
#define TERRAZZO_LIB_SURVEY_WAYS_H

#include "lib/Chip/Peaks.h"
#include "lib/Survey/Work.h"

namespace terrazzo::survey {

struct Way {
  /// Operations of the kernel a second: where one becomes several of the chip,
  /// the chip's rate over their number. 0: the chip cannot do it, or its rate
  /// is not known.
  chip::Rate rate;
  bool isPossible = true;
  /// What stands in place of the type, or why there is no rate; empty: it has
  /// the type.
  std::string how;
};

Way wayOf(const chip::Chip &chip, const Product &product);
/// Of float arithmetic on the elements of blocks.
Way wayOf(const chip::Chip &chip, const std::string &type);

/// Whether every number of one format is a number of the other, both by their
/// names in chip files.
bool holds(llvm::StringRef wide, llvm::StringRef narrow);

} // namespace terrazzo::survey

#endif // TERRAZZO_LIB_SURVEY_WAYS_H
