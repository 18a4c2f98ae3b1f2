// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: terrazzo-opt %s --spread-grid=cores=4 | FileCheck %s --check-prefix=GRID
// RUN: terrazzo-opt %s --spread-grid=cores=4 --stage-loads="memory=vmem depth=3" | FileCheck %s --check-prefix=STAGE
// RUN: terrazzo-opt %s --spread-grid=cores=4 --stage-loads="memory=vmem depth=3" --pipelining --ring-accesses="memory=vmem" --hold-slots | FileCheck %s --check-prefix=RING
// RUN: terrazzo-opt %s --spread-grid=cores=4 --ring-accesses="memory=ls loads=true" --hold-slots | FileCheck %s --check-prefix=NOSKEW
// One block in, one block out, for each program of a grid of n.
#gm = #tile.place<"global", #tile.nest<[]>>
!p = !kernel.ptr<f32>
!G = !tile.view<tensor<?xf32, #gm>, []>
!w = !tile.view<tensor<64xf32, #gm>, []>
func.func @double(%x: !p {kernel.noalias}, %y: !p {kernel.noalias}, %n: index) {
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  // GRID: [[SHARE:%.*]] = arith.ceildivui %{{.*}}, %{{.*}} : index
  // GRID: tile.launch ([[CORE:%.*]]) in
  // GRID: [[FIRST:%.*]] = arith.muli [[CORE]], [[SHARE]]
  // GRID: scf.for [[T:%.*]] = [[FIRST]] to
  // GRID: [[I:%.*]] = arith.remui [[T]], %{{.*}}
  // GRID: arith.muli [[I]], %{{.*}} : index
  tile.launch (%i) in (%n) {kinds = ["parallel"]} {
    %o = arith.muli %i, %c64 : index
    %m = arith.muli %n, %c64 : index
    %X = tile.view %x[%m][%c1] : !G
    %Y = tile.view %y[%m][%c1] : !G
    %a = tile.slice %X[%o] : !G to !w
    // STAGE: tile.load %{{.*}} {stage = 0 : i64, via = "fetch0"}
    %v = tile.load %a : !w -> tensor<64xf32>
    // STAGE: tile.map{{.*}}stage = 1 : i64
    %d = tile.map(%v) {dims = [[0]]} : tensor<64xf32> -> tensor<64xf32> (%k, %e) {
      %s = arith.addf %e, %e : f32
      tile.yield %s : f32
    }
    %b = tile.slice %Y[%o] : !G to !w
    // STAGE: tile.store {{.*}}stage = 1 : i64
    tile.store %d, %b : tensor<64xf32>, !w
  }
  return
}
// RING-DAG: [[OUT:%.*]] = tile.channel {ordered} : <2,
// RING-DAG: [[IN:%.*]] = tile.channel {{.*}}: <3,
// RING: scf.for
// RING: tile.acquire [[IN]]
// RING: tile.copy
// RING: tile.commit [[IN]]
// RING: tile.wait [[IN]]
// The slot of the result is there before the result is made, and that of the
// operand is held until then.
// RING: tile.acquire [[OUT]]
// RING: tile.map
// RING: tile.release [[IN]]
// RING: tile.store
// RING: tile.commit [[OUT]]
// RING: tile.wait [[OUT]]
// RING: tile.copy
// RING: tile.release [[OUT]]

// Without skew a block arrives in the iteration that uses it.
// NOSKEW: scf.for
// NOSKEW: tile.acquire
// NOSKEW: tile.copy
// NOSKEW: tile.commit
// NOSKEW: tile.wait
// NOSKEW-NOT: scf.if
// NOSKEW: tile.map
