// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Runtime/Object.h"

#include "lib/Runtime/Symbols.h"

#include <cstring>
#include <utility>
#include <vector>

#include <elf.h>
#include <sys/mman.h>
#include <unistd.h>

using namespace terrazzo::runtime;

Loaded &Loaded::operator=(Loaded &&other) noexcept {
  std::swap(memory, other.memory);
  std::swap(bytes, other.bytes);
  std::swap(functions, other.functions);
  return *this;
}

Loaded::~Loaded() {
  if (memory)
    munmap(memory, bytes);
}

void *Loaded::function(const std::string &name) const {
  auto found = functions.find(name);
  return found == functions.end() ? nullptr : found->second;
}

namespace terrazzo::runtime {

/// Thrown with what is wrong; caught by `load`.
struct BadObject {
  std::string text;
};

class ObjectLoader {
public:
  explicit ObjectLoader(std::span<const char> object) : object(object) {}
  Loaded run();

private:
  enum Area { Code, Constants, Data, Areas };
  struct Section {
    Elf64_Shdr header;
    Area area = Areas; // Areas: takes no memory
    uint64_t offset = 0;
  };

  /// `count` elements at `offset` of the object.
  template <typename T>
  std::vector<T> read(uint64_t offset, uint64_t count) const {
    if (offset > object.size() || count > (object.size() - offset) / sizeof(T))
      throw BadObject{"a table lies outside the object"};
    std::vector<T> out(count);
    if (count)
      std::memcpy(out.data(), object.data() + offset, count * sizeof(T));
    return out;
  }
  std::string nameAt(uint64_t offset) const;
  void readSections();
  void readSymbols(const Elf64_Shdr &table);
  void place(Section &section);
  void map();
  uint64_t addressOf(uint64_t symbol, uint32_t relocation);
  void relocateSection(const Elf64_Shdr &table);
  void relocate(char *at, uint64_t room, const Elf64_Rela &r);
  char *areaAt(Area area) const { return base + areaStart[area]; }

  std::span<const char> object;
  std::vector<Section> sections;
  std::vector<Elf64_Sym> symbols;
  std::string names;
  uint64_t areaSize[Areas] = {};
  uint64_t areaStart[Areas] = {};
  // For each symbol a jump to it, at the end of the code, and its address, at
  // the end of the constants: what lies out of 32 bits' reach goes through
  // them.
  uint64_t jumps = 0, pointers = 0;
  char *base = nullptr;
  Loaded out;
};

} // namespace terrazzo::runtime

namespace {
constexpr uint64_t maxObject = uint64_t(1) << 28;
constexpr uint64_t maxAlign = 4096;
constexpr uint64_t jumpBytes = 16; // jmp *[rip+0], then the address
uint64_t alignTo(uint64_t n, uint64_t by) { return (n + by - 1) / by * by; }
} // namespace

std::string ObjectLoader::nameAt(uint64_t offset) const {
  if (offset >= names.size())
    throw BadObject{"a name lies outside the string table"};
  return names.c_str() + offset; // std::string ends in a zero
}

void ObjectLoader::place(Section &section) {
  const Elf64_Shdr &h = section.header;
  if (!(h.sh_flags & SHF_ALLOC) || h.sh_type == SHT_X86_64_UNWIND ||
      h.sh_type == SHT_NOTE)
    return;
  if (h.sh_flags & SHF_TLS)
    throw BadObject{"thread-local data is not supported"};
  if (h.sh_type != SHT_PROGBITS && h.sh_type != SHT_NOBITS)
    throw BadObject{"a section to load has the unknown type " +
                    std::to_string(h.sh_type)};
  if (h.sh_type == SHT_PROGBITS &&
      (h.sh_offset > object.size() || h.sh_size > object.size() - h.sh_offset))
    throw BadObject{"a section lies outside the object"};
  uint64_t align = h.sh_addralign ? h.sh_addralign : 1;
  if ((align & (align - 1)) || align > maxAlign || h.sh_size > maxObject)
    throw BadObject{"a section is too large or too strictly aligned"};
  bool code = h.sh_flags & SHF_EXECINSTR, data = h.sh_flags & SHF_WRITE;
  if (code && data)
    throw BadObject{"a section is both writable and executable"};
  section.area = code ? Code : data ? Data : Constants;
  section.offset = alignTo(areaSize[section.area], align);
  areaSize[section.area] = section.offset + h.sh_size;
  if (areaSize[section.area] > maxObject)
    throw BadObject{"the sections are too large"};
}

void ObjectLoader::readSymbols(const Elf64_Shdr &table) {
  if (!symbols.empty() || table.sh_entsize != sizeof(Elf64_Sym))
    throw BadObject{"the symbol table is not understood"};
  symbols = read<Elf64_Sym>(table.sh_offset, table.sh_size / sizeof(Elf64_Sym));
  if (table.sh_link >= sections.size())
    throw BadObject{"the symbol table has no names"};
  const Elf64_Shdr &strings = sections[table.sh_link].header;
  if (strings.sh_type != SHT_STRTAB)
    throw BadObject{"the symbol table has no names"};
  std::vector<char> text = read<char>(strings.sh_offset, strings.sh_size);
  names.assign(text.begin(), text.end());
}

void ObjectLoader::readSections() {
  if (object.size() > maxObject)
    throw BadObject{"the object is too large"};
  auto header = read<Elf64_Ehdr>(0, 1)[0];
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
      header.e_ident[EI_CLASS] != ELFCLASS64 ||
      header.e_ident[EI_DATA] != ELFDATA2LSB || header.e_type != ET_REL ||
      header.e_machine != EM_X86_64)
    throw BadObject{"not an x86-64 ELF relocatable object"};
  if (header.e_shentsize != sizeof(Elf64_Shdr) || header.e_shnum == 0)
    throw BadObject{"the section table is not understood"};
  for (const Elf64_Shdr &h : read<Elf64_Shdr>(header.e_shoff, header.e_shnum))
    sections.push_back({h});
  for (Section &section : sections) {
    uint32_t type = section.header.sh_type;
    if (type == SHT_INIT_ARRAY || type == SHT_FINI_ARRAY ||
        type == SHT_PREINIT_ARRAY)
      throw BadObject{"code that runs at load is not supported"};
    place(section);
    if (type == SHT_SYMTAB)
      readSymbols(section.header);
  }
}

/// Takes memory, one run of pages for each area, and copies the sections.
void ObjectLoader::map() {
  uint64_t page = uint64_t(sysconf(_SC_PAGESIZE)), total = 0;
  jumps = alignTo(areaSize[Code], jumpBytes);
  areaSize[Code] = jumps + symbols.size() * jumpBytes;
  pointers = alignTo(areaSize[Constants], sizeof(void *));
  areaSize[Constants] = pointers + symbols.size() * sizeof(void *);
  for (int area = 0; area < Areas; ++area) {
    areaStart[area] = total;
    total += alignTo(areaSize[area], page);
  }
  void *memory = mmap(nullptr, total, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    throw BadObject{"no memory for the code"};
  out.memory = memory;
  out.bytes = total;
  base = static_cast<char *>(memory);
  for (const Section &s : sections)
    if (s.area != Areas && s.header.sh_type == SHT_PROGBITS && s.header.sh_size)
      std::memcpy(areaAt(s.area) + s.offset, object.data() + s.header.sh_offset,
                  s.header.sh_size);
}

/// Where a symbol lies.
uint64_t ObjectLoader::addressOf(uint64_t index, uint32_t relocation) {
  if (index >= symbols.size())
    throw BadObject{"a relocation names no symbol"};
  const Elf64_Sym &s = symbols[index];
  if (s.st_shndx == SHN_ABS)
    return s.st_value;
  if (s.st_shndx == SHN_UNDEF) {
    std::string name = nameAt(s.st_name);
    void *address = symbolNamed(name);
    if (!address)
      throw BadObject{"the code calls `" + name +
                      "`, which a kernel may not call"};
    return uint64_t(address);
  }
  if (s.st_shndx >= sections.size() || sections[s.st_shndx].area == Areas)
    throw BadObject{"a symbol lies in no loaded section"};
  const Section &home = sections[s.st_shndx];
  if (s.st_value > home.header.sh_size)
    throw BadObject{"a symbol lies outside its section"};
  return uint64_t(areaAt(home.area)) + home.offset + s.st_value;
}

/// \p room: bytes from \p at to the end of its section.
void ObjectLoader::relocate(char *at, uint64_t room, const Elf64_Rela &r) {
  uint32_t type = ELF64_R_TYPE(r.r_info);
  uint64_t index = ELF64_R_SYM(r.r_info);
  if (type == R_X86_64_NONE)
    return;
  if (room < (type == R_X86_64_64 || type == R_X86_64_PC64 ? 8 : 4))
    throw BadObject{"a relocation lies outside its section"};
  uint64_t symbol = addressOf(index, type), here = uint64_t(at);
  uint64_t addend = uint64_t(r.r_addend);
  auto put32 = [&](uint64_t value, bool isSigned) {
    if (isSigned ? int64_t(value) != int32_t(value) : value >> 32 != 0)
      throw BadObject{"a relocation is out of reach"};
    uint32_t word = uint32_t(value);
    std::memcpy(at, &word, 4);
  };
  auto put64 = [&](uint64_t value) { std::memcpy(at, &value, 8); };
  switch (type) {
  case R_X86_64_64:
    return put64(symbol + addend);
  case R_X86_64_PC64:
    return put64(symbol + addend - here);
  case R_X86_64_32:
    return put32(symbol + addend, false);
  case R_X86_64_32S:
    return put32(symbol + addend, true);
  case R_X86_64_PC32:
  case R_X86_64_PLT32:
    if (symbols[index].st_shndx == SHN_UNDEF) { // a call of what lies far away
      char *jump = areaAt(Code) + jumps + index * jumpBytes;
      static const unsigned char code[6] = {0xff, 0x25, 0, 0, 0, 0};
      std::memcpy(jump, code, sizeof code);
      std::memcpy(jump + sizeof code, &symbol, sizeof symbol);
      symbol = uint64_t(jump);
    }
    return put32(symbol + addend - here, true);
  case R_X86_64_GOTPCREL:
  case R_X86_64_GOTPCRELX:
  case R_X86_64_REX_GOTPCRELX: {
    char *pointer = areaAt(Constants) + pointers + index * sizeof symbol;
    std::memcpy(pointer, &symbol, sizeof symbol);
    return put32(uint64_t(pointer) + addend - here, true);
  }
  default:
    throw BadObject{"the relocation type " + std::to_string(type) +
                    " is not supported"};
  }
}

void ObjectLoader::relocateSection(const Elf64_Shdr &table) {
  if (table.sh_info >= sections.size())
    throw BadObject{"relocations of no section"};
  const Section &target = sections[table.sh_info];
  if (target.area == Areas)
    return; // of what takes no memory, as debug information
  if (table.sh_type == SHT_REL || table.sh_entsize != sizeof(Elf64_Rela) ||
      target.header.sh_type == SHT_NOBITS)
    throw BadObject{"the relocations are not understood"};
  for (const Elf64_Rela &r :
       read<Elf64_Rela>(table.sh_offset, table.sh_size / sizeof(Elf64_Rela))) {
    if (r.r_offset > target.header.sh_size)
      throw BadObject{"a relocation lies outside its section"};
    relocate(areaAt(target.area) + target.offset + r.r_offset,
             target.header.sh_size - r.r_offset, r);
  }
}

Loaded ObjectLoader::run() {
  readSections();
  map();
  for (const Section &s : sections)
    if (s.header.sh_type == SHT_RELA || s.header.sh_type == SHT_REL)
      relocateSection(s.header);
  for (size_t i = 0; i < symbols.size(); ++i)
    if (ELF64_ST_BIND(symbols[i].st_info) == STB_GLOBAL &&
        ELF64_ST_TYPE(symbols[i].st_info) == STT_FUNC &&
        symbols[i].st_shndx != SHN_UNDEF &&
        symbols[i].st_shndx < sections.size() &&
        sections[symbols[i].st_shndx].area == Code)
      out.functions[nameAt(symbols[i].st_name)] =
          reinterpret_cast<void *>(addressOf(i, 0));
  // Nothing is ever writable and executable at once.
  if (mprotect(areaAt(Code), areaStart[Constants] - areaStart[Code],
               PROT_READ | PROT_EXEC) != 0 ||
      mprotect(areaAt(Constants), areaStart[Data] - areaStart[Constants],
               PROT_READ) != 0)
    throw BadObject{"the system does not let code run from memory"};
  return std::move(out);
}

std::optional<Loaded> terrazzo::runtime::load(std::span<const char> object,
                                              std::string &error) {
  try {
    return ObjectLoader(object).run();
  } catch (const BadObject &bad) {
    error = bad.text;
    return std::nullopt;
  }
}
