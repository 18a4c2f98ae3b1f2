// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: terrazzo-opt %s -o %t.mlir && terrazzo-opt %t.mlir -o %t.again.mlir && diff %t.mlir %t.again.mlir
// RUN: terrazzo-opt %s -mlir-print-op-generic | terrazzo-opt -o %t.generic.mlir && diff %t.mlir %t.generic.mlir
// The 4 parts of K lie on 4 PEs of a column and meet in the reduction network: no atomic. K a multiple of 256.
#row = #tile.nest<[]>
#gm = #tile.place<"global", #row>
!pb = !kernel.ptr<bf16>
!pf = !kernel.ptr<f32>
!Gb = !tile.view<tensor<?x?xbf16, #gm>, []>
!Gf = !tile.view<tensor<?x?xf32, #gm>, []>
#ls = #tile.place<"ls", #tile.nest<[[1, -1], [0, -1], [1, 16]]>>
#re = #tile.place<"acc", #tile.nest<[[0, -1], [1, -1], [0, 32], [1, 32]]>>
!A = !tile.view<tensor<64x64xbf16, #ls>, []>
!B = !tile.view<tensor<64x64xbf16, #ls>, []>
!wa = !tile.view<tensor<64x64xbf16, #gm>, [#tile.fill<0.0>, #tile.fill<0.0>]>
!wb = !tile.view<tensor<64x64xbf16, #gm>, [#tile.fill<0.0>, #tile.fill<0.0>]>
!wc = !tile.view<tensor<64x64xf32, #gm>, [#tile.fill<0.0>, #tile.fill<0.0>]>
!acc = tensor<64x64xf32, #re>
!ca = !tile.channel<2, [!A]>
!cb = !tile.channel<2, [!B]>
func.func @splitk(%pa: !pb, %pB: !pb, %pc: !pf, %M: index, %N: index, %K: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c64 = arith.constant 64 : index
  %A = tile.view %pa[%M, %K][%K, %c1] : !Gb
  %B = tile.view %pB[%K, %N][%N, %c1] : !Gb
  %C = tile.view %pc[%M, %N][%N, %c1] : !Gf
  %zero = arith.constant dense<0.0> : !acc
  %MT = arith.ceildivui %M, %c64 : index
  %NT = arith.ceildivui %N, %c64 : index
  %K4 = arith.divui %K, %c4 : index
  %KT = arith.ceildivui %K4, %c64 : index
  tile.launch (%m, %n) in (%MT, %NT) {kinds = ["parallel", "parallel"], cluster = [8, 2]} {
    %i = arith.muli %m, %c64 : index
    %j = arith.muli %n, %c64 : index
    %acc = scf.parallel (%ks) = (%c0) to (%c4) step (%c1) init (%zero) -> !acc {
      %la = tile.channel {multicast = [[1]], via = "a"} : !ca
      %lb = tile.channel {multicast = [[0]], via = "b"} : !cb
      %k0 = arith.muli %ks, %K4 : index
      %part = scf.for %kk = %c0 to %KT step %c1 iter_args(%x = %zero) -> (!acc) {
        %ko = arith.muli %kk, %c64 : index
        %k = arith.addi %k0, %ko : index
        %ak = tile.acquire %la : !ca -> !A
        %ga = tile.slice %A[%i, %k] : !Gb to !wa
        tile.copy %ga to %ak : !wa, !A
        tile.commit %la : !ca
        %bk = tile.acquire %lb : !cb -> !B
        %gb = tile.slice %B[%k, %j] : !Gb to !wb
        tile.copy %gb to %bk : !wb, !B
        tile.commit %lb : !cb
        %a = tile.wait %la : !ca -> !A
        %b = tile.wait %lb : !cb -> !B
        %y = tile.mma %a, %b, %x : !A, !B, !acc
        tile.release %la : !ca
        tile.release %lb : !cb
        scf.yield %y : !acc
      }
      scf.reduce(%part : !acc) {
      ^bb0(%l: !acc, %r: !acc):
        %s = tile.map(%l, %r) : !acc, !acc -> !acc (%u, %v, %e, %f) {
          %g = arith.addf %e, %f : f32
          tile.yield %g : f32
        }
        scf.reduce.return %s : !acc
      }
    } {spread = "k"}
    %gc = tile.slice %C[%i, %j] : !Gf to !wc
    tile.store %acc, %gc : !acc, !wc
  }
  return
}
