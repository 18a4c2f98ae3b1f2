// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// P3: what the steady loop keeps, and loops of which nothing is peeled.
// RUN: terrazzo-opt %S/matmul.mlir -pipelining -peel-guards -canonicalize | FileCheck %s --check-prefix=MATMUL
// RUN: terrazzo-opt %s -peel-guards -canonicalize | FileCheck %s
// Two fetches, then fetch and product, then two products.
// MATMUL: tile.launch
// MATMUL: %[[LONG:.*]] = arith.cmpi sge, %{{.*}}, %c2
// MATMUL: scf.if %[[LONG]]
// MATMUL-COUNT-2: tile.acquire
// MATMUL-NOT: scf.if
// MATMUL: scf.for %{{.*}} = %c2
// MATMUL-NOT: scf.if
// MATMUL: tile.acquire
// MATMUL-NOT: scf.if
// MATMUL: tile.mma
// MATMUL: scf.yield
// MATMUL-NOT: scf.for
// MATMUL-COUNT-2: tile.mma
// MATMUL: } else {
// MATMUL: scf.for %{{.*}} = %c0
// MATMUL: scf.if
// MATMUL: tile.acquire
// MATMUL: scf.if
// MATMUL: tile.mma
#l1 = #tile.place<"l1", #tile.nest<[]>>
!v = !tile.view<tensor<f32, #l1>, []>

// A guard between the bounds, from the right: 10 > t.
// CHECK-LABEL: @swapped
func.func @swapped(%n: index, %x: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %c10 = arith.constant 10 : index
  tile.launch (%p) in (%n) {kinds = ["parallel"]} {
    %a = tile.alloc : !v
    // CHECK: scf.for %[[T:.*]] = %c0 to %c9 step %c1 {
    // CHECK-NEXT: tile.store
    // CHECK-NEXT: }
    // CHECK-NEXT: }
    scf.for %t = %c0 to %c10 step %c1 {
      %g = arith.cmpi sgt, %c9, %t : index
      scf.if %g {
        tile.store %x, %a : f32, !v
      }
    }
  }
  return
}

// Steps of 2, a bound that is not the loop's, a guard too far inside, an
// unsigned one: all stay.
// CHECK-LABEL: @nothing
func.func @nothing(%n: index, %m: index, %x: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c20 = arith.constant 20 : index
  tile.launch (%p) in (%n) {kinds = ["parallel"]} {
    %a = tile.alloc : !v
    // CHECK: scf.for {{.*}} to %arg0 step %c2
    // CHECK: scf.if
    scf.for %t = %c0 to %n step %c2 {
      %g = arith.cmpi sge, %t, %c1 : index
      scf.if %g {
        tile.store %x, %a : f32, !v
      }
    }
    // CHECK: scf.for {{.*}} = %c0 to %arg0 step %c1
    // CHECK: cmpi slt, %{{.*}}, %arg1
    // CHECK: cmpi sge, %{{.*}}, %c20
    // CHECK: cmpi uge, %{{.*}}, %c2
    // CHECK-NOT: scf.for
    scf.for %t = %c0 to %n step %c1 {
      %g = arith.cmpi slt, %t, %m : index
      scf.if %g {
        tile.store %x, %a : f32, !v
      }
      %h = arith.cmpi sge, %t, %c20 : index
      scf.if %h {
        tile.store %x, %a : f32, !v
      }
      %u = arith.cmpi uge, %t, %c2 : index
      scf.if %u {
        tile.store %x, %a : f32, !v
      }
    }
  }
  return
}
