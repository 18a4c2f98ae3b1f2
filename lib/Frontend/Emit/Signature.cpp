// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Frontend/Emit/Signature.h"

#include "llvm/ADT/StringExtras.h"

using namespace terrazzo;
using namespace terrazzo::frontend;

static bool isIdentifier(llvm::StringRef s) {
  return !s.empty() && !llvm::isDigit(s[0]) &&
         llvm::all_of(s, [](char c) { return llvm::isAlnum(c) || c == '_'; });
}

/// A constant: a number, a boolean, None, a dtype (`tl.float32`) or a
/// quoted string.
static std::optional<Value> constantOf(llvm::StringRef text) {
  long long integer;
  double real;
  if (text == "True" || text == "true")
    return Value::ofBool(true);
  if (text == "False" || text == "false")
    return Value::ofBool(false);
  if (text == "None" || text == "none")
    return Value::none();
  if (!text.getAsInteger(0, integer))
    return Value::ofInt(integer);
  if (llvm::to_float(text, real) && !isIdentifier(text))
    return Value::ofFloat(real);
  if (llvm::StringRef name = text; name.consume_front("tl."))
    if (auto type = dtypeNamed(name))
      return Value::ofType({*type, false, {}});
  if (text.size() >= 2 && (text[0] == '"' || text[0] == '\'') &&
      text.back() == text[0])
    return Value::ofString(text.drop_front().drop_back().str());
  return std::nullopt;
}

/// `*fp32:16`, `i32`, `i32:16`.
static std::optional<SignatureEntry> typeOf(llvm::StringRef text) {
  SignatureEntry entry;
  auto [type, by] = text.split(':');
  type = type.trim();
  entry.value.kind = Value::Kind::Tensor;
  while (type.consume_front("*"))
    ++entry.value.type.pointer;
  type.consume_front("const ");
  auto dtype = dtypeNamed(type);
  if (!dtype)
    return std::nullopt;
  entry.value.type.element = *dtype;
  if (!by.empty() && (by.trim().getAsInteger(10, entry.divisibility) ||
                      entry.divisibility < 1))
    return std::nullopt;
  return entry;
}

std::optional<std::vector<SignatureEntry>>
terrazzo::frontend::parseSignature(DiagnosticEngine &engine, unsigned buffer,
                                   size_t offset, llvm::StringRef text) {
  std::vector<SignatureEntry> out;
  if (text.trim().empty())
    return out;
  llvm::SmallVector<llvm::StringRef> parts;
  text.split(parts, ',');
  for (llvm::StringRef raw : parts) {
    llvm::StringRef part = raw.trim();
    size_t begin = offset + (part.data() - text.data());
    Where where = engine.range(buffer, begin, begin + part.size());
    std::optional<SignatureEntry> entry;
    llvm::StringRef name;
    // `NAME=value`, `name: type`, `NAME: value`, or a type or value alone.
    size_t mark = part.find_first_of("=:");
    if (mark != llvm::StringRef::npos &&
        isIdentifier(part.take_front(mark).trim()) &&
        (part[mark] == '=' || !dtypeNamed(part.take_front(mark).trim()))) {
      name = part.take_front(mark).trim();
      part = part.drop_front(mark + 1).trim();
    }
    if (part.empty()) {
      engine.emit(DiagnosticKind::BadSignature, where, part);
      return std::nullopt;
    }
    if (auto constant = constantOf(part)) {
      entry.emplace();
      entry->value = *constant;
    } else {
      entry = typeOf(part);
    }
    if (!entry) {
      engine.emit(DiagnosticKind::BadSignature, where, part);
      return std::nullopt;
    }
    entry->name = name.str();
    out.push_back(std::move(*entry));
  }
  return out;
}
