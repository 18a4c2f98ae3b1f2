// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/terrazzo/Target.h"

#include "tools/Chips/Chips.h"

#include "llvm/TargetParser/Host.h"

#include <dlfcn.h>

using namespace terrazzo;
using namespace terrazzo::tool;

std::optional<std::vector<chip::Chip>>
terrazzo::tool::knownChips(DiagnosticEngine &engine) {
  return chip::readAll(chipFiles(), engine);
}

std::vector<std::string> terrazzo::tool::machineFeatures() {
  std::vector<std::string> features;
  for (auto &feature : llvm::sys::getHostCPUFeatures())
    if (feature.getValue())
      features.push_back(feature.getKey().str());
  // A library that carries out instructions which the machine lacks says so
  // (test/Unit/Amx).
  if (void *more = dlsym(RTLD_DEFAULT, "terrazzoEmulatedFeatures")) {
    llvm::SmallVector<llvm::StringRef> names;
    llvm::StringRef(reinterpret_cast<const char *(*)()>(more)())
        .split(names, ',', -1, /*KeepEmpty=*/false);
    for (llvm::StringRef name : names)
      features.push_back(name.str());
  }
  return features;
}

std::vector<std::string>
terrazzo::tool::lackingFeatures(const chip::Chip &chip) {
  std::vector<std::string> here = machineFeatures(), out;
  for (const std::string &feature : chip.features)
    if (!llvm::is_contained(here, feature))
      out.push_back(feature);
  return out;
}

bool terrazzo::tool::hasCode(const chip::Chip &chip, DiagnosticEngine &engine) {
  if (chip.family == "cpu")
    return true;
  engine.emit(DiagnosticKind::NoCodeForFamily, Where(), chip.name, chip.family);
  return false;
}

std::optional<chip::Chip> terrazzo::tool::chooseChip(const std::string &name,
                                                     DiagnosticEngine &engine,
                                                     ExitCode &code) {
  code = Internal;
  auto known = knownChips(engine);
  if (!known)
    return std::nullopt;
  const chip::Chip *here = chip::bestMatch(*known, "cpu", machineFeatures());
  std::vector<std::string> names;
  for (const chip::Chip &c : *known) {
    if (c.name == name || (name == "cpu" && &c == here))
      return c;
    names.push_back(c.name);
  }
  if (!llvm::StringRef(name).ends_with(".yaml")) {
    engine.emit(DiagnosticKind::UnknownTarget, Where(), name,
                llvm::join(names, ", "));
    code = CommandLineFault;
    return std::nullopt;
  }
  code = InputFault;
  auto buffer = engine.addFile(name, 1 << 20);
  return buffer ? chip::read(*buffer, *known, engine) : std::nullopt;
}
