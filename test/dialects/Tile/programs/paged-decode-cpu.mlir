// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: terrazzo-opt %s -o %t.mlir && terrazzo-opt %t.mlir -o %t.again.mlir && diff %t.mlir %t.again.mlir
// RUN: terrazzo-opt %s -mlir-print-op-generic | terrazzo-opt -o %t.generic.mlir && diff %t.mlir %t.generic.mlir
// Decode attention over a paged cache, 16 query heads on one KV head of 128, pages of 16 tokens; 128 tokens a step.
// Rows of the cache are gathered by address from where they lie. Needs lens >= 1.
#row = #tile.nest<[]>
#gm = #tile.place<"global", #row>
!pb = !kernel.ptr<bf16>
!pi = !kernel.ptr<i32>
!Gb = !tile.view<tensor<?x?xbf16, #gm>, []>
!Gi = !tile.view<tensor<?x?xi32, #gm>, []>
#rg = #tile.place<"reg", #row>
#ix = #tile.place<"reg", #row>
!si = !tile.view<tensor<i32, #gm>, []>
!ti = !tile.view<tensor<128xi32, #gm>, [#tile.fill<0 : i32>]>
!rows = !tile.view<tensor<128x128xbf16, #gm>, [#tile.fill<0.0>, #tile.in]>
!idx = tensor<128xi32, #ix>
!wq = !tile.view<tensor<16x128xbf16, #gm>, []>
!acc = tensor<16x128xf32, #rg>
!p = tensor<16x128xbf16, #rg>
!kv = tensor<128x128xbf16, #rg>
!v = tensor<16xf32, #rg>
func.func @decode(%pq: !pb, %pk: !pb, %pv: !pb, %po: !pb, %pt: !pi, %pl: !pi, %nB: index, %HK: index, %P: index, %maxP: index, %scale: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c16 = arith.constant 16 : index
  %c128 = arith.constant 128 : index
  %i16 = arith.constant 16 : i32
  %im1 = arith.constant -1 : i32
  %ninf = arith.constant 0xFF800000 : f32
  %zero = arith.constant dense<0.0> : !acc
  %l0 = arith.constant dense<0.0> : !v
  %m0 = arith.constant dense<0xFF800000> : !v
  %hd = arith.muli %HK, %c128 : index
  %tok = arith.muli %P, %c16 : index
  %bhs = arith.muli %nB, %HK : index
  %rows = arith.muli %bhs, %c16 : index
  %Q = tile.view %pq[%rows, %c128][%c128, %c1] : !Gb
  %O = tile.view %po[%rows, %c128][%c128, %c1] : !Gb
  %K = tile.view %pk[%tok, %hd][%hd, %c1] : !Gb
  %V = tile.view %pv[%tok, %hd][%hd, %c1] : !Gb
  %tb = tile.view %pt[%nB, %maxP][%maxP, %c1] : !Gi
  %ln = tile.view %pl[%nB, %c1][%c1, %c1] : !Gi
  tile.launch (%b, %kvh) in (%nB, %HK) {kinds = ["parallel", "parallel"]} {
    %lv = tile.slice %ln[%b, %c0] dims [] : !Gi to !si
    %len = tile.load %lv : !si -> i32
    %li = arith.index_cast %len : i32 to index
    %n = arith.ceildivui %li, %c128 : index
    %ch = arith.muli %kvh, %c128 : index
    %qb = arith.muli %b, %HK : index
    %qh = arith.addi %qb, %kvh : index
    %q0 = arith.muli %qh, %c16 : index
    %gq = tile.slice %Q[%q0, %c0] : !Gb to !wq
    %q = tile.load %gq : !wq -> !p
    %r:3 = scf.for %j = %c0 to %n step %c1 iter_args(%mx = %m0, %l = %l0, %o = %zero) -> (!v, !v, !acc) {
      %t0 = arith.muli %j, %c128 : index
      %pg = tile.map() : -> !idx (%t) {
        %u = arith.addi %t0, %t : index
        %w = arith.divui %u, %c16 : index
        %x = arith.index_cast %w : index to i32
        tile.yield %x : i32
      }
      %tv = tile.slice %tb[%b, %pg: !idx] dims [1] : !Gi to !ti
      %te = tile.load %tv : !ti -> !idx
      %ix = tile.map(%te) : !idx -> !idx (%t, %e) {
        %u = arith.addi %t0, %t : index
        %ok = arith.cmpi ult, %u, %li : index
        %w = arith.remui %u, %c16 : index
        %x = arith.index_cast %w : index to i32
        %y = arith.muli %e, %i16 : i32
        %z = arith.addi %y, %x : i32
        %f = arith.select %ok, %z, %im1 : i32
        tile.yield %f : i32
      }
      %gk = tile.slice %K[%ix: !idx, %ch] : !Gb to !rows
      %k = tile.load %gk : !rows -> !kv
      %kt = tile.take %k {map = affine_map<(i, j) -> (j, i)>} : !kv -> !kv
      %qk = tile.mma %q, %kt, %zero : !p, !kv, !acc
      %tm = arith.muli %j, %c128 : index
      %sm = tile.map(%qk) : !acc -> !acc (%i, %c, %e) {
        %u = arith.addi %tm, %c : index
        %ok = arith.cmpi ult, %u, %li : index
        %f = arith.mulf %e, %scale : f32
        %g = arith.select %ok, %f, %ninf : f32
        tile.yield %g : f32
      }
      %rm = tile.reduce(%sm) {dims = [1], order = "any"} : !acc -> !v (%e, %f) {
        %g = arith.maximumf %e, %f : f32
        tile.yield %g : f32
      }
      %m1 = tile.map(%mx, %rm) : !v, !v -> !v (%i, %e, %f) {
        %g = arith.maximumf %e, %f : f32
        tile.yield %g : f32
      }
      %al = tile.map(%mx, %m1) : !v, !v -> !v (%i, %e, %f) {
        %g = arith.subf %e, %f : f32
        %h = math.exp2 %g : f32
        tile.yield %h : f32
      }
      %pf = tile.map(%sm, %m1) {dims = [[0, 1], [0]]} : !acc, !v -> !acc (%i, %c, %e, %f) {
        %g = arith.subf %e, %f : f32
        %h = math.exp2 %g : f32
        tile.yield %h : f32
      }
      %rs = tile.reduce(%pf) {dims = [1], order = "any"} : !acc -> !v (%e, %f) {
        %g = arith.addf %e, %f : f32
        tile.yield %g : f32
      }
      %l1 = tile.map(%l, %al, %rs) : !v, !v, !v -> !v (%i, %e, %f, %g) {
        %h = math.fma %e, %f, %g : f32
        tile.yield %h : f32
      }
      %ph = tile.map(%pf) : !acc -> !p (%i, %c, %e) {
        %g = arith.truncf %e : f32 to bf16
        tile.yield %g : bf16
      }
      %os = tile.map(%o, %al) {dims = [[0, 1], [0]]} : !acc, !v -> !acc (%i, %c, %e, %f) {
        %g = arith.mulf %e, %f : f32
        tile.yield %g : f32
      }
      %gv = tile.slice %V[%ix: !idx, %ch] : !Gb to !rows
      %vv = tile.load %gv : !rows -> !kv
      %o1 = tile.mma %ph, %vv, %os : !p, !kv, !acc
      scf.yield %m1, %l1, %o1 : !v, !v, !acc
    }
    %on = tile.map(%r#2, %r#1) {dims = [[0, 1], [0]]} : !acc, !v -> !p (%i, %c, %e, %f) {
      %g = arith.divf %e, %f : f32
      %h = arith.truncf %g : f32 to bf16
      tile.yield %h : bf16
    }
    %go = tile.slice %O[%q0, %c0] : !Gb to !wq
    tile.store %on, %go : !p, !wq
  }
  return
}
