// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// B4: what counting does not prove is said, and may be refused.
// RUN: terrazzo-opt %s -verify-balance -verify-diagnostics -o /dev/null
// RUN: not terrazzo-opt %s -verify-balance=strict=true -o /dev/null 2>&1 | FileCheck %s
// RUN: terrazzo-opt %S/../../../dialects/Tile/programs/attention-hopper.mlir -verify-balance=strict=true -o /dev/null
// RUN: terrazzo-opt %S/../../../dialects/Tile/programs/matmul-hopper.mlir -verify-balance=strict=true -o /dev/null
// RUN: terrazzo-opt %S/../../../dialects/Tile/programs/attention-ascend.mlir -verify-balance=strict=true -o /dev/null
// RUN: terrazzo-opt %S/../../../dialects/Tile/programs/matmul-tpu.mlir -verify-balance=strict=true -o /dev/null
// RUN: terrazzo-opt %S/../../../dialects/Tile/programs/softmax-cpu.mlir -verify-balance=strict=true -o /dev/null
// RUN: terrazzo-opt %S/../../../dialects/Tile/programs/matmul-mtia.mlir -verify-balance=strict=true -o /dev/null
// RUN: terrazzo-opt %S/../../../dialects/Tile/programs/paged-decode-nvidia.mlir -verify-balance=strict=true -o /dev/null
// CHECK: B4: not proved: steps(0..{{.*}}) commits are steps(0..{{.*}}) waits
#gm = #tile.place<"global", #tile.nest<[]>>
!s = !tile.view<tensor<8xf32, #gm>, []>
!n = !tile.view<tensor<i32, #gm>, []>
func.func @lengths(%len: !n, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  tile.launch (%i) in (%n) {kinds = ["parallel"]} {
    // expected-remark @+1 {{B4: the oracle must see that}}
    %c = tile.channel {from = "a", to = "b"} : !tile.channel<2, [!s]>
    // The same value at another place has the same name.
    %d = tile.channel {from = "a", to = "b"} : !tile.channel<2, []>
    tile.roles role "a" on "warps" x 1 (%z) {
      %l = tile.load %len : !n -> i32
      %u = arith.index_cast %l : i32 to index
      %m = arith.ceildivui %n, %u : index
      %h = arith.divui %n, %c1 : index
      scf.for %j = %c0 to %u step %c1 {
        %v = tile.acquire %c : !tile.channel<2, [!s]> -> !s
        tile.commit %c : !tile.channel<2, [!s]>
      }
      scf.for %j = %c0 to %h step %c1 {
        %odd = arith.cmpi eq, %j, %c1 : index
        scf.if %odd { tile.commit %d : !tile.channel<2, []> } else { tile.commit %d : !tile.channel<2, []> }
      }
    } role "b" on "warps" x 1 (%z) {
      %l = tile.load %len : !n -> i32
      %u = arith.index_cast %l : i32 to index
      %h = arith.divui %n, %c1 : index
      scf.for %j = %c0 to %u step %c1 {
        %v = tile.wait %c : !tile.channel<2, [!s]> -> !s
        tile.release %c : !tile.channel<2, [!s]>
      }
      scf.for %j = %c0 to %h step %c1 { tile.wait %d : !tile.channel<2, []> }
    }
  }
  return
}
