// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the emulator says of itself, for the programs that it is loaded before.
#ifndef TERRAZZO_TEST_UNIT_AMX_EMULATOR_H
#define TERRAZZO_TEST_UNIT_AMX_EMULATOR_H

#include <stdint.h>

extern "C" {
/// LLVM's names of what it carries out, with commas between; empty on a machine
/// that has AMX, where it does nothing.
const char *terrazzoEmulatedFeatures();
/// How many instructions of that name it has carried out.
uint64_t terrazzoEmulatedCount(const char *mnemonic);
}

#endif // TERRAZZO_TEST_UNIT_AMX_EMULATOR_H
