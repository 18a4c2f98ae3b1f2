# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`verify-on-chip`: the programs of five families pass on their chips; each
broken variant is refused at the right op, and the note names the line of the
chip file that holds the key which was broken."""
import glob
import os
import re
import subprocess
import sys

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
PROGRAMS = os.path.join(SOURCE, "test", "dialects", "Tile", "programs")
FOLDER = sys.argv[1]
os.makedirs(FOLDER, exist_ok=True)


def chip_of(name):
    for part, chip in (("cpu", "cpu-emerald-rapids"), ("tpu", "tpu-v5e"), ("mtia", "mtia-2i"),
                       ("ascend", "ascend-910b2")):
        if part in name:
            return chip
    return "nvidia-h100"


def verify(path, chip):
    p = subprocess.run(["terrazzo-opt", path, f"-verify-on-chip=chip={chip}", "-o", os.devnull],
                       capture_output=True, text=True, timeout=60, cwd=SOURCE)
    return p.returncode, p.stderr


programs = sorted(glob.glob(os.path.join(PROGRAMS, "*.mlir")))
assert len(programs) == 27, len(programs)
for path in programs:
    code, said = verify(path, chip_of(os.path.basename(path)))
    assert code == 0 and "error" not in said and "warning" not in said, said

# On the newer chips of a family too, where the sizes have grown.
for name, chip in (("matmul-tpu", "tpu-v6e"), ("attention-tpu", "tpu-v6e"), ("softmax-mtia", "mtia-300"),
                   ("attention-causal-ascend", "ascend-950pr"), ("softmax-ascend", "ascend-950pr")):
    code, said = verify(os.path.join(PROGRAMS, name + ".mlir"), chip)
    assert code == 0, said

# program, what stands there, what then stands there, the error, the op that it
# is said of, the key (or name) in the line of the chip file that the note shows.
BROKEN = [
    # A ring of 5 instead of 4 slots of 48 KiB: 240 KiB + 32 KiB + 80 + 64 bytes of barriers.
    ("matmul-hopper", "!tile.channel<4,", "!tile.channel<5,",
     r"C3: 278672 bytes at the least in memory `smem` of 232448", "tile.launch", "bytes:"),
    # Two rings of 8 slots of 32 KiB.
    ("softmax-mtia", "!tile.channel<2,", "!tile.channel<8,", r"C3: \d+ bytes at the least in memory `ls` of 393216", "tile.launch",
     "bytes:"),
    ("softmax-ascend", "!tile.channel<2,", "!tile.channel<8,", r"C3: \d+ bytes at the least in memory `ub` of 196608", "tile.launch",
     "bytes:"),
    ("matmul-tpu", '"vmem"', '"cmem"', "C1: tpu-v5e has no memory `cmem`", None, "name: global"),
    ("attention-cpu", '"reg"', '"zmm"', "C1: cpu-emerald-rapids has no memory `zmm`", None, "name: global"),
    ("matmul-cpu-amx", 'to = "l2"', 'to = "l4"', "C1: cpu-emerald-rapids has no memory `l4`", "tile.prefetch",
     "name: global"),
    ("softmax-ascend", 'on "vector" x 2', 'on "scalar" x 2', "C2: ascend-910b2 has no stream `scalar`", "tile.roles",
     "name: cube"),
    ("softmax-ascend", 'on "vector" x 2', 'on "vector" x 4',
     "C2: ascend-910b2 has 2 of stream `vector`, the roles take 4", "tile.roles", "count:"),
    ("softmax-ascend", 'on "vector" x 2', 'on "cube" x 1', "C2: stream `cube` of ascend-910b2 does not reach memory `ub`",
     "tile.", "streams: [vector]"),
    # 910B2 has no way from the cube's accumulators to the vector core but through global memory.
    ("attention-causal-ascend", "#lc = #tile.place<\"l0c\"", "#lc = #tile.place<\"l1\"",
     "TC14: ascend-910b2 takes the operands of this product from elsewhere", "tile.mma", "operands:"),
    ("matmul-mtia", '#ls = #tile.place<"ls"', '#ls = #tile.place<"acc"', "TC7: mtia-2i has no path from `global` to `acc`",
     "tile.copy", "name: global"),
    ("split-k-cpu", '!tb = tensor<32x32xbf16, #tile.place<"tmm"', '!tb = tensor<32x32xbf16, #tile.place<"reg"',
     "TC14: cpu-emerald-rapids takes the operands", "tile.mma", "operands:"),
    ("split-k-tpu", "bf16", "f16", "TC14: tpu-v5e multiplies no 'f16' by 'f16' into 'f32'", "tile.mma", "name: bf16"),
    ("matmul-ascend", '#tile.fractal<"zN">', "#row", "C6: no layout of `l", None, "name: l"),
    ("attention-tpu", "[[0, -1], [1, -1], [0, 8], [1, 128]]", "[[0, -1], [1, -1], [0, 4], [1, 128]]",
     "C6: no layout of `vmem`", None, "name: tile"),
    ("attention-mtia", "[[1, -1], [0, -1], [1, 16]]", "[[1, -1], [0, -1], [1, 8]]", "C6: no layout of `ls`", None,
     "name: operand"),
    ("matmul-hopper", "{regs = 232}", "{regs = 256}", "C7: 256 registers of a thread", "tile.roles", "registers:"),
    ("matmul-hopper", "{regs = 40}", "{regs = 64}", "C7: the roles ask for 270336 bytes of registers", "tile.roles",
     "bytes:"),
    # 6 rings of the cube between MTE2 and M: 1 + 2 + 2 + 2 slots are 7 of 8 events.
    ("attention-causal-ascend", "!c2 = !tile.channel<2,", "!c2 = !tile.channel<3,",
     "C4: the channels up to this one take 9 of `event from mte2 to m`", "tile.channel", "ids:"),
    ("matmul-mtia", "cluster = [8, 4]", "cluster = [16, 4]", "TC2: mtia-2i has not the 128 cores of a cluster",
     "tile.launch", "cores:"),
    ("matmul-hopper", "arith.constant 132", "arith.constant 264", "TC2: nvidia-h100 has not the 264 cores of resident",
     "tile.launch", "cores:"),
]


def broken(name, old, new):
    with open(os.path.join(PROGRAMS, name + ".mlir")) as f:
        text = f.read()
    assert old in text, (name, old)
    path = os.path.join(FOLDER, name + ".mlir")
    with open(path, "w") as f:
        f.write(text.replace(old, new))
    return path


def check(path, chip, message, op, key):
    code, said = verify(path, chip)
    found = re.search(r"(\d+):\d+: error: (.*)", said)
    assert code == 1 and found and re.search(message, found[2]), (path, message, said[:2000])
    if op:
        with open(path) as f:
            line = f.read().split("\n")[int(found[1]) - 1]
        assert op.removeprefix("tile.") in line, (op, line)
    notes = re.findall(r"(targets/\S+\.yaml):(\d+):\d+: note", said)
    assert notes, said
    lines = []
    for file, number in notes:
        with open(os.path.join(SOURCE, file)) as f:
            lines.append(f.read().split("\n")[int(number) - 1])
    assert any(key in line for line in lines), (message, key, lines)


for name, old, new, message, op, key in BROKEN:
    check(broken(name, old, new), chip_of(name), message, op, key)

SMALL = """#gm = #tile.place<"global", #tile.nest<[]>>
#ub = #tile.place<"ub", #tile.nest<[]>>
#lc = #tile.place<"l0c", #tile.fractal<"zN">>
#l1 = #tile.place<"l1", #tile.fractal<"zN">>
!p = !kernel.ptr<f32>
!G = !tile.view<tensor<?x?xf32, #gm>, []>
!w = !tile.view<tensor<16x16xf32, #gm>, []>
func.func @f(%p: !p, %n: index, %k: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %c16 = arith.constant 16 : index
  %g = tile.view %p[%n, %n][%n, %c1] : !G
  tile.launch (%i) in (%n) {kinds = ["parallel"]} {
    BODY
  }
  return
}
"""


def small(body):
    path = os.path.join(FOLDER, "small.mlir")
    with open(path, "w") as f:
        f.write(SMALL.replace("BODY", body))
    return path


UB = "%a = tile.alloc : !tile.view<tensor<4x20xf32, #ub>, []>\n    "
WINDOW = "%w = tile.slice %a[{0}, {1}] : !tile.view<tensor<4x20xf32, #ub>, []> to !tile.view<tensor<1x4xf32, #ub>, []>"
# Rows of 80 bytes are no multiples of 32; two of them are, as are 8 elements.
code, said = verify(small(UB + WINDOW.format("%c0", "%c8")), "ascend-910b2")
assert code == 0, said
check(small(UB + WINDOW.format("%c1", "%c0")), "ascend-910b2",
      r"C5: the window begins at a multiple of 80 bytes", "tile.slice", "align:")
check(small(UB + WINDOW.format("%c0", "%c4")), "ascend-910b2",
      r"C5: the window begins at a multiple of 16 bytes", "tile.slice", "align:")
check(small(UB + WINDOW.format("%c0", "%k")), "ascend-910b2",
      r"C5: the window begins at a multiple of 4 bytes", "tile.slice", "align:")

# From the accumulators to the vector cores' memory: 950PR has the path.
MOVE = """%b = tile.alloc : !tile.view<tensor<16x16xf32, #lc>, []>
    %t = tile.load %b : !tile.view<tensor<16x16xf32, #lc>, []> -> tensor<16x16xf32, #lc>
    %u = tile.move %t : tensor<16x16xf32, #lc> -> tensor<16x16xf32, #ub>
    %w = tile.slice %g[%c0, %c0] : !G to !w
    tile.store %u, %w : tensor<16x16xf32, #ub>, !w"""
code, said = verify(small(MOVE), "ascend-950pr")
assert code == 0 and "remark" not in said, said
code, said = verify(small(MOVE), "ascend-910b2")
assert code == 0 and "remark: TC7: through `global`: ascend-910b2 has no path from `l0c` to `ub`" in said, said
# A map on values that the vector engine does not reach.
check(small("""%b = tile.alloc : !tile.view<tensor<16x16xf32, #l1>, []>
    %t = tile.load %b : !tile.view<tensor<16x16xf32, #l1>, []> -> tensor<16x16xf32, #l1>
    %m = tile.map(%t) : tensor<16x16xf32, #l1> -> tensor<16x16xf32, #l1> (%x, %y, %e) {
      tile.yield %e : f32
    }"""), "ascend-910b2", "C8: ascend-910b2 has no vector engine for values in l1", "tile.map", "operands: [ub]")
# Two values of 128 KiB live at once in 192 KiB; one after the other they fit.
BIG = "tensor<128x256xf32, #ub>"
LOADS = f"""%b = tile.view %p[%c16, %c16][%c16, %c1] : !tile.view<{BIG.replace('ub', 'gm')}, []>
    %t = tile.load %b : !tile.view<{BIG.replace('ub', 'gm')}, []> -> {BIG}
    """
STORE = f"tile.store %{{0}}, %b : {BIG}, !tile.view<{BIG.replace('ub', 'gm')}, []>\n    "
SECOND = LOADS.split("\n")[1].replace("%t", "%u") + "\n    "
code, said = verify(small(LOADS + STORE.format("t") + SECOND + STORE.format("u")), "ascend-910b2")
assert code == 0, said
check(small(LOADS + SECOND + STORE.format("t") + STORE.format("u")), "ascend-910b2",
      "C3: 262144 bytes at the least in memory `ub` of 196608", "tile.launch", "bytes:")
# A cache keeps what it can: too much is a warning.
L1 = "%a = tile.alloc : !tile.view<tensor<128x256xf32, #tile.place<\"l1\", #tile.nest<[]>>>, []>"
code, said = verify(small(L1), "cpu-avx2")
assert code == 0 and "warning: C3: 131072 bytes at the least in memory `l1` of 32768, which cannot keep them" in said, said

code, said = verify(small(""), "tpu-v9")
assert code == 1 and "unknown target `tpu-v9`" in said, said
code, said = verify(small(""), os.path.join(FOLDER, "none.yaml"))
assert code == 1 and "none.yaml" in said, said
