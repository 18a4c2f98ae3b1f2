// RUN: terrazzo-opt %s -split-input-file -verify-diagnostics
// Types that an op's own declaration refuses, and KC14 and KC15.

func.func @kc15_other_without_mask(%p: !kernel.ptr<f32>, %x: f32) {
  // expected-error@+1 {{KC15: `other` needs a mask}}
  %0 = "kernel.load"(%p, %x) <{operandSegmentSizes = array<i32: 1, 0, 1>}> : (!kernel.ptr<f32>, f32) -> f32
  return
}
// -----
func.func @kc14_load_result(%p: !kernel.ptr<f32>) {
  // expected-error@+1 {{the result is what the pointers point to}}
  %0 = "kernel.load"(%p) <{operandSegmentSizes = array<i32: 1, 0, 0>}> : (!kernel.ptr<f32>) -> i32
  return
}
// -----
func.func @kc14_store_value(%p: !kernel.ptr<f32>, %x: i32) {
  // expected-error@+1 {{the value is what the pointers point to}}
  "kernel.store"(%p, %x) : (!kernel.ptr<f32>, i32) -> ()
  return
}
// -----
func.func @kc14_store_mask(%p: !kernel.ptr<f32>, %x: f32, %m: tensor<4xi1>) {
  // expected-error@+1 {{the mask has the pointers' shape}}
  "kernel.store"(%p, %x, %m) : (!kernel.ptr<f32>, f32, tensor<4xi1>) -> ()
  return
}
// -----
func.func @atomic_cas_types(%p: !kernel.ptr<i32>, %c: i64, %x: i32) {
  // expected-error@+1 {{the compared value is what the pointers point to}}
  %0 = "kernel.atomic_cas"(%p, %c, %x) <{sem = 1 : i32, scope = 2 : i32}> : (!kernel.ptr<i32>, i64, i32) -> i32
  return
}
// -----
func.func @clamp_of_integers(%x: i32) {
  // expected-error@+1 {{must be float or tensor of floats}}
  %0 = "kernel.clamp"(%x, %x, %x) <{propagate = 0 : i32}> : (i32, i32, i32) -> i32
  return
}
// -----
func.func @mulhi_ui_of_floats(%x: f32) {
  // expected-error@+1 {{must be}}
  %0 = "kernel.mulhi_ui"(%x, %x) : (f32, f32) -> f32
  return
}
// -----
func.func @assert_of_integers(%x: i32) {
  // expected-error@+1 {{must be}}
  "kernel.assert"(%x) <{message = "m"}> : (i32) -> ()
  return
}
// -----
func.func @assume_of_integers(%x: i32) {
  // expected-error@+1 {{must be 1-bit signless integer}}
  "kernel.assume"(%x) : (i32) -> ()
  return
}
// -----
func.func @print_without_prefix(%x: i32) {
  // expected-error@+1 {{requires attribute 'prefix'}}
  "kernel.print"(%x) : (i32) -> ()
  return
}
// -----
func.func @yield_outside(%x: i32) {
  // expected-error@+1 {{expects parent op to be one of}}
  "kernel.yield"(%x) : (i32) -> ()
}
// -----
func.func @debug_barrier_with_operand(%x: i32) {
  // expected-error@+1 {{requires zero operands}}
  "kernel.debug_barrier"(%x) : (i32) -> ()
  return
}
