// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Carries out AMX instructions on a machine without them, so that the code that
// is generated for such chips runs in tests: a handler of SIGILL decodes the
// instruction, does what Intel's manual says, and goes on behind it. It is a
// library that is loaded before a program (LD_PRELOAD), for tests only:
//   - `arch_prctl` grants the tile data that the program asks for,
//   - `sigaction` keeps the program's own handler of SIGILL for what is not
//     AMX,
//   - `terrazzoEmulatedFeatures` is how the tool learns that AMX is there.
// On a machine that has AMX it does nothing at all, and says so.
//
// Environment: TERRAZZO_AMX_COUNTS=1 prints how often each instruction ran, at
// the end; TERRAZZO_AMX_REFUSE=1 refuses the tile data, as an old kernel does.
//
// What is stricter than the hardware: a program that did not ask for the tile
// data, and shapes that do not fit each other, are illegal instructions.
// (Hardware says the same of both.)
#include "test/Unit/Amx/Emulator.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <cpuid.h>
#include <dlfcn.h>
#include <immintrin.h>
#include <ucontext.h>
#include <unistd.h>

namespace {

//===-- State ------------------------------------------------------------===//

struct Config {
  uint8_t palette, startRow, reserved[14];
  uint16_t columnBytes[16];
  uint8_t rows[16];
};
static_assert(sizeof(Config) == 64);

/// Of one thread. A new thread's tiles are not configured.
struct State {
  Config config;
  alignas(64) uint8_t tile[8][16][64];
};
thread_local State state;

std::atomic<bool> granted{false};
bool isActive = false;
struct sigaction programs; // the program's own handler of SIGILL

enum Kind {
  LdTileCfg,
  StTileCfg,
  TileRelease,
  TileZero,
  TileLoad,
  TileLoadT1,
  TileStore,
  TdpBf16,
  TdpFp16,
  TdpSS,
  TdpSU,
  TdpUS,
  TdpUU,
  None
};
const char *const kinds[] = {
    "ldtilecfg",   "sttilecfg",  "tilerelease", "tilezero",  "tileloadd",
    "tileloaddt1", "tilestored", "tdpbf16ps",   "tdpfp16ps", "tdpbssd",
    "tdpbsud",     "tdpbusd",    "tdpbuud"};
std::atomic<uint64_t> counts[None];

//===-- Decoding ---------------------------------------------------------===//

struct Instruction {
  Kind kind = None;
  unsigned length = 0;
  unsigned reg = 0, rm = 0, vvvv = 0; // tiles
  uint8_t *address = nullptr;         // of memory; without the index of a SIB
  int64_t stride = 0;                 // that index, scaled
};

/// In the order of their numbers in instructions.
constexpr int registers[16] = {
    REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
    REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};

template <typename T> T read(const uint8_t *p) {
  T value;
  memcpy(&value, p, sizeof value);
  return value;
}

/// The memory operand behind the opcode: ModRM, SIB, displacement.
void decodeMemory(Instruction &i, const uint8_t *code, const greg_t *general,
                  bool baseHigh, bool indexHigh) {
  unsigned modrm = code[4], mod = modrm >> 6, base = modrm & 7;
  int64_t address = 0;
  bool isAbsolute = mod == 0 && base == 5; // relative to the next instruction
  if (base == 4) {
    unsigned sib = code[i.length++];
    unsigned index = (sib >> 3 & 7) | (indexHigh ? 8 : 0);
    base = sib & 7;
    if (index != 4)
      i.stride = int64_t(uint64_t(general[registers[index]]) << (sib >> 6));
    if (mod != 0 || base != 5)
      address = general[registers[base | (baseHigh ? 8 : 0)]];
    else
      mod = 2; // a displacement alone
  } else if (!isAbsolute) {
    address = general[registers[base | (baseHigh ? 8 : 0)]];
  }
  if (mod == 1) {
    address += read<int8_t>(code + i.length);
    i.length += 1;
  } else if (mod == 2 || isAbsolute) {
    address += read<int32_t>(code + i.length);
    i.length += 4;
  }
  if (isAbsolute)
    address += int64_t(reinterpret_cast<intptr_t>(code)) + i.length;
  i.address = reinterpret_cast<uint8_t *>(address);
}

/// An AMX instruction has the three-byte form of VEX, map 0F38, W0, 128 bits.
Instruction decode(const uint8_t *code, const greg_t *general) {
  Instruction i;
  if (code[0] != 0xc4 || (code[1] & 0x1f) != 2 || (code[2] & 0x84) != 0)
    return i;
  enum { NP, P66, PF3, PF2 };
  unsigned prefix = code[2] & 3, opcode = code[3], modrm = code[4];
  bool inMemory = modrm >> 6 != 3;
  unsigned reg = (modrm >> 3 & 7) | (code[1] & 0x80 ? 0 : 8);
  unsigned rm = (modrm & 7) | (code[1] & 0x20 ? 0 : 8);
  unsigned vvvv = ~(code[2] >> 3) & 15;
  Kind kind = None;
  if (opcode == 0x49 && inMemory && (modrm >> 3 & 7) == 0 && vvvv == 0)
    kind = prefix == NP ? LdTileCfg : prefix == P66 ? StTileCfg : None;
  else if (opcode == 0x49 && modrm == 0xc0 && prefix == NP && vvvv == 0)
    kind = TileRelease;
  else if (opcode == 0x49 && !inMemory && (modrm & 7) == 0 && prefix == PF2 &&
           vvvv == 0)
    kind = TileZero;
  else if (opcode == 0x4b && inMemory && (modrm & 7) == 4 && vvvv == 0)
    kind = prefix == PF2   ? TileLoad
           : prefix == P66 ? TileLoadT1
           : prefix == PF3 ? TileStore
                           : None;
  else if (opcode == 0x5c && !inMemory)
    kind = prefix == PF3 ? TdpBf16 : prefix == PF2 ? TdpFp16 : None;
  else if (opcode == 0x5e && !inMemory)
    kind = prefix == PF2   ? TdpSS
           : prefix == PF3 ? TdpSU
           : prefix == P66 ? TdpUS
                           : TdpUU;
  bool isDot = kind >= TdpBf16 && kind < None;
  if (kind == None || (kind >= TileZero && reg > 7) ||
      (isDot && (rm > 7 || vvvv > 7 || reg == rm || reg == vvvv || rm == vvvv)))
    return i;
  i.kind = kind;
  i.reg = reg;
  i.rm = rm;
  i.vvvv = vvvv;
  i.length = 5;
  if (inMemory)
    decodeMemory(i, code, general, !(code[1] & 0x20), !(code[1] & 0x40));
  return i;
}

//===-- Instructions -----------------------------------------------------===//

/// Whether LDTILECFG takes it.
bool isValid(const Config &c) {
  if (c.palette > 1 || c.startRow)
    return false;
  for (uint8_t byte : c.reserved)
    if (byte && c.palette)
      return false;
  for (int t = 0; t < 16 && c.palette; ++t) {
    bool isOff = c.columnBytes[t] == 0 && c.rows[t] == 0;
    if (t >= 8 && !isOff)
      return false;
    if (c.columnBytes[t] > 64 || c.rows[t] > 16 ||
        (!isOff && (c.columnBytes[t] == 0 || c.rows[t] == 0)))
      return false;
  }
  return true;
}

bool isConfigured(unsigned tile) {
  return state.config.palette == 1 && state.config.rows[tile];
}

void clear(unsigned tile) { memset(state.tile[tile], 0, 1024); }

float asFloat(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

struct Shape {
  unsigned rows, depth, columns; // of dst; depth in dwords
};

/// TDPBF16PS and TDPFP16PS: two sums of products, each product added in one
/// rounding, then one to the other, then both to the destination. Called with
/// denormal numbers of f32 as zero on the way in and out.
template <float (*widen)(uint32_t)>
__attribute__((always_inline)) inline void dotFloat(unsigned dst, unsigned a,
                                                    unsigned b, Shape s) {
  float even[16][16], odd[16][16];
  for (unsigned k = 0; k < s.depth; ++k)
    for (unsigned n = 0; n < 16; ++n) {
      uint32_t pair = read<uint32_t>(&state.tile[b][k][4 * n]);
      even[k][n] = widen(pair & 0xffff);
      odd[k][n] = widen(pair >> 16);
    }
  for (unsigned m = 0; m < s.rows; ++m) {
    float sums[2][16] = {};
    for (unsigned k = 0; k < s.depth; ++k) {
      uint32_t pair = read<uint32_t>(&state.tile[a][m][4 * k]);
      float first = widen(pair & 0xffff), second = widen(pair >> 16);
      for (unsigned n = 0; n < 16; ++n) {
        sums[0][n] = __builtin_fmaf(first, even[k][n], sums[0][n]);
        sums[1][n] = __builtin_fmaf(second, odd[k][n], sums[1][n]);
      }
    }
    for (unsigned n = 0; n < s.columns; ++n) {
      float old = read<float>(&state.tile[dst][m][4 * n]);
      float sum = old + (sums[0][n] + sums[1][n]);
      memcpy(&state.tile[dst][m][4 * n], &sum, 4);
    }
  }
}

inline float widenBf16(uint32_t bits) { return asFloat(bits << 16); }
inline float widenFp16(uint32_t bits) {
  uint32_t exponent = bits >> 10 & 31, mantissa = bits & 1023;
  float magnitude = exponent == 31 ? asFloat(0x7f800000 | mantissa << 13)
                    : exponent == 0
                        ? float(mantissa) * 0x1p-24f
                        : asFloat((exponent + 112) << 23 | mantissa << 13);
  return bits & 0x8000 ? -magnitude : magnitude;
}

#define TERRAZZO_DOT(name, widen, features)                                    \
  __attribute__((noinline, target(features))) void name(                       \
      unsigned dst, unsigned a, unsigned b, Shape s) {                         \
    dotFloat<widen>(dst, a, b, s);                                             \
  }
TERRAZZO_DOT(dotBf16, widenBf16, "fma")
TERRAZZO_DOT(dotBf16Wide, widenBf16, "avx512f,avx512vl,fma")
TERRAZZO_DOT(dotFp16, widenFp16, "fma")
TERRAZZO_DOT(dotFp16Wide, widenFp16, "avx512f,avx512vl,fma")

/// TDPB[SU][SU]D: four products an element, in 32 bits that wrap around.
template <typename A, typename B>
void dotInt(unsigned dst, unsigned a, unsigned b, Shape s) {
  for (unsigned m = 0; m < s.rows; ++m) {
    uint32_t sums[16];
    memcpy(sums, state.tile[dst][m], 64);
    for (unsigned k = 0; k < s.depth; ++k)
      for (unsigned n = 0; n < 16; ++n)
        for (unsigned q = 0; q < 4; ++q)
          sums[n] += uint32_t(int32_t(A(state.tile[a][m][4 * k + q])) *
                              int32_t(B(state.tile[b][k][4 * n + q])));
    memcpy(state.tile[dst][m], sums, 4 * s.columns);
  }
}

bool dot(const Instruction &i) {
  const Config &c = state.config;
  unsigned dst = i.reg, a = i.rm, b = i.vvvv;
  if (!isConfigured(dst) || !isConfigured(a) || !isConfigured(b) ||
      c.columnBytes[dst] % 4 || c.columnBytes[a] % 4 || c.columnBytes[b] % 4 ||
      c.rows[dst] != c.rows[a] || c.columnBytes[dst] != c.columnBytes[b] ||
      c.columnBytes[a] / 4 != c.rows[b])
    return false;
  Shape s{c.rows[dst], c.rows[b], unsigned(c.columnBytes[dst] / 4)};
  switch (i.kind) {
  case TdpBf16:
  case TdpFp16: {
    // Functions of their own, so that no arithmetic moves past the mode.
    static const bool isWide = __builtin_cpu_supports("avx512vl");
    unsigned mode = _mm_getcsr();
    _mm_setcsr(0x1f80 | _MM_FLUSH_ZERO_ON | 0x40 /* denormals are zeros */);
    if (i.kind == TdpBf16)
      (isWide ? dotBf16Wide : dotBf16)(dst, a, b, s);
    else
      (isWide ? dotFp16Wide : dotFp16)(dst, a, b, s);
    _mm_setcsr(mode);
    break;
  }
  case TdpSS:
    dotInt<int8_t, int8_t>(dst, a, b, s);
    break;
  case TdpSU:
    dotInt<int8_t, uint8_t>(dst, a, b, s);
    break;
  case TdpUS:
    dotInt<uint8_t, int8_t>(dst, a, b, s);
    break;
  default:
    dotInt<uint8_t, uint8_t>(dst, a, b, s);
    break;
  }
  return true;
}

/// False: illegal.
bool carryOut(const Instruction &i) {
  const Config &c = state.config;
  switch (i.kind) {
  case LdTileCfg: {
    auto next = read<Config>(i.address);
    if (!granted || !isValid(next))
      return false;
    state.config = next.palette ? next : Config{};
    for (unsigned t = 0; t < 8; ++t)
      clear(t);
    return true;
  }
  case StTileCfg:
    memcpy(i.address, &c, sizeof c);
    return true;
  case TileRelease:
    state.config = Config{};
    for (unsigned t = 0; t < 8; ++t)
      clear(t);
    return true;
  case TileZero:
    if (!isConfigured(i.reg))
      return false;
    clear(i.reg);
    return true;
  case TileLoad:
  case TileLoadT1:
    if (!isConfigured(i.reg))
      return false;
    clear(i.reg);
    for (int r = 0; r < c.rows[i.reg]; ++r)
      memcpy(state.tile[i.reg][r], i.address + r * i.stride,
             c.columnBytes[i.reg]);
    return true;
  case TileStore:
    if (!isConfigured(i.reg))
      return false;
    for (int r = 0; r < c.rows[i.reg]; ++r)
      memcpy(i.address + r * i.stride, state.tile[i.reg][r],
             c.columnBytes[i.reg]);
    return true;
  default:
    return dot(i);
  }
}

//===-- The handler ------------------------------------------------------===//

using SigAction = int (*)(int, const struct sigaction *, struct sigaction *);
SigAction librarysSigaction() {
  static auto found =
      reinterpret_cast<SigAction>(dlsym(RTLD_NEXT, "sigaction"));
  return found;
}

void say(const char *text) {
  [[maybe_unused]] ssize_t n = write(2, text, strlen(text));
}

void onIllegal(int signal, siginfo_t *info, void *raw) {
  auto *context = static_cast<ucontext_t *>(raw);
  greg_t *general = context->uc_mcontext.gregs;
  Instruction i =
      decode(reinterpret_cast<const uint8_t *>(general[REG_RIP]), general);
  if (i.kind != None) {
    if (carryOut(i)) {
      counts[i.kind].fetch_add(1, std::memory_order_relaxed);
      general[REG_RIP] += i.length;
      return;
    }
    say("AMX emulator: illegal here: ");
    say(kinds[i.kind]);
    say(granted ? "\n" : " (the tile data were not asked for)\n");
  }
  if (programs.sa_flags & SA_SIGINFO)
    return programs.sa_sigaction(signal, info, raw);
  if (programs.sa_handler != SIG_DFL && programs.sa_handler != SIG_IGN)
    return programs.sa_handler(signal);
  // As if there were no handler: the instruction is met again.
  librarysSigaction()(SIGILL, &programs, nullptr);
}

bool machineHasAmx() {
  unsigned a, b, c, d;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d >> 24 & 1);
}

void printCounts() {
  for (int k = 0; k < None; ++k)
    if (uint64_t n = counts[k])
      fprintf(stderr, "AMX emulator: %12llu %s\n",
              static_cast<unsigned long long>(n), kinds[k]);
}

__attribute__((constructor)) void start() {
  if (machineHasAmx()) {
    say("AMX emulator: this machine has AMX; nothing is emulated\n");
    return;
  }
  isActive = true;
  struct sigaction action = {};
  action.sa_sigaction = onIllegal;
  action.sa_flags = SA_SIGINFO;
  librarysSigaction()(SIGILL, &action, &programs);
  if (getenv("TERRAZZO_AMX_COUNTS"))
    atexit(printCounts);
}

} // namespace

//===-- What the program sees --------------------------------------------===//

extern "C" {

const char *terrazzoEmulatedFeatures() {
  return isActive ? "amx-tile,amx-bf16,amx-int8,amx-fp16" : "";
}

uint64_t terrazzoEmulatedCount(const char *mnemonic) {
  for (int k = 0; k < None; ++k)
    if (strcmp(kinds[k], mnemonic) == 0)
      return counts[k];
  return 0;
}

int sigaction(int signal, const struct sigaction *next,
              struct sigaction *before) {
  if (!isActive || signal != SIGILL)
    return librarysSigaction()(signal, next, before);
  struct sigaction old = programs;
  if (next)
    programs = *next;
  if (before)
    *before = old;
  return 0;
}

int arch_prctl(int code, unsigned long argument) {
  constexpr int request = 0x1023; // ARCH_REQ_XCOMP_PERM
  constexpr unsigned long tileData = 18;
  if (isActive && code == request && argument == tileData) {
    if (getenv("TERRAZZO_AMX_REFUSE")) {
      errno = EINVAL;
      return -1;
    }
    granted = true;
    return 0;
  }
  using Function = int (*)(int, unsigned long);
  static auto librarys =
      reinterpret_cast<Function>(dlsym(RTLD_NEXT, "arch_prctl"));
  return librarys(code, argument);
}

} // extern "C"
