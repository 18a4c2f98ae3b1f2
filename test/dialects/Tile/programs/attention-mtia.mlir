// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: terrazzo-opt %s -o %t.mlir && terrazzo-opt %t.mlir -o %t.again.mlir && diff %t.mlir %t.again.mlir
// RUN: terrazzo-opt %s -mlir-print-op-generic | terrazzo-opt -o %t.generic.mlir && diff %t.mlir %t.generic.mlir
// Causal attention on one PE a block of 128 queries: K and V in circular buffers of 2 x 32 KiB, the DPE accumulates in "acc".
// Waits block engines, so nothing is skewed. S a multiple of 128.
#row = #tile.nest<[]>
#gm = #tile.place<"global", #row>
!pb = !kernel.ptr<bf16>
!Gb = !tile.view<tensor<?x?xbf16, #gm>, []>
#kv = #tile.place<"ls", #tile.nest<[[1, -1], [0, -1], [1, 16]]>>
#ac = #tile.place<"acc", #tile.nest<[[0, -1], [1, -1], [0, 32], [1, 32]]>>
#vv = #tile.place<"ls", #row>
!w = !tile.view<tensor<128x128xbf16, #gm>, []>
!S = !tile.view<tensor<128x128xbf16, #kv>, []>
!ring = !tile.channel<2, [!S]>
!acc = tensor<128x128xf32, #ac>
!p = tensor<128x128xbf16, #kv>
!v = tensor<128xf32, #vv>
func.func @attn(%pq: !pb, %pk: !pb, %pv: !pb, %po: !pb, %S: index, %BH: index, %scale: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  %zero = arith.constant dense<0.0> : !acc
  %l0 = arith.constant dense<0.0> : !v
  %m0 = arith.constant dense<0xFF800000> : !v
  %ninf = arith.constant 0xFF800000 : f32
  %rows = arith.muli %BH, %S : index
  %MT = arith.divui %S, %c128 : index
  %Q = tile.view %pq[%rows, %c128][%c128, %c1] : !Gb
  %K = tile.view %pk[%rows, %c128][%c128, %c1] : !Gb
  %V = tile.view %pv[%rows, %c128][%c128, %c1] : !Gb
  %O = tile.view %po[%rows, %c128][%c128, %c1] : !Gb
  tile.launch (%bh, %m) in (%BH, %MT) {kinds = ["parallel", "parallel"]} {
    %cq = tile.channel {via = "q"} : !ring
    %ck = tile.channel {via = "k"} : !ring
    %cv = tile.channel {via = "v"} : !ring
    %r0 = arith.muli %bh, %S : index
    %ri = arith.muli %m, %c128 : index
    %q0 = arith.addi %r0, %ri : index
    %n = arith.addi %m, %c1 : index
    %aq = tile.acquire %cq : !ring -> !S
    %gq = tile.slice %Q[%q0, %c0] : !Gb to !w
    tile.copy %gq to %aq : !w, !S
    tile.commit %cq : !ring
    %q = tile.wait %cq : !ring -> !S
    %r:3 = scf.for %j = %c0 to %n step %c1 iter_args(%mx = %m0, %l = %l0, %o = %zero) -> (!v, !v, !acc) {
      %ci = arith.muli %j, %c128 : index
      %kr = arith.addi %r0, %ci : index
      %ak = tile.acquire %ck : !ring -> !S
      %gk = tile.slice %K[%kr, %c0] : !Gb to !w
      tile.copy %gk to %ak : !w, !S
      tile.commit %ck : !ring
      %av = tile.acquire %cv : !ring -> !S
      %gv = tile.slice %V[%kr, %c0] : !Gb to !w
      tile.copy %gv to %av : !w, !S
      tile.commit %cv : !ring
      %k = tile.wait %ck : !ring -> !S
      %kt = tile.slice %k[%c0, %c0] dims [1, 0] : !S to !S
      %qk = tile.mma %q, %kt, %zero : !S, !S, !acc
      tile.release %ck : !ring
      %sm = tile.map(%qk) : !acc -> !acc (%i, %c, %e) {
        %ra = arith.addi %ri, %i : index
        %ca = arith.addi %ci, %c : index
        %ok = arith.cmpi ule, %ca, %ra : index
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
      %vv = tile.wait %cv : !ring -> !S
      %o1 = tile.mma %ph, %vv, %os : !p, !S, !acc
      tile.release %cv : !ring
      scf.yield %m1, %l1, %o1 : !v, !v, !acc
    }
    tile.release %cq : !ring
    %on = tile.map(%r#2, %r#1) {dims = [[0, 1], [0]]} : !acc, !v -> !p (%i, %c, %e, %f) {
      %g = arith.divf %e, %f : f32
      %h = arith.truncf %g : f32 to bf16
      tile.yield %h : bf16
    }
    %go = tile.slice %O[%q0, %c0] : !Gb to !w
    tile.store %on, %go : !p, !w
  }
  return
}
