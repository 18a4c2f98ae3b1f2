// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/terrazzo/Device.h"

#include "lib/Driver/Binding.h"
#include "lib/Frontend/Emit/Value.h"
#include "lib/Simulator/Trace.h"
#include "lib/Target/ModeledTarget.h"

#include "mlir/IR/MLIRContext.h"

using namespace terrazzo;
using namespace terrazzo::tool;

/// A number's bits as TerrazzoEntry takes them.
static uint64_t bitsOf(const interpreter::LaunchArgument &argument,
                       llvm::StringRef type) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  auto dtype = frontend::dtypeNamed(type.split(':').first);
  if (!dtype)
    return uint64_t(argument.integer);
  interpreter::ElementType element =
      interpreter::elementTypeOf(frontend::toMLIR(&context, *dtype));
  if (element.isFloat())
    return numerics::encode(element.format, argument.real);
  return uint64_t(interpreter::signExtend(argument.integer, element.bits));
}

DeviceLaunch::DeviceLaunch(const driver::Prepared &first,
                           const ChosenChip &chip, bool timesOnly)
    : chip(chip) {
  for (const interpreter::Buffer &b : first.buffers) {
    names.push_back(b.name);
    types.push_back(b.data.type);
    counts.push_back(int64_t(b.data.size()));
    if (!timesOnly || !b.data.type.isFloat()) {
      memory.emplace_back(b);
      continue;
    }
    interpreter::Buffer none;
    none.data.type = b.data.type;
    memory.emplace_back(none);
  }
  // The simulator counts addresses as the oracle does.
  if (chip.target->modeled())
    return;
  for (int holder : first.addresses) {
    const interpreter::Tensor &data = first.buffers[holder].data;
    for (size_t i = 0; i < data.size(); ++i) {
      auto [buffer, bytes] = interpreter::placeOf(data.ints[i]);
      memory[holder].relocate(
          i,
          reinterpret_cast<uint64_t>(memory[buffer].data()) + uint64_t(bytes));
    }
  }
}

const interpreter::LaunchArgument *
DeviceLaunch::argumentFor(const driver::Prepared &prepared,
                          const artifact::Parameter &parameter,
                          DiagnosticEngine &engine) {
  auto bound = prepared.bound.find(parameter.name);
  if (bound == prepared.bound.end()) {
    engine.emit(DiagnosticKind::LaunchMissing, Where(), parameter.name, "args");
    return nullptr;
  }
  const interpreter::LaunchArgument &a = bound->second.argument;
  if ((a.buffer >= 0) == llvm::StringRef(parameter.type).starts_with("*"))
    return &a;
  engine.emit(DiagnosticKind::NotAPointerArgument, Where(), parameter.name);
  return nullptr;
}

/// As a program of the simulator takes them: the kernel's, then the grid.
std::optional<std::vector<simulator::Word>>
DeviceLaunch::wordsFor(const driver::Prepared &prepared,
                       const artifact::Artifact &artifact,
                       DiagnosticEngine &engine) {
  std::vector<simulator::Word> out;
  for (const artifact::Parameter &p : artifact.parameters) {
    const interpreter::LaunchArgument *a = argumentFor(prepared, p, engine);
    if (!a)
      return std::nullopt;
    simulator::Word word;
    if (a->buffer >= 0)
      word.integer =
          interpreter::addressOf(a->buffer, a->offset, types[a->buffer]);
    else if (llvm::StringRef type = llvm::StringRef(p.type).split(':').first;
             type.starts_with("f") || type.starts_with("bf"))
      word.real = a->real;
    else
      word.integer = a->integer;
    out.push_back(word);
  }
  for (int64_t extent : prepared.grid) {
    simulator::Word word;
    word.integer = extent;
    out.push_back(word);
  }
  return out;
}

bool DeviceLaunch::simulate(const driver::Prepared &prepared,
                            const artifact::Artifact &artifact, const How &how,
                            DiagnosticEngine &engine) {
  auto loaded = chip.target->modeled()->load(artifact.code, artifact.kernel,
                                             chip.chip, engine);
  auto words = wordsFor(prepared, artifact, engine);
  if (!loaded || !words)
    return false;
  simulator::Run run;
  for (size_t i = 0; i < memory.size(); ++i)
    run.buffers.push_back({names[i],
                           how.timingOnly && types[i].isFloat()
                               ? nullptr // no float decides
                               : memory[i].data(),
                           counts[i] * driver::elementBytes(types[i])});
  run.arguments = *words;
  // What the program needs of its own comes after the kernel's arguments.
  std::vector<std::vector<char>> own;
  for (auto [bytes, type] : loaded->workspaces()) {
    own.emplace_back(size_t(bytes), char(0xCB));
    simulator::Word word;
    word.integer = interpreter::addressOf(int(run.buffers.size()), 0, type);
    run.buffers.push_back({"workspace", own.back().data(), bytes});
    run.arguments.push_back(word);
  }
  run.functional = !how.timingOnly;
  run.threads = how.threads;
  run.timeline = how.trace;
  run.most = how.most;
  if (how.change)
    how.change(loaded->program);
  modeled = simulator::run(loaded->program, run, engine);
  if (modeled && how.trace) {
    loaded->program.name = artifact.kernel;
    std::string text = simulator::summary(loaded->program, run, *modeled);
    traced.push_back({std::move(*loaded), *modeled, std::move(text)});
  }
  return modeled && collect(how, engine);
}

/// What lies in the memory now.
bool DeviceLaunch::collect(const How &how, DiagnosticEngine &engine) {
  results.clear();
  for (size_t i = 0; i < memory.size(); ++i) {
    if (memory[i].wroteOutside()) {
      engine.emit(DiagnosticKind::WroteOutside, Where(), names[i]);
      return false;
    }
    if (how.read)
      results.push_back({names[i], memory[i].read(), {}});
  }
  return true;
}

bool DeviceLaunch::run(const driver::Prepared &prepared,
                       const artifact::Artifact &artifact, const How &how,
                       DiagnosticEngine &engine) {
  return chip.target->modeled() ? simulate(prepared, artifact, how, engine)
                                : runHere(prepared, artifact, how, engine);
}

std::optional<std::vector<uint64_t>>
DeviceLaunch::argumentsFor(const driver::Prepared &prepared,
                           const artifact::Artifact &artifact,
                           DiagnosticEngine &engine) {
  std::vector<uint64_t> out;
  for (const artifact::Parameter &p : artifact.parameters) {
    const interpreter::LaunchArgument *found = argumentFor(prepared, p, engine);
    if (!found)
      return std::nullopt;
    const interpreter::LaunchArgument &a = *found;
    if (a.buffer < 0) {
      out.push_back(bitsOf(a, p.type));
      continue;
    }
    int64_t bytes = a.offset * driver::elementBytes(types[a.buffer]);
    out.push_back(reinterpret_cast<uint64_t>(memory[a.buffer].data()) +
                  uint64_t(bytes));
  }
  return out;
}

bool DeviceLaunch::runHere(const driver::Prepared &prepared,
                           const artifact::Artifact &artifact, const How &how,
                           DiagnosticEngine &engine) {
  auto executor = cpu::Executor::load(artifact, engine);
  auto arguments = argumentsFor(prepared, artifact, engine);
  if (!executor || !arguments)
    return false;
  std::vector<bool> hadValues;
  if (how.time)
    for (driver::NativeMemory &m : memory) {
      m.remember();
      hadValues.push_back(m.hasValues());
    }
  uint64_t before = terrazzoFallbacks();
  auto once = executor->launch(*arguments, prepared.grid, how.threads, engine);
  if (!once)
    return false;
  fallbacks = int64_t(terrazzoFallbacks() - before);
  measurement = *once;
  return collect(how, engine) &&
         (!how.time ||
          measure(*executor, *arguments, prepared, how, hadValues, engine));
}

bool DeviceLaunch::measure(cpu::Executor &executor,
                           const std::vector<uint64_t> &arguments,
                           const driver::Prepared &prepared, const How &how,
                           const std::vector<bool> &hadValues,
                           DiagnosticEngine &engine) {
  // A launch that changes what it also reads starts from the same numbers every
  // time; otherwise a thousand rounds could end in infinities.
  std::vector<driver::NativeMemory *> changed;
  for (size_t i = 0; i < memory.size(); ++i)
    if (hadValues[i] && memory[i].hasChanged())
      changed.push_back(&memory[i]);
  std::function<void()> restore;
  if (!changed.empty())
    restore = [&changed] {
      for (driver::NativeMemory *m : changed)
        m->restore();
    };
  auto many =
      executor.measure(arguments, prepared.grid, how.threads, restore, engine);
  if (!many)
    return false;
  measurement = *many;
  if (!how.goesOn || changed.empty())
    return true;
  restore();
  return executor.launch(arguments, prepared.grid, how.threads, engine)
      .has_value();
}
