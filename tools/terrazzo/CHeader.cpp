// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/terrazzo/CHeader.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/FormatVariadic.h"

using namespace terrazzo;

/// A kernel may have a name that C or C++ cannot declare.
static bool isKeyword(llvm::StringRef name) {
  static const llvm::StringRef keywords[] = {
      "alignas",  "alignof",   "asm",      "auto",     "bool",     "break",
      "case",     "catch",     "char",     "class",    "const",    "continue",
      "default",  "delete",    "do",       "double",   "else",     "enum",
      "explicit", "export",    "extern",   "false",    "float",    "for",
      "friend",   "goto",      "if",       "inline",   "int",      "long",
      "mutable",  "namespace", "new",      "operator", "private",  "protected",
      "public",   "register",  "restrict", "return",   "short",    "signed",
      "sizeof",   "static",    "struct",   "switch",   "template", "this",
      "throw",    "true",      "try",      "typedef",  "typeid",   "typename",
      "union",    "unsigned",  "using",    "virtual",  "void",     "volatile",
      "while"};
  return llvm::is_contained(keywords, name);
}

/// `x_ptr: pointer to f32, address divisible by 16`.
static std::string describe(const artifact::Parameter &p) {
  auto [type, by] = llvm::StringRef(p.type).split(':');
  bool isPointer = type.consume_front("*");
  std::string text =
      p.name + ": " + (isPointer ? "pointer to " : "") + type.str();
  if (!by.empty())
    text +=
        (isPointer ? ", address divisible by " : ", divisible by ") + by.str();
  return text;
}

std::string terrazzo::tool::headerFor(const artifact::Artifact &a) {
  std::string name = isKeyword(a.kernel) ? a.kernel + "_" : a.kernel;
  std::string arguments;
  for (auto [i, p] : llvm::enumerate(a.parameters))
    arguments += llvm::formatv(" *   arguments[{0}]  {1}\n", i, describe(p));
  std::string constants =
      a.constants.empty() ? "" : " * Compiled for " + a.constants + ".\n";
  // A constant may be any text: it must not end the comment.
  for (size_t at; (at = constants.find("*/")) != std::string::npos;)
    constants.insert(at + 1, " ");
  return llvm::formatv(
             R"(/* Made by {0} for {1}.
 *
 * The kernel {2} takes
{3}{4} * Arguments may overlap. The grid is that of the launch. It returns 0, and
 * else what terrazzo-c/Runtime.h says: 1 when scratch memory could not be had,
 * 2 when an assertion failed, 3 when an argument is not divisible as above.
 */
#ifndef TERRAZZO_KERNEL_{2}_H
#define TERRAZZO_KERNEL_{2}_H

#include "terrazzo-c/Runtime.h"

#ifdef __cplusplus
extern "C" {{
#endif

int {5}(const uint64_t *arguments, const int64_t grid[3],
    const TerrazzoRuntime *runtime){6};

#ifdef __cplusplus
}
#endif

#endif
)",
             a.compiler, a.chip, a.kernel, arguments, constants, name,
             name == a.kernel ? "" : " __asm__(\"" + a.kernel + "\")")
      .str();
}
