// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The C++ API over the front end.
#include "terrazzo/Compiler.h"

#include "lib/Diagnostics/Diagnostics.h"
#include "lib/Frontend/Frontend.h"

#include "mlir/IR/MLIRContext.h"

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

CompileResult terrazzo::compile(const CompileRequest &request) {
  CompileResult result;
  llvm::raw_string_ostream rendered(result.rendered);
  DiagnosticEngine engine(rendered);
  if (auto buffer =
          openSource(engine, request.path, request.source, request.limits)) {
    frontend::Request inner;
    inner.buffer = *buffer;
    inner.kernel = request.kernel;
    inner.signature = request.signature;
    inner.options = {request.limits, request.roots};
    mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
    if (auto module = frontend::emitKernelIR(context, inner, engine)) {
      std::string text;
      llvm::raw_string_ostream os(text);
      module->print(os);
      os << "\n";
      result.output = std::move(text);
    }
  }
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
