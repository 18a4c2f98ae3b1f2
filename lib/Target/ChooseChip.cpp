// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Target/ChooseChip.h"

#include <map>
#include <mutex>

using namespace terrazzo;

/// Chip files are short; what is longer is something else.
static constexpr size_t maxChipFile = size_t(1) << 20;

/// Read once: what is built in does not change. Null after an error, which was
/// reported.
static const std::vector<chip::Chip> *builtIn(const Target *target,
                                              DiagnosticEngine &engine) {
  static std::mutex mutex;
  static std::map<const Target *, std::vector<chip::Chip>> known;
  std::lock_guard lock(mutex);
  auto at = known.find(target);
  if (at == known.end()) {
    auto chips = chip::readAll(target->chipFiles(), engine);
    if (!chips)
      return nullptr;
    at = known.emplace(target, std::move(*chips)).first;
  }
  return &at->second;
}

std::optional<std::vector<ChosenChip>>
terrazzo::knownChips(const Targets &targets, DiagnosticEngine &engine) {
  std::vector<ChosenChip> out;
  for (const Target *target : targets) {
    const std::vector<chip::Chip> *chips = builtIn(target, engine);
    if (!chips)
      return std::nullopt;
    for (const chip::Chip &chip : *chips)
      out.push_back({target, chip});
  }
  return out;
}

const ChosenChip *
terrazzo::chipOfThisMachine(const std::vector<ChosenChip> &known,
                            llvm::StringRef family) {
  std::vector<chip::Chip> chips;
  std::vector<std::string> features;
  for (const ChosenChip &c : known) {
    chips.push_back(c.chip);
    if (features.empty() && c.target->family() == family)
      features = c.target->machineFeatures();
  }
  const chip::Chip *best = chip::bestMatch(chips, family, features);
  return best ? &known[size_t(best - chips.data())] : nullptr;
}

/// The built-in chip of a name that begins as its family's, from that family's
/// files alone: to read all files takes longer than to compile a small kernel.
static std::optional<ChosenChip> chipOfFamily(llvm::StringRef name,
                                              const Targets &targets,
                                              DiagnosticEngine &engine) {
  for (const Target *target : targets) {
    if (!name.starts_with(target->family()))
      continue;
    auto known = knownChips({target}, engine);
    if (!known)
      return std::nullopt;
    if (const ChosenChip *here = chipOfThisMachine(*known, name))
      return *here;
    for (const ChosenChip &c : *known)
      if (c.chip.name == name)
        return c;
  }
  return std::nullopt;
}

std::optional<ChosenChip> terrazzo::chooseChip(llvm::StringRef name,
                                               const Targets &targets,
                                               DiagnosticEngine &engine) {
  if (auto chip = chipOfFamily(name, targets, engine))
    return chip;
  auto known = knownChips(targets, engine);
  if (!known)
    return std::nullopt;
  if (const ChosenChip *here = chipOfThisMachine(*known, name))
    return *here;
  std::vector<chip::Chip> chips;
  std::vector<std::string> names;
  for (const ChosenChip &c : *known) {
    if (c.chip.name == name)
      return c;
    chips.push_back(c.chip);
    names.push_back(c.chip.name);
  }
  if (!name.ends_with(".yaml")) {
    std::vector<std::string> all;
    for (const Target *target : targets)
      if (target->hasCode() && !target->modeled())
        all.push_back(target->family().str());
    all.insert(all.end(), names.begin(), names.end());
    engine.emit(DiagnosticKind::UnknownTarget, Where(), name.str(),
                all.empty() ? "none: no targets were given"
                            : llvm::join(all, ", "));
    return std::nullopt;
  }
  auto buffer = engine.addFile(name.str(), maxChipFile);
  auto chip = buffer ? chip::read(*buffer, chips, engine) : std::nullopt;
  if (!chip)
    return std::nullopt;
  for (const Target *target : targets)
    if (target->family() == chip->family)
      return ChosenChip{target, std::move(*chip)};
  return ChosenChip{nullptr, std::move(*chip)};
}

bool terrazzo::hasCode(const ChosenChip &chosen, DiagnosticEngine &engine) {
  if (chosen.target && chosen.chip.isPeaksOnly()) {
    engine.emit(DiagnosticKind::ChipPeaksOnly, Where(), chosen.chip.name);
    return false;
  }
  if (chosen.target && chosen.target->hasCode())
    return true;
  engine.emit(DiagnosticKind::NoCodeForFamily, Where(), chosen.chip.name,
              chosen.chip.family);
  return false;
}

std::vector<std::string> terrazzo::lackingFeatures(const ChosenChip &chosen) {
  std::vector<std::string> here = chosen.target->machineFeatures(), out;
  for (const std::string &feature : chosen.chip.features)
    if (!llvm::is_contained(here, feature))
      out.push_back(feature);
  return out;
}

llvm::StringRef terrazzo::abilityOf(const ChosenChip &chosen) {
  if (!chosen.target || !chosen.target->hasCode() || chosen.chip.isPeaksOnly())
    return "roofline";
  if (chosen.target->modeled())
    return "simulate";
  return lackingFeatures(chosen).empty() ? "run" : "code";
}
