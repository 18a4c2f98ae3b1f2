# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""One wrong kernel for each diagnostic of the language and of the oracle."""
import os
import subprocess
import sys
import tempfile

HEAD = "import triton\nimport triton.language as tl\n\nLOOP = LOOP + 1\nVALUE = tl.arange(0, 4)\n\n\n@triton.jit\ndef two(a, b):\n    return a, b\n\n\n@triton.jit\ndef bad(a):\n    return a.too()\n\n\n@triton.jit\ndef wide(a, b):\n    return (a + b).to(tl.float64)\n\n\n"
KERNEL = "@triton.jit\ndef kernel(x, f, n, B: tl.constexpr):\n    #: sig(*i32, *fp32, i32, B=64)\n    i = tl.arange(0, B)\n    v = i * 1.0\n    "
COMPILE = {
    "AxisOutOfRange": ("tl.sum(v, axis=1)", "axis 1 is out of range for fp32[64]"),
    "BadArange": ("tl.arange(4, 4)", "`tl.arange` goes from a lower to a higher 32-bit number, not from 4 to 4"),
    "BadBlockSize": ("tl.zeros((0,), tl.float32)", "a block cannot have a dimension of 0"),
    "BadCast": ("v.to(tl.int16, bitcast=True)", "cannot cast fp32[64] to int16"),
    "BadCombine": ("tl.reduce(v, 0, two)", "the combine function returns 2 values, not 1"),
    "BadMask": ("tl.load(x + i, mask=v)", "a mask is boolean, not fp32[64]"),
    "BadOption": ("tl.atomic_add(x, 1, sem='seq')", "`seq` is not a value of `sem`; use one of relaxed, acquire, release, acq_rel"),
    "BadOperands, a pointer and a number": ("y = x + i == i", "`==` does not take pointer<int32>[64] and int32[64]"),
    "BadPermutation": ("tl.permute(tl.zeros((2, 4), tl.int32), (0, 0))", "the order of dimensions is no permutation of those of int32[2, 4]"),
    "BadRange": ("for k in range(1.5):\n        pass", "the bounds of a range are integers, not constexpr 1.5"),
    "BadReshape": ("tl.reshape(v, (8, 4))", "cannot reshape fp32[64] to fp32[8, 4]: the element counts differ"),
    "BadShift": ("y = 1 << 200", "cannot shift by 200"),
    "BadSplit": ("tl.split(v)", "`tl.split` needs a last dimension of 2 and one before it, not fp32[64]"),
    "BlockPointerRanks": ("tl.make_block_ptr(x, (8, 8), (8,), (0, 0), (4, 4), (1, 0))", "shape, strides, offsets and block shape must have one rank"),
    "BoundHere": ("for k in range(n):\n        z = k\n    tl.store(x, z)", "note: `z` is bound here; bind it before the block to use it after"),
    "CalledFromHere": ("bad(v)", "note: called from here"),
    "CannotUnpack": ("a, b, c = two(v, i)", "cannot unpack a tuple of 2 into 3 names"),
    "CombineType": ("tl.reduce(v, 0, wide)", "the combine function returns fp64, not fp32"),
    "ConstantOutOfRange": ("y = i.to(tl.int8) + 300", "300 does not fit int8"),
    "DotAccumulator": ("m = tl.zeros((16, 16), tl.float32)\n    tl.dot(m, m, tl.zeros((8, 8), tl.float32))", "the accumulator is fp32[8, 8], not fp32[16, 16]"),
    "DotTypes": ("m = tl.zeros((16, 16), tl.int32)\n    tl.dot(m, m)", "`tl.dot` does not take int32[16, 16] and int32[16, 16]"),
    "DotTypes of the result": ("m = tl.zeros((16, 16), tl.float32)\n    tl.dot(m, m, out_dtype=tl.int32)", "`tl.dot` does not take fp32[16, 16] and int32 as out_dtype"),
    "BadPermutation of a number": ("n.T", "the order of dimensions is no permutation of those of int32"),
    "DidYouMean of a dtype": ("tl.zeros((4,), tl.flaot32)", "note: did you mean `tl.float32`?"),
    "UnknownBuiltin, a dtype": ("v.to(tl.bfloat32)", "`tl.bfloat32` is not a name of the language that can be compiled"),
    "DidYouMean of a call": ("tl.maximun(v, 0)", "note: did you mean `tl.maximum`?"),
    "EndlessLoop": ("while True:\n        n += 1", "the loop never ends"),
    "FloatFloorDivision": ("v // 2.0", "`//` is for integers, not for fp32"),
    "IndexOutOfRange": ("two(v, i)[2]", "index 2 is out of range for 2"),
    "InvalidSyntax": ("f(1) = 2", "cannot assign to this expression"),
    "KernelReturnsValue": ("return v", "`kernel` is a kernel and returns a value"),
    "NotABlock": ("tl.sum(n)", "int32 is not a block"),
    "NotATuple": ("two(*v)", "fp32[64] is not a tuple"),
    "NotAValue": ("tl.store(x, 'a')", "'a' is not a number or a tensor"),
    "NotCallable": ("B(1)", "constexpr 64 cannot be called"),
    "NotConstantGlobal": ("v + VALUE", "`VALUE` is not known at compile time"),
    "NotIterable": ("for k in v:\n        pass", "cannot iterate over fp32[64]; use `range`"),
    "NotSubscriptable": ("B[0]", "constexpr 64 cannot be indexed"),
    "OtherWithoutMask": ("tl.load(x, other=1)", "`other` needs a `mask`"),
    "PointerArithmetic": ("x * 2", "no such operation on pointer<int32> and constexpr 2"),
    "RecursiveConstant": ("v + LOOP", "`LOOP` is defined by itself"),
    "WrongArgumentCount": ("tl.cdiv(n, 2, 3, 4)", "`tl.cdiv` takes at most 2 arguments, not 4"),
    "WrongArgumentCount of a function": ("two(v, i, n)", "`two` takes 2 arguments, not 3"),
    "UnknownArgument": ("tl.sum(v, aixs=0)", "no argument `aixs` of `tl.sum`"),
    "DidYouMean": ("tl.sum(v, axi=0)", "note: did you mean `axis`?"),
    "UnknownArgument of a range": ("for k in range(n, stages=3):\n        pass", "no argument `stages` of `range`"),
    "RepeatedArgument of a builtin": ("tl.sum(v, 0, axis=0)", "`axis` is given twice"),
    "MissingArgument of a function": ("two(v)", "argument `b` of `two` is missing"),
    "RepeatedArgument": ("two(v, b=1, b=2)", "`b` is given twice"),
    "StaticPrint": ("tl.static_print('B is', B)\n    tl.nothing()", "remark: B is constexpr 64"),
    "StrayCharacter": ("y = 3 $ 4", "`$` is not a token of the language"),
    "UnbalancedBracket": ("y = (3]", "`]` closes no bracket"),
    "UnknownMethod": ("v.too(tl.int32)", "no method `too` of fp32[64]"),
    "UnsupportedIndex": ("v[3]", "a block is indexed only with `:` and `None`"),
    "ZeroStep": ("for k in range(0, 4, 0):\n        pass", "the step of a range is zero"),
    "MixedSigns": ("i % i.to(tl.uint32)", "one signed and one unsigned; cast one of them"),
    "DivisionByZero": ("y = 1 // 0", "division by zero"),
    "NotADType": ("tl.zeros((4,), 3)", "constexpr 3 is not a dtype"),
    "TooManySteps": ("for k in tl.static_range(90000):\n        for j in tl.static_range(90000):\n            pass", "more than 1000000 steps at compile time"),
    "UnrolledTooLong": ("for k in tl.static_range(2000000):\n        pass", "more than 100000 passes or items are unrolled here"),
    "UnrolledTooLong of a tuple": ("t = (1, 2) * 50001", "more than 100000 passes or items are unrolled here"),
    "TooManyOperations": ("for k in tl.static_range(90000):\n        v += 1.0\n        v += 1.0\n        v += 1.0", "the kernel needs more than 200000 operations"),
}
RUN = {
    "AssumptionFalse": ("tl.assume(n < 0)", "what `tl.assume` promises is false"),
    "AssertFailed": ("tl.device_assert(i < 10, 'small')", "assertion failed: small"),
    "AtomicOnUnwritten": ("tl.atomic_add(f, 1.0)", "an atomic on `f` reads element 0, which was never written"),
    "BadLoopStep": ("for k in range(0, 4, n - 64):\n        pass", "the step of the loop is 0; it must be positive"),
    "GatherOutOfRange": ("tl.gather(v, i + 1, 0)", "index 64 is out of range for 64 elements"),
    "IntegerDivisionByZero": ("tl.store(x + i, i // (i - 3))", "integer division by zero"),
    "OffsetOverflow": ("tl.store(x + i + n * 100000000, i)", "the offset overflows its integer type; compute it in `tl.int64`"),
    "OffsetOverflow of a number without a sign": ("tl.store(x + i.to(tl.uint8) * 5, i, mask=i > 51)", "the offset overflows its integer type; compute it in `tl.int64`"),
    "PoisonUsed": ("tl.store(x + tl.load(x + i, mask=i < 3), i)", "an address depends on a value that was never written or was masked off"),
    "PoisonStored": ("tl.store(x + i, tl.load(x + i, mask=i < 3))", "is stored to `x` at element 3"),
    "PointerTypeMismatch": ("tl.store(x.to(tl.pointer_type(tl.float32)) + i, v)", "`x` is accessed under another element type"),
    "WildPointer": ("tl.load((tl.load(x + 1).to(tl.int64)).to(tl.pointer_type(tl.int32)))", "the address lies in no argument"),
    "InProgram": ("tl.store(x + 64 + i, i)", "note: in program (0, 0, 0)"),
    "OutOfBounds": ("tl.load(x - 1)", "element -1 of `x` is out of bounds: it has 64 elements"),
}
LAUNCH = "args:\n  x: {shape: [64], dtype: i32, init: arange}\n  f: {shape: [64], dtype: f32}\n  n: 64\nconstexpr: {B: 64}\nkernel: kernel\ngrid: [1]\noutputs: [x]\n"


def main():
    failures = 0
    with tempfile.TemporaryDirectory() as work:
        source, launch = os.path.join(work, "k.py"), os.path.join(work, "l.yaml")
        with open(launch, "w") as f:
            f.write(LAUNCH)
        for cases, command in ((COMPILE, ["compile", source, "-k", "kernel", "-v"]),
                               (RUN, ["run", source, "--launch", launch, "--executor", "interpreter"])):
            for name, (body, want) in cases.items():
                with open(source, "w") as f:
                    f.write(HEAD + KERNEL + body + "\n")
                run = subprocess.run(["terrazzo", *command], capture_output=True, text=True, timeout=60)
                if run.returncode != 1 or want not in run.stderr:
                    print(f"{name}: exit code {run.returncode}, wanted `{want}`, got:\n{run.stderr[:500]}")
                    failures += 1
    print(f"{len(COMPILE) + len(RUN) - failures} of {len(COMPILE) + len(RUN)} as expected")
    return bool(failures)


sys.exit(main())
