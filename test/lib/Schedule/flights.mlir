// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Where ops wait. The scores of block j + 1 are waited for while the product of
// block j runs on, but only where the guards are peeled; accumulators wait for
// nothing; DMA ends in no order.
// RUN: terrazzo-opt %S/../../dialects/Tile/programs/attention-hopper.mlir -peel-guards -engines-in-flight=chip=nvidia-h100 | FileCheck %s --check-prefix=PEELED
// RUN: terrazzo-opt %S/../../dialects/Tile/programs/attention-hopper.mlir -engines-in-flight=chip=nvidia-h100 | FileCheck %s --check-prefix=GUARDED
// RUN: terrazzo-opt %S/../../dialects/Tile/programs/matmul-hopper.mlir -engines-in-flight=chip=nvidia-h100 | FileCheck %s --check-prefix=MATMUL
// RUN: terrazzo-opt %s -engines-in-flight=chip=tpu-v5e | FileCheck %s --check-prefix=TPU
// RUN: terrazzo-opt %s -engines-in-flight=chip=mtia-2i | FileCheck %s --check-prefix=MTIA
// PEELED: scf.for {{.*}} iter_args(%{{.*}} = %{{.*}}, %{{.*}} = %{{.*}}, %{{.*}} = %{{.*}}, %[[O:.*]] = %{{[0-9]+}}) ->
// PEELED: tile.mma {{.*}} {engine = "tensor", flight = [[S:[0-9]+]] : i64}
// PEELED: tile.release {{.*}}covers = [{engine = "tensor", flight = [[S]] : i64, newer = 0 : i64}]
// PEELED: %[[PV:.*]] = tile.mma {{.*}}, %[[O]] {engine = "tensor", flight = [[P:[0-9]+]] : i64}
// PEELED: tile.map{{.*}}waits = [{engine = "tensor", flight = [[S]] : i64, newer = 1 : i64}]
// PEELED: tile.map(%[[PV]], {{.*}}waits = [{engine = "tensor", flight = [[P]] : i64, newer = 0 : i64}]
// GUARDED-NOT: newer = 1
// The producer's copies are covered by the commit and waited for at its end; the
// products by the release, and by what takes the accumulators apart.
// MATMUL: tile.copy {{.*}}engine = "tma", flight = 0 : i64
// MATMUL: tile.copy {{.*}}engine = "tma", flight = 1 : i64
// MATMUL-NEXT: tile.commit {{.*}}covers = [{engine = "tma", flight = 0 : i64}, {engine = "tma", flight = 1 : i64}]
// MATMUL: tile.yield {waits = [{engine = "tma", flight = 1 : i64}, {engine = "tma", flight = 0 : i64}]}
// MATMUL: tile.mma {{.*}}, %{{.*}}, %[[ACC:.*]] {engine = "tensor", flight = 2 : i64} :
// MATMUL-NOT: waits
// MATMUL: tile.release {{.*}}covers = [{engine = "tensor", flight = 2 : i64, newer = 0 : i64}]
// MATMUL: tile.take {{.*}}waits = [{engine = "tensor", flight = 2 : i64, newer = 0 : i64}]
#gm = #tile.place<"global", #tile.nest<[]>>
#vm = #tile.place<"vmem", #tile.nest<[]>>
!p = !kernel.ptr<f32>
!G = !tile.view<tensor<?x?xf32, #gm>, []>
!w = !tile.view<tensor<8x128xf32, #gm>, []>
!V = !tile.view<tensor<8x128xf32, #vm>, []>
!t = tensor<8x128xf32, #vm>
// A copy out of scratch memory must have read it before the next iteration
// copies into it, and has read what the copy in has written.
// TPU-LABEL: @back_edge
// TPU: scf.for
// TPU: tile.copy {{.*}} to {{.*}} {engine = "dma", flight = 0 : i64, waits = [{engine = "dma", flight = 1 : i64}]}
// TPU: tile.copy {{.*}} to {{.*}} {engine = "dma", flight = 1 : i64, waits = [{engine = "dma", flight = 0 : i64}]}
// TPU: tile.yield {waits = [{engine = "dma", flight = 1 : i64}]}
// On MTIA the command processor looks after all that.
// MTIA-LABEL: @back_edge
// MTIA-NOT: waits
func.func @back_edge(%px: !p {kernel.noalias}, %po: !p {kernel.noalias}, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %x = tile.view %px[%n, %n][%n, %c1] : !G
  %o = tile.view %po[%n, %n][%n, %c1] : !G
  tile.launch (%i) in (%c1) {kinds = ["parallel"]} {
    %a = tile.alloc : !V
    scf.for %t = %c0 to %n step %c8 {
      %w = tile.slice %x[%t, %c0] : !G to !w
      tile.copy %w to %a : !w, !V
      %u = tile.slice %o[%t, %c0] : !G to !w
      tile.copy %a to %u : !V, !w
    }
  }
  return
}
