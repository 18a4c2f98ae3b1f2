// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Causal attention in form 1: a producer and two replicas that share the queries.
// What has no role is its users': maps, reductions, and what the loop carries.
// With stages too the product of block j + 1 is issued before block j is used: (d).
// RUN: terrazzo-opt %s -partition-roles -verify-balance=strict=true | FileCheck %s
// RUN: terrazzo-opt %s -partition-roles -pipelining -verify-balance=strict=true | FileCheck %s --check-prefix=SKEW
// SKEW: role "mma" on "warpgroup" x 2
// SKEW: scf.for
// SKEW: scf.if
// SKEW: tile.mma
// SKEW: scf.if
// SKEW: tile.reduce
// SKEW: tile.mma
// CHECK-DAG: tile.channel {consume = [#tile.split<0>], from = "load", to = "mma", via = "q"}
// CHECK-DAG: tile.channel {consume = [#tile.all], from = "load", to = "mma", via = "k"}
// CHECK-DAG: tile.channel {consume = [#tile.all], from = "load", to = "mma", via = "v"}
// CHECK: role "mma" on "warpgroup" x 2
#row = #tile.nest<[]>
#gm = #tile.place<"global", #row>
!pb = !kernel.ptr<bf16>
!Gb = !tile.view<tensor<?x?xbf16, #gm>, []>
#sm = #tile.place<"smem", #row>
#rg = #tile.place<"reg", #row>
!w = !tile.view<tensor<64x128xbf16, #gm>, []>
!wt = !tile.view<tensor<128x64xbf16, #gm>, []>
!kv = tensor<64x128xbf16, #rg>
!kt = tensor<128x64xbf16, #rg>
!s = tensor<64x64xf32, #rg>
!p = tensor<64x64xbf16, #rg>
!acc = tensor<64x128xf32, #rg>
!v = tensor<64xf32, #rg>
func.func @attn(%pq: !pb {kernel.noalias}, %pk: !pb {kernel.noalias}, %pv: !pb {kernel.noalias}, %po: !pb {kernel.noalias}, %S: index, %BH: index, %scale: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  %zero = arith.constant dense<0.0> : !acc
  %l0 = arith.constant dense<0.0> : !v
  %m0 = arith.constant dense<0xFF800000> : !v
  %ninf = arith.constant 0xFF800000 : f32
  %rows = arith.muli %BH, %S : index
  %MT = arith.divui %S, %c64 : index
  %Q = tile.view %pq[%rows, %c128][%c128, %c1] : !Gb
  %K = tile.view %pk[%rows, %c128][%c128, %c1] : !Gb
  %V = tile.view %pv[%rows, %c128][%c128, %c1] : !Gb
  %O = tile.view %po[%rows, %c128][%c128, %c1] : !Gb
  %s0 = arith.constant dense<0.0> : !s
  tile.launch (%bh, %m) in (%BH, %MT) {kinds = ["parallel", "parallel"],
      schedule = #tile.schedule<{roles = [#tile.role<"load", "warps", 1, {}>, #tile.role<"mma", "warpgroup", 2, {}>], split = {mma = 0},
                  channels = {q = {depth = 1, place = #sm}, k = {depth = 2, place = #sm}, v = {depth = 2, place = #sm}}}>} {
    %r0 = arith.muli %bh, %S : index
    %ri = arith.muli %m, %c64 : index
    %q0 = arith.addi %r0, %ri : index
    %n = arith.addi %m, %c1 : index
    %gq = tile.slice %Q[%q0, %c0] : !Gb to !w
    %q = tile.load %gq {role = "load", via = "q"} : !w -> !kv
    %r:3 = scf.for %j = %c0 to %n step %c1 iter_args(%mx = %m0, %l = %l0, %o = %zero) -> (!v, !v, !acc) {
      %ci = arith.muli %j, %c64 : index
      %kr = arith.addi %r0, %ci : index
      %gk = tile.slice %K[%kr, %c0] dims [1, 0] : !Gb to !wt
      %k = tile.load %gk {role = "load", via = "k"} : !wt -> !kt
      %qk = tile.mma %q, %k, %s0 {role = "mma", stage = 0} : !kv, !kt, !s
      %sm = tile.map(%qk) : !s -> !s (%i, %c, %e) {
        %ra = arith.addi %ri, %i : index
        %ca = arith.addi %ci, %c : index
        %ok = arith.cmpi ule, %ca, %ra : index
        %f = arith.mulf %e, %scale : f32
        %g = arith.select %ok, %f, %ninf : f32
        tile.yield %g : f32
      }
      %rm = tile.reduce(%sm) {dims = [1], order = "any"} : !s -> !v (%e, %f) {
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
      %pf = tile.map(%sm, %m1) {dims = [[0, 1], [0]]} : !s, !v -> !s (%i, %c, %e, %f) {
        %g = arith.subf %e, %f : f32
        %h = math.exp2 %g : f32
        tile.yield %h : f32
      }
      %rs = tile.reduce(%pf) {dims = [1], order = "any"} : !s -> !v (%e, %f) {
        %g = arith.addf %e, %f : f32
        tile.yield %g : f32
      }
      %l1 = tile.map(%l, %al, %rs) : !v, !v, !v -> !v (%i, %e, %f, %g) {
        %h = math.fma %e, %f, %g : f32
        tile.yield %h : f32
      }
      %ph = tile.map(%pf) : !s -> !p (%i, %c, %e) {
        %g = arith.truncf %e : f32 to bf16
        tile.yield %g : bf16
      }
      %os = tile.map(%o, %al) {dims = [[0, 1], [0]]} : !acc, !v -> !acc (%i, %c, %e, %f) {
        %g = arith.mulf %e, %f : f32
        tile.yield %g : f32
      }
      %gv = tile.slice %V[%kr, %c0] : !Gb to !w
      %vv = tile.load %gv {role = "load", via = "v"} : !w -> !kv
      %o1 = tile.mma %ph, %vv, %os {role = "mma", stage = 1} : !p, !kv, !acc
      scf.yield %m1, %l1, %o1 : !v, !v, !acc
    }
    %on = tile.map(%r#2, %r#1) {dims = [[0, 1], [0]]} : !acc, !v -> !kv (%i, %c, %e, %f) {
      %g = arith.divf %e, %f : f32
      %h = arith.truncf %g : f32 to bf16
      tile.yield %h : bf16
    }
    %go = tile.slice %O[%q0, %c0] : !Gb to !w
    tile.store %on, %go {role = "mma"} : !kv, !w
  }
  return
}
