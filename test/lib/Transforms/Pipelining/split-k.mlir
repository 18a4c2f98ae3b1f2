// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Split-K in form 1, and what PartitionRoles makes of it.
// RUN: terrazzo-opt %s -partition-roles | FileCheck %s
#gm = #tile.place<"global", #tile.nest<[]>>
#sm = #tile.place<"smem", #tile.nest<[]>>
!pb = !kernel.ptr<bf16>
!pf = !kernel.ptr<f32>
!Gb = !tile.view<tensor<?x?xbf16, #gm>, []>
!Gf = !tile.view<tensor<?x?xf32, #gm>, []>
!wa = !tile.view<tensor<64x32xbf16, #gm>, [#tile.fill<0.0>, #tile.fill<0.0>]>
!wb = !tile.view<tensor<32x64xbf16, #gm>, [#tile.fill<0.0>, #tile.fill<0.0>]>
!wc = !tile.view<tensor<64x64xf32, #gm>, [#tile.fill<0.0>, #tile.fill<0.0>]>
!a = tensor<64x32xbf16>
!b = tensor<32x64xbf16>
!acc = tensor<64x64xf32>
// CHECK-LABEL: @splitk
func.func @splitk(%pa: !pb {kernel.noalias}, %pB: !pb {kernel.noalias}, %pc: !pf {kernel.noalias}, %M: index, %N: index, %K: index) {
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c32 = arith.constant 32 : index
  %c64 = arith.constant 64 : index
  %A = tile.view %pa[%M, %K][%K, %c1] : !Gb
  %B = tile.view %pB[%K, %N][%N, %c1] : !Gb
  %C = tile.view %pc[%M, %N][%N, %c1] : !Gf
  %zero = arith.constant dense<0.0> : !acc
  %MT = arith.ceildivui %M, %c64 : index
  %NT = arith.ceildivui %N, %c64 : index
  %KT = arith.ceildivui %K, %c32 : index
  // CHECK: tile.launch
  tile.launch (%m, %n, %s) in (%MT, %NT, %c4) {kinds = ["parallel", "parallel", "parallel"],
      schedule = #tile.schedule<{roles = [#tile.role<"load", "warps", 1, {}>, #tile.role<"mma", "warpgroup", 1, {}>],
                  channels = {ab = {depth = 3, place = #sm}}}>} {
    %i = arith.muli %m, %c64 : index
    %j = arith.muli %n, %c64 : index
    // CHECK: %[[AB:.*]] = tile.channel {from = "load", to = "mma", via = "ab"} : <3, [!tile.view<tensor<64x32xbf16, {{.*}}smem{{.*}}, !tile.view<tensor<32x64xbf16
    // CHECK-NEXT: tile.roles role "load" on "warps" x 1 (%{{.*}}) {
    // CHECK: scf.for %{{.*}} = %{{.*}} to %{{.*}} step %c4 {
    // CHECK: %[[S:.*]]:2 = tile.acquire %[[AB]]
    // CHECK: tile.copy %{{.*}} to %[[S]]#0
    // CHECK: tile.copy %{{.*}} to %[[S]]#1
    // CHECK: tile.commit %[[AB]]
    // CHECK-NOT: tile.mma
    // CHECK: role "mma" on "warpgroup" x 1
    // CHECK: %[[R:.*]] = scf.for {{.*}} iter_args
    // CHECK-NOT: tile.slice
    // CHECK: %[[W:.*]]:2 = tile.wait %[[AB]]
    // CHECK-NEXT: %[[Y:.*]] = tile.mma %[[W]]#0, %[[W]]#1
    // CHECK-NEXT: tile.release %[[AB]]
    // CHECK: tile.atomic %{{.*}}, %[[R]]
    %acc = scf.for %kk = %s to %KT step %c4 iter_args(%x = %zero) -> (!acc) {
      %k = arith.muli %kk, %c32 : index
      %ga = tile.slice %A[%i, %k] : !Gb to !wa
      %a = tile.load %ga {role = "load", via = "ab"} : !wa -> !a
      %gb = tile.slice %B[%k, %j] : !Gb to !wb
      %b = tile.load %gb {role = "load", via = "ab"} : !wb -> !b
      %y = tile.mma %a, %b, %x {role = "mma"} : !a, !b, !acc
      scf.yield %y : !acc
    }
    %gc = tile.slice %C[%i, %j] : !Gf to !wc
    tile.atomic %gc, %acc {kind = "add", sem = "relaxed", scope = "chip", role = "mma"} : !wc, !acc
  }
  return
}
