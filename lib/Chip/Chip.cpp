// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Chip/Chip.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

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

Tag chip::weaker(Tag a, Tag b) {
  auto rank = [](Tag tag) {
    switch (tag) {
    case Tag::Published:
      return 0;
    case Tag::Measured:
      return 1;
    case Tag::Derived:
      return 2;
    case Tag::Secondary:
      return 3;
    case Tag::Assumed:
      return 4;
    }
    return 4;
  };
  return rank(a) < rank(b) ? b : a;
}

llvm::StringRef Part::word(llvm::StringRef key) const {
  auto found = words.find(key.str());
  return found == words.end() ? llvm::StringRef() : found->second;
}

llvm::ArrayRef<std::string> Part::list(llvm::StringRef key) const {
  auto found = lists.find(key.str());
  if (found == lists.end())
    return {};
  return found->second;
}

const Quantity *Part::look(llvm::StringRef key) const {
  auto found = numbers.find(key.str());
  return found == numbers.end() ? nullptr : &found->second;
}

const Quantity *Part::number(llvm::StringRef key) const {
  const Quantity *q = look(key);
  if (q)
    q->wasRead->store(true, std::memory_order_relaxed);
  return q;
}

FilePosition Part::place(llvm::StringRef key) const {
  auto found = places.find(key.str());
  if (found == places.end())
    found = places.find("");
  return found == places.end() ? FilePosition() : found->second;
}

llvm::ArrayRef<Part> Chip::parts(llvm::StringRef section) const {
  auto found = sections.find(section.str());
  if (found == sections.end())
    return {};
  return found->second;
}

std::string chip::namesOf(const Chip &chip, llvm::StringRef section) {
  return llvm::join(llvm::map_range(chip.parts(section),
                                    [](const Part &part) { return part.name; }),
                    ", ");
}

bool Chip::has(llvm::StringRef feature) const {
  return llvm::is_contained(features, feature);
}

const Part *Chip::find(llvm::StringRef section, llvm::StringRef part) const {
  for (const Part &p : parts(section))
    if (p.name == part)
      return &p;
  return nullptr;
}

const Quantity *Chip::number(llvm::StringRef section, llvm::StringRef part,
                             llvm::StringRef key) const {
  const Part *p = find(section, part);
  return p ? p->number(key) : nullptr;
}

int64_t Chip::cores() const {
  int64_t cores = 1;
  for (const Part &part : parts("topology"))
    for (llvm::StringRef key : {"dies", "cores"})
      if (const Quantity *number = part.number(key))
        cores *= std::max<int64_t>(1, int64_t(number->value));
  return cores;
}

const Part *Chip::matrix(llvm::StringRef a, llvm::StringRef b,
                         llvm::StringRef acc) const {
  for (const Part &part : parts("matrix"))
    if (part.word("a") == a && part.word("b") == b && part.word("acc") == acc)
      return &part;
  return nullptr;
}

bool Chip::isPeaksOnly() const { return isSystem || parts("paths").empty(); }

std::vector<Chip::Number> Chip::unread() const {
  std::vector<Number> out;
  for (const auto &[section, parts] : sections)
    for (const Part &p : parts)
      for (const auto &[key, quantity] : p.numbers)
        if (!*quantity.wasRead)
          out.push_back({section, &p, key});
  return out;
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
