// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Driver/Npy.h"

#include "lib/Driver/WholeFile.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <cstring>

using namespace terrazzo;
using namespace terrazzo::driver;
using interpreter::Tensor;

static llvm::Error problem(const llvm::Twine &text) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), text);
}

/// The text behind `'key':` in the header's dict.
static llvm::StringRef field(llvm::StringRef header, llvm::StringRef key) {
  size_t at = header.find(("'" + key + "'").str());
  if (at == llvm::StringRef::npos)
    return {};
  llvm::StringRef rest = header.drop_front(at);
  return rest.drop_front(std::min(rest.find(':') + 1, rest.size())).ltrim();
}

static double elementOf(const char *p, char kind, unsigned size) {
  if (kind == 'f' && size == 2) {
    uint16_t v;
    std::memcpy(&v, p, 2);
    return numerics::decode(numerics::Format::F16, v);
  }
  if (kind == 'f' && size == 4) {
    float v;
    std::memcpy(&v, p, 4);
    return v;
  }
  double v;
  std::memcpy(&v, p, 8);
  return v;
}

llvm::Expected<NpyArray> terrazzo::driver::readNpy(const std::string &path,
                                                   int64_t maxElements) {
  // A device may have no end.
  llvm::sys::fs::file_status status;
  if (!llvm::sys::fs::status(path, status) &&
      !llvm::sys::fs::is_regular_file(status))
    return problem("not a regular file");
  auto file = llvm::MemoryBuffer::getFile(path, false, false);
  if (!file)
    return problem(file.getError().message());
  llvm::StringRef text = (*file)->getBuffer();
  if (!text.starts_with("\x93NUMPY") || text.size() < 10)
    return problem("not a .npy file");
  unsigned version = text[6];
  size_t lengthBytes = version == 1 ? 2 : 4, length = 0;
  if (version < 1 || version > 3 || text.size() < 8 + lengthBytes)
    return problem("an unknown version of .npy");
  for (size_t i = 0; i < lengthBytes; ++i)
    length |= size_t(uint8_t(text[8 + i])) << (8 * i);
  size_t start = 8 + lengthBytes + length;
  if (start > text.size())
    return problem("the file is truncated");
  llvm::StringRef header = text.slice(8 + lengthBytes, start);
  llvm::StringRef descr = field(header, "descr");
  if (!descr.consume_front("'"))
    return problem("structured arrays are not read");
  descr = descr.take_until([](char c) { return c == '\''; });
  unsigned size = 0;
  char order = descr.empty() ? 0 : descr[0];
  char kind = descr.size() > 1 ? descr[1] : 0;
  if (kind == 'O')
    return problem("arrays of Python objects are not read");
  if (descr.size() < 3 || descr.drop_front(2).getAsInteger(10, size) ||
      !llvm::StringRef("<|=").contains(order) ||
      !((kind == 'f' && (size == 2 || size == 4 || size == 8)) ||
        ((kind == 'i' || kind == 'u') &&
         (size == 1 || size == 2 || size == 4 || size == 8)) ||
        (kind == 'b' && size == 1)))
    return problem("element type `" + descr + "` is not read");
  NpyArray out;
  out.isFloat = kind == 'f';
  out.isUnsigned = kind == 'u';
  llvm::StringRef shape = field(header, "shape");
  if (!shape.consume_front("("))
    return problem("the header has no shape");
  shape = shape.take_until([](char c) { return c == ')'; });
  llvm::SmallVector<llvm::StringRef> sizes;
  shape.split(sizes, ',', -1, false);
  int64_t count = 1;
  for (llvm::StringRef s : sizes) {
    int64_t n;
    if (s.trim().empty())
      continue;
    if (s.trim().getAsInteger(10, n) || n < 0 ||
        __builtin_mul_overflow(count, n, &count) || count > maxElements)
      return problem("the shape is too large");
    out.shape.push_back(n);
  }
  if (text.size() - start < uint64_t(count) * size)
    return problem("the file is truncated");
  bool fortran = field(header, "fortran_order").starts_with("True");
  const char *data = text.data() + start;
  auto position = [&](int64_t i) { // row-major index → place in the file
    if (!fortran)
      return i;
    int64_t at = 0, stride = 1;
    llvm::SmallVector<int64_t> index(out.shape.size());
    for (size_t d = out.shape.size(); d-- > 0;) {
      index[d] = i % out.shape[d];
      i /= out.shape[d];
    }
    for (size_t d = 0; d < out.shape.size(); ++d) {
      at += index[d] * stride;
      stride *= out.shape[d];
    }
    return at;
  };
  for (int64_t i = 0; i < count; ++i) {
    const char *p = data + position(i) * size;
    if (out.isFloat) {
      out.reals.push_back(elementOf(p, kind, size));
      continue;
    }
    uint64_t v = 0;
    std::memcpy(&v, p, size);
    out.integers.push_back(kind == 'i'
                               ? interpreter::signExtend(int64_t(v), size * 8)
                               : int64_t(v));
  }
  return out;
}

llvm::Error terrazzo::driver::writeNpy(const std::string &path,
                                       const Tensor &data,
                                       const std::vector<int64_t> &shape) {
  using F = numerics::Format;
  bool isFloat = data.type.isFloat();
  unsigned size = isFloat ? (data.type.format == F::F64   ? 8
                             : data.type.format == F::F16 ? 2
                                                          : 4)
                          : std::max(1u, data.type.bits / 8);
  std::string dict = "{'descr': '" + std::string(size == 1 ? "|" : "<") +
                     (data.type.bits == 1 ? "b"
                      : isFloat           ? "f"
                                          : "i") +
                     std::to_string(size) +
                     "', 'fortran_order': False, 'shape': (";
  for (int64_t n : shape)
    dict += std::to_string(n) + ",";
  dict += "), }";
  dict.append(63 - (10 + dict.size()) % 64, ' ');
  dict += '\n';
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += char(dict.size() & 255);
  bytes += char(dict.size() >> 8);
  bytes += dict;
  for (size_t i = 0; i < data.size(); ++i) {
    uint64_t v;
    if (isFloat)
      v = numerics::encode(size == 8   ? F::F64
                           : size == 2 ? F::F16
                                       : F::F32,
                           data.values[i]);
    else
      v = data.type.bits == 1 ? data.ints[i] & 1 : uint64_t(data.ints[i]);
    bytes.append(reinterpret_cast<const char *>(&v), size);
  }
  if (std::error_code error = writeWholeFile(path, bytes))
    return llvm::errorCodeToError(error);
  return llvm::Error::success();
}
