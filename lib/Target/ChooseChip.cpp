// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Target/ChooseChip.h"

using namespace terrazzo;

/// Chip files are short; what is longer is something else.
static constexpr size_t maxChipFile = size_t(1) << 20;

std::optional<std::vector<ChosenChip>>
terrazzo::knownChips(const Targets &targets, DiagnosticEngine &engine) {
  std::vector<ChosenChip> out;
  for (const Target *target : targets) {
    auto chips = chip::readAll(target->chipFiles(), engine);
    if (!chips)
      return std::nullopt;
    for (chip::Chip &chip : *chips)
      out.push_back({target, std::move(chip)});
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

std::optional<ChosenChip> terrazzo::chooseChip(llvm::StringRef name,
                                               const Targets &targets,
                                               DiagnosticEngine &engine) {
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
      if (target->hasCode())
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
