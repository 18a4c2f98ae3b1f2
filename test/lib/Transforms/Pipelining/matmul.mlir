// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A loop over K with the loads two stages ahead of the product: a ring of 3.
// RUN: terrazzo-opt %s -pipelining | FileCheck %s
#gm = #tile.place<"global", #tile.nest<[]>>
#vm = #tile.place<"vmem", #tile.nest<[]>>
!pb = !kernel.ptr<bf16>
!pf = !kernel.ptr<f32>
!Gb = !tile.view<tensor<?x?xbf16, #gm>, []>
!Gf = !tile.view<tensor<?x?xf32, #gm>, []>
!wa = !tile.view<tensor<32x32xbf16, #gm>, [#tile.fill<0.0>, #tile.fill<0.0>]>
!wc = !tile.view<tensor<32x32xf32, #gm>, [#tile.fill<0.0>, #tile.fill<0.0>]>
!a = tensor<32x32xbf16, #vm>
!acc = tensor<32x32xf32, #vm>
// CHECK-LABEL: @matmul
func.func @matmul(%pa: !pb {kernel.noalias}, %pB: !pb {kernel.noalias}, %pc: !pf {kernel.noalias}, %M: index, %N: index, %K: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %A = tile.view %pa[%M, %K][%K, %c1] : !Gb
  %B = tile.view %pB[%K, %N][%N, %c1] : !Gb
  %C = tile.view %pc[%M, %N][%N, %c1] : !Gf
  %zero = arith.constant dense<0.0> : !acc
  %MT = arith.ceildivui %M, %c32 : index
  %NT = arith.ceildivui %N, %c32 : index
  %KT = arith.ceildivui %K, %c32 : index
  tile.launch (%m, %n) in (%MT, %NT) {kinds = ["parallel", "parallel"]} {
    // CHECK: tile.channel {via = "ab"} : <3, [!tile.view<tensor<32x32xbf16, {{.*}}"vmem"
    // CHECK: scf.for {{.*}} iter_args
    // CHECK: scf.if
    // CHECK: tile.acquire
    // CHECK: tile.copy
    // CHECK: tile.copy
    // CHECK: tile.commit
    // CHECK: scf.if
    // CHECK: tile.wait
    // CHECK: tile.mma
    // CHECK: tile.release
    %i = arith.muli %m, %c32 : index
    %j = arith.muli %n, %c32 : index
    %acc = scf.for %kk = %c0 to %KT step %c1 iter_args(%x = %zero) -> (!acc) {
      %k = arith.muli %kk, %c32 : index
      %ga = tile.slice %A[%i, %k] : !Gb to !wa
      %a = tile.load %ga {stage = 0, via = "ab"} : !wa -> !a
      %gb = tile.slice %B[%k, %j] : !Gb to !wa
      %b = tile.load %gb {stage = 0, via = "ab"} : !wa -> !a
      %y = tile.mma %a, %b, %x {stage = 2} : !a, !a, !acc
      scf.yield %y : !acc
    }
    %gc = tile.slice %C[%i, %j] : !Gf to !wc
    tile.store %acc, %gc : !acc, !wc
  }
  return
}
