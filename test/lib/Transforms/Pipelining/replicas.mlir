// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// R6: two warpgroups share the rows of the accumulator; A is split between them, B
// is for both; what is added to a row, the part of the result and its window follow.
// RUN: terrazzo-opt %s -partition-roles | FileCheck %s
#gm = #tile.place<"global", #tile.nest<[]>>
#sm = #tile.place<"smem", #tile.nest<[]>>
!pb = !kernel.ptr<bf16>
!pf = !kernel.ptr<f32>
!Gb = !tile.view<tensor<?x?xbf16, #gm>, []>
!Gf = !tile.view<tensor<?x?xf32, #gm>, []>
!wa = !tile.view<tensor<64x32xbf16, #gm>, [#tile.fill<0.0>, #tile.fill<0.0>]>
!wb = !tile.view<tensor<32x64xbf16, #gm>, [#tile.fill<0.0>, #tile.fill<0.0>]>
!wc = !tile.view<tensor<64x32xf32, #gm>, [#tile.fill<0.0>, #tile.fill<0.0>]>
!a = tensor<64x32xbf16>
!b = tensor<32x64xbf16>
!acc = tensor<64x64xf32>
!half = tensor<64x32xf32>
// CHECK-LABEL: @matmul
// C = A B + the number of the row.
func.func @matmul(%pa: !pb {kernel.noalias}, %pB: !pb {kernel.noalias}, %pc: !pf {kernel.noalias}, %M: index, %N: index, %K: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %c64 = arith.constant 64 : index
  %A = tile.view %pa[%M, %K][%K, %c1] : !Gb
  %B = tile.view %pB[%K, %N][%N, %c1] : !Gb
  %C = tile.view %pc[%M, %N][%N, %c1] : !Gf
  %zero = arith.constant dense<0.0> : !acc
  %MT = arith.ceildivui %M, %c64 : index
  %NT = arith.ceildivui %N, %c64 : index
  %KT = arith.ceildivui %K, %c32 : index
  tile.launch (%m, %n) in (%MT, %NT) {kinds = ["parallel", "parallel"],
      schedule = #tile.schedule<{roles = [#tile.role<"load", "warps", 1, {}>, #tile.role<"mma", "warpgroup", 2, {}>], split = {mma = 0},
                  channels = {ab = {depth = 3, place = #sm}}}>} {
    %i = arith.muli %m, %c64 : index
    %j = arith.muli %n, %c64 : index
    // CHECK: tile.channel {consume = [#tile.split<0>, #tile.all], from = "load", to = "mma", via = "ab"}
    // CHECK: role "mma" on "warpgroup" x 2 (%[[W:.*]]) {
    // CHECK: tile.wait {{.*}} -> !tile.view<tensor<32x32xbf16, {{.*}} !tile.view<tensor<32x64xbf16
    // CHECK: tile.mma {{.*}}, tensor<32x64xf32>
    // CHECK: %[[O:.*]] = arith.muli %[[W]], %c32
    // CHECK: tile.map
    // CHECK: arith.addi %{{.*}}, %[[O]] : index
    // CHECK: tile.take {{.*}} : tensor<32x64xf32> -> tensor<32x32xf32>
    %acc = scf.for %kk = %c0 to %KT step %c1 iter_args(%x = %zero) -> (!acc) {
      %k = arith.muli %kk, %c32 : index
      %ga = tile.slice %A[%i, %k] : !Gb to !wa
      %a = tile.load %ga {role = "load", via = "ab"} : !wa -> !a
      %gb = tile.slice %B[%k, %j] : !Gb to !wb
      %b = tile.load %gb {role = "load", via = "ab"} : !wb -> !b
      %y = tile.mma %a, %b, %x {role = "mma"} : !a, !b, !acc
      scf.yield %y : !acc
    }
    %d = tile.map(%acc) {role = "mma"} : !acc -> !acc (%u, %v, %e) {
      %r = arith.addi %i, %u : index
      %f = arith.index_cast %r : index to i32
      %g = arith.sitofp %f : i32 to f32
      %h = arith.addf %e, %g : f32
      tile.yield %h : f32
    }
    scf.for %q = %c0 to %c64 step %c32 {
      %t = tile.take %d[%q] {map = affine_map<(i, j)[s] -> (i, j + s)>, role = "mma"} : !acc -> !half
      %jq = arith.addi %j, %q : index
      %gc = tile.slice %C[%i, %jq] : !Gf to !wc
      tile.store %t, %gc {role = "mma"} : !half, !wc
    }
  }
  return
}
