// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loads, stores, atomics and block pointers.
#include "lib/Frontend/Emit/Builtins.h"

#include "llvm/ADT/StringSwitch.h"

using namespace terrazzo;
using namespace terrazzo::frontend;

/// A mask or value in the shape of the pointers.
static Value fit(Emitter &e, Value v, const Value &pointers) {
  if (!pointers.type.isBlock() && v.type.isBlock())
    e.fail(DiagnosticKind::CannotBroadcast, v.describe(), pointers.describe());
  return e.broadcastTo(v, pointers.type.shape);
}

/// A block mask or value widens scalar pointers, as in Triton.
static void widen(Emitter &e, Value &pointers, const std::optional<Value> &v) {
  if (v && v->isTensor() && v->type.isBlock() &&
      v->type.shape.size() >= pointers.type.shape.size() &&
      pointers.type.isBlock()) {
    Value copy = *v;
    e.broadcastBoth(pointers, copy);
  }
}

static Value pointerArgument(Emitter &e, Call &call) {
  Value p = e.required(call, 0, "pointer");
  if (!p.isTensor() || !p.type.pointer)
    e.fail(DiagnosticKind::NotAPointer, call.name, p.describe());
  return p;
}

/// Pointers to pointers as pointers to what those are in memory.
static Value asNumbers(Value p) {
  if (p.type.pointer > 1)
    p.type = {DType::Int64, 1, p.type.shape};
  return p;
}

static std::optional<Value> maskArgument(Emitter &e, Call &call, int position,
                                         Value &pointers) {
  std::optional<Value> mask = e.argument(call, position, "mask");
  if (!mask || mask->kind == Value::Kind::None)
    return std::nullopt;
  Value m = e.toTensor(*mask);
  if (m.type.pointer || !isInteger(m.type.element))
    e.fail(DiagnosticKind::BadMask, m.describe());
  m = e.cast(m, DType::Int1);
  widen(e, pointers, m);
  return fit(e, m, pointers);
}

static kernel::CacheModifier cacheOf(Emitter &e, Call &call) {
  auto v = e.argument(call, -1, "cache_modifier");
  llvm::StringRef text = v ? llvm::StringRef(v->text) : llvm::StringRef();
  text.consume_front(".");
  auto modifier = kernel::symbolizeCacheModifier(text);
  return modifier.value_or(kernel::CacheModifier::None);
}
static kernel::EvictionPolicy evictionOf(Emitter &e, Call &call) {
  auto v = e.argument(call, -1, "eviction_policy");
  auto policy = kernel::symbolizeEvictionPolicy(v ? v->text : "");
  return policy.value_or(kernel::EvictionPolicy::Normal);
}

static std::vector<int64_t> checkedDims(Emitter &e, Call &call, int position) {
  std::vector<int64_t> dims;
  if (auto v = e.argument(call, position, "boundary_check");
      v && v->kind != Value::Kind::None &&
      v->kind != Value::Kind::String) // 3.9 has the cache modifier here
    for (const Value &d :
         v->kind == Value::Kind::Tuple ? v->items : std::vector<Value>{*v})
      dims.push_back(e.constantInt(d, "a dimension of `boundary_check`"));
  return dims;
}

/// The pointers of a block pointer, and the mask of its checked dimensions.
void Emitter::boundary(const BlockPointer &p,
                       const std::vector<int64_t> &checked, Value &pointers,
                       Value &mask) {
  size_t rank = p.block.size();
  pointers = broadcastTo(p.base, p.block);
  mask = Value::none();
  for (size_t d = 0; d < rank; ++d) {
    Type t{DType::Int32, false, {p.block[d]}};
    Value index = Value::ofTensor(
        kernel::MakeRangeOp::create(builder, location(),
                                    toMLIR(builder.getContext(), t), 0u,
                                    uint32_t(p.block[d])),
        t);
    index = binary("+", cast(index, DType::Int64), p.offsets[d]);
    for (size_t other = 0; other < rank; ++other)
      if (other != d)
        index = expandDims(index, other);
    pointers = addPointer(
        pointers, broadcastTo(binary("*", index, p.strides[d]), p.block));
    if (!llvm::is_contained(checked, int64_t(d)))
      continue;
    Value inside = binary("&", compareOne(">=", index, Value::ofInt(0)),
                          compareOne("<", index, p.shape[d]));
    inside = broadcastTo(inside, p.block);
    mask = mask.isTensor() ? binary("&", mask, inside) : inside;
  }
}

Value Emitter::load(Call &call) {
  Value p = required(call, 0, "pointer");
  std::optional<Value> mask, other;
  if (p.kind == Kind::BlockPointer) {
    Value pointers, inside;
    boundary(*p.block, checkedDims(*this, call, 3), pointers, inside);
    p = pointers;
    if (inside.isTensor()) {
      mask = inside;
      auto padding = argument(call, 4, "padding_option");
      bool nan = padding && padding->text == "nan";
      bool zero = padding && padding->text == "zero";
      if (nan || zero)
        other = constant(p.type.element, Value::ofFloat(nan ? NAN : 0),
                         p.type.shape);
    }
  } else {
    p = pointerArgument(*this, call);
    other = argument(call, 2, "other");
    if (other && other->isTensor())
      widen(*this, p, other);
    mask = maskArgument(*this, call, 1, p);
    if (other && other->kind == Kind::None)
      other.reset();
    if (other && !mask)
      fail(DiagnosticKind::OtherWithoutMask);
  }
  Type held = p.type.pointee();
  p = asNumbers(p);
  Type result = p.type.pointee();
  // A bool is a byte in memory.
  if (other)
    other = fit(*this,
                other->isTensor() ? cast(*other, result.element)
                                  : constant(result.element, *other),
                p);
  bool isVolatile = false;
  if (auto v = argument(call, -1, "volatile"))
    isVolatile = v->truth();
  mlir::Value loaded = kernel::LoadOp::create(
      builder, location(), toMLIR(builder.getContext(), result), p.tensor,
      mask ? mask->tensor : mlir::Value(),
      other ? other->tensor : mlir::Value(), cacheOf(*this, call),
      evictionOf(*this, call), isVolatile);
  if (held.pointer)
    loaded = kernel::IntToPtrOp::create(
        builder, location(), toMLIR(builder.getContext(), held), loaded);
  return Value::ofTensor(loaded, held);
}

Value Emitter::store(Call &call) {
  Value p = required(call, 0, "pointer");
  Value value = required(call, 1, "value");
  std::optional<Value> mask;
  if (p.kind == Kind::BlockPointer) {
    Value pointers, inside;
    boundary(*p.block, checkedDims(*this, call, 3), pointers, inside);
    p = pointers;
    if (inside.isTensor())
      mask = inside;
  } else {
    p = pointerArgument(*this, call);
    if (value.isTensor())
      widen(*this, p, value);
    mask = maskArgument(*this, call, 2, p);
  }
  p = asNumbers(p);
  Value v = value.isTensor() ? value : toTensor(value, p.type.element);
  v = fit(*this, cast(v, p.type.element), p);
  kernel::StoreOp::create(builder, location(), p.tensor, v.tensor,
                          mask ? mask->tensor : mlir::Value(),
                          cacheOf(*this, call), evictionOf(*this, call));
  return Value::none();
}

//===-- Atomics
//----------------------------------------------------------------------------===//

static kernel::MemSemantic semantics(Emitter &e, Call &call, int position) {
  auto v = e.argument(call, position, "sem");
  if (!v || v->kind == Value::Kind::None)
    return kernel::MemSemantic::AcqRel;
  if (auto sem = kernel::symbolizeMemSemantic(v->text))
    return *sem;
  e.fail(DiagnosticKind::BadOption, v->text, "`sem`",
         "relaxed, acquire, release, acq_rel");
}
static kernel::MemScope scope(Emitter &e, Call &call, int position) {
  auto v = e.argument(call, position, "scope");
  if (!v || v->kind == Value::Kind::None)
    return kernel::MemScope::Chip;
  if (auto s = kernel::symbolizeMemScope(v->text))
    return *s;
  e.fail(DiagnosticKind::BadOption, v->text, "`scope`", "cta, gpu, sys");
}

static Value atomic(Emitter &e, Call &call) {
  using K = kernel::AtomicKind;
  Value p = asNumbers(pointerArgument(e, call));
  Value raw = e.required(call, 1, "val");
  if (raw.isTensor())
    widen(e, p, raw);
  std::optional<Value> mask = maskArgument(e, call, 2, p);
  DType t = p.type.element;
  Value v = fit(e, e.cast(e.toTensor(raw, t), t), p);
  llvm::StringRef name = llvm::StringRef(call.name).drop_front(10);
  bool f = isFloat(t), u = isUnsigned(t);
  K kind = llvm::StringSwitch<K>(name)
               .Case("add", f ? K::FAdd : K::Add)
               .Case("max", u ? K::UMax : K::Max)
               .Case("min", u ? K::UMin : K::Min)
               .Case("and", K::And)
               .Case("or", K::Or)
               .Case("xor", K::Xor)
               .Default(K::Xchg);
  if (f && (kind == K::And || kind == K::Or || kind == K::Xor))
    e.fail(DiagnosticKind::BadOperand, call.name, v.describe());
  return Value::ofTensor(kernel::AtomicRMWOp::create(
                             e.builder, e.location(), v.tensor.getType(), kind,
                             semantics(e, call, 3), scope(e, call, 4), p.tensor,
                             v.tensor, mask ? mask->tensor : mlir::Value()),
                         v.type);
}

static Value atomicCas(Emitter &e, Call &call) {
  Value p = asNumbers(pointerArgument(e, call));
  DType t = p.type.element;
  auto operand = [&](int i, llvm::StringRef id) {
    return fit(e, e.cast(e.toTensor(e.required(call, i, id), t), t), p);
  };
  Value cmp = operand(1, "cmp"), v = operand(2, "val");
  return Value::ofTensor(
      kernel::AtomicCASOp::create(e.builder, e.location(), v.tensor.getType(),
                                  semantics(e, call, 3), scope(e, call, 4),
                                  p.tensor, cmp.tensor, v.tensor),
      v.type);
}

//===-- Block pointers
//-----------------------------------------------------------------------===//

static std::vector<Value> wide(Emitter &e, const Value &list) {
  std::vector<Value> out;
  if (list.kind != Value::Kind::Tuple)
    e.fail(DiagnosticKind::NotATuple, list.describe());
  for (const Value &v : list.items)
    out.push_back(e.cast(e.toTensor(v, DType::Int64), DType::Int64));
  return out;
}

static Value makeBlockPointer(Emitter &e, Call &call) {
  auto p = std::make_shared<BlockPointer>();
  p->base = e.required(call, 0, "base");
  if (!p->base.isTensor() || !p->base.type.pointer || p->base.type.isBlock())
    e.fail(DiagnosticKind::NotAPointer, call.name, p->base.describe());
  p->shape = wide(e, e.required(call, 1, "shape"));
  p->strides = wide(e, e.required(call, 2, "strides"));
  p->offsets = wide(e, e.required(call, 3, "offsets"));
  Value block = e.required(call, 4, "block_shape");
  for (const Value &v : block.items)
    p->block.push_back(e.constantInt(v, "a block size"));
  e.checkShape(p->block);
  size_t rank = p->block.size();
  if (rank == 0 || p->shape.size() != rank || p->strides.size() != rank ||
      p->offsets.size() != rank)
    e.fail(DiagnosticKind::BlockPointerRanks);
  Value v;
  v.kind = Value::Kind::BlockPointer;
  v.block = p;
  return v;
}

static Value advance(Emitter &e, Call &call) {
  Value v = e.required(call, 0, "base");
  if (v.kind != Value::Kind::BlockPointer)
    e.fail(DiagnosticKind::NotAPointer, call.name, v.describe());
  Value by = e.required(call, 1, "offsets");
  if (by.items.size() != v.block->offsets.size())
    e.fail(DiagnosticKind::BlockPointerRanks);
  auto p = std::make_shared<BlockPointer>(*v.block);
  for (size_t i = 0; i < by.items.size(); ++i)
    p->offsets[i] =
        e.binary("+", p->offsets[i],
                 e.cast(e.toTensor(by.items[i], DType::Int64), DType::Int64));
  v.block = p;
  return v;
}

void terrazzo::frontend::addMemoryBuiltins(llvm::StringMap<Handler> &t) {
  t["tl.load"] = [](Emitter &e, Call &c) { return e.load(c); };
  t["tl.store"] = [](Emitter &e, Call &c) { return e.store(c); };
  for (const char *kind : {"add", "max", "min", "and", "or", "xor", "xchg"})
    t["tl.atomic_" + std::string(kind)] = atomic;
  t["tl.atomic_cas"] = atomicCas;
  t["tl.make_block_ptr"] = makeBlockPointer;
  t["tl.advance"] = advance;
}
