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
// 4096 x 4096 f32; 64 programs of 64 rows; loop i = -1 .. 65 in the guarded skew: max(i+1), exp+sum(i), scale+store(i-1). L1: 2 x 16 KiB ring.
#l1 = #tile.place<"l1", #row>
!row = tensor<4096xf32, #reg> !win = !tile.view<tensor<4096xf32, #gm>, []> !nxt = !tile.view<tensor<4096xf32, #gm>, [#tile.clamp]>
!slot = !tile.view<tensor<4096xf32, #l1>, []> !ring = !tile.channel<2, [!slot]>
func.func @softmax(%px: !pf, %po: !pf) {
  %c0 = arith.constant 0 : index %c1 = arith.constant 1 : index %c64 = arith.constant 64 : index %n = arith.constant 4096 : index %cm1 = arith.constant -1 : index
  %c65 = arith.constant 65 : index %c1024 = arith.constant 1024 : index %one = arith.constant 1.0 : f32 %f0 = arith.constant 0.0 : f32
  %x = "tile.view"(%px, %n, %n, %n, %c1) : (!pf, index, index, index, index) -> !Gf %o = "tile.view"(%po, %n, %n, %n, %c1) : (!pf, index, index, index, index) -> !Gf
  "tile.launch"(%c64) ({ ^bb0(%c: index):
    %r0 = arith.muli %c, %c64 : index %ring = "tile.channel"() : () -> !ring
    scf.for %i = %cm1 to %c65 step %c1 iter_args(%m = %f0, %s = %f0) -> (f32, f32) {                                   // max of row i, sum of row i-1
      %i1 = arith.addi %i, %c1 : index %ip = arith.subi %i, %c1 : index %rn = arith.addi %r0, %i1 : index %rc = arith.addi %r0, %i : index %rp = arith.addi %r0, %ip : index
      %gn = arith.cmpi slt, %i1, %c64 : index %ge = arith.cmpi sge, %i, %c0 : index %gl = arith.cmpi slt, %i, %c64 : index %gc = arith.andi %ge, %gl : i1 %gp = arith.cmpi sge, %ip, %c0 : index
      scf.if %gp { %v = "tile.wait"(%ring) : (!ring) -> !slot %e = "tile.load"(%v) {group = 0} : (!slot) -> !row %inv = arith.divf %one, %s : f32
        %y = "tile.map"(%e) ({ ^bb0(%j: index, %a: f32): %q = arith.mulf %a, %inv : f32 "tile.yield"(%q) : (f32) -> () }) {group = 0} : (!row) -> !row
        %w = "tile.slice"(%o, %rp, %c0) {dims = [1]} : (!Gf, index, index) -> !win "tile.store"(%y, %w) {group = 0, hint = "stream"} : (!row, !win) -> ()
        "tile.release"(%ring) : (!ring) -> () }
      %s2 = scf.if %gc -> (f32) { %w = "tile.slice"(%x, %rc, %c0) {dims = [1]} : (!Gf, index, index) -> !win %a = "tile.load"(%w) {group = 0} : (!win) -> !row
        %d = "tile.acquire"(%ring) : (!ring) -> !slot
        %e = "tile.map"(%a) ({ ^bb0(%j: index, %b: f32): %t = arith.subf %b, %m : f32 %q = math.exp %t : f32 "tile.yield"(%q) : (f32) -> () }) {group = 0} : (!row) -> !row
        %z = "tile.reduce"(%e) ({ ^bb0(%l: f32, %r: f32): %q = arith.addf %l, %r : f32 "tile.yield"(%q) : (f32) -> () }) {dims = [0], order = "any", group = 0} : (!row) -> f32
        "tile.store"(%e, %d) {group = 0} : (!row, !slot) -> () "tile.commit"(%ring) : (!ring) -> () scf.yield %z : f32 } else { scf.yield %s : f32 }
      %m2 = scf.if %gn -> (f32) { %w = "tile.slice"(%x, %rn, %c0) {dims = [1]} : (!Gf, index, index) -> !win %a = "tile.load"(%w) {group = 0} : (!win) -> !row
        %p = "tile.slice"(%x, %rn, %c1024) {dims = [1]} : (!Gf, index, index) -> !nxt "tile.prefetch"(%p) {to = "l1", group = 0} : (!nxt) -> ()      // 4 KiB ahead of the load
        %z = "tile.reduce"(%a) ({ ^bb0(%l: f32, %r: f32): %q = arith.maximumf %l, %r : f32 "tile.yield"(%q) : (f32) -> () }) {dims = [0], order = "any", group = 0} : (!row) -> f32
        scf.yield %z : f32 } else { scf.yield %m : f32 }
      scf.yield %m2, %s2 : f32, f32 }
    "tile.yield"() : () -> () }) {kinds = ["parallel"]} : (index) -> ()
  return
}
