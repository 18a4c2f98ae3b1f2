// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: terrazzo-opt %s -o %t.mlir && terrazzo-opt %t.mlir -o %t.again.mlir && diff %t.mlir %t.again.mlir
// RUN: terrazzo-opt %s -mlir-print-op-generic | terrazzo-opt -o %t.generic.mlir && diff %t.mlir %t.generic.mlir
// No atomics: the first launch writes 4 partial products to workspace in global memory, the second adds them. K a multiple of 512, M of 128, N of 128.
#row = #tile.nest<[]>
#gm = #tile.place<"global", #row>
!pb = !kernel.ptr<bf16>
!pf = !kernel.ptr<f32>
!Gb = !tile.view<tensor<?x?xbf16, #gm>, []>
!Gf = !tile.view<tensor<?x?xf32, #gm>, []>
#vm = #tile.place<"vmem", #tile.nest<[[0, -1], [1, -1], [0, 8], [1, 128], [0, 2]]>>
#vf = #tile.place<"vmem", #tile.nest<[[0, -1], [1, -1], [0, 8], [1, 128]]>>
!A = !tile.view<tensor<128x128xbf16, #vm>, []>
!B = !tile.view<tensor<128x128xbf16, #vm>, []>
!wa = !tile.view<tensor<128x128xbf16, #gm>, []>
!wb = !tile.view<tensor<128x128xbf16, #gm>, []>
!wc = !tile.view<tensor<128x128xf32, #gm>, []>
!wp = !tile.view<tensor<4x512x512xf32, #gm>, []>
!acc = tensor<128x128xf32, #vf>
!ca = !tile.channel<2, [!A]>
!cb = !tile.channel<2, [!B]>
func.func @splitk(%pa: !pb, %pB: !pb, %pc: !pf, %M: index, %N: index, %K: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c128 = arith.constant 128 : index
  %c512 = arith.constant 512 : index
  %cm1 = arith.constant -1 : index
  %A = tile.view %pa[%M, %K][%K, %c1] : !Gb
  %B = tile.view %pB[%K, %N][%N, %c1] : !Gb
  %C = tile.view %pc[%M, %N][%N, %c1] : !Gf
  %zero = arith.constant dense<0.0> : !acc
  %part = tile.alloc : !wp
  %MT = arith.divui %M, %c128 : index
  %NT = arith.divui %N, %c128 : index
  %KS = arith.divui %K, %c512 : index
  tile.launch (%s, %m, %n) in (%c4, %MT, %NT) {kinds = ["parallel", "sequential", "sequential"]} {
    %la = tile.channel {via = "a"} : !ca
    %lb = tile.channel {via = "b"} : !cb
    %i = arith.muli %m, %c128 : index
    %j = arith.muli %n, %c128 : index
    %k0 = arith.muli %s, %KS : index
    %acc = scf.for %t = %cm1 to %KS step %c1 iter_args(%x = %zero) -> (!acc) {
      %tn = arith.addi %t, %c1 : index
      %gn = arith.cmpi slt, %tn, %KS : index
      %gp = arith.cmpi sge, %t, %c0 : index
      scf.if %gn {
        %kt = arith.addi %k0, %tn : index
        %k = arith.muli %kt, %c128 : index
        %ak = tile.acquire %la : !ca -> !A
        %ga = tile.slice %A[%i, %k] : !Gb to !wa
        tile.copy %ga to %ak : !wa, !A
        tile.commit %la : !ca
        %bk = tile.acquire %lb : !cb -> !B
        %gb = tile.slice %B[%k, %j] : !Gb to !wb
        tile.copy %gb to %bk : !wb, !B
        tile.commit %lb : !cb
      }
      %r = scf.if %gp -> (!acc) {
        %a = tile.wait %la : !ca -> !A
        %b = tile.wait %lb : !cb -> !B
        %y = tile.mma %a, %b, %x : !A, !B, !acc
        tile.release %la : !ca
        tile.release %lb : !cb
        scf.yield %y : !acc
      } else {
        scf.yield %x : !acc
      }
      scf.yield %r : !acc
    }
    %d = tile.slice %part[%s, %i, %j] dims [1, 2] : !wp to !wc
    tile.store %acc, %d : !acc, !wc
  }
  tile.launch (%m, %n) in (%MT, %NT) {kinds = ["parallel", "parallel"]} {
    %i = arith.muli %m, %c128 : index
    %j = arith.muli %n, %c128 : index
    %sum = scf.for %s = %c0 to %c4 step %c1 iter_args(%x = %zero) -> (!acc) {
      %w = tile.slice %part[%s, %i, %j] dims [1, 2] : !wp to !wc
      %a = tile.load %w : !wc -> !acc
      %y = tile.map(%x, %a) : !acc, !acc -> !acc (%u, %v, %e, %f) {
        %g = arith.addf %e, %f : f32
        tile.yield %g : f32
      }
      scf.yield %y : !acc
    }
    %gc = tile.slice %C[%i, %j] : !Gf to !wc
    tile.store %sum, %gc : !acc, !wc
  }
  return
}
