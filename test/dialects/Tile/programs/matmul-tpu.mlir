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
// blocks 512 x 1024 x 1024; VMEM: A 2 x 1, B 2 x 2, acc 2, out 2 x 1 MiB = 10 MiB. One stream; the grid is flattened so that the fetch of step t+1 crosses tile borders.
#vm = #tile.place<"vmem", #tile.nest<[[0,-1],[1,-1],[0,8],[1,128],[0,2]]>>        // bf16: (16,128) tiles, 2 rows packed in a sublane
#vf = #tile.place<"vmem", #tile.nest<[[0,-1],[1,-1],[0,8],[1,128]]>>
!A = !tile.view<tensor<512x1024xbf16, #vm>, []> !B = !tile.view<tensor<1024x1024xbf16, #vm>, []> !acc = tensor<512x1024xf32, #vf>
!wa = !tile.view<tensor<512x1024xbf16, #gm>, []> !wb = !tile.view<tensor<1024x1024xbf16, #gm>, []>
!ca = !tile.channel<2, [!A]> !cb = !tile.channel<2, [!B]> !o = tensor<512x1024xbf16, #vm>
func.func @matmul(%pa: !pb, %pB: !pb, %pc: !pb, %M: index, %N: index, %K: index) {
  %c0 = arith.constant 0 : index %c1 = arith.constant 1 : index %cm1 = arith.constant -1 : index %c512 = arith.constant 512 : index %c1024 = arith.constant 1024 : index
  %A = "tile.view"(%pa, %M, %K, %K, %c1) : (!pb, index, index, index, index) -> !Gb %B = "tile.view"(%pB, %K, %N, %N, %c1) : (!pb, index, index, index, index) -> !Gb
  %C = "tile.view"(%pc, %M, %N, %N, %c1) : (!pb, index, index, index, index) -> !Gb %zero = arith.constant dense<0.0> : !acc
  %MT = arith.divui %M, %c512 : index %NT = arith.divui %N, %c1024 : index %KT = arith.divui %K, %c1024 : index %MN = arith.muli %MT, %NT : index %T = arith.muli %MN, %KT : index
  "tile.launch"(%c1) ({ ^bb0(%core: index):                                       // (m, n, k) became one sequential loop on one core
    %ca = "tile.channel"() : () -> !ca %cb = "tile.channel"() : () -> !cb %co = "tile.channel"() : () -> !ca
    %r = scf.for %t = %cm1 to %T step %c1 iter_args(%acc = %zero) -> (!acc) {
      %tn = arith.addi %t, %c1 : index %gn = arith.cmpi slt, %tn, %T : index %gp = arith.cmpi sge, %t, %c0 : index
      scf.if %gn { %m, %n, %k = "tile.order"(%tn, %MT, %NT, %KT) {kind = "row"} : (index, index, index, index) -> (index, index, index)
        %i = arith.muli %m, %c512 : index %j = arith.muli %n, %c1024 : index %kk = arith.muli %k, %c1024 : index
        %a = "tile.acquire"(%ca, %m, %k) : (!ca, index, index) -> !A              // key (m, k): equal to the last one => same slot, no DMA
        %ga = "tile.slice"(%A, %i, %kk) : (!Gb, index, index) -> !wa "tile.copy"(%ga, %a) : (!wa, !A) -> () "tile.commit"(%ca) : (!ca) -> ()
        %b = "tile.acquire"(%cb, %k, %n) : (!cb, index, index) -> !B
        %gb = "tile.slice"(%B, %kk, %j) : (!Gb, index, index) -> !wb "tile.copy"(%gb, %b) : (!wb, !B) -> () "tile.commit"(%cb) : (!cb) -> () }
      %y = scf.if %gp -> (!acc) { %m, %n, %k = "tile.order"(%t, %MT, %NT, %KT) {kind = "row"} : (index, index, index, index) -> (index, index, index)
        %k1 = arith.addi %k, %c1 : index %first = arith.cmpi eq, %k, %c0 : index %last = arith.cmpi eq, %k1, %KT : index
        %in = scf.if %first -> (!acc) { scf.yield %zero : !acc } else { scf.yield %acc : !acc }
        %a = "tile.wait"(%ca) : (!ca) -> !A %b = "tile.wait"(%cb) : (!cb) -> !B
        %x = "tile.mma"(%a, %b, %in) : (!A, !B, !acc) -> !acc                     // push 1024x1024 as 64 tiles of 128x128; 64 row groups of 8 through each
        "tile.release"(%ca) : (!ca) -> () "tile.release"(%cb) : (!cb) -> ()
        scf.if %last { %s = "tile.acquire"(%co) : (!ca) -> !A
          %h = "tile.map"(%x) ({ ^bb0(%u: index, %v: index, %e: f32): %f = arith.truncf %e : f32 to bf16 "tile.yield"(%f) : (bf16) -> () }) : (!acc) -> !o
          "tile.store"(%h, %s) : (!o, !A) -> () "tile.commit"(%co) : (!ca) -> () %w = "tile.wait"(%co) : (!ca) -> !A
          %i = arith.muli %m, %c512 : index %j = arith.muli %n, %c1024 : index %gc = "tile.slice"(%C, %i, %j) : (!Gb, index, index) -> !wa
          "tile.copy"(%w, %gc) : (!A, !wa) -> () "tile.release"(%co) : (!ca) -> () }
        scf.yield %x : !acc } else { scf.yield %acc : !acc }
      scf.yield %y : !acc }
    "tile.yield"() : () -> () }) {kinds = ["parallel"]} : (index) -> ()
  return
}
