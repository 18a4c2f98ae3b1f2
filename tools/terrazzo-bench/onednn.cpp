// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Debian's oneDNN behind a C interface for bench.py, which compiles this file.
// A primitive is made once per problem: its own JIT compile is never timed. All
// matrices are plain row-major; a variant that lets oneDNN choose the layout of
// the weights reorders them inside the timed call.
#include <oneapi/dnnl/dnnl.hpp>

#include <cmath>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

// libgomp's own header belongs to gcc.
extern "C" void omp_set_num_threads(int count);

using namespace dnnl;
using Type = memory::data_type;
using Dims = memory::dims;

namespace {

struct Step {
  primitive op;
  std::unordered_map<int, memory> args;
};

struct Plan {
  std::vector<Step> steps;
  std::vector<std::pair<int, memory>>
      given; // which pointer of the caller goes where
  std::string implementation;
};

engine &cpu() {
  static engine it(engine::kind::cpu, 0);
  return it;
}

stream &order() {
  static stream it(cpu());
  return it;
}

Type typeOf(int code) {
  switch (code) {
  case 0:
    return Type::f32;
  case 1:
    return Type::bf16;
  case 2:
    return Type::s8;
  default:
    return Type::s32;
  }
}

memory unbound(const memory::desc &desc) {
  return memory(desc, cpu(), DNNL_MEMORY_NONE);
}

} // namespace

extern "C" {

void onednn_threads(int count) { omp_set_num_threads(count); }

const char *onednn_version() {
  static const std::string text = [] {
    const version_t *v = dnnl::version();
    return std::to_string(v->major) + "." + std::to_string(v->minor) + "." +
           std::to_string(v->patch);
  }();
  return text.c_str();
}

/// C = A B. `own`: oneDNN chooses the layout of B, and reorders it in every
/// call.
Plan *onednn_matmul(int64_t m, int64_t n, int64_t k, int type, int out,
                    int own) try {
  auto row = memory::format_tag::ab;
  memory::desc a({m, k}, typeOf(type), row), plain({k, n}, typeOf(type), row),
      c({m, n}, typeOf(out), row);
  memory::desc chosen({k, n}, typeOf(type),
                      own ? memory::format_tag::any : row);
  matmul::primitive_desc desc(matmul::desc(a, chosen, c), cpu());
  auto *plan = new Plan;
  memory ma = unbound(a), mb = unbound(plain), mc = unbound(c), weights = mb;
  if (desc.weights_desc() != plain) {
    weights = memory(desc.weights_desc(), cpu());
    plan->steps.push_back(
        {reorder(mb, weights), {{DNNL_ARG_FROM, mb}, {DNNL_ARG_TO, weights}}});
  }
  plan->steps.push_back(
      {matmul(desc),
       {{DNNL_ARG_SRC, ma}, {DNNL_ARG_WEIGHTS, weights}, {DNNL_ARG_DST, mc}}});
  plan->given = {{0, ma}, {1, mb}, {2, mc}};
  plan->implementation = desc.impl_info_str();
  return plan;
} catch (const dnnl::error &) {
  return nullptr;
}

Plan *onednn_softmax(int64_t rows, int64_t columns) try {
  memory::desc x({rows, columns}, Type::f32, memory::format_tag::ab);
  softmax_forward::primitive_desc desc(
      softmax_forward::desc(prop_kind::forward_inference, x, 1), cpu());
  memory mx = unbound(x), my = unbound(x);
  return new Plan{
      {{softmax_forward(desc), {{DNNL_ARG_SRC, mx}, {DNNL_ARG_DST, my}}}},
      {{0, mx}, {1, my}},
      desc.impl_info_str()};
} catch (const dnnl::error &) {
  return nullptr;
}

/// Arguments: x, out, scale and shift.
Plan *onednn_layernorm(int64_t rows, int64_t columns, float eps) try {
  memory::desc x({rows, columns}, Type::f32, memory::format_tag::ab);
  memory::desc w({columns}, Type::f32, memory::format_tag::a);
  auto flags = normalization_flags::use_scale | normalization_flags::use_shift;
  layer_normalization_forward::primitive_desc desc(
      layer_normalization_forward::desc(prop_kind::forward_inference, x, eps,
                                        flags),
      cpu());
  memory mx = unbound(x), my = unbound(x), scale = unbound(w),
         shift = unbound(w);
  return new Plan{{{layer_normalization_forward(desc),
                    {{DNNL_ARG_SRC, mx},
                     {DNNL_ARG_DST, my},
                     {DNNL_ARG_SCALE, scale},
                     {DNNL_ARG_SHIFT, shift}}}},
                  {{0, mx}, {1, my}, {2, scale}, {3, shift}},
                  desc.impl_info_str()};
} catch (const dnnl::error &) {
  return nullptr;
}

const char *onednn_implementation(Plan *plan) {
  return plan->implementation.c_str();
}

void onednn_run(Plan *plan, void *const *pointers) {
  for (auto &[index, memory] : plan->given)
    memory.set_data_handle(pointers[index]);
  for (Step &step : plan->steps)
    step.op.execute(order(), step.args);
  order().wait();
}

void onednn_free(Plan *plan) { delete plan; }
}
