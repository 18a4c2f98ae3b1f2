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
// Hopper, one stream, cp.async. q, o: [B*HK*16, 128]; caches [pages*16, HK*128]; table [B, maxP] i32; lens [B] i32. 128 tokens (8 pages) a step, ring of 2 x (32 + 32) KiB. Needs lens >= 1.
#ac = #tile.place<"reg", #tile.linear<{register = [[0,1],[8,0],[0,8],[0,64]], lane = [[0,2],[0,4],[1,0],[2,0],[4,0]], warp = [[0,16],[0,32]]}>>
#aq = #tile.place<"reg", #tile.linear<{register = [[0,1],[8,0],[0,8],[0,16],[0,32],[0,64]], lane = [[0,2],[0,4],[1,0],[2,0],[4,0]], warp = [[0,0],[0,0]]}>>
#ix = #tile.place<"reg", #tile.linear<{register = [], lane = [[1],[2],[4],[8],[16]], warp = [[32],[64]]}>>
#rw = #tile.place<"reg", #tile.linear<{register = [[8]], lane = [[0],[0],[1],[2],[4]], warp = [[0],[0]]}>>
!T = !tile.view<tensor<128x128xbf16, #sw>, []> !rows = !tile.view<tensor<128x128xbf16, #gm>, [#tile.fill<0.0>, #tile.in]> !ring = !tile.channel<2, [!T, !T]>
!acc = tensor<16x128xf32, #ac> !p = tensor<16x128xbf16, #aq> !v = tensor<16xf32, #rw> !idx = tensor<128xi32, #ix> !Gi = !tile.view<tensor<?x?xi32, #gm>, []> !pi = !kernel.ptr<i32>
!si = !tile.view<tensor<i32, #gm>, []> !ti = !tile.view<tensor<128xi32, #gm>, [#tile.fill<0 : i32>]> !wq = !tile.view<tensor<16x128xbf16, #gm>, []>
func.func @decode(%pq: !pb, %pk: !pb, %pv: !pb, %po: !pb, %pt: !pi, %pl: !pi, %nB: index, %HK: index, %P: index, %maxP: index, %scale: f32) {
  %c0 = arith.constant 0 : index %c1 = arith.constant 1 : index %cm1 = arith.constant -1 : index %c16 = arith.constant 16 : index %d = arith.constant 128 : index
  %i16 = arith.constant 16 : i32 %im1 = arith.constant -1 : i32 %ninf = arith.constant 0xFF800000 : f32
  %zero = arith.constant dense<0.0> : !acc %l0 = arith.constant dense<0.0> : !v %m0 = arith.constant dense<0xFF800000> : !v
  %hd = arith.muli %HK, %d : index %tok = arith.muli %P, %c16 : index %bh = arith.muli %nB, %HK : index %rows = arith.muli %bh, %c16 : index
  %Q = "tile.view"(%pq, %rows, %d, %d, %c1) : (!pb, index, index, index, index) -> !Gb %O = "tile.view"(%po, %rows, %d, %d, %c1) : (!pb, index, index, index, index) -> !Gb
  %K = "tile.view"(%pk, %tok, %hd, %hd, %c1) : (!pb, index, index, index, index) -> !Gb %V = "tile.view"(%pv, %tok, %hd, %hd, %c1) : (!pb, index, index, index, index) -> !Gb
  %tb = "tile.view"(%pt, %nB, %maxP, %maxP, %c1) : (!pi, index, index, index, index) -> !Gi %ln = "tile.view"(%pl, %nB, %c1, %c1, %c1) : (!pi, index, index, index, index) -> !Gi
  "tile.launch"(%nB, %HK) ({ ^bb0(%b: index, %h: index):
    %lv = "tile.slice"(%ln, %b, %c0) {dims = []} : (!Gi, index, index) -> !si %len = "tile.load"(%lv) : (!si) -> i32            // scalar load: bounds a loop, so uniform
    %li = arith.index_cast %len : i32 to index %n = arith.ceildivui %li, %d : index %ch = arith.muli %h, %d : index
    %qb = arith.muli %b, %HK : index %qh = arith.addi %qb, %h : index %q0 = arith.muli %qh, %c16 : index
    %gq = "tile.slice"(%Q, %q0, %c0) : (!Gb, index, index) -> !wq %q = "tile.load"(%gq) : (!wq) -> !p %ring = "tile.channel"() : () -> !ring
    %r:3 = scf.for %j = %cm1 to %n step %c1 iter_args(%mx = %m0, %l = %l0, %o = %zero) -> (!v, !v, !acc) {
      %jn = arith.addi %j, %c1 : index %gn = arith.cmpi slt, %jn, %n : index %gp = arith.cmpi sge, %j, %c0 : index
      scf.if %gn { %t0 = arith.muli %jn, %d : index
        %pg = "tile.map"() ({ ^bb0(%t: index): %u = arith.addi %t0, %t : index %w = arith.divui %u, %c16 : index %x = arith.index_cast %w : index to i32 "tile.yield"(%x) : (i32) -> () }) : () -> !idx
        %tv = "tile.slice"(%tb, %b, %pg) {dims = [1]} : (!Gi, index, !idx) -> !ti %te = "tile.load"(%tv) : (!ti) -> !idx         // gathered along the table row
        %ix = "tile.map"(%te) ({ ^bb0(%t: index, %e: i32): %u = arith.addi %t0, %t : index %ok = arith.cmpi ult, %u, %li : index %w = arith.remui %u, %c16 : index
          %x = arith.index_cast %w : index to i32 %y = arith.muli %e, %i16 : i32 %z = arith.addi %y, %x : i32 %f = arith.select %ok, %z, %im1 : i32 "tile.yield"(%f) : (i32) -> () }) : (!idx) -> !idx
        %a, %c = "tile.acquire"(%ring) : (!ring) -> (!T, !T)
        %gk = "tile.slice"(%K, %ix, %ch) : (!Gb, !idx, index) -> !rows "tile.copy"(%gk, %a) : (!rows, !T) -> ()                  // index -1: outside the extent, filled with 0
        %gv = "tile.slice"(%V, %ix, %ch) : (!Gb, !idx, index) -> !rows "tile.copy"(%gv, %c) : (!rows, !T) -> () "tile.commit"(%ring) : (!ring) -> () }
      %x:3 = scf.if %gp -> (!v, !v, !acc) { %k, %vv = "tile.wait"(%ring) : (!ring) -> (!T, !T) %t0 = arith.muli %j, %d : index
        %kt = "tile.slice"(%k, %c0, %c0) {dims = [1, 0]} : (!T, index, index) -> !T %s0 = "tile.mma"(%q, %kt, %zero) : (!p, !T, !acc) -> !acc
        %s = "tile.map"(%s0) ({ ^bb0(%i: index, %c: index, %e: f32): %u = arith.addi %t0, %c : index %ok = arith.cmpi ult, %u, %li : index %f = arith.mulf %e, %scale : f32
          %g = arith.select %ok, %f, %ninf : f32 "tile.yield"(%g) : (f32) -> () }) : (!acc) -> !acc
        %rm = "tile.reduce"(%s) ({ ^bb0(%e: f32, %f: f32): %g = arith.maximumf %e, %f : f32 "tile.yield"(%g) : (f32) -> () }) {dims = [1], order = "any"} : (!acc) -> !v
        %m1 = "tile.map"(%mx, %rm) ({ ^bb0(%i: index, %e: f32, %f: f32): %g = arith.maximumf %e, %f : f32 "tile.yield"(%g) : (f32) -> () }) : (!v, !v) -> !v
        %al = "tile.map"(%mx, %m1) ({ ^bb0(%i: index, %e: f32, %f: f32): %g = arith.subf %e, %f : f32 %z = math.exp2 %g : f32 "tile.yield"(%z) : (f32) -> () }) : (!v, !v) -> !v
        %pf = "tile.map"(%s, %m1) ({ ^bb0(%i: index, %c: index, %e: f32, %f: f32): %g = arith.subf %e, %f : f32 %z = math.exp2 %g : f32 "tile.yield"(%z) : (f32) -> () })
          {dims = [[0, 1], [0]]} : (!acc, !v) -> !acc
        %rs = "tile.reduce"(%pf) ({ ^bb0(%e: f32, %f: f32): %g = arith.addf %e, %f : f32 "tile.yield"(%g) : (f32) -> () }) {dims = [1], order = "any"} : (!acc) -> !v
        %l1 = "tile.map"(%l, %al, %rs) ({ ^bb0(%i: index, %e: f32, %f: f32, %g: f32): %z = math.fma %e, %f, %g : f32 "tile.yield"(%z) : (f32) -> () }) : (!v, !v, !v) -> !v
        %os = "tile.map"(%o, %al) ({ ^bb0(%i: index, %c: index, %e: f32, %f: f32): %g = arith.mulf %e, %f : f32 "tile.yield"(%g) : (f32) -> () }) {dims = [[0, 1], [0]]} : (!acc, !v) -> !acc
        %ph = "tile.map"(%pf) ({ ^bb0(%i: index, %c: index, %e: f32): %g = arith.truncf %e : f32 to bf16 "tile.yield"(%g) : (bf16) -> () }) : (!acc) -> tensor<16x128xbf16, #ac>
        %pm = "tile.move"(%ph) : (tensor<16x128xbf16, #ac>) -> !p                                                                   // through 4 KiB of smem: the K dimension was split over warps
        %o1 = "tile.mma"(%pm, %vv, %os) : (!p, !T, !acc) -> !acc "tile.release"(%ring) : (!ring) -> () scf.yield %m1, %l1, %o1 : !v, !v, !acc
      } else { scf.yield %mx, %l, %o : !v, !v, !acc }
      scf.yield %x#0, %x#1, %x#2 : !v, !v, !acc }
    %on = "tile.map"(%r#2, %r#1) ({ ^bb0(%i: index, %c: index, %e: f32, %f: f32): %g = arith.divf %e, %f : f32 %z = arith.truncf %g : f32 to bf16 "tile.yield"(%z) : (bf16) -> () })
      {dims = [[0, 1], [0]]} : (!acc, !v) -> tensor<16x128xbf16, #ac>
    %go = "tile.slice"(%O, %q0, %c0) : (!Gb, index, index) -> !wq "tile.store"(%on, %go) : (tensor<16x128xbf16, #ac>, !wq) -> ()
    "tile.yield"() : () -> () }) {kinds = ["parallel", "parallel"]} : (index, index) -> ()
  return
}
