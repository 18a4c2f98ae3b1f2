// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The C++ API over the compilation that the command line does too.
#include "terrazzo/Compiler.h"

#include "lib/Compiler/Compilation.h"

using namespace terrazzo;

static std::vector<Message> messagesOf(const DiagnosticEngine &engine) {
  std::vector<Message> out;
  for (const DiagnosticRecord &record : engine.records()) {
    Message m;
    m.severity = record.severity() == Severity::Error ? Message::Severity::Error
                 : record.severity() == Severity::Warning
                     ? Message::Severity::Warning
                     : Message::Severity::Remark;
    m.kind = record.name().str();
    m.text = record.message;
    m.file = record.where.file;
    m.line = record.where.line;
    m.column = record.where.column;
    out.push_back(std::move(m));
  }
  return out;
}

/// The buffer of the source; nothing when the file cannot be read.
static std::optional<unsigned>
openSource(DiagnosticEngine &engine, const std::string &path,
           const std::optional<std::string> &source, const Limits &limits) {
  if (source)
    return engine.addBuffer(path, *source);
  return frontend::addSource(engine, path, limits);
}

/// Its name on the command line.
static llvm::StringRef nameOf(Emit level) {
  switch (level) {
  case Emit::Kernel:
    return "kernel";
  case Emit::Tile:
    return "tile";
  case Emit::Llvm:
    return "llvm";
  case Emit::Asm:
    return "asm";
  case Emit::Object:
    return "object";
  case Emit::Artifact:
    return "artifact";
  }
  return "";
}

/// Nothing after an error, which was reported.
static std::optional<schedule::Schedule> scheduleOf(const std::string &text,
                                                    DiagnosticEngine &engine) {
  if (text.empty())
    return schedule::Schedule();
  auto settings = schedule::readInline(text, engine);
  if (!settings)
    return std::nullopt;
  return schedule::resolve({*settings}, {}, {}, engine);
}

/// Nothing after an error, which was reported.
static std::optional<std::string> outputOf(const CompileRequest &request,
                                           DiagnosticEngine &engine) {
  auto buffer =
      openSource(engine, request.path, request.source, request.limits);
  if (!buffer)
    return std::nullopt;
  frontend::Request inner;
  inner.buffer = *buffer;
  inner.kernel = request.kernel;
  inner.signature = request.signature;
  inner.options = {request.limits, request.roots};
  llvm::StringRef level = nameOf(request.emit);
  std::optional<ChosenChip> chip;
  if (!isAboveTargets(level)) {
    chip = chooseChip(request.target, request.targets, engine);
    if (!chip || !hasCode(*chip, engine))
      return std::nullopt;
  }
  auto schedule = scheduleOf(request.schedule, engine);
  if (!schedule)
    return std::nullopt;
  if (request.emit != Emit::Object && request.emit != Emit::Artifact)
    return levelText(level, inner, chip ? &*chip : nullptr, *schedule, engine);
  CompileInputs inputs{engine.text(*buffer),
                       request.kernel,
                       request.signature,
                       {},
                       "",
                       *chip,
                       *schedule,
                       {}};
  inputs.imported = frontend::importedTexts(engine, *buffer, inner.options);
  auto compiled = compileArtifact(inner, nullptr, inputs,
                                  CompileCache(request.useCache), engine);
  if (!compiled)
    return std::nullopt;
  return request.emit == Emit::Object ? std::move(compiled->artifact.code)
                                      : std::move(compiled->bytes);
}

CompileResult terrazzo::compile(const CompileRequest &request) {
  CompileResult result;
  llvm::raw_string_ostream rendered(result.rendered);
  DiagnosticEngine engine(rendered);
  result.output = outputOf(request, engine);
  result.messages = messagesOf(engine);
  return result;
}

std::vector<KernelDescription>
terrazzo::listKernels(const std::string &path, std::vector<Message> &messages) {
  std::string unused;
  llvm::raw_string_ostream rendered(unused);
  DiagnosticEngine engine(rendered);
  std::vector<KernelDescription> out;
  if (auto buffer = openSource(engine, path, std::nullopt, Limits()))
    for (const frontend::KernelInfo &kernel :
         frontend::listKernels(engine, *buffer)) {
      KernelDescription d{kernel.name, {}};
      for (const auto &p : kernel.parameters)
        d.parameters.push_back(p.name);
      out.push_back(std::move(d));
    }
  messages = messagesOf(engine);
  return out;
}

std::string terrazzo::version() { return "0.1.0"; }
