// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: terrazzo-opt %s -o %t.mlir && terrazzo-opt %t.mlir -o %t.again.mlir && diff %t.mlir %t.again.mlir
// RUN: terrazzo-opt %s -mlir-print-op-generic | terrazzo-opt -o %t.generic.mlir && diff %t.mlir %t.generic.mlir
#row = #tile.nest<[]>
#gm  = #tile.place<"global", #row>
#reg = #tile.place<"reg", #row>
!pb = !kernel.ptr<bf16>
!pf = !kernel.ptr<f32>
!Gb = !tile.view<tensor<?x?xbf16, #gm>, []>
!Gf = !tile.view<tensor<?x?xf32, #gm>, []>
#sw = #tile.place<"smem", #tile.linear<{offset = [[0,1],[0,2],[0,4],[0,8],[0,16],[0,32],[1,8],[2,16],[4,32],[8,0],[16,0],[32,0],[64,0],[0,64]]}>>   // 128x128 bf16, 128-byte swizzle
// Q, K, V, O: [BH*S, 128] bf16, full attention; 128 x 128 blocks, one core group = 1 cube + 2 vector cores, replica w takes 64 rows.
// L1: Q 32 + K 64 + V 64 + P 64 = 224 of 512 KiB; L0C: S 64 + PV 64 = 128 KiB; UB: S 32 + P 16 + O 32 + PV 32 (+ 16 staging) of 192 KiB. Through global per block: S 64, P 32, PV 64 KiB.
#l1 = #tile.place<"l1", #tile.fractal<"zN">> #lc = #tile.place<"l0c", #tile.fractal<"zN">> #ub = #tile.place<"ub", #row>
!L = !tile.view<tensor<128x128xbf16, #l1>, []> !wn = !tile.view<tensor<128x128xbf16, #gm>, []> !wh = !tile.view<tensor<64x128xbf16, #gm>, []> !acc = tensor<128x128xf32, #lc>
!gs = !tile.view<tensor<128x128xf32, #gm>, []> !gh = !tile.view<tensor<64x128xf32, #gm>, []> !x = tensor<64x128xf32, #ub> !h = tensor<64x128xbf16, #ub> !v = tensor<64xf32, #ub>
!c1 = !tile.channel<1, [!L]> !c2 = !tile.channel<2, [!L]> !cs = !tile.channel<2, [!gs]> !cp = !tile.channel<2, [!wn]>
func.func @attn(%pq: !pb, %pk: !pb, %pv: !pb, %po: !pb, %S: index, %BH: index, %scale: f32) {
  %c0 = arith.constant 0 : index %c1 = arith.constant 1 : index %cm1 = arith.constant -1 : index %c64 = arith.constant 64 : index %d = arith.constant 128 : index
  %rows = arith.muli %BH, %S : index %n = arith.divui %S, %d : index %T = arith.muli %BH, %n : index %zero = arith.constant dense<0.0> : !acc
  %o0 = arith.constant dense<0.0> : !x %l0 = arith.constant dense<0.0> : !v %m0 = arith.constant dense<0xFF800000> : !v
  %Q = "tile.view"(%pq, %rows, %d, %d, %c1) : (!pb, index, index, index, index) -> !Gb %K = "tile.view"(%pk, %rows, %d, %d, %c1) : (!pb, index, index, index, index) -> !Gb
  %V = "tile.view"(%pv, %rows, %d, %d, %c1) : (!pb, index, index, index, index) -> !Gb %O = "tile.view"(%po, %rows, %d, %d, %c1) : (!pb, index, index, index, index) -> !Gb
  "tile.launch"(%T) ({ ^bb0(%t: index):
    %bh, %m = "tile.order"(%t, %BH, %n) {kind = "row"} : (index, index, index) -> (index, index)
    %r0 = arith.muli %bh, %S : index %i0 = arith.muli %m, %d : index %q0 = arith.addi %r0, %i0 : index
    %cs = "tile.channel"() {from = "cube", to = "vec", consume = [#tile.split<0>]} : () -> !cs %cp = "tile.channel"() {from = "vec", to = "cube", produce = [#tile.split<0>]} : () -> !cp
    %cv = "tile.channel"() {from = "cube", to = "vec", consume = [#tile.split<0>]} : () -> !cs
    "tile.roles"() ({ ^bb0(%z: index):
      %lq = "tile.channel"() : () -> !c1 %lk = "tile.channel"() : () -> !c2 %lv = "tile.channel"() : () -> !c2 %lp = "tile.channel"() : () -> !c2
      %aq = "tile.acquire"(%lq) : (!c1) -> !L %gq = "tile.slice"(%Q, %q0, %c0) : (!Gb, index, index) -> !wn "tile.copy"(%gq, %aq) : (!wn, !L) -> () "tile.commit"(%lq) : (!c1) -> ()   // ND -> zN
      %q = "tile.wait"(%lq) : (!c1) -> !L
      scf.for %j = %cm1 to %n step %c1 { %jn = arith.addi %j, %c1 : index %gn = arith.cmpi slt, %jn, %n : index %gp = arith.cmpi sge, %j, %c0 : index
        scf.if %gn { %kb = arith.muli %jn, %d : index %kr = arith.addi %r0, %kb : index
          %ak = "tile.acquire"(%lk) : (!c2) -> !L %gk = "tile.slice"(%K, %kr, %c0) : (!Gb, index, index) -> !wn "tile.copy"(%gk, %ak) : (!wn, !L) -> () "tile.commit"(%lk) : (!c2) -> ()
          %k = "tile.wait"(%lk) : (!c2) -> !L %kt = "tile.slice"(%k, %c0, %c0) {dims = [1, 0]} : (!L, index, index) -> !L
          %s = "tile.mma"(%q, %kt, %zero) : (!L, !L, !acc) -> !acc "tile.release"(%lk) : (!c2) -> ()
          %ss = "tile.acquire"(%cs) : (!cs) -> !gs "tile.store"(%s, %ss) : (!acc, !gs) -> () "tile.commit"(%cs) : (!cs) -> () }                        // fixpipe, 64 KiB
        scf.if %gp { %kb = arith.muli %j, %d : index %kr = arith.addi %r0, %kb : index
          %av = "tile.acquire"(%lv) : (!c2) -> !L %gv = "tile.slice"(%V, %kr, %c0) : (!Gb, index, index) -> !wn "tile.copy"(%gv, %av) : (!wn, !L) -> () "tile.commit"(%lv) : (!c2) -> ()
          %gp2 = "tile.wait"(%cp) : (!cp) -> !wn %ap = "tile.acquire"(%lp) : (!c2) -> !L "tile.copy"(%gp2, %ap) : (!wn, !L) -> () "tile.commit"(%lp) : (!c2) -> () "tile.release"(%cp) : (!cp) -> ()
          %p = "tile.wait"(%lp) : (!c2) -> !L %v = "tile.wait"(%lv) : (!c2) -> !L %o = "tile.mma"(%p, %v, %zero) : (!L, !L, !acc) -> !acc
          "tile.release"(%lp) : (!c2) -> () "tile.release"(%lv) : (!c2) -> ()
          %so = "tile.acquire"(%cv) : (!cs) -> !gs "tile.store"(%o, %so) : (!acc, !gs) -> () "tile.commit"(%cv) : (!cs) -> () } }
      "tile.release"(%lq) : (!c1) -> () "tile.yield"() : () -> ()
    }, { ^bb0(%w: index):
      %r:4 = scf.for %j = %cm1 to %n step %c1 iter_args(%mx = %m0, %l = %l0, %o = %o0, %al = %l0) -> (!v, !v, !x, !v) {
        %jn = arith.addi %j, %c1 : index %gn = arith.cmpi slt, %jn, %n : index %gp = arith.cmpi sge, %j, %c0 : index
        %y:3 = scf.if %gn -> (!v, !v, !v) { %gs = "tile.wait"(%cs) : (!cs) -> !gh %s0 = "tile.load"(%gs) : (!gh) -> !x "tile.release"(%cs) : (!cs) -> ()
          %s = "tile.map"(%s0) ({ ^bb0(%u: index, %c: index, %e: f32): %g = arith.mulf %e, %scale : f32 "tile.yield"(%g) : (f32) -> () }) : (!x) -> !x
          %rm = "tile.reduce"(%s) ({ ^bb0(%e: f32, %f: f32): %g = arith.maximumf %e, %f : f32 "tile.yield"(%g) : (f32) -> () }) {dims = [1], order = "any"} : (!x) -> !v
          %m1 = "tile.map"(%mx, %rm) ({ ^bb0(%u: index, %e: f32, %f: f32): %g = arith.maximumf %e, %f : f32 "tile.yield"(%g) : (f32) -> () }) : (!v, !v) -> !v
          %a1 = "tile.map"(%mx, %m1) ({ ^bb0(%u: index, %e: f32, %f: f32): %g = arith.subf %e, %f : f32 %h = math.exp2 %g : f32 "tile.yield"(%h) : (f32) -> () }) : (!v, !v) -> !v
          %pf = "tile.map"(%s, %m1) ({ ^bb0(%u: index, %c: index, %e: f32, %f: f32): %g = arith.subf %e, %f : f32 %h = math.exp2 %g : f32 "tile.yield"(%h) : (f32) -> () })
            {dims = [[0, 1], [0]]} : (!x, !v) -> !x
          %rs = "tile.reduce"(%pf) ({ ^bb0(%e: f32, %f: f32): %g = arith.addf %e, %f : f32 "tile.yield"(%g) : (f32) -> () }) {dims = [1], order = "any"} : (!x) -> !v
          %l1 = "tile.map"(%l, %a1, %rs) ({ ^bb0(%u: index, %e: f32, %f: f32, %g: f32): %h = math.fma %e, %f, %g : f32 "tile.yield"(%h) : (f32) -> () }) : (!v, !v, !v) -> !v
          %ph = "tile.map"(%pf) ({ ^bb0(%u: index, %c: index, %e: f32): %g = arith.truncf %e : f32 to bf16 "tile.yield"(%g) : (bf16) -> () }) : (!x) -> !h
          %sp = "tile.acquire"(%cp) : (!cp) -> !wh "tile.store"(%ph, %sp) : (!h, !wh) -> () "tile.commit"(%cp) : (!cp) -> () scf.yield %m1, %l1, %a1 : !v, !v, !v
        } else { scf.yield %mx, %l, %al : !v, !v, !v }
        %o2 = scf.if %gp -> (!x) { %go = "tile.wait"(%cv) : (!cs) -> !gh %op = "tile.load"(%go) : (!gh) -> !x "tile.release"(%cv) : (!cs) -> ()                // PV(j), scaled to max j
          %t2 = "tile.map"(%o, %al, %op) ({ ^bb0(%u: index, %c: index, %e: f32, %f: f32, %g: f32): %h = math.fma %e, %f, %g : f32 "tile.yield"(%h) : (f32) -> () })
            {dims = [[0, 1], [0], [0, 1]]} : (!x, !v, !x) -> !x scf.yield %t2 : !x } else { scf.yield %o : !x }
        scf.yield %y#0, %y#1, %o2, %y#2 : !v, !v, !x, !v }
      %on = "tile.map"(%r#2, %r#1) ({ ^bb0(%u: index, %c: index, %e: f32, %f: f32): %g = arith.divf %e, %f : f32 %h = arith.truncf %g : f32 to bf16 "tile.yield"(%h) : (bf16) -> () })
        {dims = [[0, 1], [0]]} : (!x, !v) -> !h
      %wi = arith.muli %w, %c64 : index %or = arith.addi %q0, %wi : index %gw = "tile.slice"(%O, %or, %c0) : (!Gb, index, index) -> !wh "tile.store"(%on, %gw) : (!h, !wh) -> ()
      "tile.yield"() : () -> ()
    }) {roles = [#tile.role<"cube", "cube", 1, {}>, #tile.role<"vec", "vector", 2, {}>]} : () -> ()
    "tile.yield"() : () -> () }) {kinds = ["parallel"]} : (index) -> ()
  return
}
