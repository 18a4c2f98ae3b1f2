// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Chip/Composition.h"

#include "llvm/Support/FormatVariadic.h"

using namespace terrazzo;
using namespace terrazzo::chip;

/// Whether the number grows with the chip.
static bool isOfTheWhole(llvm::StringRef section, const Part &part,
                         llvm::StringRef key, llvm::StringRef unit) {
  if (section == "topology") // cores are those of a die
    return key == "dies";
  if (section == "memories")
    return part.word("scope") == "chip" &&
           (key == "bytes" || key == "reserved" ||
            (key == "bandwidth" && unit == "GB/s"));
  if (section == "power")
    return unit == "W" || unit == "USD/h";
  return unit == "TFLOP/s" || unit == "TOP/s";
}

void terrazzo::chip::multiply(Chip &chip, const Quantity &count) {
  // A chip that does not say how many dies it has is one.
  auto &topology = chip.sections["topology"];
  if (topology.empty())
    topology.emplace_back().name = "chip";
  topology.front().numbers.try_emplace("dies",
                                       Quantity{1, "1", Tag::Derived, "one"});
  for (auto &[section, parts] : chip.sections)
    for (Part &part : parts)
      for (auto &[key, quantity] : part.numbers) {
        if (!isOfTheWhole(section, part, key, quantity.unit))
          continue;
        quantity.value *= count.value;
        quantity.tag = weaker(Tag::Derived, weaker(quantity.tag, count.tag));
        quantity.source = llvm::formatv("{0} x {1} ({2})", int64_t(count.value),
                                        chip.name, quantity.source)
                              .str();
      }
}
