// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/terrazzo/Device.h"

#include "lib/Driver/Binding.h"
#include "lib/Frontend/Emit/Value.h"

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

DeviceLaunch::DeviceLaunch(const driver::Prepared &first) {
  for (const interpreter::Buffer &b : first.buffers) {
    names.push_back(b.name);
    types.push_back(b.data.type);
    memory.emplace_back(b);
  }
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

std::optional<std::vector<uint64_t>>
DeviceLaunch::argumentsFor(const driver::Prepared &prepared,
                           const artifact::Artifact &artifact,
                           DiagnosticEngine &engine) {
  std::vector<uint64_t> out;
  for (const artifact::Parameter &p : artifact.parameters) {
    auto bound = prepared.bound.find(p.name);
    if (bound == prepared.bound.end()) {
      engine.emit(DiagnosticKind::LaunchMissing, Where(), p.name, "args");
      return std::nullopt;
    }
    const interpreter::LaunchArgument &a = bound->second.argument;
    if ((a.buffer >= 0) != llvm::StringRef(p.type).starts_with("*")) {
      engine.emit(DiagnosticKind::NotAPointerArgument, Where(), p.name);
      return std::nullopt;
    }
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

bool DeviceLaunch::run(const driver::Prepared &prepared,
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
  results.clear();
  for (size_t i = 0; i < memory.size(); ++i) {
    if (memory[i].wroteOutside()) {
      engine.emit(DiagnosticKind::WroteOutside, Where(), names[i]);
      return false;
    }
    if (how.read)
      results.push_back({names[i], memory[i].read(), {}});
  }
  return !how.time ||
         measure(*executor, *arguments, prepared, how, hadValues, engine);
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
