// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What may stand in a chip file: a table, so that a reader, its messages and
// its checks cannot disagree (docs/Spec/Chip.md).
#ifndef TERRAZZO_LIB_CHIP_SCHEMA_H
#define TERRAZZO_LIB_CHIP_SCHEMA_H

#include "llvm/ADT/StringRef.h"

#include <vector>

namespace terrazzo::chip {

enum class KeyKind {
  Number,   // `allowed` are its units
  Word,     // `allowed` are the words that may stand there; empty: any
  List,     // of such words
  Part,     // the name of a part of the section `allowed`
  Parts,    // a list of such names
  Operands, // a mapping of a, b and acc, each a list of such names
};

struct Key {
  llvm::StringRef name;
  KeyKind kind = KeyKind::Word;
  llvm::StringRef allowed; // "|"-separated
  bool needed = false;
};

struct Section {
  llvm::StringRef name;
  std::vector<Key> keys;
};

const std::vector<Section> &schema();

} // namespace terrazzo::chip

#endif // TERRAZZO_LIB_CHIP_SCHEMA_H
