// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Compiler/CompileCache.h"

#include "lib/Artifact/Sha256.h"

#include "llvm/Support/Format.h"

#include <link.h>

using namespace terrazzo;

/// The linker's name of this program: any change of the compiler gives another
/// one. Empty when it was linked without.
static std::string buildId() {
  std::string id;
  dl_iterate_phdr(
      [](dl_phdr_info *info, size_t, void *out) {
        for (int i = 0; i < info->dlpi_phnum; ++i) {
          const ElfW(Phdr) &segment = info->dlpi_phdr[i];
          if (segment.p_type != PT_NOTE)
            continue;
          auto *p =
              reinterpret_cast<const char *>(info->dlpi_addr + segment.p_vaddr);
          const char *end = p + segment.p_memsz;
          while (p + sizeof(ElfW(Nhdr)) <= end) {
            auto *note = reinterpret_cast<const ElfW(Nhdr) *>(p);
            const char *name = p + sizeof *note;
            const char *data = name + llvm::alignTo(note->n_namesz, 4);
            p = data + llvm::alignTo(note->n_descsz, 4);
            if (note->n_type == NT_GNU_BUILD_ID && p <= end)
              static_cast<std::string *>(out)->assign(data, note->n_descsz);
          }
        }
        return 1; // the first object is the program
      },
      &id);
  return id;
}

/// All of a chip, because the lowering may ask for any number.
static void add(std::string &text, const chip::Chip &chip) {
  llvm::raw_string_ostream os(text);
  os << chip.name << '\0' << chip.family << '\0' << chip.cpu << '\0';
  for (const std::string &feature : chip.features)
    os << feature << ' ';
  for (const auto &[section, parts] : chip.sections)
    for (const chip::Part &part : parts) {
      os << '\0' << section << ' ' << part.name;
      for (const auto &[key, word] : part.words)
        os << ' ' << key << '=' << word;
      for (const auto &[key, list] : part.lists)
        os << ' ' << key << '=' << llvm::join(list, ",");
      for (const auto &[key, q] : part.numbers)
        os << ' ' << key << '='
           << llvm::format_hex(llvm::bit_cast<uint64_t>(q.value), 18) << q.unit;
    }
}

/// Empty when nothing may be kept under it.
static std::string keyOf(const CompileInputs &inputs) {
  static const std::string program = buildId();
  if (program.empty())
    return "";
  std::string text = program;
  auto put = [&](llvm::StringRef part) {
    text += std::to_string(part.size()) + ":" + part.str();
  };
  put(std::to_string(artifact::version));
  put(inputs.chip.target->compilerVersion());
  put(inputs.source);
  put(inputs.kernel);
  put(inputs.signature);
  for (const frontend::Argument &a : inputs.arguments) {
    put(a.name);
    put(a.text);
  }
  put(inputs.sharedMemory);
  put(inputs.schedule.text());
  for (const std::string &text : inputs.imported)
    put(text);
  std::string chip;
  add(chip, inputs.chip.chip);
  put(chip);
  return artifact::hex(artifact::sha256(text));
}

std::optional<artifact::Artifact>
CompileCache::find(const CompileInputs &inputs) const {
  std::string key = keyOf(inputs), unused;
  auto bytes = key.empty() ? std::nullopt : cache.get(key);
  auto found = bytes ? artifact::read(*bytes, unused) : std::nullopt;
  // A file under the wrong name is a foreign one.
  bool isOurs = found &&
                found->compiler == inputs.chip.target->compilerVersion() &&
                found->chip == inputs.chip.chip.name &&
                (inputs.kernel.empty() || found->kernel == inputs.kernel);
  return isOurs ? found : std::nullopt;
}

void CompileCache::keep(const CompileInputs &inputs,
                        const std::string &bytes) const {
  std::string key = keyOf(inputs);
  if (!key.empty())
    cache.put(key, bytes);
}
