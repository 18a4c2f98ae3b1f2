// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Chip/Peaks.h"

#include <gtest/gtest.h>

using namespace terrazzo;
using namespace terrazzo::chip;

namespace {

/// Reads files that say nothing but their heads and the memory `global`.
std::optional<std::vector<Chip>>
readHeads(const std::vector<std::string> &heads, DiagnosticEngine &engine) {
  engine.setSilent(true);
  std::vector<std::string> names, texts;
  for (const std::string &head : heads) {
    names.push_back("targets/x/" + std::to_string(names.size()) + ".yaml");
    texts.push_back("chip: " + head +
                    "\nmemories:\n- {name: global, scope: chip}\n");
  }
  std::vector<File> files;
  for (size_t i = 0; i < heads.size(); ++i)
    files.push_back({names[i], texts[i]});
  return readAll(files, engine);
}

TEST(ReadAll, EachAfterTheOneItInheritsFrom) {
  DiagnosticEngine engine;
  auto chips =
      readHeads({"{name: c, inherits: b, summary: mine}",
                 "{name: b, inherits: a}", "{name: a, family: x, vendor: v}"},
                engine);
  ASSERT_TRUE(chips);
  ASSERT_EQ(chips->size(), 3u);
  EXPECT_EQ((*chips)[0].name, "a");
  EXPECT_EQ((*chips)[2].name, "c");
  EXPECT_EQ((*chips)[2].family, "x");
}

TEST(ReadAll, CycleIsNamedAtItsFirstFile) {
  DiagnosticEngine engine;
  EXPECT_FALSE(
      readHeads({"{name: z, family: x}", "{name: a, family: x, inherits: b}",
                 "{name: b, inherits: c}", "{name: c, inherits: a}"},
                engine));
  ASSERT_EQ(engine.records().size(), 1u);
  EXPECT_EQ(engine.records()[0].name(), "ChipCycle");
  EXPECT_NE(engine.records()[0].message.find("a -> b -> c -> a"),
            std::string::npos)
      << engine.records()[0].message;
  EXPECT_EQ(engine.records()[0].where.file, "targets/x/1.yaml");
  EXPECT_EQ(engine.records()[0].where.line, 1u);
}

/// What waits for a cycle without being in it must not be followed for ever.
TEST(ReadAll, CycleBehindAFile) {
  DiagnosticEngine engine;
  EXPECT_FALSE(readHeads({"{name: heir, inherits: a}", "{name: a, inherits: b}",
                          "{name: b, inherits: a}"},
                         engine));
  ASSERT_EQ(engine.records().size(), 1u);
  EXPECT_EQ(engine.records()[0].name(), "ChipCycle");
}

TEST(ReadAll, UnknownParent) {
  DiagnosticEngine engine;
  EXPECT_FALSE(
      readHeads({"{name: b, inherits: a}", "{name: a, inherits: no}"}, engine));
  ASSERT_EQ(engine.records().size(), 1u);
  EXPECT_EQ(engine.records()[0].name(), "ChipUnknownParent");
  EXPECT_EQ(engine.records()[0].where.file, "targets/x/1.yaml");
}

TEST(Part, RemembersWhatWasRead) {
  Chip chip;
  Part part;
  part.name = "p";
  part.numbers["bytes"] = {4, "B", Tag::Published, "s"};
  part.numbers["line"] = {2, "B", Tag::Published, "s"};
  chip.sections["memories"].push_back(part);
  EXPECT_EQ(chip.unread().size(), 2u);
  EXPECT_TRUE(chip.sections["memories"][0].look("line"));
  EXPECT_EQ(chip.unread().size(), 2u);
  EXPECT_EQ(chip.number("memories", "p", "bytes")->value, 4);
  ASSERT_EQ(chip.unread().size(), 1u);
  EXPECT_EQ(chip.unread()[0].key, "line");
  EXPECT_EQ(chip.unread()[0].section, "memories");
}

TEST(Tags, TheWeakerCounts) {
  EXPECT_EQ(weaker(Tag::Published, Tag::Derived), Tag::Derived);
  EXPECT_EQ(weaker(Tag::Secondary, Tag::Derived), Tag::Secondary);
  EXPECT_EQ(weaker(Tag::Assumed, Tag::Measured), Tag::Assumed);
}

} // namespace
