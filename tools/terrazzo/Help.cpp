// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/terrazzo/Help.h"

#include "llvm/ADT/StringSwitch.h"

using namespace terrazzo;

// What these texts show is run as it stands here by
// test/tools/terrazzo/help.py.

static constexpr char program[] =
    R"help(compiles and runs Triton kernels, without Python

  terrazzo run add.py --launch add.yaml --check --time   run a kernel, check it, measure it
  terrazzo compile add.py --emit asm                     see what becomes of it
  terrazzo survey add.py --launch add.yaml               what bounds it on every chip, and what it costs
  terrazzo ops                                           what of the language compiles
  terrazzo chips cpu                                     what is known of this machine
  terrazzo trace add.py --launch add.yaml --target tpu-v5e   what bounds it on another chip
  terrazzo doctor                                        is everything here that is needed?

`terrazzo run --help` and `terrazzo compile --help` begin with a whole example.

exit codes: 0 done; 1 the input is at fault; 2 the command line is; 3 internal error;
            4 --check found a mismatch; 5 a driver, device or tool is missing; 130 interrupted
)help";

static constexpr char run[] =
    R"help(runs a kernel as a launch file says, and checks what it computes

The kernel, add.py, as it also runs under Triton:

    import triton
    import triton.language as tl

    @triton.jit
    def add(x, y, out, n, BLOCK: tl.constexpr):
        i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
        total = tl.load(x + i, mask=i < n) + tl.load(y + i, mask=i < n)
        tl.store(out + i, total, mask=i < n)

The launch file, add.yaml, says what a host program would say:

    kernel: add                  # may be left out when the file has only one
    args:
      x:   {shape: [n], dtype: f32, init: normal, seed: 1}
      y:   {shape: [n], dtype: f32, init: normal, seed: 2}
      out: {shape: [n], dtype: f32}
      n:   98432
    constexpr: {BLOCK: 1024}
    grid: ["cdiv(n, BLOCK)"]     # programs; one to three expressions
    outputs: [out]               # what --check compares and --save writes

And then:

    terrazzo run add.py --launch add.yaml --check --time

`init` is zeros, ones, arange, normal, uniform, randint(lo,hi), full(v), permutation,
file(x.npy) or a list of numbers; without it the
memory is unwritten, and to read it is an error. `{strideof: x, dim: 0}` is a stride of another argument,
`{value: 0.5, dtype: f32}` a number of a type, and `let: {rows: 64}` names a number for expressions.

--check computes every element again in the oracle: with the kernel's own formats, in float64, and with
a bound of the rounding error in between; an element outside it is a mismatch. The oracle also says what
no device does: accesses outside an argument, values that were never written, offsets that overflow, each
with its source line. --executor interpreter runs the kernel there alone.

--time prints the median of at least seven rounds in about a second. --json - writes one object instead:
{"kernel", "chip", "compile_s": {...}, "time": {"seconds", ...}, "check": {"ok", ...}, ...}

exit codes: 0 done; 1 the kernel or the launch file is at fault; 2 the command line is; 3 internal error;
            4 --check found a mismatch; 5 this machine lacks what the code needs; 130 interrupted
)help";

static constexpr char trace[] =
    R"help(shows what happens when on a modeled chip, and what bounds it

    terrazzo trace add.py --launch add.yaml --target tpu-v5e -o add.json

prints how busy each engine is, what the cores wait for, and what would help: the time of the launch if one
part of the chip were twice as fast. -o writes the timeline, which https://ui.perfetto.dev and Chrome's
about:tracing open: a process for each core, a thread for each engine, the instructions with their lines.

Nothing is computed but times; all of them are modeled (`terrazzo chips CHIP` says what they rest on).
)help";

static constexpr char compile[] =
    R"help(compiles one kernel, and writes any level on the way to code

    terrazzo compile add.py --sig '*fp32:16, *fp32:16, *fp32:16, i32, BLOCK=1024' --emit asm
    terrazzo compile add.py --emit object -o add.o     (and add.h, which says how to call it from C)

--sig says the parameters' types in their order: *fp32 is a pointer, fp32 a number, *fp32:16 and i32:16
are divisible by 16, and a constexpr has a value, in its place or as NAME=value. Without --sig a comment
at the head of the kernel's body says it:

    #: sig(*fp32:16, *fp32:16, *fp32:16, i32, BLOCK=1024)

The types are fp64 fp32 fp16 bf16, the fp8 formats (fp8e4nv, fp8e5, ...), i1 i8 i16 i32 i64, u8 ... u64.

--emit, each made from the one before:
  kernel    Kernel IR: one program, as its author wrote it (MLIR)
  tile      Tile IR: the whole launch, in which pointers have become windows (MLIR)
  llvm      LLVM IR as it goes into code generation
  asm       assembly
  object    an ELF object: link it with libTerrazzoRuntime.a, call it through terrazzo-c/Runtime.h
  artifact  the object and what a launch must know of it, as the cache keeps it

Code is made for the chip that --target names, never for the machine that compiles; `cpu` is the built-in
chip nearest to this machine (`terrazzo chips` lists them). FILE.py may be -, the standard input.

exit codes: 0 done; 1 the kernel is at fault, or a file cannot be read or written; 2 the command line is;
            3 internal error; 130 interrupted
)help";

static constexpr char survey[] =
    R"help(says what bounds a kernel on every chip, and what a launch costs there

    terrazzo survey add.py --launch add.yaml                           a table
    terrazzo survey add.py --launch add.yaml --html add.html           a page with the rooflines as a picture
    terrazzo survey add.py --launch add.yaml --json -                  one JSON object
    terrazzo survey add.py --launch add.yaml --chips mtia-2i,my.yaml   these chips alone

The roofline is a bound: max(bytes / bandwidth, FLOP / peak of the type used). Bytes are those that must
move: each element that the launch touches once read, once written; FLOP are the kernel's, without the
padding of blocks at the edges of arrays. A simulated time stands beside it where the chip has a simulator.
Where a chip lacks a type, the notes say what it does instead, or that the kernel is refused. Energy is the
sum over bytes, operations and static power where these are public, else TDP x time, an upper bound.
`tokens: 16` in the launch file (how many tokens one launch makes) adds $ a million tokens and J a token.

Every time is modeled; what rests on an assumed number says uncalibrated. docs/Guides/Survey.md has more.

exit codes: 0 done; 1 the kernel, the launch file or a chip file is at fault; 2 the command line is;
            3 internal error; 130 interrupted
)help";

static constexpr char ops[] =
    R"help(lists the names of the language that compile, one a line

    terrazzo ops | grep atomic

A name that is not in this list is an error where a kernel uses it, with its line.
)help";

static constexpr char chips[] =
    R"help(lists the chips that are known, or shows one

    terrazzo chips               all of them: what each can do, and how many of its numbers are guesses
    terrazzo chips cpu           the one that --target cpu means here, or any by its name
    terrazzo chips my.yaml       a chip file of your own, which --target and survey take too
    terrazzo chips --calibrate -o here.yaml      measure this machine: clock, rates, caches, memory

--calibrate takes about ten seconds of an idle machine. The file inherits from the chip that --target cpu
means here; survey needs what it measures, since a CPU's clock and number of cores stand in no file.

Each number of a chip says where it comes from: published, secondary (somebody else reports it), derived
(from others), measured, or assumed. docs/Spec/Chip.md says what stands in a chip file.
)help";

static constexpr char cache[] =
    R"help(says what compiled kernels are kept, and where

    terrazzo cache               how many, and how much room they take
    terrazzo cache --clear       remove them

They are kept in $XDG_CACHE_HOME/terrazzo or ~/.cache/terrazzo, at most 256 MiB; `run` and `compile` with
--no-cache neither look there nor keep anything.
)help";

static constexpr char doctor[] =
    R"help(checks what this machine has for running kernels

Compiles, loads and runs a small kernel, and tries the cache. What is not as it should be is marked
PROBLEM; the exit code is then 5, else 0.
)help";

static constexpr char completion[] =
    R"help(prints a script that completes this command line

    source <(terrazzo completion bash)        in this shell
    terrazzo completion bash > ~/.local/share/bash-completion/completions/terrazzo        in every one
)help";

llvm::StringRef tool::helpOf(llvm::StringRef command) {
  return llvm::StringSwitch<llvm::StringRef>(command)
      .Case("run", run)
      .Case("compile", compile)
      .Case("survey", survey)
      .Case("trace", trace)
      .Case("ops", ops)
      .Case("chips", chips)
      .Case("cache", cache)
      .Case("doctor", doctor)
      .Case("completion", completion)
      .Default(program);
}
