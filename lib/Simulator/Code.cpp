// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The instructions of each stream, with what every execution of them needs.
#include "lib/Simulator/Machine.h"
#include "lib/Simulator/Uses.h"

using namespace terrazzo;
using namespace terrazzo::simulator;

static bool isWork(Action action) {
  return action >= Action::Element && action <= Action::Multiply;
}

static int pathOf(const Program &program, const Instruction &i) {
  if (i.action == Action::Transfer)
    return program.transfers[i.payload].path;
  if (i.action == Action::Element && program.elements[i.payload].global)
    return program.elements[i.payload].path;
  return -1;
}

static Step stepOf(const Program &program, int32_t number) {
  const Instruction &i = program.instructions[number];
  Step step;
  step.instruction = &i;
  step.number = number;
  step.target = i.target;
  step.path = pathOf(program, i);
  Uses uses = usesOf(program, i);
  step.uses.assign(uses.values.begin(), uses.values.end());
  step.uses.append(uses.steering.begin(), uses.steering.end());
  llvm::sort(step.uses);
  step.uses.erase(std::unique(step.uses.begin(), step.uses.end()),
                  step.uses.end());
  step.results = uses.results;
  step.awaits = isWork(i.action) && i.engine >= 0 && !uses.results.empty();
  return step;
}

Code::Code(const PreparedProgram &prepared, const Run &run)
    : prepared(prepared), program(prepared.program), run(run),
      shared(prepared.program) {
  std::vector<bool> steering;
  computesMemory = run.functional;
  if (!run.functional)
    steering = steeringOf(program);
  for (size_t s = 0; s < program.streams.size(); ++s) {
    std::vector<Step> steps;
    std::vector<int32_t> places; // of each instruction among the steps
    for (size_t n = 0; n < program.instructions.size(); ++n) {
      places.push_back(int32_t(steps.size()));
      int16_t of = program.instructions[n].stream;
      if (of >= 0 && size_t(of) != s)
        continue;
      steps.push_back(stepOf(program, int32_t(n)));
      steps.back().isComputed = run.functional || steering[n];
      computesMemory |=
          steps.back().isComputed && isWork(program.instructions[n].action);
    }
    for (Step &step : steps)
      if (step.instruction->action == Action::Jump ||
          step.instruction->action == Action::JumpIfZero)
        step.target = places[step.target];
    begins.emplace_back();
    for (const Launch &launch : program.launches)
      begins.back().push_back(places[launch.begin]);
    streams.push_back(std::move(steps));
  }
}
