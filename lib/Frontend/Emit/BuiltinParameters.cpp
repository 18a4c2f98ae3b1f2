// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The parameters of the builtins, as Triton 3.9 names them (load and store with
// those for block pointers, which it drops). A call is held against them before
// anything reads it, so that no misspelt keyword is passed over.
#include "lib/Frontend/Emit/Builtins.h"

using namespace terrazzo;
using namespace terrazzo::frontend;

/// In order; `*name` takes all that follow by position.
static const llvm::StringMap<llvm::StringRef> &parameters() {
  static const llvm::StringMap<llvm::StringRef> table{
      {"abs", "x"},
      {"len", "x"},
      {"libdevice.abs", "arg0"},
      {"libdevice.ceil", "arg0"},
      {"libdevice.cos", "arg0"},
      {"libdevice.div_rn", "arg0 arg1"},
      {"libdevice.erf", "arg0"},
      {"libdevice.exp", "arg0"},
      {"libdevice.exp2", "arg0"},
      {"libdevice.expm1", "arg0"},
      {"libdevice.fast_dividef", "arg0 arg1"},
      {"libdevice.fast_expf", "arg0"},
      {"libdevice.fast_logf", "arg0"},
      {"libdevice.fast_powf", "arg0 arg1"},
      {"libdevice.floor", "arg0"},
      {"libdevice.fma", "arg0 arg1 arg2"},
      {"libdevice.isinf", "arg0"},
      {"libdevice.isnan", "arg0"},
      {"libdevice.log", "arg0"},
      {"libdevice.log1p", "arg0"},
      {"libdevice.log2", "arg0"},
      {"libdevice.pow", "arg0 arg1"},
      {"libdevice.rsqrt", "arg0"},
      {"libdevice.sin", "arg0"},
      {"libdevice.sqrt", "arg0"},
      {"libdevice.sqrt_rn", "arg0"},
      {"libdevice.tanh", "arg0"},
      {"tl.abs", "x"},
      {"tl.add", "x y sanitize_overflow"},
      {"tl.advance", "base offsets"},
      {"tl.arange", "start end"},
      {"tl.argmax", "input axis tie_break_left keep_dims"},
      {"tl.argmin", "input axis tie_break_left keep_dims"},
      {"tl.associative_scan", "input axis combine_fn reverse"},
      {"tl.assume", "cond"},
      {"tl.atomic_add", "pointer val mask sem scope"},
      {"tl.atomic_and", "pointer val mask sem scope"},
      {"tl.atomic_cas", "pointer cmp val sem scope"},
      {"tl.atomic_max", "pointer val mask sem scope"},
      {"tl.atomic_min", "pointer val mask sem scope"},
      {"tl.atomic_or", "pointer val mask sem scope"},
      {"tl.atomic_xchg", "pointer val mask sem scope"},
      {"tl.atomic_xor", "pointer val mask sem scope"},
      {"tl.broadcast", "input other"},
      {"tl.broadcast_to", "input *shape"},
      {"tl.cast", "input dtype fp_downcast_rounding bitcast"},
      {"tl.cat", "input other can_reorder dim"},
      {"tl.cdiv", "x div"},
      {"tl.ceil", "x"},
      {"tl.clamp", "x min max propagate_nan"},
      {"tl.constexpr", "value"},
      {"tl.cos", "x"},
      {"tl.cumprod", "input axis reverse dtype"},
      {"tl.cumsum", "input axis reverse dtype"},
      {"tl.debug_barrier", ""},
      {"tl.device_assert", "cond msg mask"},
      {"tl.device_print", "prefix *args hex"},
      {"tl.div_rn", "x y"},
      {"tl.dot", "input other acc input_precision allow_tf32 "
                 "max_num_imprecise_acc out_dtype"},
      {"tl.dot_scaled",
       "lhs lhs_scale lhs_format rhs rhs_scale rhs_format acc fast_math "
       "lhs_k_pack rhs_k_pack out_dtype"},
      {"tl.erf", "x"},
      {"tl.exp", "x"},
      {"tl.exp2", "x"},
      {"tl.expand_dims", "input axis"},
      {"tl.fdiv", "x y ieee_rounding approx"},
      {"tl.flip", "x dim"},
      {"tl.floor", "x"},
      {"tl.fma", "x y z"},
      {"tl.full", "shape value dtype"},
      {"tl.gather", "src index axis"},
      {"tl.histogram", "input num_bins mask"},
      {"tl.interleave", "a b"},
      {"tl.join", "a b"},
      {"tl.load", "pointer mask other boundary_check padding_option "
                  "cache_modifier eviction_policy volatile"},
      {"tl.log", "x"},
      {"tl.log2", "x"},
      {"tl.make_block_ptr", "base shape strides offsets block_shape order"},
      {"tl.max",
       "input axis return_indices return_indices_tie_break_left keep_dims"},
      {"tl.max_constancy", "input values"},
      {"tl.max_contiguous", "input values"},
      {"tl.maximum", "x y propagate_nan"},
      {"tl.min",
       "input axis return_indices return_indices_tie_break_left keep_dims"},
      {"tl.minimum", "x y propagate_nan"},
      {"tl.mul", "x y sanitize_overflow"},
      {"tl.multiple_of", "input values"},
      {"tl.num_programs", "axis"},
      {"tl.permute", "input *dims"},
      {"tl.philox", "seed c0 c1 c2 c3 n_rounds"},
      {"tl.pointer_type", "element_ty address_space const"},
      {"tl.pow", "x y"},
      {"tl.program_id", "axis"},
      {"tl.rand", "seed offset n_rounds"},
      {"tl.rand4x", "seed offsets n_rounds"},
      {"tl.randint", "seed offset n_rounds"},
      {"tl.randint4x", "seed offset n_rounds"},
      {"tl.randn", "seed offset n_rounds"},
      {"tl.randn4x", "seed offset n_rounds"},
      {"tl.ravel", "x can_reorder"},
      {"tl.reduce", "input axis combine_fn keep_dims"},
      {"tl.reduce_or", "input axis keep_dims"},
      {"tl.reshape", "input *shape can_reorder"},
      {"tl.rsqrt", "x"},
      {"tl.sigmoid", "x"},
      {"tl.sin", "x"},
      {"tl.softmax", "x dim keep_dims ieee_rounding"},
      {"tl.sort", "x dim descending"},
      {"tl.split", "a"},
      {"tl.sqrt", "x"},
      {"tl.sqrt_rn", "x"},
      {"tl.squeeze", "x dim"},
      {"tl.static_assert", "cond msg"},
      {"tl.static_print", "*values sep end file flush"},
      {"tl.store",
       "pointer value mask boundary_check cache_modifier eviction_policy"},
      {"tl.sub", "x y sanitize_overflow"},
      {"tl.sum", "input axis keep_dims dtype"},
      {"tl.swizzle2d", "i j size_i size_j size_g"},
      {"tl.tanh", "x"},
      {"tl.to_tensor", "x"},
      {"tl.topk", "x k dim descending"},
      {"tl.trans", "input *dims"},
      {"tl.umulhi", "x y"},
      {"tl.unsqueeze", "x dim"},
      {"tl.view", "input *shape"},
      {"tl.where", "condition x y"},
      {"tl.xor_sum", "input axis keep_dims"},
      {"tl.zeros", "shape dtype"},
      {"tl.zeros_like", "input"},
      {"triton.cdiv", "x y"},
      {"triton.next_power_of_2", "n"}};
  return table;
}

void terrazzo::frontend::checkArguments(Emitter &e, Call &call) {
  auto found = parameters().find(call.name);
  if (found == parameters().end())
    return;
  llvm::SmallVector<llvm::StringRef> names;
  found->second.split(names, ' ', -1, /*KeepEmpty=*/false);
  bool any = false;
  for (llvm::StringRef &name : names)
    any |= name.consume_front("*");
  if (!any && call.positional.size() > names.size())
    e.fail(DiagnosticKind::WrongArgumentCount, call.name,
           "at most " + std::to_string(names.size()),
           std::to_string(call.positional.size()));
  for (auto &[key, value] : call.keywords) {
    const auto *at = llvm::find(names, key);
    size_t position = at - names.begin();
    if (at == names.end() && key != "_semantic" && key != "_builder") {
      auto d = e.source->diagnostics().emit(DiagnosticKind::UnknownArgument,
                                            e.source->where(e.range), key,
                                            call.name);
      if (llvm::StringRef near = nearestName(key, names); !near.empty())
        d.note(DiagnosticKind::DidYouMean, near);
      e.addCallers(d);
      d.report();
      throw Failure();
    }
    if (position < call.positional.size() && !any)
      e.fail(DiagnosticKind::RepeatedArgument, key);
  }
}
