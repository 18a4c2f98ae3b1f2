// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The way from Kernel IR to Tile IR: one converter a kernel, its parts in
// Offsets.cpp (what pointers and masks say), Addresses.cpp (pointers as
// numbers), Windows.cpp (views and accesses),
// Elementwise.cpp, Private.cpp (ops through memory of the program), Regions.cpp
// (loops, branches, reductions).
#ifndef TERRAZZO_LIB_TRANSFORMS_ACCESS_CONVERTER_H
#define TERRAZZO_LIB_TRANSFORMS_ACCESS_CONVERTER_H

#include "dialects/Kernel/Kernel.h"
#include "dialects/Tile/Tile.h"
#include "lib/Diagnostics/Diagnostics.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/DenseMap.h"

#include <optional>

namespace terrazzo::access {

using mlir::Value;
using Dims = llvm::SmallVector<int64_t, 4>;

/// A block as the converter holds it: a scalar or a tensor of fewer dimensions
/// and, for each of them, the dimension of the block that it runs along. The
/// block is the same along all others.
struct Spread {
  Value source;
  Dims dims;
  bool isScalar() const { return dims.empty(); }
};

/// An integer block as c + sum of strides[d] * i_d + rest, in `index`. A null
/// value is 0.
struct Offset {
  Value constant;
  llvm::SmallVector<Value, 4> strides;
  std::optional<Spread> rest;
  bool isUniform() const {
    return !rest && llvm::none_of(strides, [](Value v) { return bool(v); });
  }
};

/// A block of pointers: elements of one base, each at its offset.
struct Pointers {
  Value base;
  Offset offset;
};

/// What a mask says of one dimension: lower <= i < upper (null: no bound).
struct Range {
  Value lower, upper;
};
struct Mask {
  llvm::SmallVector<Range, 4> ranges;
  Value uniform;               // an i1 that holds for the whole block
  std::optional<Spread> other; // what remains
};

/// Ends a conversion; the cause was reported.
struct Refused {};

class Converter {
public:
  Converter(mlir::ModuleOp module, DiagnosticEngine &engine);
  void convert(mlir::func::FuncOp function);

private:
  // Offsets.cpp
  Offset offsetOf(Value integers);
  /// The offset when it has no rest; what is built stands at the definition.
  std::optional<Offset> affine(Value integers);
  Pointers pointersOf(Value pointers);
  Offset add(const Offset &a, const Offset &b, bool subtract);
  Offset scale(const Offset &a, Value by);
  Offset opaque(Value integers);

  // Addresses.cpp
  Spread addressesOf(Value pointers);
  Pointers pointersAt(const Spread &addresses, Value like);
  Value retyped(Value base, mlir::Type pointee);
  bool addressOp(mlir::Operation *op);
  void report(mlir::Operation *op);

  // Masks.cpp
  Mask maskOf(Value mask, llvm::ArrayRef<int64_t> shape);
  bool bounds(mlir::arith::CmpIOp compare, Mask &mask);
  void addPart(Value part, const Dims &dims, Value whole, Mask &mask);
  Value conjoin(Value a, Value b);
  Spread conjoin(const std::optional<Spread> &a, const Spread &b);
  void narrow(Range &range, const Range &by);

  // Windows.cpp
  struct Access {
    Value window, mask;
    bool bounded = false; // some dimension has an extent
  };
  Value view(Value base, mlir::Type element, llvm::ArrayRef<Value> extents,
             llvm::ArrayRef<Value> strides);
  Value slice(Value view, mlir::ValueRange offsets,
              llvm::ArrayRef<int64_t> shape, mlir::ArrayAttr boundaries,
              llvm::ArrayRef<int64_t> dims);
  Value extentOf(Value upper);
  Access window(Value pointers, Value mask, mlir::Attribute fill);
  Access gatheredWindow(const Pointers &p, Mask &mask,
                        llvm::ArrayRef<int64_t> shape, mlir::Attribute fill);
  Spread rangeMask(const Range &range, int64_t dim, int64_t size);
  void load(kernel::LoadOp op);
  void store(kernel::StoreOp op);
  void atomic(kernel::AtomicRMWOp op);
  void compareAndSwap(kernel::AtomicCASOp op);
  Value moved(Value base, Value by);

  // Elementwise.cpp
  bool elementwise(mlir::Operation *op);
  bool shapeOp(mlir::Operation *op);
  using Body = llvm::function_ref<Value(mlir::OpBuilder &, mlir::ValueRange ivs,
                                        mlir::ValueRange elements)>;
  /// A map over the dimensions that the operands run along and those in
  /// \p also, with their sizes; a scalar when there is none.
  Spread map(llvm::ArrayRef<Spread> operands, mlir::Type element, Body body,
             llvm::ArrayRef<std::pair<int64_t, int64_t>> also = {});
  Value full(const Spread &spread, llvm::ArrayRef<int64_t> shape);
  Value full(Value kernelValue);
  Spread spreadOf(Value kernelValue);
  Spread rangeOf(kernel::MakeRangeOp op);
  Spread dropRepeated(const Spread &s, llvm::ArrayRef<int64_t> shape);
  void dot(kernel::DotOp op);
  void product(kernel::DotOp op, Value acc, Value result);
  bool sumWithDot(mlir::Operation *op);
  void gather(kernel::GatherOp op);
  Value take(Value source, mlir::AffineMap map, llvm::ArrayRef<int64_t> shape);

  // Private.cpp
  Value memoryFor(llvm::ArrayRef<int64_t> shape, mlir::Type element);
  void histogram(kernel::HistogramOp op);
  void batchedDot(kernel::DotOp op);

  // Regions.cpp
  void block(mlir::Block &body);
  void operation(mlir::Operation *op);
  bool regionOp(mlir::Operation *op);
  void forLoop(mlir::scf::ForOp op);
  void branch(mlir::scf::IfOp op);
  void whileLoop(mlir::scf::WhileOp op);
  void reduce(kernel::ReduceOp op);
  void scan(kernel::ScanOp op);
  void combineRegion(mlir::Region &from, mlir::Region &to);
  enum class Carry { Whole, Moving, Addresses };
  Carry wholeOf(Value v);
  mlir::Type carriedType(Value v);
  Carry carryOf(Value init, Value argument, Value next);
  Value carried(Value kernelValue, Carry carry);
  void bind(Value inner, Value now, Value init, Carry carry);

  llvm::SmallVector<Value, 3> launchExtents(mlir::func::FuncOp function);

  // The small words of the builder.
  Value index(int64_t value);
  Value asIndex(Value integer);
  Value orZero(Value v) { return v ? v : index(0); } // where null is no bound
  Value plus(Value a, Value b, bool subtract = false);
  Value times(Value a, Value b);
  std::optional<int64_t> constantOf(Value v);
  [[noreturn]] void refuse(mlir::Operation *op, llvm::StringRef what);

  mlir::OpBuilder builder;
  DiagnosticEngine &engine;
  mlir::Location loc;
  llvm::DenseMap<Value, Spread> spreads; // converted values
  llvm::DenseMap<Value, Offset> offsets;
  llvm::DenseMap<Value, Pointers> pointers;
  llvm::SmallVector<Value, 3> programIds, gridExtents;
  mlir::Attribute global;
};

llvm::ArrayRef<int64_t> shapeOf(Value v);
inline mlir::Type elementOf(Value v) {
  return mlir::getElementTypeOrSelf(v.getType());
}
bool isPointer(Value v);
bool isTensor(Value v);
void movePointersAsNumbers(mlir::func::FuncOp function);

} // namespace terrazzo::access

#endif // TERRAZZO_LIB_TRANSFORMS_ACCESS_CONVERTER_H
