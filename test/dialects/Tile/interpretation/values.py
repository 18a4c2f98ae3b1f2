# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Small Tile programs whose results NumPy knows. Numbers are small integers, so
that f32 is exact in any order, unless a case says otherwise."""
import os
import subprocess
import sys
import tempfile

import numpy as np
import yaml

PRELUDE = """
#gm = #tile.place<"global", #tile.nest<[]>>
#l1 = #tile.place<"l1", #tile.nest<[[1, -1], [0, -1], [1, 4]]>>
!p = !kernel.ptr<f32>
!pi = !kernel.ptr<i32>
!G = !tile.view<tensor<?x?xf32, #gm>, []>
!G1 = !tile.view<tensor<?xf32, #gm>, []>
!I1 = !tile.view<tensor<?xi32, #gm>, []>
!W = !tile.view<tensor<8x8xf32, #gm>, []>
!t = tensor<8x8xf32>
!v = tensor<8xf32>
!iv = tensor<8xi32>
func.func private @copy(%px: !p, %po: !p) {
  %c1 = arith.constant 1 : index %c8 = arith.constant 8 : index
  %x = tile.view %px[%c8, %c8][%c8, %c1] : !W %o = tile.view %po[%c8, %c8][%c8, %c1] : !W
  tile.copy %x to %o : !W, !W
  return
}
func.func @f(%px: !p, %pi: !pi, %po: !p, %M: index, %N: index) attributes {kernel.entry} {
  %c0 = arith.constant 0 : index %c1 = arith.constant 1 : index %c2 = arith.constant 2 : index %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index %c6 = arith.constant 6 : index %c8 = arith.constant 8 : index %cm2 = arith.constant -2 : index
  %x = tile.view %px[%M, %N][%N, %c1] : !G
  %flat = tile.view %px[%N][%c1] : !G1
  %idx = tile.view %pi[%c8][%c1] : !I1
  %out = tile.view %po[%c8, %c8][%c8, %c1] : !W
  %out1 = tile.view %po[%c8][%c1] : !tile.view<tensor<8xf32, #gm>, []>
"""
LOAD = "%xw = tile.slice %x[%c0, %c0] : !G to !W %a = tile.load %xw : !W -> !t\n"
INDEX = "%iw = tile.slice %idx[%c0] : !I1 to !tile.view<tensor<8xi32, #gm>, []> %ix = tile.load %iw : !tile.view<tensor<8xi32, #gm>, []> -> !iv\n"


def once(text):
    return "tile.launch (%pid) in (%c1) {kinds = [\"parallel\"]} {\n" + text + "\n}\n"


def windowed(kind, offsets, view="!G", source="%x"):
    """Copies the 8 x 8 window at `offsets` with boundary `kind` to the output."""
    w = f"!tile.view<tensor<8x8xf32, #gm>, [{kind}, {kind}]>"
    return once(f"%w = tile.slice {source}[{offsets}] : {view} to {w} tile.copy %w to %out : {w}, !W")


def at(x, rows, cols):
    return x[np.ix_(rows, cols)]


def filled(x, i, j, v):
    r = np.full((8, 8), float(v))
    for a in range(8):
        for b in range(8):
            if 0 <= i + a < x.shape[0] and 0 <= j + b < x.shape[1]:
                r[a, b] = x[i + a, j + b]
    return r


def reduced(dims, order, combine="arith.addf"):
    return once(LOAD + f"""%r = tile.reduce(%a) {{dims = [{dims}], order = "{order}"}} : !t -> !v (%e, %f) {{ %g = {combine} %e, %f : f32 tile.yield %g : f32 }}
    tile.store %r, %out1 : !v, !tile.view<tensor<8xf32, #gm>, []>""")


def scanned(dim, order, reverse=""):
    return once(LOAD + f"""%r = tile.scan(%a) {{dim = {dim} : i64, order = "{order}"{reverse}}} : !t -> !t (%e, %f) {{ %g = arith.addf %e, %f : f32 tile.yield %g : f32 }}
    tile.store %r, %out : !t, !W""")


def taken(text, symbols=""):
    return once(LOAD + f"%r = tile.take %a{symbols} {{map = affine_map<{text}>}} : !t -> !t tile.store %r, %out : !t, !W")


def atomic(kind, initial="%one"):
    """Out starts as 3; x of every one of four programs meets it."""
    return f"""%three = arith.constant dense<3.0> : !t
    tile.launch (%q) in (%c1) {{kinds = ["parallel"]}} {{ tile.store %three, %out : !t, !W }}
    tile.launch (%q) in (%c4) {{kinds = ["parallel"]}} {{
      {LOAD} tile.atomic %out, %a {{kind = "{kind}", sem = "relaxed", scope = "chip"}} : !W, !t
    }}
    """


def ordered(kind, rows, cols):
    """out[i, j] = the step at which an order comes to (i, j)."""
    return f"""%r = arith.constant {rows} : index %c = arith.constant {cols} : index %n = arith.muli %r, %c : index
    %z = arith.constant dense<-1.0> : !t
    tile.launch (%q) in (%c1) {{kinds = ["parallel"]}} {{ tile.store %z, %out : !t, !W }}
    tile.launch (%t) in (%n) {{kinds = ["sequential"]}} {{
      %i, %j = tile.order %t in (%r, %c) {{kind = "{kind}", group = 3}} : index, index
      %s = tile.slice %out[%i, %j] dims [] : !W to !tile.view<tensor<f32, #gm>, []>
      %k = arith.index_cast %t : index to i32 %e = arith.sitofp %k : i32 to f32
      tile.store %e, %s : f32, !tile.view<tensor<f32, #gm>, []>
    }}
    """


def row_order(rows, cols, visit):
    r = np.full((8, 8), -1.0)
    for t in range(rows * cols):
        r[visit(t)] = t
    return r


def grouped(t, rows, cols, group=3):
    per = group * cols
    first = t // per * group
    height = min(rows - first, group)
    return first + t % per % height, t % per // height


def snake(t, cols):
    return t // cols, (t % cols if t // cols % 2 == 0 else cols - 1 - t % cols)


# name: (program, function of (x, index) giving what stands in the output)
CASES = {
    "inside": (windowed("#tile.in", "%c2, %c3"), lambda x, i: x[2:10, 3:11]),
    "fill before": (windowed("#tile.fill<7.5>", "%cm2, %cm2"), lambda x, i: filled(x, -2, -2, 7.5)),
    "fill behind": (windowed("#tile.fill<-1.0>", "%c6, %c8"), lambda x, i: filled(x, 6, 8, -1)),
    "clamp": (windowed("#tile.clamp", "%c6, %cm2"),
              lambda x, i: at(x, np.clip(np.arange(6, 14), 0, 10), np.clip(np.arange(-2, 6), 0, 12))),
    "wrap": (windowed("#tile.wrap", "%cm2, %c8"), lambda x, i: at(x, np.arange(-2, 6) % 11, np.arange(8, 16) % 13)),
    "transposed": (once("%w = tile.slice %x[%c1, %c2] dims [1, 0] : !G to !W tile.copy %w to %out : !W, !W"),
                   lambda x, i: x[1:9, 2:10].T),
    "a window of a window": (once("""%w = tile.slice %x[%c1, %c2] : !G to !tile.view<tensor<10x9xf32, #gm>, [#tile.fill<5.0>, #tile.in]>
        %u = tile.slice %w[%c2, %c1] : !tile.view<tensor<10x9xf32, #gm>, [#tile.fill<5.0>, #tile.in]> to !W tile.copy %u to %out : !W, !W"""),
                             lambda x, i: filled(x, 3, 3, 5)),
    "an array smaller than its window": (once("""%y = tile.view %px[%c3, %c2][%N, %c1] : !tile.view<tensor<8x8xf32, #gm>, [#tile.fill<2.0>, #tile.fill<2.0>]>
        tile.copy %y to %out : !tile.view<tensor<8x8xf32, #gm>, [#tile.fill<2.0>, #tile.fill<2.0>]>, !W"""),
                                         lambda x, i: filled(x[:3, :2], 0, 0, 2)),
    "a pointer moved inside the launch": (once("""%k = arith.index_cast %c3 : index to i32 %q = kernel.addptr %px, %k : !p, i32
        %y = tile.view %q[%c8, %c8][%N, %c1] : !W tile.copy %y to %out : !W, !W"""), lambda x, i: x[:8, 3:11]),
    "stores dropped outside": (once("""%z = arith.constant dense<9.0> : !t tile.store %z, %out : !t, !W
        %y = tile.view %po[%c8, %c8][%c8, %c1] : !G
        """ + LOAD + """%w = tile.slice %y[%c6, %cm2] : !G to !tile.view<tensor<8x8xf32, #gm>, [#tile.fill<0.0>, #tile.fill<0.0>]>
        tile.store %a, %w : !t, !tile.view<tensor<8x8xf32, #gm>, [#tile.fill<0.0>, #tile.fill<0.0>]>"""),
                               lambda x, i: np.vstack([np.full((6, 8), 9.0), np.hstack([x[:2, 2:8], np.full((2, 2), 9.0)])])),
    "rows by an index": (once(INDEX + """%w = tile.slice %x[%ix: !iv, %c1] : !G to !tile.view<tensor<8x8xf32, #gm>, [#tile.fill<4.0>, #tile.in]>
        tile.copy %w to %out : !tile.view<tensor<8x8xf32, #gm>, [#tile.fill<4.0>, #tile.in]>, !W"""),
                         lambda x, i: np.stack([x[k, 1:9] if 0 <= k < 11 else np.full(8, 4.0) for k in i])),
    "columns of a row by an index": (once(INDEX + """%w = tile.slice %x[%c2, %ix: !iv] dims [1] : !G to !tile.view<tensor<8xf32, #gm>, [#tile.fill<4.0>]>
        tile.copy %w to %out1 : !tile.view<tensor<8xf32, #gm>, [#tile.fill<4.0>]>, !tile.view<tensor<8xf32, #gm>, []>"""),
                                     lambda x, i: np.where((i >= 0) & (i < 13), x[2, np.clip(i, 0, 12)], 4.0)),
    "rank 1 by an index of rank 2": (once("""%ix = tile.map() : -> tensor<8x8xi32> (%i, %j) { %s = arith.addi %i, %j : index %m = arith.remui %s, %c8 : index %k = arith.index_cast %m : index to i32 tile.yield %k : i32 }
        %w = tile.slice %flat[%ix: tensor<8x8xi32>] : !G1 to !W tile.copy %w to %out : !W, !W"""),
                                     lambda x, i: np.array([[x[0, (a + b) % 8] for b in range(8)] for a in range(8)])),
    "a part of such a window": (once("""%ix = tile.map() : -> tensor<10x9xi32> (%i, %j) { %s = arith.addi %i, %j : index %m = arith.remui %s, %c8 : index %k = arith.index_cast %m : index to i32 tile.yield %k : i32 }
        %w = tile.slice %flat[%ix: tensor<10x9xi32>] : !G1 to !tile.view<tensor<10x9xf32, #gm>, []>
        %u = tile.slice %w[%c2, %c1] : !tile.view<tensor<10x9xf32, #gm>, []> to !W tile.copy %u to %out : !W, !W"""),
                                lambda x, i: np.array([[x[0, (a + 2 + b + 1) % 8] for b in range(8)] for a in range(8)])),
    "a part of gathered rows": (once(INDEX + """%ok = tile.map(%ix) : !iv -> !iv (%i, %e) { %z = arith.constant 0 : i32 %h = arith.constant 10 : i32 %l = arith.maxsi %e, %z : i32 %m = arith.minsi %l, %h : i32 tile.yield %m : i32 }
        %z = arith.constant dense<0.0> : !t tile.store %z, %out : !t, !W
        %w = tile.slice %x[%ok: !iv, %c1] : !G to !W
        %u = tile.slice %w[%c4, %c2] : !W to !tile.view<tensor<4x6xf32, #gm>, []> %d = tile.slice %out[%c0, %c0] : !W to !tile.view<tensor<4x6xf32, #gm>, []>
        tile.copy %u to %d : !tile.view<tensor<4x6xf32, #gm>, []>, !tile.view<tensor<4x6xf32, #gm>, []>"""),
                                lambda x, i: np.pad(at(x, np.clip(i, 0, 10)[4:], range(3, 9)), ((0, 4), (0, 2)))),
    "masks": (once(LOAD + """%m = tile.map() : -> tensor<8x8xi1> (%i, %j) { %k = arith.cmpi ule, %i, %j : index tile.yield %k : i1 }
        %q = tile.load %xw mask %m : tensor<8x8xi1>, : !W -> !t
        %z = arith.constant dense<0.0> : !t tile.store %z, %out : !t, !W tile.store %q, %out mask %m : tensor<8x8xi1>, : !t, !W"""),
              lambda x, i: np.triu(x[:8, :8])),
    "other is a select": (once("""%n = arith.constant -7.0 : f32 %xw = tile.slice %x[%c0, %c0] : !G to !W
        %m = tile.map() : -> tensor<8x8xi1> (%i, %j) { %k = arith.cmpi ule, %i, %j : index tile.yield %k : i1 }
        %q = tile.load %xw mask %m : tensor<8x8xi1>, : !W -> !t
        %s = tile.map(%m, %q) : tensor<8x8xi1>, !t -> !t (%i, %j, %k, %e) { %r = arith.select %k, %e, %n : f32 tile.yield %r : f32 }
        tile.store %s, %out : !t, !W"""), lambda x, i: np.where(np.triu(np.ones((8, 8), bool)), x[:8, :8], -7)),
    "a mask outside an address": (once("""%q = tile.view %px[%c8, %c8][%N, %c1] : !W
        %m = tile.map() : -> tensor<8x8xi1> (%i, %j) { %k = arith.cmpi ult, %i, %c3 : index tile.yield %k : i1 }
        %y = tile.view %px[%c3, %c8][%N, %c1] : !tile.view<tensor<8x8xf32, #gm>, []>
        %l = tile.load %y mask %m : tensor<8x8xi1>, : !W -> !t
        %z = arith.constant dense<0.0> : !t tile.store %z, %out : !t, !W tile.store %l, %out mask %m : tensor<8x8xi1>, : !t, !W"""),
                                  lambda x, i: np.vstack([x[:3, :8], np.zeros((5, 8))])),
    "scratch in another layout": (once(LOAD + """%s = tile.alloc : !tile.view<tensor<8x8xf32, #l1>, []>
        tile.store %a, %s : !t, !tile.view<tensor<8x8xf32, #l1>, []>
        %w = tile.slice %s[%c0, %c4] : !tile.view<tensor<8x8xf32, #l1>, []> to !tile.view<tensor<8x4xf32, #l1>, []>
        %l = tile.load %w : !tile.view<tensor<8x4xf32, #l1>, []> -> tensor<8x4xf32>
        %d = tile.slice %out[%c0, %c0] : !W to !tile.view<tensor<8x4xf32, #gm>, []> tile.store %a, %out : !t, !W
        tile.store %l, %d : tensor<8x4xf32>, !tile.view<tensor<8x4xf32, #gm>, []>"""),
                                  lambda x, i: np.hstack([x[:8, 4:8], x[:8, 4:8]])),
    "a row and a column on a block": (once(LOAD + """%r = tile.take %a[%c1] {map = affine_map<(i)[s] -> (s, i)>} : !t -> !v
        %c = tile.take %a[%c2] {map = affine_map<(i)[s] -> (i, s)>} : !t -> !v
        %s = tile.map(%r, %c, %a) {dims = [[1], [0], [0, 1]]} : !v, !v, !t -> !t (%i, %j, %e, %f, %g) { %h = arith.mulf %e, %f : f32 %k = arith.addf %h, %g : f32 tile.yield %k : f32 }
        tile.store %s, %out : !t, !W"""), lambda x, i: x[1, :8][None, :] * x[:8, 2][:, None] + x[:8, :8]),
    "two results": (once(LOAD + """%s:2 = tile.map(%a) : !t -> !t, !t (%i, %j, %e) { %two = arith.constant 2.0 : f32 %g = arith.mulf %e, %two : f32 tile.yield %two, %g : f32, f32 }
        %d = tile.map(%s#0, %s#1) : !t, !t -> !t (%i, %j, %e, %f) { %g = arith.addf %e, %f : f32 tile.yield %g : f32 } tile.store %d, %out : !t, !W"""),
                    lambda x, i: 2 + 2 * x[:8, :8]),
    "reduce rows": (reduced("1", "any"), lambda x, i: x[:8, :8].sum(1)),
    "reduce columns": (reduced("0", "tree"), lambda x, i: x[:8, :8].sum(0)),
    "reduce in sequence": (reduced("1", "sequential", "arith.subf"), lambda x, i: 2 * x[:8, 0] - x[:8, :8].sum(1)),
    "maximum": (reduced("1", "any", "arith.maximumf"), lambda x, i: x[:8, :8].max(1)),
    "reduce to a scalar": (once(LOAD + """%r = tile.reduce(%a) {dims = [1, 0], order = "any"} : !t -> f32 (%e, %f) { %g = arith.addf %e, %f : f32 tile.yield %g : f32 }
        %s = tile.map() : -> !t (%i, %j) { tile.yield %r : f32 } tile.store %s, %out : !t, !W"""), lambda x, i: np.full((8, 8), x[:8, :8].sum())),
    "reduce with a constant": (once(LOAD + """%r = tile.reduce(%a) {dims = [1], order = "tree"} : !t -> !v (%e, %f) { %k = arith.constant 1.0 : f32 %h = arith.mulf %f, %k : f32 %g = arith.addf %e, %h : f32 tile.yield %g : f32 }
        tile.store %r, %out1 : !v, !tile.view<tensor<8xf32, #gm>, []>"""), lambda x, i: x[:8, :8].sum(1)),
    "where the maximum is": (once(LOAD + """%k = tile.map() : -> tensor<8x8xi32> (%i, %j) { %c = arith.index_cast %j : index to i32 tile.yield %c : i32 }
        %r:2 = tile.reduce(%a, %k) {dims = [1], order = "any"} : !t, tensor<8x8xi32> -> !v, !iv (%e, %m, %f, %n) {
          %g = arith.cmpf ogt, %f, %e : f32 %h = arith.select %g, %f, %e : f32 %q = arith.select %g, %n, %m : i32 tile.yield %h, %q : f32, i32 }
        %s = tile.map(%r#1) : !iv -> !v (%i, %e) { %q = arith.sitofp %e : i32 to f32 tile.yield %q : f32 } tile.store %s, %out1 : !v, !tile.view<tensor<8xf32, #gm>, []>"""),
                             lambda x, i: x[:8, :8].argmax(1)),
    "scan": (scanned(1, "any"), lambda x, i: x[:8, :8].cumsum(1)),
    "scan down": (scanned(0, "sequential"), lambda x, i: x[:8, :8].cumsum(0)),
    "scan back": (scanned(1, "tree", ", reverse"), lambda x, i: x[:8, ::-1][:, -8:].cumsum(1)[:, ::-1]),
    "take a transpose": (taken("(i, j) -> (j, i)"), lambda x, i: x[:8, :8].T),
    "take a flip": (taken("(i, j) -> (i, 7 - j)"), lambda x, i: x[:8, 7::-1]),
    "take a row for all": (taken("(i, j)[s] -> (s, j)", "[%c2]"), lambda x, i: np.tile(x[2, :8], (8, 1))),
    "take a reshape": (taken("(i, j) -> ((i * 8 + j) mod 8, (i * 8 + j) floordiv 8)"), lambda x, i: x[:8, :8].T),
    "product": (once(LOAD + """%b = tile.take %a {map = affine_map<(i, j) -> (j, i)>} : !t -> !t
        %m = tile.move %b : !t -> tensor<8x8xf32, #l1> %r = tile.mma %a, %m, %a : !t, tensor<8x8xf32, #l1>, !t tile.store %r, %out : !t, !W"""),
                lambda x, i: x[:8, :8] @ x[:8, :8].T + x[:8, :8]),
    "product of windows": (once(LOAD + """%b = tile.slice %x[%c1, %c2] dims [1, 0] : !G to !W
        %r = tile.mma %xw, %b, %a : !W, !W, !t tile.store %r, %out : !t, !W"""), lambda x, i: x[:8, :8] @ x[1:9, 2:10].T + x[:8, :8]),
    "scaled product": (once(LOAD + """%b = tile.take %a {map = affine_map<(i, j) -> (j, i)>} : !t -> !t %z = arith.constant dense<0.0> : !t
        %sa = tile.map() : -> tensor<8x2xf8E8M0FNU> (%i, %j) { %s = arith.addi %i, %j : index %m = arith.remui %s, %c3 : index %k = arith.index_cast %m : index to i32 %e = arith.constant 125 : i32 %f = arith.addi %e, %k : i32 %g = arith.trunci %f : i32 to i8 %h = arith.bitcast %g : i8 to f8E8M0FNU tile.yield %h : f8E8M0FNU }
        %sb = tile.map() : -> tensor<4x8xf32> (%i, %j) { %k = arith.index_cast %i : index to i32 %f = arith.sitofp %k : i32 to f32 tile.yield %f : f32 }
        %r = tile.mma %a, %b, %z scales (%sa, %sb : tensor<8x2xf8E8M0FNU>, tensor<4x8xf32>) : !t, !t, !t tile.store %r, %out : !t, !W"""),
                       lambda x, i: (x[:8, :8] * np.repeat(2.0 ** ((np.arange(8)[:, None] + np.arange(2)) % 3 - 2), 4, 1)) @ (x[:8, :8].T * np.repeat(np.arange(4.0), 2)[:, None])),
    "atomic add": (atomic("add"), lambda x, i: 3 + 4 * x[:8, :8]),
    "atomic fadd": (atomic("fadd"), lambda x, i: 3 + 4 * x[:8, :8]),
    "atomic max": (atomic("max"), lambda x, i: np.maximum(3, x[:8, :8])),
    "atomic min": (atomic("min"), lambda x, i: np.minimum(3, x[:8, :8])),
    "atomic exchange": (atomic("xchg"), lambda x, i: x[:8, :8]),
    "masked atomic, and what was there": (once("""%z = arith.constant dense<3.0> : !t tile.store %z, %out : !t, !W
        """ + LOAD + """%m = tile.map() : -> tensor<8x8xi1> (%i, %j) { %k = arith.cmpi ult, %i, %c4 : index tile.yield %k : i1 }
        %old = tile.atomic %out, %a mask %m : tensor<8x8xi1>, {kind = "add", sem = "acq_rel", scope = "chip"} : !W, !t -> !t
        %top = tile.take %old {map = affine_map<(i, j) -> (i, j)>} : !t -> tensor<4x8xf32>
        %d = tile.slice %out[%c4, %c0] : !W to !tile.view<tensor<4x8xf32, #gm>, []> tile.store %top, %d : tensor<4x8xf32>, !tile.view<tensor<4x8xf32, #gm>, []>"""),
                                          lambda x, i: np.vstack([3 + x[:4, :8], np.full((4, 8), 3.0)])),
    "compare and swap": (once("""%z = arith.constant dense<3.0> : !t tile.store %z, %out : !t, !W
        """ + LOAD + """%w = tile.map() : -> !t (%i, %j) { %three = arith.constant 3.0 : f32 %four = arith.constant 4.0 : f32 %k = arith.cmpi ult, %i, %c4 : index %r = arith.select %k, %three, %four : f32 tile.yield %r : f32 }
        tile.atomic %out, %w, %a {kind = "cas", sem = "relaxed", scope = "chip"} : !W, !t, !t"""),
                         lambda x, i: np.vstack([x[:4, :8], np.full((4, 8), 3.0)])),
    "grid by rows": (ordered("row", 5, 7), lambda x, i: row_order(5, 7, lambda t: divmod(t, 7))),
    "grid in groups": (ordered("grouped", 8, 5), lambda x, i: row_order(8, 5, lambda t: grouped(t, 8, 5))),
    "grid as a snake": (ordered("snake", 5, 6), lambda x, i: row_order(5, 6, lambda t: snake(t, 6))),
    "loops with carries, and a while": (once(LOAD + """%z = arith.constant dense<0.0> : !t
        %s = scf.for %k = %c0 to %c3 step %c1 iter_args(%q = %z) -> (!t) { %r = tile.map(%q, %a) : !t, !t -> !t (%i, %j, %e, %f) { %g = arith.addf %e, %f : f32 tile.yield %g : f32 } scf.yield %r : !t }
        %u:2 = scf.while (%k = %c0, %q = %s) : (index, !t) -> (index, !t) { %l = arith.cmpi ult, %k, %c2 : index scf.condition(%l) %k, %q : index, !t
        } do { ^bb0(%k: index, %q: !t): %n = arith.addi %k, %c1 : index %r = tile.map(%q) : !t -> !t (%i, %j, %e) { %g = arith.negf %e : f32 tile.yield %g : f32 }
          %y = scf.if %l2 -> (!t) { scf.yield %r : !t } else { scf.yield %a : !t } scf.yield %n, %y : index, !t }
        tile.store %u#1, %out : !t, !W""").replace("%s = scf.for", "%l2 = arith.cmpi ult, %c0, %c1 : index %s = scf.for"),
                                        lambda x, i: 3 * x[:8, :8]),
    "work spread over a cluster": (once(LOAD + """%z = arith.constant dense<0.0> : !t
        %s = scf.parallel (%k) = (%c0) to (%c4) step (%c1) init (%z) -> !t { %r = tile.map(%a) : !t -> !t (%i, %j, %e) { %c = arith.index_cast %k : index to i32 %d = arith.sitofp %c : i32 to f32 %g = arith.mulf %e, %d : f32 tile.yield %g : f32 }
          scf.reduce(%r : !t) { ^bb0(%l: !t, %m: !t): %q = tile.map(%l, %m) : !t, !t -> !t (%i, %j, %e, %f) { %g = arith.addf %e, %f : f32 tile.yield %g : f32 } scf.reduce.return %q : !t } } {spread = "k"}
        tile.store %s, %out : !t, !W"""), lambda x, i: 6 * x[:8, :8]),
    # The last program goes first: each waits for its turn on a counter.
    "programs that wait for each other": ("""%w = tile.alloc : !tile.view<tensor<i32, #gm>, []>
        %zero = arith.constant 0 : i32 %one = arith.constant 1 : i32 %z = arith.constant dense<1.0> : !t
        tile.launch (%q) in (%c1) {kinds = ["parallel"]} { tile.store %z, %out : !t, !W tile.store %zero, %w : i32, !tile.view<tensor<i32, #gm>, []> }
        tile.launch (%q) in (%c4) {kinds = ["parallel"], cooperative} {
          %turn = arith.subi %c3, %q : index %mine = arith.index_cast %turn : index to i32
          scf.while : () -> () { %s = tile.atomic %w {kind = "load", sem = "acquire", scope = "chip"} : !tile.view<tensor<i32, #gm>, []> -> i32
            %wait = arith.cmpi ne, %s, %mine : i32 scf.condition(%wait) } do { scf.yield }
          %a = tile.load %out : !W -> !t
          %k = arith.sitofp %mine : i32 to f32
          %b = tile.map(%a) : !t -> !t (%i, %j, %e) { %g = arith.mulf %e, %k : f32 %u = arith.constant 1.0 : f32 %h = arith.addf %g, %u : f32 tile.yield %h : f32 }
          tile.store %b, %out : !t, !W
          tile.atomic %w, %one {kind = "add", sem = "release", scope = "chip"} : !tile.view<tensor<i32, #gm>, []>, i32 }
        """, lambda x, i: np.full((8, 8), ((((1 * 0 + 1) * 1 + 1) * 2 + 1) * 3 + 1.0))),
    "another view of the same memory": ("""%w = tile.alloc : !W
        %y = tile.view %w[%c8, %c8][%c1, %c8] : !W -> !W
        """ + once(LOAD + "tile.store %a, %w : !t, !W tile.copy %y to %out : !W, !W"), lambda x, i: x[:8, :8].T),
    "a view of a window": (once("""%w = tile.slice %x[%c2, %c3] : !G to !W
        %y = tile.view %w[%c8, %c8][%N, %c1] : !W -> !W tile.copy %y to %out : !W, !W"""), lambda x, i: x[2:10, 3:11]),
    # A block of addresses is an array at address 0, gathered.
    "elements by their addresses": (once("""%zero = arith.constant 0 : i64 %four = arith.constant 4 : i64
        %from = kernel.ptr_to_int %px : !p -> i64 %to = kernel.ptr_to_int %po : !p -> i64
        %null = kernel.int_to_ptr %zero : i64 -> !p %cm1 = arith.constant -1 : index
        %all = tile.view %null[%cm1][%c1] : !G1
        %read = tile.map() : -> tensor<8xindex> (%i) { %k = arith.muli %i, %c2 : index %b = arith.divsi %from, %four : i64 %e = arith.index_cast %b : i64 to index %s = arith.addi %k, %e : index tile.yield %s : index }
        %write = tile.map() : -> tensor<8xindex> (%i) { %b = arith.divsi %to, %four : i64 %e = arith.index_cast %b : i64 to index %s = arith.addi %i, %e : index tile.yield %s : index }
        %r = tile.slice %all[%read: tensor<8xindex>] : !G1 to !tile.view<tensor<8xf32, #gm>, []>
        %w = tile.slice %all[%write: tensor<8xindex>] : !G1 to !tile.view<tensor<8xf32, #gm>, []>
        tile.copy %r to %w : !tile.view<tensor<8xf32, #gm>, []>, !tile.view<tensor<8xf32, #gm>, []>"""),
                                    lambda x, i: x.reshape(-1)[:16:2]),
    "a fallback by aliasing": ("""%y = tile.view %px[%c8, %c8][%c8, %c1] : !W
        %same = tile.disjoint %y, %x : !W, !G %apart = tile.disjoint %out, %x : !W, !G
        scf.if %same { } else { scf.if %apart { func.call @copy(%px, %po) : (!p, !p) -> () } }
        """, lambda x, i: x.reshape(-1)[:64].reshape(8, 8)),
    "workspace of an earlier launch": ("""%w = tile.alloc : !tile.view<tensor<8x8xf32, #l1>, []>
        tile.launch (%i) in (%c8) {kinds = ["parallel"]} {
          %s = tile.slice %x[%i, %c0] : !G to !tile.view<tensor<1x8xf32, #gm>, []>
          %d = tile.slice %w[%c0, %i] dims [1, 0] : !tile.view<tensor<8x8xf32, #l1>, []> to !tile.view<tensor<1x8xf32, #l1>, []>
          tile.copy %s to %d : !tile.view<tensor<1x8xf32, #gm>, []>, !tile.view<tensor<1x8xf32, #l1>, []> }
        tile.launch (%i) in (%c1) {kinds = ["parallel"]} { tile.copy %w to %out : !tile.view<tensor<8x8xf32, #l1>, []>, !W }
        """, lambda x, i: x[:8, :8].T),
}


def run(text, x, index, work):
    np.save(os.path.join(work, "x.npy"), x.astype(np.float32))
    np.save(os.path.join(work, "index.npy"), index)
    launch = {"args": {"x": {"shape": list(x.shape), "dtype": "f32", "init": "file(x.npy)"},
                       "index": {"shape": [8], "dtype": "i32", "init": "file(index.npy)"},
                       "out": {"shape": [8, 8], "dtype": "f32"}, "M": x.shape[0], "N": x.shape[1]},
              "grid": [1], "outputs": ["out"]}
    with open(os.path.join(work, "launch.yaml"), "w") as f:
        yaml.safe_dump(launch, f, sort_keys=False)
    path = os.path.join(work, "program.mlir")
    with open(path, "w") as f:
        f.write(PRELUDE + text + "  return\n}\n")
    done = subprocess.run(["terrazzo-interpret", path, "--launch", os.path.join(work, "launch.yaml"), "--check",
                           "--save", work], capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr, None if done.returncode else np.load(os.path.join(work, "out.npy"))


def hilbert(work, x, index):
    """A bijection whose neighbours touch, wherever the grid is a full square."""
    for rows, cols in ((8, 8), (5, 7), (1, 6), (4, 4)):
        said, out = run(ordered("hilbert", rows, cols), x, index, work)
        steps = sorted((int(out[i, j]), i, j) for i in range(rows) for j in range(cols))
        if [s for s, _, _ in steps] != list(range(rows * cols)):
            return f"no bijection on {rows} x {cols}: {steps} {said}"
        if rows == cols and any(abs(a[1] - b[1]) + abs(a[2] - b[2]) != 1 for a, b in zip(steps, steps[1:])):
            return f"a jump on {rows} x {cols}: {steps}"
    return None


def main():
    rng = np.random.default_rng(3)
    x = rng.integers(-9, 10, (11, 13)).astype(np.float64)
    index = np.array([3, 0, 10, -1, 12, 7, 3, 40], np.int32)
    status = 0
    with tempfile.TemporaryDirectory() as work:
        for name, (text, wanted) in CASES.items():
            said, out = run(text, x, index, work)
            want = np.asarray(wanted(x, index), np.float64)
            got = None if out is None else out.reshape(-1)[:want.size].reshape(want.shape)
            if got is None or not np.array_equal(got, want):
                print(f"{name}:\n{said}{got}\n{want}")
                status = 1
        if problem := hilbert(work, x, index):
            print("hilbert:", problem)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
