// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Philox 4x32-10 (Salmon et al., SC'11) with Triton's use of seed and offset,
// so that every number is bit-equal to Triton's.
#include "lib/Frontend/Emit/Builtins.h"

using namespace terrazzo;
using namespace terrazzo::frontend;

std::vector<Value> Emitter::philox(const Value &seedIn, std::vector<Value> c,
                                   int64_t rounds) {
  Value seed = cast(toTensor(seedIn), DType::UInt64);
  for (Value &v : c)
    v = toTensor(v);
  bool wide = bitsOf(c[0].type.element) == 64;
  DType t = wide ? DType::UInt64 : DType::UInt32;
  for (Value &v : c) {
    if (!isInteger(v.type.element))
      fail(DiagnosticKind::BadOperand, "philox", v.describe());
    v = cast(v, t);
  }
  Value low = cast(seed, t);
  Value high = wide ? constant(t, Value::ofInt(0))
                    : cast(binary(">>", seed, Value::ofInt(32)), t);
  auto number = [&](uint64_t w64, uint64_t w32) {
    return constant(t, Value::ofInt(wide ? w64 : w32));
  };
  Value keyA = number(0x9E3779B97F4A7C15, 0x9E3779B9);
  Value keyB = number(0xBB67AE8584CAA73B, 0xBB67AE85);
  Value roundA = number(0xD2E7470EE14C6C93, 0xD2511F53);
  Value roundB = number(0xCA5A826395121157, 0xCD9E8D57);
  auto mulHi = [&](Value a, Value b) {
    broadcastBoth(a, b);
    return Value::ofTensor(
        kernel::MulHiUIOp::create(builder, location(), a.tensor, b.tensor),
        a.type);
  };
  Value k0 = low, k1 = high;
  for (int64_t i = 0; i < rounds; ++i) {
    Value c0 = c[0], c2 = c[2];
    c[0] = binary("^", binary("^", mulHi(roundB, c2), c[1]), k0);
    c[2] = binary("^", binary("^", mulHi(roundA, c0), c[3]), k1);
    c[1] = binary("*", roundB, c2);
    c[3] = binary("*", roundA, c0);
    k0 = binary("+", k0, keyA);
    k1 = binary("+", k1, keyB);
  }
  return c;
}

/// A signed integer as a float in [0, 1).
Value Emitter::uniformOf(const Value &bits) {
  bool wide = bitsOf(bits.type.element) == 64;
  Value x = cast(bits, wide ? DType::Int64 : DType::Int32);
  Value flipped = binary("-", unary("-", x), Value::ofInt(1));
  x = where(compareOne("<", x, Value::ofInt(0)), flipped, x);
  return binary(
      "*", x, Value::ofFloat(wide ? 1.0842020432385337e-19 : 4.6566127342e-10));
}

static Value normalOf(Emitter &e, Value u1, const Value &u2, bool sine) {
  auto call = [&](const char *name, Value v) {
    Call c{nullptr, name, {v}, {}, {}};
    return e.builtin(c);
  };
  u1 = e.minMax(e.constant(DType::FP32, Value::ofFloat(1.0e-7)), u1, true,
                false);
  Value angle = e.binary("*", Value::ofFloat(6.283185307179586), u2);
  Value radius =
      call("tl.sqrt", e.binary("*", Value::ofFloat(-2.0), call("tl.log", u1)));
  return e.binary("*", radius, call(sine ? "tl.sin" : "tl.cos", angle));
}

Value Emitter::random(Call &call) {
  llvm::StringRef id = llvm::StringRef(call.name).drop_front(3);
  bool raw = id == "philox";
  int rounds = raw ? 5 : 2;
  Value seed = required(call, 0, "seed");
  std::vector<Value> counters;
  if (raw) {
    for (int i = 0; i < 4; ++i)
      counters.push_back(required(call, 1 + i, "c" + std::to_string(i)));
  } else {
    // A wide offset gives two of the four 32-bit counters.
    Value offset =
        toTensor(required(call, 1, id == "rand4x" ? "offsets" : "offset"));
    if (offset.type.pointer || !isInteger(offset.type.element))
      fail(DiagnosticKind::BadOperand, call.name, offset.describe());
    Value low = cast(offset, DType::UInt32);
    Value zero = constant(DType::UInt32, Value::ofInt(0), low.type.shape);
    Value high =
        bitsOf(offset.type.element) > 32
            ? cast(binary(">>", offset, Value::ofInt(32)), DType::UInt32)
            : zero;
    counters = {low, high, zero, zero};
  }
  int64_t n = 10;
  if (auto v = argument(call, rounds, "n_rounds"))
    n = constantInt(*v, "`n_rounds`");
  if (n < 0 || n > 100)
    fail(DiagnosticKind::ConstantOutOfRange, "`n_rounds`", "0 to 100");
  std::vector<Value> r = philox(seed, counters, n);
  if (raw || id == "randint4x")
    return Value::ofTuple(r);
  if (id == "randint")
    return r[0];
  if (id == "rand")
    return uniformOf(r[0]);
  if (id == "randn")
    return normalOf(*this, uniformOf(r[0]), uniformOf(r[1]), false);
  for (Value &v : r)
    v = uniformOf(v);
  if (id == "rand4x")
    return Value::ofTuple(r);
  return Value::ofTuple(
      {normalOf(*this, r[0], r[1], false), normalOf(*this, r[0], r[1], true),
       normalOf(*this, r[2], r[3], false), normalOf(*this, r[2], r[3], true)});
}

void terrazzo::frontend::addRandomBuiltins(llvm::StringMap<Handler> &t) {
  for (const char *name :
       {"philox", "randint", "randint4x", "rand", "rand4x", "randn", "randn4x"})
    t["tl." + std::string(name)] = [](Emitter &e, Call &c) {
      return e.random(c);
    };
}
