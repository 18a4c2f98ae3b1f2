// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Transforms/Pipelining/Passes.h"
#include "lib/Transforms/Pipelining/Payloads.h"

using namespace mlir;
using namespace terrazzo;

std::unique_ptr<Pass> terrazzo::createPipelining() { return nullptr; }
