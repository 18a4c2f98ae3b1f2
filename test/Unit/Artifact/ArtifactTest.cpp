// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Artifact/Artifact.h"
#include "lib/Artifact/Sha256.h"

#include <random>

#include <gtest/gtest.h>

using namespace terrazzo::artifact;

namespace {

TEST(Sha256, TheStandardsExamples) { // NIST, FIPS 180-4 examples
  EXPECT_EQ(hex(sha256("")),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(
      hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hex(sha256(std::string(1000000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

Artifact sample() {
  return {"add",
          "cpu-zen5",
          "0.1.0",
          "abc",
          "noalias",
          "BLOCK=1024",
          {{"x", "*fp32:16"}, {"n", "i32"}},
          std::string("\0code\xff", 6)};
}

TEST(Artifact, ComesBackAsItWas) {
  std::string error;
  auto back = read(write(sample()), error);
  ASSERT_TRUE(back) << error;
  EXPECT_EQ(*back, sample());
  EXPECT_EQ(write(*back), write(sample()));
  Artifact none;
  EXPECT_EQ(*read(write(none), error), none);
}

TEST(Artifact, ATornOrForeignFileIsAnError) {
  std::string good = write(sample()), error;
  for (size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(read(std::string_view(good).substr(0, size), error)) << size;
  EXPECT_FALSE(read(good + "x", error));
  for (size_t at = 0; at < good.size(); ++at)
    for (int bit = 0; bit < 8; ++bit) {
      std::string bad = good;
      bad[at] = char(bad[at] ^ (1 << bit));
      EXPECT_FALSE(read(bad, error)) << at;
    }
  EXPECT_FALSE(read("\x7f"
                    "ELF and so on, long enough to be something else",
                    error));
  EXPECT_EQ(error, "not an artifact");
}

TEST(Artifact, FieldsThatLieAboutTheirLength) {
  // A payload whose checksum is right and whose lengths are not.
  std::mt19937 random(3);
  std::string good = write(sample()), error;
  std::string payload = good.substr(44);
  for (int round = 0; round < 5000; ++round) {
    std::string bad = payload;
    for (int n = 0; n < 3; ++n)
      bad[random() % bad.size()] = char(random());
    Digest d = sha256(bad);
    std::string file = good.substr(0, 12) +
                       std::string(reinterpret_cast<char *>(d.data()), 32) +
                       bad;
    (void)read(file, error); // an answer, no crash
  }
  std::string huge = payload;
  huge[3] = '\x7f'; // the first length is 2 GiB
  Digest d = sha256(huge);
  EXPECT_FALSE(read(good.substr(0, 12) +
                        std::string(reinterpret_cast<char *>(d.data()), 32) +
                        huge,
                    error));
  EXPECT_EQ(error, "a torn artifact: its fields do not fit");
}

} // namespace
