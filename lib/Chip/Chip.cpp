// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Chip/Chip.h"

#include "llvm/ADT/STLExtras.h"

using namespace terrazzo;
using namespace terrazzo::chip;

llvm::StringRef chip::name(Tag tag) {
  switch (tag) {
  case Tag::Published:
    return "published";
  case Tag::Secondary:
    return "secondary";
  case Tag::Derived:
    return "derived";
  case Tag::Measured:
    return "measured";
  case Tag::Assumed:
    return "assumed";
  }
  return "assumed";
}

bool Chip::has(llvm::StringRef feature) const {
  return llvm::is_contained(features, feature);
}

const Part *Chip::find(llvm::StringRef section, llvm::StringRef part) const {
  auto parts = sections.find(section.str());
  if (parts == sections.end())
    return nullptr;
  for (const Part &p : parts->second)
    if (p.name == part)
      return &p;
  return nullptr;
}

const Quantity *Chip::number(llvm::StringRef section, llvm::StringRef part,
                             llvm::StringRef key) const {
  const Part *p = find(section, part);
  if (!p)
    return nullptr;
  auto found = p->numbers.find(key.str());
  return found == p->numbers.end() ? nullptr : &found->second;
}

bool Chip::isUncalibrated() const {
  for (const auto &[section, parts] : sections)
    for (const Part &p : parts)
      for (const auto &[key, quantity] : p.numbers)
        if (quantity.tag == Tag::Assumed)
          return true;
  return false;
}

const Chip *chip::bestMatch(const std::vector<Chip> &chips,
                            llvm::StringRef family,
                            const std::vector<std::string> &features) {
  const Chip *best = nullptr;
  for (const Chip &c : chips)
    if (c.family == family &&
        llvm::all_of(
            c.features,
            [&](auto &f) { return llvm::is_contained(features, f); }) &&
        (!best || c.features.size() > best->features.size()))
      best = &c;
  return best;
}
