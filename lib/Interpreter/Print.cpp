// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Interpreter/Print.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace terrazzo;
using namespace terrazzo::interpreter;

static void printElement(llvm::raw_ostream &os, const Tensor &t, size_t i,
                         bool hex, bool isSigned) {
  if (t.flag(i) & Poison) {
    os << "poison";
  } else if (t.type.isFloat()) {
    os << llvm::format(hex ? "%a" : "%f", t.values[i]);
  } else if (hex || t.type.kind == ElementType::Kind::Pointer) {
    os << llvm::format_hex(zeroExtend(t.ints[i], t.type.bits),
                           2 + t.type.bits / 4);
  } else if (isSigned) {
    os << t.ints[i];
  } else {
    os << zeroExtend(t.ints[i], t.type.bits);
  }
}

/// Padded to the digits of the largest index, as `%2u` of the shape would be.
static void printIndex(llvm::raw_ostream &os, const Tensor &t, size_t i) {
  std::vector<int64_t> index(t.shape.size());
  for (size_t d = t.shape.size(); d-- > 0;) {
    index[d] = int64_t(i) % t.shape[d];
    i /= size_t(t.shape[d]);
  }
  os << "idx (";
  for (size_t d = 0; d < index.size(); ++d) {
    size_t width = t.shape[d] > 1 ? std::to_string(t.shape[d] - 1).size() : 0;
    os << (d ? ", " : "")
       << llvm::right_justify(std::to_string(index[d]), unsigned(width));
  }
  os << ")";
}

std::string
terrazzo::interpreter::printed(kernel::PrintOp op,
                               const std::array<int64_t, 3> &program,
                               llvm::ArrayRef<const Tensor *> values) {
  std::string text;
  llvm::raw_string_ostream os(text);
  auto pid = [&] {
    os << "pid (" << program[0] << ", " << program[1] << ", " << program[2]
       << ")";
  };
  if (values.empty()) {
    pid();
    os << op.getPrefix() << "\n";
  }
  auto isSigned = op.getIsSigned();
  for (size_t n = 0; n < values.size(); ++n)
    for (size_t i = 0; i < values[n]->size(); ++i) {
      pid();
      os << " ";
      printIndex(os, *values[n], i);
      os << op.getPrefix();
      if (values.size() > 1)
        os << "(operand " << n << ") ";
      printElement(os, *values[n], i, op.getHex(),
                   !isSigned || n >= isSigned->size() || (*isSigned)[n]);
      os << "\n";
    }
  return text;
}
