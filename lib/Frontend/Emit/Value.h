// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a name may stand for while a kernel is emitted: a constant known at
// compile time, or a runtime value with Triton's type (which, unlike MLIR's,
// knows signedness).
#ifndef TERRAZZO_LIB_FRONTEND_EMIT_VALUE_H
#define TERRAZZO_LIB_FRONTEND_EMIT_VALUE_H

#include "lib/Frontend/Ast/Ast.h"

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Value.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace terrazzo::frontend {

enum class DType {
  Void,
  Int1,
  Int8,
  Int16,
  Int32,
  Int64,
  UInt8,
  UInt16,
  UInt32,
  UInt64,
  E4M3FN,
  E4M3FNUZ,
  E4M3B11FNUZ,
  E5M2,
  E5M2FNUZ,
  FP16,
  BF16,
  FP32,
  FP64
};

/// "int32", "fp16", ... as Triton writes them.
llvm::StringRef nameOf(DType type);
/// Reads every spelling of the language and of signatures: `fp32`, `f32`,
/// `float32`, `i32`, `u8`, `int1`, `fp8e4nv`, `float8e5`, `bf16`, ...
std::optional<DType> dtypeNamed(llvm::StringRef name);

bool isInteger(DType type);  // bool included
bool isUnsigned(DType type); // bool excluded
bool isFloat(DType type);
bool isFloat8(DType type);
unsigned bitsOf(DType type);
mlir::Type toMLIR(mlir::MLIRContext *context, DType type);

/// The type of a runtime value: a scalar or a block, of numbers or of pointers.
struct Type {
  DType element = DType::Void;
  unsigned pointer = 0;       // 2: to pointers, and so on
  std::vector<int64_t> shape; // empty: a scalar

  bool isBlock() const { return !shape.empty(); }
  Type scalar() const { return {element, pointer, {}}; }
  Type pointee() const { return {element, pointer - 1, shape}; }
  Type with(DType other) const { return {other, 0, shape}; }
  int64_t count() const {
    int64_t n = 1;
    for (int64_t d : shape)
      n *= d;
    return n;
  }
  bool operator==(const Type &) const = default;
  /// `fp32[128, 64]`, `pointer<bf16>`.
  std::string str() const;
};

mlir::Type toMLIR(mlir::MLIRContext *context, const Type &type);

struct BlockPointer;
class SourceModule;

struct Value {
  enum class Kind {
    None,
    Int,
    Float,
    Bool,
    String,
    DType,
    Tuple,
    Tensor,
    Function,
    Module,
    Builtin,
    Method,
    BlockPointer,
    Slice,
    // In decorators only: Python of the host.
    Dict, // items: keys and values in turn; text: `Config` for one of these
    Lambda,
    Opaque // an argument of which nothing is known, but that it is there
  };
  Kind kind = Kind::None;
  __int128 integer = 0;     // Int, Bool
  double real = 0;          // Float
  std::string text;         // String; the full name of a Builtin or Method
  Type type;                // Tensor; DType (element, pointer)
  mlir::Value tensor;       // Tensor
  std::vector<Value> items; // Tuple; Method: the object
  Stmt *function = nullptr; // Function
  SourceModule *module = nullptr;
  Expr *lambda = nullptr; // Lambda
  std::shared_ptr<const BlockPointer> block;

  static Value none() { return {}; }
  static Value ofInt(__int128 v) {
    Value r;
    r.kind = Kind::Int;
    r.integer = v;
    return r;
  }
  static Value ofBool(bool v) {
    Value r;
    r.kind = Kind::Bool;
    r.integer = v;
    return r;
  }
  static Value ofFloat(double v) {
    Value r;
    r.kind = Kind::Float;
    r.real = v;
    return r;
  }
  static Value ofString(std::string v) {
    Value r;
    r.kind = Kind::String;
    r.text = std::move(v);
    return r;
  }
  static Value ofType(Type t) {
    Value r;
    r.kind = Kind::DType;
    r.type = std::move(t);
    return r;
  }
  static Value ofTuple(std::vector<Value> v) {
    Value r;
    r.kind = Kind::Tuple;
    r.items = std::move(v);
    return r;
  }
  static Value ofTensor(mlir::Value v, Type t) {
    Value r;
    r.kind = Kind::Tensor;
    r.tensor = v;
    r.type = std::move(t);
    return r;
  }
  static Value ofBuiltin(std::string name) {
    Value r;
    r.kind = Kind::Builtin;
    r.text = std::move(name);
    return r;
  }
  static Value ofFunction(Stmt *s) {
    Value r;
    r.kind = Kind::Function;
    r.function = s;
    r.text = s->text;
    return r;
  }

  static Value ofDict(std::vector<Value> v) {
    Value r = ofTuple(std::move(v));
    r.kind = Kind::Dict;
    return r;
  }

  bool isTensor() const { return kind == Kind::Tensor; }
  bool isNumber() const {
    return kind == Kind::Int || kind == Kind::Float || kind == Kind::Bool;
  }
  bool isInt() const { return kind == Kind::Int || kind == Kind::Bool; }
  /// Known at compile time.
  bool isConstant() const;
  double asReal() const { return kind == Kind::Float ? real : double(integer); }
  /// Python's truth of a constant.
  bool truth() const;
  /// As Python prints it; a string in quotes when \p quoted.
  std::string print(bool quoted) const;
  /// For messages: `int32[64]`, `constexpr 3`, `tuple`.
  std::string describe() const;
  bool sameConstant(const Value &other) const;
};

/// What `tl.make_block_ptr` gives: expanded to pointers and masks at each use.
struct BlockPointer {
  Value base;
  std::vector<Value> shape, strides, offsets; // runtime i64 scalars
  std::vector<int64_t> block;
};

} // namespace terrazzo::frontend

#endif // TERRAZZO_LIB_FRONTEND_EMIT_VALUE_H
