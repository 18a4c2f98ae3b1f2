// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the passes refuse.
// RUN: terrazzo-opt %s -split-input-file -verify-diagnostics -partition-roles -pipelining
#gm = #tile.place<"global", #tile.nest<[]>>
!p = !kernel.ptr<f32>
!G = !tile.view<tensor<8xf32, #gm>, []>
!t = tensor<8xf32>
func.func @r1_unknown_role(%px: !p, %n: index) {
  %c1 = arith.constant 1 : index
  %x = tile.view %px[%n][%c1] : !G
  tile.launch (%i) in (%n) {kinds = ["parallel"]} {
    // expected-error @+1 {{R1: the schedule has no role "load"}}
    %a = tile.load %x {role = "load"} : !G -> !t
  }
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
!p = !kernel.ptr<f32>
!G = !tile.view<tensor<8xf32, #gm>, []>
!t = tensor<8xf32>
func.func @r1_no_role(%px: !p, %py: !p, %n: index) {
  %c1 = arith.constant 1 : index
  %x = tile.view %px[%n][%c1] : !G
  %y = tile.view %py[%n][%c1] : !G
  tile.launch (%i) in (%n) {kinds = ["parallel"], schedule = #tile.schedule<{roles = [#tile.role<"load", "warps", 1, {}>]}>} {
    %a = tile.load %x {role = "load"} : !G -> !t
    // expected-error @+1 {{R1: no role, and not one role that uses it}}
    tile.store %a, %y : !t, !G
  }
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
!p = !kernel.ptr<f32>
!G = !tile.view<tensor<8xf32, #gm>, []>
!t = tensor<8xf32>
func.func @r2_alias(%px: !p, %py: !p, %n: index) {
  %c1 = arith.constant 1 : index
  %x = tile.view %px[%n][%c1] : !G
  %y = tile.view %py[%n][%c1] : !G
  tile.launch (%i) in (%n) {kinds = ["parallel"], schedule = #tile.schedule<{roles = [#tile.role<"load", "warps", 1, {}>, #tile.role<"out", "warps", 1, {}>]}>} {
    // expected-note @+1 {{here}}
    %a = tile.load %x {role = "load"} : !G -> !t
    // expected-error @+1 {{R2: role `out` writes what role `load` may access}}
    tile.store %a, %y {role = "out"} : !t, !G
  }
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
!p = !kernel.ptr<f32>
!G = !tile.view<tensor<8xf32, #gm>, []>
!t = tensor<8xf32>
func.func @p2_no_place(%px: !p {kernel.noalias}, %py: !p, %n: index) {
  %c1 = arith.constant 1 : index
  %x = tile.view %px[%n][%c1] : !G
  %y = tile.view %py[%n][%c1] : !G
  tile.launch (%i) in (%n) {kinds = ["parallel"], schedule = #tile.schedule<{roles = [#tile.role<"load", "warps", 1, {}>, #tile.role<"out", "warps", 1, {}>]}>} {
    // expected-error @+1 {{P2: the schedule names no place for the channel that carries this value}}
    %a = tile.load %x {role = "load"} : !G -> !t
    tile.store %a, %y {role = "out"} : !t, !G
  }
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
!p = !kernel.ptr<f32>
!G = !tile.view<tensor<8xf32, #gm>, []>
!t = tensor<8xf32>
func.func @r4_carried(%px: !p {kernel.noalias}, %py: !p {kernel.noalias}, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %z = arith.constant dense<0.0> : !t
  %x = tile.view %px[%n][%c1] : !G
  %y = tile.view %py[%n][%c1] : !G
  tile.launch (%i) in (%n) {kinds = ["parallel"], schedule = #tile.schedule<{roles = [#tile.role<"load", "warps", 1, {}>, #tile.role<"out", "warps", 1, {}>], channels = {load_out = {place = #gm}}}>} {
    %r = scf.for %k = %c0 to %n step %c1 iter_args(%c = %z) -> (!t) {
      // expected-error @+1 {{R4: a value carried by a loop crosses from role `load` to `out`}}
      tile.store %c, %y {role = "out"} : !t, !G
      %a = tile.load %x {role = "load"} : !G -> !t
      scf.yield %a : !t
    }
  }
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
!p = !kernel.ptr<i32>
!G = !tile.view<tensor<i32, #gm>, []>
!g = !tile.view<tensor<8xi32, #gm>, []>
!t = tensor<8xi32>
func.func @r5_uniform(%px: !p {kernel.noalias}, %py: !p {kernel.noalias}, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %x = tile.view %px[%n][%c1] : !g
  %y = tile.view %py[%n][%c1] : !g
  tile.launch (%i) in (%n) {kinds = ["parallel"], schedule = #tile.schedule<{roles = [#tile.role<"load", "warps", 1, {}>, #tile.role<"out", "warps", 1, {}>], channels = {load_out = {place = #gm}}}>} {
    %a = tile.load %x {role = "load"} : !g -> !t
    %s = tile.reduce(%a) {dims = [0], order = "any", role = "load"} : !t -> i32 (%e, %f) {
      %m = arith.maxsi %e, %f : i32
      tile.yield %m : i32
    }
    %u = arith.index_cast %s : i32 to index
    // expected-error @+1 {{R5: role `load` alone knows how this goes on}}
    scf.for %k = %c0 to %u step %c1 {
      tile.store %a, %y {role = "out"} : !t, !g
    }
  }
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
!p = !kernel.ptr<f32>
!G = !tile.view<tensor<8xf32, #gm>, []>
!t = tensor<8xf32>
func.func @p1_step(%px: !p, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %x = tile.view %px[%n][%c1] : !G
  tile.launch (%i) in (%n) {kinds = ["parallel"]} {
    // expected-error @+1 {{P1: only a loop of step 1 is skewed}}
    scf.for %k = %c0 to %n step %c2 {
      %a = tile.load %x {stage = 0} : !G -> !t
      %b = tile.move %a {stage = 1} : !t -> !t
    }
  }
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
!p = !kernel.ptr<f32>
!G = !tile.view<tensor<8xf32, #gm>, []>
!t = tensor<8xf32>
func.func @p1_no_stage(%px: !p, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %x = tile.view %px[%n][%c1] : !G
  tile.launch (%i) in (%n) {kinds = ["parallel"]} {
    scf.for %k = %c0 to %n step %c1 {
      %a = tile.load %x {stage = 1} : !G -> !t
      // expected-error @+1 {{P1: no stage, and not one stage that uses it}}
      tile.store %a, %x : !t, !G
    }
  }
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
!p = !kernel.ptr<f32>
!G = !tile.view<tensor<8xf32, #gm>, []>
!t = tensor<8xf32>
func.func @l6_order(%px: !p, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %x = tile.view %px[%n][%c1] : !G
  tile.launch (%i) in (%n) {kinds = ["parallel"]} {
    scf.for %k = %c0 to %n step %c1 {
      // expected-note @+1 {{here}}
      %a = tile.load %x {stage = 0} : !G -> !t
      // expected-error @+1 {{L6: stage 1 writes what stage 0 may access}}
      tile.store %a, %x {stage = 1} : !t, !G
    }
  }
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
!p = !kernel.ptr<f32>
!G = !tile.view<tensor<8xf32, #gm>, []>
!t = tensor<8xf32>
func.func @p2_carried(%px: !p, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %z = arith.constant dense<0.0> : !t
  %x = tile.view %px[%n][%c1] : !G
  tile.launch (%i) in (%n) {kinds = ["parallel"]} {
    %r = scf.for %k = %c0 to %n step %c1 iter_args(%c = %z) -> (!t) {
      %a = tile.load %x {stage = 0} : !G -> !t
      %m = tile.map(%a, %c) {stage = 0} : !t, !t -> !t (%j, %e, %f) {
        %g = arith.addf %e, %f : f32
        tile.yield %g : f32
      }
      // expected-error @+1 {{P2: a carried value belongs to stage 0 and is used in stage 1}}
      %b = tile.map(%a, %c) {stage = 1} : !t, !t -> !t (%j, %e, %f) {
        %g = arith.addf %e, %f : f32
        tile.yield %g : f32
      }
      scf.yield %b : !t
    }
  }
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
!p = !kernel.ptr<f32>
!G = !tile.view<tensor<8x8xf32, #gm>, []>
!t = tensor<8x8xf32>
func.func @r6_not_said(%px: !p {kernel.noalias}, %py: !p {kernel.noalias}, %n: index) {
  %c1 = arith.constant 1 : index
  %x = tile.view %px[%n, %n][%n, %c1] : !G
  %y = tile.view %py[%n, %n][%n, %c1] : !G
  // expected-error @+1 {{R6: the schedule does not say what the replicas of role "mma" share}}
  tile.launch (%i) in (%n) {kinds = ["parallel"], schedule = #tile.schedule<{roles = [#tile.role<"load", "warps", 1, {}>, #tile.role<"mma", "warps", 2, {}>], channels = {ab = {place = #gm}}}>} {
    %a = tile.load %x {role = "load", via = "ab"} : !G -> !t
    %b = tile.mma %a, %a, %a {role = "mma"} : !t, !t, !t
    tile.store %b, %y {role = "mma"} : !t, !G
  }
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
!p = !kernel.ptr<f32>
!G = !tile.view<tensor<8x8xf32, #gm>, []>
!t = tensor<8x8xf32>
!v = tensor<8xf32>
func.func @r6_reduced(%px: !p {kernel.noalias}, %py: !p {kernel.noalias}, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %x = tile.view %px[%n, %n][%n, %c1] : !G
  %y = tile.view %py[%n, %n][%n, %c1] : !G
  %z = arith.constant dense<0.0> : !t
  tile.launch (%i) in (%n) {kinds = ["parallel"], schedule = #tile.schedule<{roles = [#tile.role<"load", "warps", 1, {}>, #tile.role<"mma", "warps", 2, {}>], split = {mma = 0}, channels = {ab = {place = #gm}}}>} {
    %a = tile.load %x {role = "load", via = "ab"} : !G -> !t
    %k = tile.load %x {role = "load", via = "ab"} : !G -> !t
    %b = tile.mma %a, %k, %z {role = "mma"} : !t, !t, !t
    // expected-error @+1 {{R6: the replicas of its role cannot share the work of this op}}
    %s = tile.reduce(%b) {dims = [0], order = "any", role = "mma"} : !t -> !v (%e, %f) {
      %g = arith.addf %e, %f : f32
      tile.yield %g : f32
    }
    %w = tile.slice %y[%c0, %c0] dims [1] : !G to !tile.view<tensor<8xf32, #gm>, []>
    tile.store %s, %w {role = "mma"} : !v, !tile.view<tensor<8xf32, #gm>, []>
  }
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
!p = !kernel.ptr<f32>
!G = !tile.view<tensor<8x8xf32, #gm>, []>
!t = tensor<8x8xf32>
func.func @r6_odd(%px: !p {kernel.noalias}, %py: !p {kernel.noalias}, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %x = tile.view %px[%n, %n][%n, %c1] : !G
  %y = tile.view %py[%n, %n][%n, %c1] : !G
  %z = arith.constant dense<0.0> : !t
  tile.launch (%i) in (%n) {kinds = ["parallel"], schedule = #tile.schedule<{roles = [#tile.role<"load", "warps", 1, {}>, #tile.role<"mma", "warps", 3, {}>], split = {mma = 1}, channels = {ab = {place = #gm}}}>} {
    %a = tile.load %x {role = "load", via = "ab"} : !G -> !t
    %k = tile.load %x {role = "load", via = "ab"} : !G -> !t
    // expected-error @+1 {{R6: dimension 1 cannot be shared by 3 replicas}}
    %b = tile.mma %a, %k, %z {role = "mma"} : !t, !t, !t
    %w = tile.slice %y[%c0, %c0] : !G to !G
    tile.store %b, %w {role = "mma"} : !t, !G
  }
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
!p = !kernel.ptr<f32>
!G = !tile.view<tensor<8x8xf32, #gm>, []>
!t = tensor<8x8xf32>
func.func @r6_written_twice(%px: !p {kernel.noalias}, %py: !p {kernel.noalias}, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %x = tile.view %px[%n, %n][%n, %c1] : !G
  %y = tile.view %py[%n, %n][%n, %c1] : !G
  %z = arith.constant dense<0.0> : !t
  tile.launch (%i) in (%n) {kinds = ["parallel"], schedule = #tile.schedule<{roles = [#tile.role<"load", "warps", 1, {}>, #tile.role<"mma", "warps", 2, {}>], split = {mma = 0}, channels = {ab = {place = #gm}}}>} {
    %a = tile.load %x {role = "load", via = "ab"} : !G -> !t
    %k = tile.load %x {role = "load", via = "ab"} : !G -> !t
    %b = tile.mma %a, %k, %z {role = "mma"} : !t, !t, !t
    %w = tile.slice %y[%c0, %c0] : !G to !G
    tile.store %b, %w {role = "mma"} : !t, !G
    %u = tile.slice %y[%c0, %c0] : !G to !G
    // expected-error @+1 {{R6: every replica would write this}}
    tile.store %z, %u {role = "mma"} : !t, !G
  }
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
!p = !kernel.ptr<f32>
!G = !tile.view<tensor<8x8xf32, #gm>, []>
!t = tensor<8x8xf32>
func.func @r6_same_operand(%px: !p {kernel.noalias}, %py: !p {kernel.noalias}, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %x = tile.view %px[%n, %n][%n, %c1] : !G
  %y = tile.view %py[%n, %n][%n, %c1] : !G
  %z = arith.constant dense<0.0> : !t
  tile.launch (%i) in (%n) {kinds = ["parallel"], schedule = #tile.schedule<{roles = [#tile.role<"load", "warps", 1, {}>, #tile.role<"mma", "warps", 2, {}>], split = {mma = 0}, channels = {ab = {place = #gm}}}>} {
    %a = tile.load %x {role = "load", via = "ab"} : !G -> !t
    // expected-error @+1 {{R6: the replicas of its role cannot share the work of this op}}
    %b = tile.mma %a, %a, %z {role = "mma"} : !t, !t, !t
    %w = tile.slice %y[%c0, %c0] : !G to !G
    tile.store %b, %w {role = "mma"} : !t, !G
  }
  return
}

// -----
// A product reads the views that it is given.
#gm = #tile.place<"global", #tile.nest<[]>>
!p = !kernel.ptr<f32>
!G = !tile.view<tensor<8x8xf32, #gm>, []>
!t = tensor<8x8xf32>
func.func @l6_product(%px: !p, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %z = arith.constant dense<0.0> : !t
  %x = tile.view %px[%n, %n][%n, %c1] : !G
  tile.launch (%i) in (%n) {kinds = ["parallel"]} {
    scf.for %k = %c0 to %n step %c1 {
      // expected-note @+1 {{here}}
      %a = tile.mma %x, %x, %z {stage = 0} : !G, !G, !t
      // expected-error @+1 {{L6: stage 1 writes what stage 0 may access}}
      tile.store %a, %x {stage = 1} : !t, !G
    }
  }
  return
}
