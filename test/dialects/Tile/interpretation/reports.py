# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Broken Tile programs and what must be said of each."""
import os
import subprocess
import sys
import tempfile

PRELUDE = """
#row = #tile.nest<[]>
#gm = #tile.place<"global", #row>
#sm = #tile.place<"smem", #row>
!p = !kernel.ptr<f32>
!pi = !kernel.ptr<i32>
!G = !tile.view<tensor<?xf32, #gm>, []>
!W = !tile.view<tensor<8xf32, #gm>, []>
!F = !tile.view<tensor<8xf32, #gm>, [#tile.fill<0.0>]>
!S = !tile.view<tensor<8xf32, #sm>, []>
!H = !tile.view<tensor<4xf32, #sm>, []>
!t = tensor<8xf32>
!ab = !tile.channel<2, [!S]>
!tick = !tile.channel<1, []>
"""
LAUNCH = """args:
  x: {shape: [32], dtype: f32, init: arange}
  o: {shape: [32], dtype: f32%s}
  n: 32
grid: [1]
outputs: [o]
"""


def body(text, before=""):
    """A function of x, o and n with one launch of one program around `text`."""
    return PRELUDE + before + """
func.func @f(%px: !p, %po: !p, %n: index) {
  %c0 = arith.constant 0 : index %c1 = arith.constant 1 : index %c2 = arith.constant 2 : index %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index %c8 = arith.constant 8 : index %cm1 = arith.constant -1 : index
  %x = tile.view %px[%n][%c1] : !G
  %o = tile.view %po[%n][%c1] : !G
  tile.launch (%pid) in (%c1) {kinds = ["parallel"]} {
""" + text + """
  }
  return
}
"""


def changed(text, *pairs):
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


ACCESS = {
    "outside the extent": (body("""
    %w = tile.slice %x[%n] : !G to !W
    %v = tile.load %w : !W -> !t
"""), ["position 32 of dimension 0 is outside the view, which promises `in`"]),
    "outside the window it was cut from": (body("""
    %w = tile.slice %x[%c8] : !G to !W
    %u = tile.slice %w[%c4] : !W to !W
    %v = tile.load %u : !W -> !t
"""), ["position 16 of dimension 0 is outside the view, which promises `in`"]),
    "beyond an array of unknown extent": (body("""
    %y = tile.view %px[%cm1][%c4] : !G
    %w = tile.slice %y[%c1] : !G to !W
    %v = tile.load %w : !W -> !t
"""), ["element 32 of `x` is out of bounds: it has 32 elements"]),
    "a masked-off element is stored": (body("""
    %m = tile.map() : -> tensor<8xi1> (%i) { %k = arith.cmpi ult, %i, %c4 : index tile.yield %k : i1 }
    %w = tile.slice %x[%c0] : !G to !W
    %v = tile.load %w mask %m : tensor<8xi1>, : !W -> !t
    %d = tile.slice %o[%c0] : !G to !W
    tile.store %v, %d : !t, !W
"""), ["a value that was never written or was masked off is stored to `o` at element 4"]),
    "scratch that nobody wrote": (body("""
    %s = tile.alloc : !S
    %d = tile.slice %o[%c0] : !G to !W
    tile.copy %s to %d : !S, !W
"""), ["a value that was never written or was masked off is stored to `o` at element 0"]),
    "fill of poison": (body("""
    %w = tile.slice %x[%n] : !G to !tile.view<tensor<8xf32, #gm>, [#tile.fill<#ub.poison>]>
    %d = tile.slice %o[%c0] : !G to !W
    tile.copy %w to %d : !tile.view<tensor<8xf32, #gm>, [#tile.fill<#ub.poison>]>, !W
"""), ["is stored to `o` at element 0"]),
    "an index that overflows": (body("""
    %big = arith.constant 2147483647 : i32
    %ix = tile.map() : -> tensor<8xi32> (%i) { %a = arith.index_cast %i : index to i32 %b = arith.addi %a, %big : i32 tile.yield %b : i32 }
    %w = tile.slice %x[%ix: tensor<8xi32>] : !G to !F
    %v = tile.load %w : !F -> !t
"""), ["the offset overflows its integer type"]),
    "an index of poison": (body("""
    %ix = ub.poison : tensor<8xi32>
    %w = tile.slice %x[%ix: tensor<8xi32>] : !G to !F
    %v = tile.load %w : !F -> !t
"""), ["an index depends on a value that was never written"]),
    "one store writes an element twice": (body("""
    %ix = tile.map() : -> tensor<8xi32> (%i) { %h = arith.divui %i, %c2 : index %a = arith.index_cast %h : index to i32 tile.yield %a : i32 }
    %s = tile.slice %x[%c0] : !G to !W
    %v = tile.load %s : !W -> !t
    %w = tile.slice %o[%ix: tensor<8xi32>] : !G to !F
    tile.store %v, %w : !t, !F
"""), ["race: one store writes element 0 of `o` twice, through a repeated index"]),
    "no address": (body("""
    %z = arith.constant 0 : i64 %q = kernel.int_to_ptr %z : i64 -> !p
    %y = tile.view %q[%n][%c1] : !G %w = tile.slice %y[%c0] : !G to !W
    %v = tile.load %w : !W -> !t
"""), ["the address lies in no argument"]),
    "a view of gathered elements": (body("""
    %i = tile.map() : -> tensor<8xindex> (%k) { tile.yield %k : index }
    %w = tile.slice %x[%i: tensor<8xindex>] : !G to !W
    %y = tile.view %w[%c8][%c1] : !W -> !W %v = tile.load %y : !W -> !t
"""), ["the oracle cannot run `tile.view of gathered elements`"]),
    "an address behind an argument": (body("""
    %z = arith.constant 0 : i64 %four = arith.constant 4 : i64
    %null = kernel.int_to_ptr %z : i64 -> !p %from = kernel.ptr_to_int %px : !p -> i64
    %b = arith.divsi %from, %four : i64 %e = arith.index_cast %b : i64 to index %s = arith.addi %e, %n : index
    %y = tile.view %null[%cm1][%c1] : !G %w = tile.slice %y[%s] : !G to !W
    %v = tile.load %w : !W -> !t
"""), ["element 32 of `x` is out of bounds"]),
    "another element type": (body("""
    %q = kernel.bitcast %px : !p -> !pi
    %y = tile.view %q[%n][%c1] : !tile.view<tensor<?xi32, #gm>, []>
    %w = tile.slice %y[%c0] : !tile.view<tensor<?xi32, #gm>, []> to !tile.view<tensor<8xi32, #gm>, []>
    %v = tile.load %w : !tile.view<tensor<8xi32, #gm>, []> -> tensor<8xi32>
"""), ["`x` is accessed under another element type"]),
    "a take out of range": (body("""
    %w = tile.slice %x[%c0] : !G to !W
    %v = tile.load %w : !W -> !t
    %r = tile.take %v[%c1] {map = affine_map<(i)[s] -> (i + s)>} : !t -> !t
"""), ["the map of this `take` leads to index 8 of 8 elements"]),
    "an atomic on unwritten memory": (body("""
    %w = tile.slice %x[%c0] : !G to !W
    %v = tile.load %w : !W -> !t
    %d = tile.slice %o[%c0] : !G to !W
    tile.atomic %d, %v {kind = "add", sem = "relaxed", scope = "chip"} : !W, !t
"""), ["an atomic on `o` reads element 0, which was never written"]),
    "memory beyond measure": (body("""
    %s = tile.alloc : !tile.view<tensor<9000000000000000000x9xf32, #sm>, []>
"""), ["the memory of `tile.alloc` is too large for the oracle"]),
    "a function without a body": (body("""
    func.call @g(%px) : (!p) -> ()
""", "func.func private @g(!p)\n"), ["`g` has no body that the oracle could run"]),
    "a function that calls itself": (body("""
    func.call @g(%px) : (!p) -> ()
""", "func.func private @g(%a: !p) { func.call @g(%a) : (!p) -> () return }\n"),
        ["calls are nested more than 64 deep"]),
    "a negative grid": (PRELUDE + """
func.func @f(%px: !p, %po: !p, %n: index) {
  %m = arith.constant -1 : index
  tile.launch (%i) in (%m) {kinds = ["parallel"]} { }
  return
}
""", ["the extent of a launch cannot be -1"]),
    "scaled products": (body("""
    %a = arith.constant dense<1.0> : tensor<8x8xf32>
    %s = arith.constant dense<1> : tensor<8x8xi8>
    %r = tile.mma %a, %a, %a scales (%s : tensor<8x8xi8>) : tensor<8x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>
"""), ["the oracle cannot run `tile.mma with scales that are no floats`"]),
    "numbers that it lacks": (body("""
    %a = ub.poison : tensor<8xi128>
"""), ["the oracle cannot run `ub.poison`"]),
    "too many streams": (body("""
    tile.roles role "a" on "warps" x 100 (%z) { }
"""), ["a program of 65 streams is too large for the oracle"]),
    "a flag that nobody sets": (changed(body("""
    %w = tile.slice %x[%c0] dims [] : !G to !tile.view<tensor<f32, #gm>, []>
    scf.while : () -> () {
      %v = tile.atomic %w {kind = "load", sem = "acquire", scope = "chip"} : !tile.view<tensor<f32, #gm>, []> -> f32
      %z = arith.constant 1.0 : f32 %g = arith.cmpf one, %v, %z : f32
      scf.condition(%g)
    } do { scf.yield }
"""), ('{kinds = ["parallel"]}', '{kinds = ["parallel"], cooperative}')),
        ["the programs of this launch wait for memory that nobody will change"]),
    "what was assumed": (body("""
    %k = arith.cmpi eq, %n, %c1 : index
    kernel.assume %k
"""), ["what `tl.assume` promises is false"]),
}

CHANNEL = body("""
    %ab = tile.channel {from = "load", to = "use", via = "ab"} : !ab
    tile.roles role "load" on "warps" x 1 (%z) {
      scf.for %j = %c0 to %c4 step %c1 {
        %i = arith.muli %j, %c8 : index %w = tile.slice %x[%i] : !G to !W
        %a = tile.acquire %ab : !ab -> !S
        tile.copy %w to %a : !W, !S
        tile.commit %ab : !ab // commit
      }
    } role "use" on "warps" x 1 (%z) {
      scf.for %j = %c0 to %c4 step %c1 {
        %i = arith.muli %j, %c8 : index %w = tile.slice %o[%i] : !G to !W
        %s = tile.wait %ab : !ab -> !S
        tile.copy %s to %w : !S, !W
        tile.release %ab : !ab // release
      }
    }
""")
COMMIT, RELEASE = "tile.commit %ab : !ab // commit\n", "tile.release %ab : !ab // release\n"
FILL, USE = "tile.copy %w to %a : !W, !S\n", "tile.copy %s to %w : !S, !W\n"


COUNTED = changed(CHANNEL, (RELEASE, RELEASE + "tile.commit %go : !tick\n"),
                  ("    tile.roles", "    %go = tile.channel {from = \"use\", to = \"load\", via = \"go\"} : !tick\n    tile.roles"),
                  (COMMIT, COMMIT + "tile.wait %go : !tick\n"))
# (program, True or what the verifier says, what the oracle says without it)
CHANNELS = {
    "as it should be": (CHANNEL, True, None),
    "with a counter": (COUNTED, True, None),
    "acquire removed": (changed(CHANNEL, ("%a = tile.acquire %ab : !ab -> !S\n", "")),
                        "use of undeclared SSA value name", ["use of undeclared SSA value name"]),
    "wait removed": (changed(CHANNEL, ("%s = tile.wait %ab : !ab -> !S\n", "")),
                     "use of undeclared SSA value name", ["use of undeclared SSA value name"]),
    "steps that depend on the replica": (changed(
        CHANNEL, ('role "use" on "warps" x 1 (%z)', 'role "use" on "warps" x 2 (%z)'), (USE, "%v = tile.load %s : !S -> !t\n"),
        ("%j = %c0 to %c4 step %c1 {\n        %i = arith.muli %j, %c8 : index %w = tile.slice %o",
         "%j = %z to %c4 step %c1 {\n        %i = arith.muli %j, %c8 : index %w = tile.slice %o")),
        "B2: how often a role calls a channel between roles depends on its replica",
        ["`ab` ends the program with 4 commits and 3 waits"]),
    "commit removed": (changed(CHANNEL, (COMMIT, "")), "B1: no commit follows in this block",
                       ["deadlock: role", "waits for slot 0 of `ab`", "role load 0", "role use 0"]),
    "release removed": (changed(CHANNEL, (RELEASE, "")), "B1: no release follows in this block",
                        ["deadlock: role load 0 waits for slot 0 of `ab`", "role use 0 waits for slot 0 of `ab`"]),
    "release removed, few steps": (CHANNEL.replace(RELEASE, "").replace("%c0 to %c4", "%c0 to %c2"), "B1: no release follows in this block",
                                   ["slot 0 of `ab` is still held at the end of the program"]),
    "release before the last use": (changed(CHANNEL, (RELEASE, ""), (USE, RELEASE + USE)), "TC10: use of a slot after `tile.release`",
                                    ["use of slot 0 of `ab` after release", "the slot was given back here"]),
    "commit before the last write": (changed(CHANNEL, (COMMIT, ""), (FILL, COMMIT + FILL)), "TC10: use of a slot after `tile.commit`",
                                     # whoever comes first says it
                                     [("write to slot 0 of `ab` after commit", "slot 0 of `ab` was handed over with"),
                                      ("the slot was given back here", "elements that nobody wrote")]),
    "the copy into a slot removed": (changed(CHANNEL, (FILL, "")), True,
                                     ["is stored to `o` at element 0", "slot 0 of `ab` was handed over with elements that nobody wrote"]),
    "a second release": (changed(CHANNEL, (RELEASE, RELEASE + RELEASE)), "B1: release without wait in this block", ["release of `ab` without wait"]),
    "a release by the wrong role": (changed(CHANNEL, (COMMIT, COMMIT + RELEASE)), "B1: release without wait in this block",
                                    ["`tile.release` on `ab` may only be called by role `use`"]),
    "a write to what was waited for": (changed(CHANNEL, (USE, USE + "tile.copy %w to %s : !W, !S\n")), True,
                                       ["write to slot 0 of `ab`, which was waited for to be read"]),
    "the wait of a counter removed": (changed(COUNTED, ("tile.wait %go : !tick\n", "")), "B2: 4 commits and 0 waits",
                                      ["`go` ends the program with 4 commits and 0 waits"]),
    "one role takes fewer steps": (changed(CHANNEL, (
        "scf.for %j = %c0 to %c4 step %c1 {\n        %i = arith.muli %j, %c8 : index %w = tile.slice %o",
        "scf.for %j = %c0 to %c3 step %c1 {\n        %i = arith.muli %j, %c8 : index %w = tile.slice %o")), "B2: 4 commits and 3 waits",
        ["`ab` ends the program with 4 commits and 3 waits"]),
    "one role takes more steps": (changed(CHANNEL, (
        "scf.for %j = %c0 to %c4 step %c1 {\n        %i = arith.muli %j, %c8 : index %w = tile.slice %x",
        "scf.for %j = %c0 to %c3 step %c1 {\n        %i = arith.muli %j, %c8 : index %w = tile.slice %x")), "B2: 3 commits and 4 waits",
        ["deadlock: role use 0 waits for slot 1 of `ab`", "role load 0 has ended"]),
    "no such role": (CHANNEL.replace('from = "load"', 'from = "lood"'), "TC10: only role `lood` may call this", ["no role `lood` stands beside this channel"]),
    "a self channel between streams": (changed(CHANNEL, ('from = "load", to = "use", ', "")), "TC9: a channel without `from` and `to` belongs to one stream",
                                       ["`ab` is private to the stream that used it first"]),
    "a race": (body("""
    tile.roles role "a" on "warps" x 1 (%z) {
      %s = tile.slice %x[%c0] : !G to !W %d = tile.slice %o[%c0] : !G to !W
      tile.copy %s to %d : !W, !W
    } role "b" on "warps" x 1 (%z) {
      %s = tile.slice %x[%c8] : !G to !W %d = tile.slice %o[%c4] : !G to !W
      tile.copy %s to %d : !W, !W
    }
"""), True, ["race: element 4 of `o` is accessed by two roles", "the other access is here"]),
    "a race that a counter does not end": (body("""
    %go = tile.channel {from = "a", to = "b", via = "go"} : !tick
    tile.roles role "a" on "warps" x 1 (%z) {
      %s = tile.slice %x[%c0] : !G to !W %d = tile.slice %o[%c0] : !G to !W
      tile.copy %s to %d : !W, !W
      tile.commit %go : !tick
    } role "b" on "warps" x 1 (%z) {
      tile.wait %go : !tick
      %d = tile.slice %o[%c0] : !G to !W %v = tile.load %d : !W -> !t
    }
"""), True, ["race: element 0 of `o`"]),
    "no race: a slot orders them": (body("""
    %go = tile.channel {from = "a", to = "b", via = "go"} : !ab
    tile.roles role "a" on "warps" x 1 (%z) {
      %s = tile.slice %x[%c0] : !G to !W %d = tile.slice %o[%c0] : !G to !W
      %g = tile.acquire %go : !ab -> !S
      tile.copy %s to %d : !W, !W
      tile.copy %s to %g : !W, !S
      tile.commit %go : !ab
    } role "b" on "warps" x 1 (%z) {
      %g = tile.wait %go : !ab -> !S
      %d = tile.slice %o[%c0] : !G to !W %v = tile.load %d : !W -> !t
      tile.release %go : !ab
    }
"""), True, None),
}


def run(text, *options, init=""):
    with tempfile.TemporaryDirectory() as work:
        path, launch = os.path.join(work, "program.mlir"), os.path.join(work, "launch.yaml")
        with open(path, "w") as f:
            f.write(text)
        with open(launch, "w") as f:
            f.write(LAUNCH % init)
        done = subprocess.run(["terrazzo-interpret", path, "--launch", launch, "--entry=f", *options],
                              capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout + done.stderr


def verify(text):
    return subprocess.run(["terrazzo-opt", "-o", "/dev/null"], input=text, capture_output=True, text=True).stderr


def expect(name, code, said, wanted):
    problems = [f"exit code {code}"] if code != (1 if wanted else 0) else []
    for w in wanted or []: # one text, or one of several
        if not any(text in said for text in ([w] if isinstance(w, str) else w)):
            problems.append(f"not said: {w}")
    if problems:
        print(f"{name}: {'; '.join(problems)}\n{said}")
    return not problems


def main():
    ok = True
    for name, (text, wanted) in ACCESS.items():
        ok &= expect(name, *run(text), wanted)
    for name, (text, verified, wanted) in CHANNELS.items():
        refusal = verify(text)
        if refusal if verified is True else verified not in refusal:
            print(f"{name}: the verifier says: {refusal}")
            ok = False
        for order in ("producers", "consumers", "1", "2"):
            options = ["--roles=" + order] + ([] if verified is True else ["--no-verify"])
            ok &= expect(f"{name}, {order}", *run(text, *options), wanted)
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
