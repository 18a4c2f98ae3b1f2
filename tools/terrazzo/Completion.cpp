// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `terrazzo completion bash`: made from the options that are registered, so
// that it knows every one of them.
#include "tools/terrazzo/Target.h"

#include "llvm/Support/CommandLine.h"

#include <map>

using namespace terrazzo;
using namespace terrazzo::tool;
namespace cl = llvm::cl;

int terrazzo::tool::completion(const std::string &shell) {
  DiagnosticEngine engine;
  if (shell != "bash") {
    engine.emit(DiagnosticKind::UnknownShell, Where(), shell);
    return CommandLineFault;
  }
  std::map<std::string, std::string> options; // by command, sorted
  for (cl::SubCommand *command : cl::getRegisteredSubcommands()) {
    if (command->getName().empty())
      continue;
    std::vector<std::string> names;
    for (auto &entry : cl::getRegisteredOptions(*command)) {
      llvm::StringRef name = entry.first;
      if (!name.starts_with("help") && !name.starts_with("print-"))
        names.push_back((name.size() == 1 ? "-" : "--") + name.str());
    }
    llvm::sort(names);
    options[command->getName().str()] = llvm::join(names, " ");
  }
  std::vector<std::string> commands, chips{"cpu"};
  std::string cases;
  for (auto &[command, names] : options) {
    commands.push_back(command);
    cases += "    " + command + ") words='" + names + "' ;;\n";
  }
  auto known = knownChips(allTargets(), engine);
  if (!known)
    return Internal;
  for (const ChosenChip &c : *known)
    chips.push_back(c.chip.name);
  std::string text =
      "# source <(terrazzo completion bash)\n"
      "_terrazzo() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} "
      "before=${COMP_WORDS[COMP_CWORD-1]}"
      " words=\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
      "    mapfile -t COMPREPLY < <(compgen -W '" +
      llvm::join(commands, " ") +
      "' -- \"$word\")\n    return\n  fi\n"
      "  case $before in\n"
      "    --emit) words='kernel tile llvm asm object artifact' ;;\n"
      "    --executor) words='device simulator interpreter' ;;\n"
      "    --target | --chips | chips) case $word in -*) ;; *) words='" +
      llvm::join(chips, " ") +
      "' ;; esac ;;\n    completion) words=bash ;;\n  esac\n"
      "  [ -n \"$words\" ] || case ${COMP_WORDS[1]} in\n" +
      cases +
      "  esac\n"
      "  case $word in\n"
      "    -*) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\") "
      ";;\n"
      "    *) case $words in\n"
      "      -* | '') mapfile -t COMPREPLY < <(compgen -f -- \"$word\") ;;\n"
      "      *) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\") "
      ";;\n"
      "    esac ;;\n"
      "  esac\n"
      "}\n"
      "complete -o filenames -F _terrazzo terrazzo\n";
  return writeOutput("-", text) ? Done : InputFault;
}
