// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which bytes of an argument a launch may touch, as a function of its
// arguments and its grid: the hull of a window over all programs and all steps
// of its loops. The bounds that cut a window off cancel what moves it, because
// offsets are kept as sums of products; what is no such product is an atom with
// an interval of its own. Offset arithmetic is taken not to overflow, as
// everywhere in this folder.
#ifndef TERRAZZO_LIB_TRANSFORMS_ACCESS_HULLS_H
#define TERRAZZO_LIB_TRANSFORMS_ACCESS_HULLS_H

#include "dialects/Tile/Tile.h"
#include "lib/Runtime/Guards.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"

#include <array>
#include <map>
#include <vector>

namespace terrazzo::access {

using mlir::Value;

class Hulls {
public:
  struct Hull {
    int64_t argument = -1; // none: no byte
    int64_t value = 0;     // its number
    int64_t bytes = 0;     // of an element
  };
  /// Of a view of that argument.
  Hull hullOf(Value view, int64_t argument);
  /// Of two windows of one argument.
  Hull join(const Hull &a, const Hull &b);

  /// The values so far: op, a, b as lib/Runtime/Guards.h says.
  const std::vector<std::array<int64_t, 3>> &values() const { return made; }

private:
  using Op = runtime::GuardOp;
  using Product = std::vector<unsigned>;  // numbers of atoms, sorted
  using Sum = std::map<Product, int64_t>; // without products times 0
  struct Atom {
    Op op;
    int64_t number;        // of an argument or axis; bits; tells atoms apart
    Sum a, b;              // operands
    bool isRange;          // not one number for the whole launch
    mlir::Operation *loop; // in which alone it changes, besides its operands
  };
  /// What moves by the same amount in each step of its loop.
  struct Carried {
    bool isKnown = false;
    Sum first, step;
  };
  struct Dim {
    Sum extent, stride, offset;
    int64_t size = 1;
    enum { Inside, Cut, Folded } bound = Inside;
    bool isPicked = false; // by an index tensor
  };
  struct Window {
    int64_t bytes = 0; // of an element
    Sum corner;        // in bytes
    llvm::SmallVector<Dim> dims;
    llvm::SmallVector<unsigned> chosen; // of the array, for each of the window
  };

  // Sums.
  static Sum constant(int64_t n);
  static std::optional<int64_t> constantOf(const Sum &s);
  Sum plus(const Sum &a, const Sum &b, int64_t times = 1);
  Sum times(const Sum &a, const Sum &b);
  Sum atom(Op op, int64_t number, const Sum &a = {}, const Sum &b = {},
           mlir::Operation *loop = nullptr);
  Sum unknown(mlir::Operation *loop);
  Sum tooLarge();
  bool changesIn(const Sum &s, mlir::Operation *loop);
  Sum withoutCarried(const Sum &s);

  // What a scalar of the Tile program is.
  Sum sumOf(Value v);
  Sum operand(Value v);
  Sum argumentOf(mlir::BlockArgument v);
  Sum carriedArgument(mlir::scf::ForOp loop, mlir::BlockArgument v);
  Sum resultOf(mlir::Operation *op, Value v);
  Sum natural(Value v);
  Sum either(const Sum &a, const Sum &b, Value v);
  Sum tripsOf(mlir::scf::ForOp loop);
  Sum stepOf(mlir::scf::ForOp loop);
  Carried carriedOf(mlir::scf::ForOp loop, unsigned number);
  bool read(Value view, Window &w);
  bool readSlice(tile::SliceOp slice, Window &w);

  // Values.
  int64_t make(Op op, int64_t a, int64_t b = 0);
  int64_t emit(const Sum &s);
  int64_t emitParts(const Sum &s);
  int64_t emitAtom(unsigned number);
  int64_t emitCorners(const Window &w, bool byExtents);

  std::vector<Atom> atoms;
  std::map<std::tuple<int64_t, int64_t, Sum, Sum, mlir::Operation *>, unsigned>
      known;
  llvm::DenseMap<Value, Sum> sums;
  llvm::DenseMap<Value, Carried> carried; // by the argument of the loop's body
  std::map<unsigned, Value> carriedAtoms;
  std::map<unsigned, int64_t> emitted;
  std::map<std::array<int64_t, 3>, int64_t> numbers;
  std::vector<std::array<int64_t, 3>> made;
  unsigned depth = 0;
};

} // namespace terrazzo::access

#endif // TERRAZZO_LIB_TRANSFORMS_ACCESS_HULLS_H
