// RUN: terrazzo-opt %s -split-input-file -verify-diagnostics

func.func @kc1_axis() {
  // expected-error@+1 {{KC1: the axis is 0, 1 or 2, not 3}}
  %0 = kernel.get_program_id 3
  return
}
// -----
func.func @kc1_num_programs() {
  // expected-error@+1 {{KC1}}
  %0 = kernel.get_num_programs 7
  return
}
// -----
func.func @kc2_make_range() {
  // expected-error@+1 {{KC2: the result of 0, 8 is tensor<8xi32>}}
  %0 = kernel.make_range 0, 8 : tensor<9xi32>
  return
}
// -----
func.func @kc3_splat(%x: f32) {
  // expected-error@+1 {{KC3}}
  %0 = kernel.splat %x : f32 -> tensor<8xi32>
  return
}
// -----
func.func @kc4_expand_dims(%x: tensor<8xf32>) {
  // expected-error@+1 {{KC4}}
  %0 = kernel.expand_dims %x {axis = 1 : i32} : tensor<8xf32> -> tensor<1x8xf32>
  return
}
// -----
func.func @kc5_broadcast(%x: tensor<4x1xf32>) {
  // expected-error@+1 {{KC5}}
  %0 = kernel.broadcast %x : tensor<4x1xf32> -> tensor<8x8xf32>
  return
}
// -----
func.func @kc6_reshape(%x: tensor<4x4xf32>) {
  // expected-error@+1 {{KC6}}
  %0 = kernel.reshape %x : tensor<4x4xf32> -> tensor<15xf32>
  return
}
// -----
func.func @kc7_trans(%x: tensor<4x8xf32>) {
  // expected-error@+1 {{KC7}}
  %0 = kernel.trans %x {order = array<i32: 0, 0>} : tensor<4x8xf32> -> tensor<4x4xf32>
  return
}
// -----
func.func @kc8_join(%x: tensor<4xf32>) {
  // expected-error@+1 {{KC8}}
  %0 = kernel.join %x, %x : tensor<4xf32> -> tensor<2x4xf32>
  return
}
// -----
func.func @kc9_split(%x: tensor<4x3xf32>) {
  // expected-error@+1 {{KC9}}
  %0, %1 = kernel.split %x : tensor<4x3xf32> -> tensor<4xf32>
  return
}
// -----
func.func @kc10_cat(%x: tensor<4xf32>) {
  // expected-error@+1 {{KC10}}
  %0 = kernel.cat %x, %x : tensor<4xf32> -> tensor<9xf32>
  return
}
// -----
func.func @kc11_addptr(%p: !kernel.ptr<f32>, %o: tensor<4xi32>) {
  // expected-error@+1 {{KC11}}
  %0 = kernel.addptr %p, %o : !kernel.ptr<f32>, tensor<4xi32>
  return
}
// -----
func.func @kc12_address(%p: !kernel.ptr<f32>) {
  // expected-error@+1 {{KC12}}
  %0 = kernel.ptr_to_int %p : !kernel.ptr<f32> -> i32
  return
}
// -----
func.func @kc12_pointer(%i: i32) {
  // expected-error@+1 {{KC12}}
  %0 = kernel.int_to_ptr %i : i32 -> !kernel.ptr<f32>
  return
}
// -----
func.func @kc13_bitcast(%x: f32) {
  // expected-error@+1 {{KC13}}
  %0 = kernel.bitcast %x : f32 -> i16
  return
}
// -----
func.func @kc16_atomic(%p: !kernel.ptr<f32>, %x: f32) {
  // expected-error@+1 {{KC16: `and` is not for 'f32'}}
  %0 = kernel.atomic_rmw and, relaxed, gpu, %p, %x : !kernel.ptr<f32>
  return
}
// -----
func.func @kc17_dot(%a: tensor<4x8xf32>, %b: tensor<4x8xf32>, %c: tensor<4x8xf32>) {
  // expected-error@+1 {{KC17}}
  %0 = kernel.dot %a, %b, %c : tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>
  return
}
// -----
func.func @kc18_dot(%a: tensor<4x8xi8>, %b: tensor<8x4xi8>, %c: tensor<4x4xf32>) {
  // expected-error@+1 {{KC18}}
  %0 = kernel.dot %a, %b, %c : tensor<4x8xi8>, tensor<8x4xi8>, tensor<4x4xf32>
  return
}
// -----
func.func @kc27_inner(%a: tensor<16x32xi8>, %b: tensor<32x8xbf16>, %c: tensor<16x8xf32>) {
  // expected-error@+1 {{KC27}}
  %0 = kernel.dot_scaled %a, %b, %c : tensor<16x32xi8>, tensor<32x8xbf16>, tensor<16x8xf32>
  return
}
// -----
func.func @kc27_acc(%a: tensor<16x32xbf16>, %b: tensor<32x8xbf16>, %c: tensor<16x8xf16>) {
  // expected-error@+1 {{KC27}}
  %0 = kernel.dot_scaled %a, %b, %c : tensor<16x32xbf16>, tensor<32x8xbf16>, tensor<16x8xf16>
  return
}
// -----
func.func @kc28_element(%a: tensor<16x32xf32>, %b: tensor<32x8xbf16>, %c: tensor<16x8xf32>) {
  // expected-error@+1 {{KC28}}
  %0 = kernel.dot_scaled %a, %b, %c : tensor<16x32xf32>, tensor<32x8xbf16>, tensor<16x8xf32>
  return
}
// -----
func.func @kc28_packed(%a: tensor<16x32xbf16>, %b: tensor<32x8xbf16>, %c: tensor<16x8xf32>) {
  // expected-error@+1 {{KC28}}
  %0 = kernel.dot_scaled %a, %b, %c {pack_m} : tensor<16x32xbf16>, tensor<32x8xbf16>, tensor<16x8xf32>
  return
}
// -----
func.func @kc29_group(%a: tensor<16x32xbf16>, %s: tensor<16x4xi8>, %b: tensor<32x8xbf16>, %c: tensor<16x8xf32>) {
  // expected-error@+1 {{KC29}}
  %0 = kernel.dot_scaled %a scale %s, %b, %c : tensor<16x32xbf16> scale tensor<16x4xi8>, tensor<32x8xbf16>, tensor<16x8xf32>
  return
}
// -----
func.func @kc29_transposed(%a: tensor<16x32xbf16>, %b: tensor<32x8xbf16>, %s: tensor<1x8xi8>, %c: tensor<16x8xf32>) {
  // expected-error@+1 {{KC29}}
  %0 = kernel.dot_scaled %a, %b scale %s, %c : tensor<16x32xbf16>, tensor<32x8xbf16> scale tensor<1x8xi8>, tensor<16x8xf32>
  return
}
// -----
func.func @kc19_reduce(%x: tensor<4xf32>) {
  // expected-error@+1 {{KC19}}
  %0 = kernel.reduce(%x) {axis = 1 : i32} : (tensor<4xf32>) -> f32 {
  ^bb0(%l: f32, %r: f32):
    kernel.yield %l : f32
  }
  return
}
// -----
func.func @kc20_reduce(%x: tensor<4xf32>) {
  // expected-error@+1 {{KC20}}
  %0 = kernel.reduce(%x) {axis = 0 : i32} : (tensor<4xf32>) -> f32 {
  ^bb0(%l: f32):
    kernel.yield %l : f32
  }
  return
}
// -----
func.func @kc21_reduce(%x: tensor<4xf32>) {
  // expected-error@+1 {{KC21}}
  %0 = kernel.reduce(%x) {axis = 0 : i32} : (tensor<4xf32>) -> tensor<1xf32> {
  ^bb0(%l: f32, %r: f32):
    kernel.yield %l : f32
  }
  return
}
// -----
func.func @kc22_scan(%x: tensor<4xf32>) {
  // expected-error@+1 {{KC22}}
  %0 = kernel.scan(%x) {axis = 0 : i32} : (tensor<4xf32>) -> tensor<5xf32> {
  ^bb0(%l: f32, %r: f32):
    kernel.yield %l : f32
  }
  return
}
// -----
func.func @kc23_histogram(%x: tensor<4x4xi32>) {
  // expected-error@+1 {{KC23}}
  %0 = kernel.histogram %x : tensor<4x4xi32> -> tensor<16xi32>
  return
}
// -----
func.func @kc24_gather(%x: tensor<4xf32>, %i: tensor<2x2xi32>) {
  // expected-error@+1 {{KC24}}
  %0 = kernel.gather %x, %i {axis = 0 : i32} : tensor<4xf32>, tensor<2x2xi32> -> tensor<2x2xf32>
  return
}
// -----
func.func @kc25_fp_cast(%x: f32) {
  // expected-error@+1 {{KC25}}
  %0 = kernel.fp_cast %x : f32 -> f32
  return
}
// -----
// expected-error@+1 {{KC26}}
func.func @kc26_pointer(%p: !kernel.ptr<tuple<>>) {
  return
}
