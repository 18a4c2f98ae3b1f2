// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Frontend/Emit/Value.h"

#include "dialects/Kernel/Kernel.h"

#include "llvm/ADT/StringSwitch.h"

using namespace terrazzo::frontend;

namespace {
struct DTypeInfo {
  DType type;
  llvm::StringLiteral name;
  unsigned bits;
};
} // namespace

static constexpr DTypeInfo table[] = {{DType::Void, "void", 0},
                                      {DType::Int1, "int1", 1},
                                      {DType::Int8, "int8", 8},
                                      {DType::Int16, "int16", 16},
                                      {DType::Int32, "int32", 32},
                                      {DType::Int64, "int64", 64},
                                      {DType::UInt8, "uint8", 8},
                                      {DType::UInt16, "uint16", 16},
                                      {DType::UInt32, "uint32", 32},
                                      {DType::UInt64, "uint64", 64},
                                      {DType::E4M3FN, "fp8e4nv", 8},
                                      {DType::E4M3FNUZ, "fp8e4b8", 8},
                                      {DType::E4M3B11FNUZ, "fp8e4m3b11fnuz", 8},
                                      {DType::E5M2, "fp8e5", 8},
                                      {DType::E5M2FNUZ, "fp8e5b16", 8},
                                      {DType::FP16, "fp16", 16},
                                      {DType::BF16, "bf16", 16},
                                      {DType::FP32, "fp32", 32},
                                      {DType::FP64, "fp64", 64}};

llvm::StringRef terrazzo::frontend::nameOf(DType type) {
  return table[unsigned(type)].name;
}
unsigned terrazzo::frontend::bitsOf(DType type) {
  return table[unsigned(type)].bits;
}

std::optional<DType> terrazzo::frontend::dtypeNamed(llvm::StringRef name) {
  for (const DTypeInfo &info : table)
    if (info.name == name && info.type != DType::Void)
      return info.type;
  return llvm::StringSwitch<std::optional<DType>>(name)
      .Cases({"i1", "bool", "B"}, DType::Int1)
      .Case("i8", DType::Int8)
      .Case("i16", DType::Int16)
      .Case("i32", DType::Int32)
      .Case("i64", DType::Int64)
      .Case("u8", DType::UInt8)
      .Case("u16", DType::UInt16)
      .Case("u32", DType::UInt32)
      .Case("u64", DType::UInt64)
      .Cases({"f16", "float16"}, DType::FP16)
      .Case("bfloat16", DType::BF16)
      .Cases({"f32", "float32"}, DType::FP32)
      .Cases({"f64", "float64"}, DType::FP64)
      .Cases({"float8e4nv", "e4m3fn", "float8_e4m3fn", "f8e4m3fn"},
             DType::E4M3FN)
      .Cases({"float8e4b8", "e4m3fnuz", "float8_e4m3fnuz"}, DType::E4M3FNUZ)
      .Cases({"e4m3b11fnuz", "float8_e4m3b11fnuz"}, DType::E4M3B11FNUZ)
      .Cases({"float8e5", "e5m2", "float8_e5m2", "f8e5m2"}, DType::E5M2)
      .Cases({"float8e5b16", "e5m2fnuz", "float8_e5m2fnuz"}, DType::E5M2FNUZ)
      .Default(std::nullopt);
}

bool terrazzo::frontend::isInteger(DType t) {
  return t >= DType::Int1 && t <= DType::UInt64;
}
bool terrazzo::frontend::isUnsigned(DType t) {
  return t >= DType::UInt8 && t <= DType::UInt64;
}
bool terrazzo::frontend::isFloat(DType t) { return t >= DType::E4M3FN; }
bool terrazzo::frontend::isFloat8(DType t) {
  return t >= DType::E4M3FN && t <= DType::E5M2FNUZ;
}

mlir::Type terrazzo::frontend::toMLIR(mlir::MLIRContext *context, DType type) {
  switch (type) {
  case DType::Void:
    return mlir::NoneType::get(context);
  case DType::E4M3FN:
    return mlir::Float8E4M3FNType::get(context);
  case DType::E4M3FNUZ:
    return mlir::Float8E4M3FNUZType::get(context);
  case DType::E4M3B11FNUZ:
    return mlir::Float8E4M3B11FNUZType::get(context);
  case DType::E5M2:
    return mlir::Float8E5M2Type::get(context);
  case DType::E5M2FNUZ:
    return mlir::Float8E5M2FNUZType::get(context);
  case DType::FP16:
    return mlir::Float16Type::get(context);
  case DType::BF16:
    return mlir::BFloat16Type::get(context);
  case DType::FP32:
    return mlir::Float32Type::get(context);
  case DType::FP64:
    return mlir::Float64Type::get(context);
  default:
    return mlir::IntegerType::get(context, bitsOf(type));
  }
}

mlir::Type terrazzo::frontend::toMLIR(mlir::MLIRContext *context,
                                      const Type &type) {
  mlir::Type element = toMLIR(context, type.element);
  // In memory a pointer is a number.
  if (type.pointer > 1)
    element = mlir::IntegerType::get(context, 64);
  if (type.pointer)
    element = kernel::PtrType::get(element);
  return type.isBlock() ? mlir::RankedTensorType::get(type.shape, element)
                        : element;
}

std::string Type::str() const {
  std::string out = nameOf(element).str();
  for (unsigned i = 0; i < pointer; ++i)
    out = "pointer<" + out + ">";
  if (isBlock()) {
    out += "[";
    for (size_t i = 0; i < shape.size(); ++i)
      out += (i ? ", " : "") + std::to_string(shape[i]);
    out += "]";
  }
  return out;
}

bool Value::isConstant() const {
  if (kind == Kind::Tuple)
    return llvm::all_of(items, [](const Value &v) { return v.isConstant(); });
  return kind != Kind::Tensor && kind != Kind::BlockPointer;
}

bool Value::truth() const {
  switch (kind) {
  case Kind::None:
    return false;
  case Kind::Int:
  case Kind::Bool:
    return integer != 0;
  case Kind::Float:
    return real != 0;
  case Kind::String:
    return !text.empty();
  case Kind::Tuple:
  case Kind::Dict:
    return !items.empty();
  default:
    return true;
  }
}

std::string Value::describe() const {
  switch (kind) {
  case Kind::None:
    return "None";
  case Kind::Int:
    return "constexpr " + std::to_string((long long)integer);
  case Kind::Bool:
    return integer ? "constexpr True" : "constexpr False";
  case Kind::Float:
    return llvm::formatv("constexpr {0}", real).str();
  case Kind::String:
    return "'" + text + "'";
  case Kind::DType:
    return "dtype " + type.str();
  case Kind::Tuple:
    return "a tuple of " + std::to_string(items.size());
  case Kind::Tensor:
    return type.str();
  case Kind::Function:
    return "function " + text;
  case Kind::BlockPointer:
    return "block pointer";
  case Kind::Slice:
    return "slice";
  case Kind::Dict:
    return "a dict";
  case Kind::Module:
    return "the module `" + text + "`";
  case Kind::Lambda:
    return "lambda";
  case Kind::Opaque:
    return "the argument `" + text + "`";
  default:
    return text;
  }
}

bool Value::sameConstant(const Value &other) const {
  if (kind != other.kind || !isConstant())
    return false;
  if (kind == Kind::Tuple || kind == Kind::Dict) {
    if (items.size() != other.items.size())
      return false;
    for (size_t i = 0; i < items.size(); ++i)
      if (!items[i].sameConstant(other.items[i]))
        return false;
    return true;
  }
  return integer == other.integer && real == other.real && text == other.text &&
         type == other.type && function == other.function &&
         lambda == other.lambda;
}
