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
// Q, K, V, O: [BH*S, 128]; 128 x 128 blocks; smem Q 32 + K 2 x 32 + V 2 x 32 = 160 KiB. n = m + 1 blocks, diagonal block first; j = -1 .. n: S(j+1) before P.V(j).
#ac = #tile.place<"reg", #tile.linear<{register = [[0,1],[8,0],[0,8],[0,16],[0,32],[0,64]], lane = [[0,2],[0,4],[1,0],[2,0],[4,0]], warp = [[16,0],[32,0]]}>>
#rw = #tile.place<"reg", #tile.linear<{register = [[8]], lane = [[0],[0],[1],[2],[4]], warp = [[16],[32]]}>>
!T = !tile.view<tensor<128x128xbf16, #sw>, []> !H = !tile.view<tensor<64x128xbf16, #sw>, []> !wn = !tile.view<tensor<128x128xbf16, #gm>, []> !wo = !tile.view<tensor<64x128xbf16, #gm>, []>
!cq = !tile.channel<1, [!T]> !ck = !tile.channel<2, [!T]> !turn = !tile.channel<1, []> !acc = tensor<64x128xf32, #ac> !p = tensor<64x128xbf16, #ac> !v = tensor<64xf32, #rw>
!Kt = !tile.view<tensor<128x128xbf16, #sw>, []>
func.func @attn(%pq: !pb, %pk: !pb, %pv: !pb, %po: !pb, %S: index, %BH: index, %scale: f32) {
  %c0 = arith.constant 0 : index %c1 = arith.constant 1 : index %cm1 = arith.constant -1 : index %c64 = arith.constant 64 : index %d = arith.constant 128 : index
  %zero = arith.constant dense<0.0> : !acc %l0 = arith.constant dense<0.0> : !v %m0 = arith.constant dense<0xFF800000> : !v %p0 = arith.constant dense<0.0> : !p
  %rows = arith.muli %BH, %S : index %MT = arith.divui %S, %d : index %ninf = arith.constant 0xFF800000 : f32
  %Q = "tile.view"(%pq, %rows, %d, %d, %c1) : (!pb, index, index, index, index) -> !Gb %K = "tile.view"(%pk, %rows, %d, %d, %c1) : (!pb, index, index, index, index) -> !Gb
  %V = "tile.view"(%pv, %rows, %d, %d, %c1) : (!pb, index, index, index, index) -> !Gb %O = "tile.view"(%po, %rows, %d, %d, %c1) : (!pb, index, index, index, index) -> !Gb
  "tile.launch"(%BH, %MT) ({ ^bb0(%bh: index, %m: index):
    %cq = "tile.channel"() {from = "load", to = "mma", consume = [#tile.split<0>]} : () -> !cq
    %ck = "tile.channel"() {from = "load", to = "mma", consume = [#tile.all]} : () -> !ck %cv = "tile.channel"() {from = "load", to = "mma", consume = [#tile.all]} : () -> !ck
    %turn = "tile.channel"() {from = "mma", to = "mma", consume = [], ring} : () -> !turn                        // replica 0 starts with one credit
    %r0 = arith.muli %bh, %S : index %i0 = arith.muli %m, %d : index %q0 = arith.addi %r0, %i0 : index %n = arith.addi %m, %c1 : index
    "tile.roles"() ({ ^bb0(%z: index):
      %q = "tile.acquire"(%cq) : (!cq) -> !T %gq = "tile.slice"(%Q, %q0, %c0) : (!Gb, index, index) -> !wn "tile.copy"(%gq, %q) : (!wn, !T) -> () "tile.commit"(%cq) : (!cq) -> ()
      scf.for %j = %c0 to %n step %c1 { %b = arith.subi %m, %j : index %kb = arith.muli %b, %d : index %kr = arith.addi %r0, %kb : index
        %k = "tile.acquire"(%ck) : (!ck) -> !T %gk = "tile.slice"(%K, %kr, %c0) : (!Gb, index, index) -> !wn "tile.copy"(%gk, %k) : (!wn, !T) -> () "tile.commit"(%ck) : (!ck) -> ()
        %v = "tile.acquire"(%cv) : (!ck) -> !T %gv = "tile.slice"(%V, %kr, %c0) : (!Gb, index, index) -> !wn "tile.copy"(%gv, %v) : (!wn, !T) -> () "tile.commit"(%cv) : (!ck) -> () }
      "tile.yield"() : () -> ()
    }, { ^bb0(%w: index):
      %q = "tile.wait"(%cq) : (!cq) -> !H %wi = arith.muli %w, %c64 : index
      %r:4 = scf.for %j = %cm1 to %n step %c1 iter_args(%p = %p0, %mx = %m0, %l = %l0, %o = %zero) -> (!p, !v, !v, !acc) {
        %jn = arith.addi %j, %c1 : index %gn = arith.cmpi slt, %jn, %n : index %gp = arith.cmpi sge, %j, %c0 : index
        "tile.wait"(%turn) : (!turn) -> ()
        %s = scf.if %gn -> (!acc) { %k = "tile.wait"(%ck) : (!ck) -> !T %kt = "tile.slice"(%k, %c0, %c0) {dims = [1, 0]} : (!T, index, index) -> !Kt
          %y = "tile.mma"(%q, %kt, %zero) : (!H, !Kt, !acc) -> !acc "tile.release"(%ck) : (!ck) -> () scf.yield %y : !acc } else { %y = ub.poison : !acc scf.yield %y : !acc }
        %o1 = scf.if %gp -> (!acc) { %v = "tile.wait"(%cv) : (!ck) -> !T %y = "tile.mma"(%p, %v, %o) : (!p, !T, !acc) -> !acc "tile.release"(%cv) : (!ck) -> () scf.yield %y : !acc
        } else { scf.yield %o : !acc }
        "tile.commit"(%turn) : (!turn) -> ()                                                                     // both MMAs issued: the other group's turn
        %x:4 = scf.if %gn -> (!p, !v, !v, !acc) { %b = arith.subi %m, %jn : index %kb = arith.muli %b, %d : index
          %sm = "tile.map"(%s) ({ ^bb0(%i: index, %c: index, %e: f32): %ri = arith.addi %i0, %wi : index %ra = arith.addi %ri, %i : index %ca = arith.addi %kb, %c : index
            %ok = arith.cmpi ule, %ca, %ra : index %f = arith.mulf %e, %scale : f32 %g = arith.select %ok, %f, %ninf : f32 "tile.yield"(%g) : (f32) -> () }) : (!acc) -> !acc
          %rm = "tile.reduce"(%sm) ({ ^bb0(%e: f32, %f: f32): %g = arith.maximumf %e, %f : f32 "tile.yield"(%g) : (f32) -> () }) {dims = [1], order = "any"} : (!acc) -> !v
          %m1 = "tile.map"(%mx, %rm) ({ ^bb0(%i: index, %e: f32, %f: f32): %g = arith.maximumf %e, %f : f32 "tile.yield"(%g) : (f32) -> () }) : (!v, !v) -> !v
          %al = "tile.map"(%mx, %m1) ({ ^bb0(%i: index, %e: f32, %f: f32): %g = arith.subf %e, %f : f32 %h = math.exp2 %g : f32 "tile.yield"(%h) : (f32) -> () }) : (!v, !v) -> !v
          %pf = "tile.map"(%sm, %m1) ({ ^bb0(%i: index, %c: index, %e: f32, %f: f32): %g = arith.subf %e, %f : f32 %h = math.exp2 %g : f32 "tile.yield"(%h) : (f32) -> () })
            {dims = [[0, 1], [0]]} : (!acc, !v) -> !acc
          %rs = "tile.reduce"(%pf) ({ ^bb0(%e: f32, %f: f32): %g = arith.addf %e, %f : f32 "tile.yield"(%g) : (f32) -> () }) {dims = [1], order = "any"} : (!acc) -> !v
          %l1 = "tile.map"(%l, %al, %rs) ({ ^bb0(%i: index, %e: f32, %f: f32, %g: f32): %h = math.fma %e, %f, %g : f32 "tile.yield"(%h) : (f32) -> () }) : (!v, !v, !v) -> !v
          %ph = "tile.map"(%pf) ({ ^bb0(%i: index, %c: index, %e: f32): %g = arith.truncf %e : f32 to bf16 "tile.yield"(%g) : (bf16) -> () }) : (!acc) -> !p
          %o2 = "tile.map"(%o1, %al) ({ ^bb0(%i: index, %c: index, %e: f32, %f: f32): %g = arith.mulf %e, %f : f32 "tile.yield"(%g) : (f32) -> () }) {dims = [[0, 1], [0]]} : (!acc, !v) -> !acc
          scf.yield %ph, %m1, %l1, %o2 : !p, !v, !v, !acc } else { scf.yield %p, %mx, %l, %o1 : !p, !v, !v, !acc }
        scf.yield %x#0, %x#1, %x#2, %x#3 : !p, !v, !v, !acc }
      "tile.release"(%cq) : (!cq) -> ()
      %on = "tile.map"(%r#3, %r#2) ({ ^bb0(%i: index, %c: index, %e: f32, %f: f32): %g = arith.divf %e, %f : f32 %h = arith.truncf %g : f32 to bf16 "tile.yield"(%h) : (bf16) -> () })
        {dims = [[0, 1], [0]]} : (!acc, !v) -> !p
      %or = arith.addi %q0, %wi : index %go = "tile.slice"(%O, %or, %c0) : (!Gb, index, index) -> !wo "tile.store"(%on, %go) : (!p, !wo) -> () "tile.yield"() : () -> ()
    }) {roles = [#tile.role<"load", "warps", 1, {regs = 24}>, #tile.role<"mma", "warpgroup", 2, {regs = 240}>]} : () -> ()
    "tile.yield"() : () -> () }) {kinds = ["parallel", "parallel"]} : (index, index) -> ()
  return
}
