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

std::optional<std::vector<uint64_t>>
DeviceLaunch::argumentsFor(const artifact::Artifact &artifact,
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
    int64_t bytes =
        a.offset * driver::elementBytes(prepared.buffers[a.buffer].data.type);
    out.push_back(reinterpret_cast<uint64_t>(memory[a.buffer].data()) +
                  uint64_t(bytes));
  }
  return out;
}

bool DeviceLaunch::run(const artifact::Artifact &artifact, unsigned threads,
                       bool time, DiagnosticEngine &engine) {
  auto executor = cpu::Executor::load(artifact, engine);
  auto arguments = argumentsFor(artifact, engine);
  if (!executor || !arguments)
    return false;
  if (time)
    for (driver::NativeMemory &m : memory)
      m.remember();
  auto once = executor->launch(*arguments, prepared.grid, threads, engine);
  if (!once)
    return false;
  measurement = *once;
  for (size_t i = 0; i < memory.size(); ++i) {
    if (memory[i].wroteOutside()) {
      engine.emit(DiagnosticKind::WroteOutside, Where(),
                  prepared.buffers[i].name);
      return false;
    }
    results.push_back({prepared.buffers[i].name, memory[i].read(), {}});
  }
  if (!time)
    return true;
  // A launch that changes what it also reads starts from the same numbers every
  // time; otherwise a thousand rounds could end in infinities.
  std::vector<driver::NativeMemory *> changed;
  for (size_t i = 0; i < memory.size(); ++i) {
    const auto &flags = prepared.buffers[i].data.flags;
    bool isInput = llvm::any_of(
        flags, [](uint8_t f) { return !(f & interpreter::Poison); });
    if ((isInput || flags.empty()) && memory[i].hasChanged())
      changed.push_back(&memory[i]);
  }
  std::function<void()> restore;
  if (!changed.empty())
    restore = [&changed] {
      for (driver::NativeMemory *m : changed)
        m->restore();
    };
  auto many =
      executor->measure(*arguments, prepared.grid, threads, restore, engine);
  if (!many)
    return false;
  measurement = *many;
  return true;
}
