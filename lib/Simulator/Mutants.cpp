// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Simulator/Mutants.h"

#include "lib/Diagnostics/MLIRBridge.h"

using namespace terrazzo;
using namespace terrazzo::simulator;

std::vector<Mutant> simulator::mutantsOf(const Program &program) {
  std::vector<Mutant> out;
  std::vector<bool> isWaitedFor(program.events.size());
  using Kind = Mutant::Kind;
  for (size_t n = 0; n < program.instructions.size(); ++n) {
    const Instruction &i = program.instructions[n];
    auto number = int32_t(n);
    if (i.action == Action::Wait) {
      isWaitedFor[i.event] = true;
      out.push_back({Kind::NoWait, number});
      if (i.scalar.reg < 0 && i.scalar.constant > 1)
        out.push_back({Kind::LessWait, number});
    } else if (i.action == Action::Signal) {
      out.push_back({Kind::NoSignal, number});
    } else if (i.event >= 0) {
      out.push_back({Kind::NoEnd, number});
    }
  }
  for (size_t e = 0; e < program.events.size(); ++e)
    if (isWaitedFor[e])
      out.push_back({Kind::Credit, int32_t(e)});
  return out;
}

void Mutant::apply(Program &program) const {
  if (kind == Kind::Credit) {
    ++program.events[number].initial;
    return;
  }
  Instruction &i = program.instructions[number];
  switch (kind) {
  case Kind::LessWait:
    --i.scalar.constant;
    break;
  case Kind::NoEnd:
    i.event = i.eventOffset = -1;
    break;
  default:
    i.scalar = {};
  }
}

std::string Mutant::text(const Program &program) const {
  if (kind == Kind::Credit)
    return "one count more in `" + program.events[number].name + "`";
  const Instruction &i = program.instructions[number];
  FilePosition at = where(program.places[i.place]).position;
  llvm::StringRef what = kind == Kind::NoWait     ? "without its wait"
                         : kind == Kind::LessWait ? "waiting for one less"
                         : kind == Kind::NoSignal ? "without its signal"
                                                  : "with an end unseen";
  return llvm::formatv("{0}: `{1}` at {2}:{3}, instruction {4}", what,
                       i.name >= 0 ? program.names[i.name] : "?", at.file,
                       at.line, number)
      .str();
}
