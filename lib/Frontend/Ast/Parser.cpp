// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Frontend/Ast/Parser.h"

#include "lib/Frontend/Ast/AstBuilder.h"
#include "lib/Frontend/Ast/Modules.h"

#include "lib/Frontend/Grammar/IndentingLexer.h"
#include "llvm/ADT/STLExtras.h"

#include "ANTLRInputStream.h"
#include "BailErrorStrategy.h"
#include "CommonTokenStream.h"
#include "atn/ParserATNSimulator.h"
#include "llvm/Support/ConvertUTF.h"

using namespace terrazzo;
using namespace terrazzo::frontend;
using terrazzo::grammar::IndentingLexer;
using terrazzo::grammar::TritonParser;

namespace {

/// Keeps the first complaint of the parser.
class FirstError : public antlr4::BaseErrorListener {
public:
  void syntaxError(antlr4::Recognizer *, antlr4::Token *token, size_t, size_t,
                   const std::string &, std::exception_ptr) override {
    if (!seen)
      seen = token;
  }
  antlr4::Token *seen = nullptr;
};

} // namespace

SourceModule::SourceModule(DiagnosticEngine &engine, unsigned buffer,
                           const SourceOptions &options, Modules *modules)
    : engine(engine), bufferId(buffer), given(options),
      owned(modules ? nullptr : std::make_unique<Modules>(engine, options)),
      all(modules ? modules : owned.get()) {}

SourceModule::~SourceModule() = default;

std::unique_ptr<SourceModule> SourceModule::open(DiagnosticEngine &engine,
                                                 unsigned buffer,
                                                 const SourceOptions &options,
                                                 Modules *modules) {
  llvm::StringRef text = engine.text(buffer);
  size_t nul = text.find('\0');
  if (nul != llvm::StringRef::npos) {
    engine.emit(DiagnosticKind::NulByte, engine.range(buffer, nul, nul + 1));
    return nullptr;
  }
  const auto *at = reinterpret_cast<const llvm::UTF8 *>(text.begin());
  const auto *end = reinterpret_cast<const llvm::UTF8 *>(text.end());
  while (at < end) {
    unsigned length = llvm::getNumBytesForUTF8(*at);
    if (length > size_t(end - at) || !llvm::isLegalUTF8Sequence(at, end)) {
      size_t offset = at - reinterpret_cast<const llvm::UTF8 *>(text.begin());
      engine.emit(DiagnosticKind::InvalidUtf8,
                  engine.range(buffer, offset, offset + 1));
      return nullptr;
    }
    at += length;
  }
  std::unique_ptr<SourceModule> result(
      new SourceModule(engine, buffer, options, modules));
  result->found = findIslands(text);
  result->parsed.resize(result->found.size(), {false, nullptr});
  return result;
}

static DiagnosticKind kindOf(IndentingLexer::Fault fault) {
  switch (fault) {
  case IndentingLexer::Fault::StrayCharacter:
    return DiagnosticKind::StrayCharacter;
  case IndentingLexer::Fault::UnterminatedString:
    return DiagnosticKind::UnterminatedString;
  case IndentingLexer::Fault::InconsistentDedent:
    return DiagnosticKind::InconsistentDedent;
  case IndentingLexer::Fault::UnexpectedIndent:
    return DiagnosticKind::UnexpectedIndent;
  case IndentingLexer::Fault::TooDeep:
    return DiagnosticKind::TooDeeplyNested;
  case IndentingLexer::Fault::UnbalancedBracket:
    return DiagnosticKind::UnbalancedBracket;
  }
  return DiagnosticKind::StrayCharacter;
}

/// How a token is called in a message.
static std::string describe(antlr4::Token *token) {
  switch (token->getType()) {
  case antlr4::Token::EOF:
    return "the end of the block";
  case TritonParser::NEWLINE:
    return "the end of the line";
  case TritonParser::INDENT:
    return "an indented line";
  case TritonParser::DEDENT:
    return "the end of the indented block";
  default:
    return "`" + token->getText() + "`";
  }
}

Stmt *SourceModule::parse(size_t index) {
  if (parsed[index].first)
    return parsed[index].second;
  parsed[index].first = true;
  const Island &island = found[index];
  llvm::StringRef text =
      engine.text(bufferId).slice(island.range.begin, island.range.end);

  // ANTLR counts code points; offsets of ASCII text need no table.
  std::vector<uint32_t> offsets;
  bool ascii = llvm::all_of(text, [](char c) { return c >= 0; });
  if (!ascii)
    for (size_t i = 0; i <= text.size(); ++i)
      if (i == text.size() || (text[i] & 0xC0) != 0x80)
        offsets.push_back(i);
  auto byteOf = [&](size_t point) -> uint32_t {
    size_t local = ascii ? std::min(point, text.size())
                         : offsets[std::min(point, offsets.size() - 1)];
    return island.range.begin + local;
  };

  antlr4::ANTLRInputStream input(text.str());
  IndentingLexer lexer(&input);
  lexer.maxDepth = unsigned(given.limits.nesting);
  antlr4::CommonTokenStream tokens(&lexer);
  tokens.fill();
  if (const auto &error = lexer.error()) {
    engine.emit(
        kindOf(error->fault),
        engine.range(bufferId, byteOf(error->begin), byteOf(error->end)),
        error->fault == IndentingLexer::Fault::TooDeep
            ? std::to_string(lexer.maxDepth)
            : error->text);
    return nullptr;
  }

  // SLL and no recovery first: it accepts what LL accepts here and is fast. The
  // default strategy runs only to find the place of a mistake.
  TritonParser parser(&tokens);
  parser.removeErrorListeners();
  auto *simulator = parser.getInterpreter<antlr4::atn::ParserATNSimulator>();
  simulator->setPredictionMode(antlr4::atn::PredictionMode::SLL);
  parser.setErrorHandler(std::make_shared<antlr4::BailErrorStrategy>());
  TritonParser::IslandContext *tree = nullptr;
  FirstError first;
  try {
    tree = parser.island();
  } catch (const antlr4::ParseCancellationException &) {
    parser.reset();
    parser.addErrorListener(&first);
    parser.setErrorHandler(std::make_shared<antlr4::DefaultErrorStrategy>());
    simulator->setPredictionMode(antlr4::atn::PredictionMode::LL);
    tree = parser.island();
  }
  if (first.seen) {
    size_t begin = first.seen->getStartIndex();
    size_t end = std::max(first.seen->getStopIndex() + 1, begin);
    bool text = first.seen->getType() < TritonParser::NEWLINE ||
                !first.seen->getText().empty();
    bool indents = first.seen->getType() == TritonParser::INDENT;
    engine.emit(
        indents ? DiagnosticKind::UnexpectedIndent
                : DiagnosticKind::SyntaxError,
        engine.range(bufferId, byteOf(begin),
                     text && first.seen->getType() != TritonParser::NEWLINE
                         ? byteOf(end)
                         : byteOf(begin)),
        describe(first.seen));
    return nullptr;
  }
  AstBuilder builder(module, byteOf);
  Stmt *result = builder.build(tree);
  for (const SyntaxFault &fault : builder.faults())
    engine.emit(DiagnosticKind::InvalidSyntax, where(fault.range), fault.text);
  if (!builder.faults().empty())
    return nullptr;
  if (result && island.kind == Island::Kind::Function) {
    result->signature = island.signature;
    result->signatureRange = island.signatureRange;
  }
  parsed[index].second = result;
  return result;
}

const Island *SourceModule::find(Island::Kind kind,
                                 llvm::StringRef name) const {
  // The last definition counts, as in Python.
  for (size_t i = found.size(); i-- > 0;)
    if (found[i].kind == kind && found[i].name == name)
      return &found[i];
  return nullptr;
}

Stmt *SourceModule::function(llvm::StringRef name) {
  const Island *island = find(Island::Kind::Function, name);
  return island ? parse(island - found.data()) : nullptr;
}

Stmt *SourceModule::constant(llvm::StringRef name) {
  const Island *island = find(Island::Kind::Constant, name);
  return island ? parse(island - found.data()) : nullptr;
}

const std::vector<Stmt *> &SourceModule::imports() {
  if (!importsRead) {
    importsRead = true;
    for (size_t i = 0; i < found.size(); ++i)
      if (found[i].kind == Island::Kind::Import)
        if (Stmt *s = parse(i))
          importStatements.push_back(s);
  }
  return importStatements;
}

bool SourceModule::hasFunction(llvm::StringRef name) const {
  return find(Island::Kind::Function, name);
}

bool SourceModule::hasConstant(llvm::StringRef name) const {
  return find(Island::Kind::Constant, name);
}

std::vector<std::string> SourceModule::decoratedFunctions() const {
  std::vector<std::string> names;
  for (const Island &island : found)
    if (island.kind == Island::Kind::Function && island.decorated)
      names.push_back(island.name);
  return names;
}
