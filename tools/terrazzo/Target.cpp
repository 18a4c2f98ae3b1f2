// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/terrazzo/Target.h"

using namespace terrazzo;
using namespace terrazzo::tool;

std::optional<ChosenChip> terrazzo::tool::chipNamed(const std::string &name,
                                                    DiagnosticEngine &engine,
                                                    ExitCode &code) {
  auto chip = chooseChip(name, allTargets(), engine);
  bool isName = !llvm::StringRef(name).ends_with(".yaml");
  code = chip ? Done : isName ? CommandLineFault : InputFault;
  return chip;
}
