// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Artifact/Cache.h"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

using namespace terrazzo::artifact;
namespace fs = std::filesystem;

namespace {

class CacheTest : public testing::Test {
protected:
  void SetUp() override {
    std::string name =
        (fs::temp_directory_path() / "terrazzo-cache-XXXXXX").string();
    root = mkdtemp(name.data());
    folder = root + "/deep/terrazzo";
  }
  void TearDown() override { fs::remove_all(root); }
  std::string root, folder;
};

TEST_F(CacheTest, KeepsAndFinds) {
  Cache cache(folder);
  EXPECT_FALSE(cache.get("aa"));
  EXPECT_TRUE(cache.put("aa", "one"));
  EXPECT_TRUE(cache.put("bb", std::string("\0two", 4)));
  EXPECT_EQ(cache.get("aa"), "one");
  EXPECT_EQ(cache.get("bb"), std::string("\0two", 4));
  EXPECT_TRUE(cache.put("aa", "three"));
  EXPECT_EQ(cache.get("aa"), "three");
  EXPECT_EQ(cache.usage().files, 2u);
  EXPECT_EQ(cache.usage().bytes, 9u);
}

TEST_F(CacheTest, IsTheOwnersAlone) {
  Cache cache(folder);
  ASSERT_TRUE(cache.put("aa", "one"));
  struct stat s;
  ASSERT_EQ(stat(folder.c_str(), &s), 0);
  EXPECT_EQ(s.st_mode & 0777, 0700u);
  ASSERT_EQ(stat((folder + "/aa.artifact").c_str(), &s), 0);
  EXPECT_EQ(s.st_mode & 0777, 0600u);
  // A folder that others may write to is not used: they could put code there.
  chmod(folder.c_str(), 0777);
  EXPECT_FALSE(cache.get("aa"));
  EXPECT_FALSE(cache.put("bb", "two"));
  EXPECT_NE(cache.fault(), "");
  chmod(folder.c_str(), 0700);
  EXPECT_EQ(cache.get("aa"), "one");
  EXPECT_EQ(cache.fault(), "");
  // Nor a link.
  fs::create_symlink(folder, root + "/link");
  EXPECT_FALSE(Cache(root + "/link").get("aa"));
}

TEST_F(CacheTest, TheLeastRecentlyUsedGoFirst) {
  Cache cache(folder, 1000);
  std::string block(400, 'x');
  auto wait = [] {
    std::this_thread::sleep_for(std::chrono::milliseconds(15));
  };
  cache.put("aa", block);
  wait();
  cache.put("bb", block);
  wait();
  EXPECT_TRUE(cache.get("aa"));
  wait();
  cache.put("cc", block);
  EXPECT_TRUE(cache.get("aa"));
  EXPECT_FALSE(cache.get("bb"));
  EXPECT_TRUE(cache.get("cc"));
  EXPECT_FALSE(cache.put("dd", std::string(1001, 'x')));
  EXPECT_LE(cache.usage().bytes, 1000u);
}

TEST_F(CacheTest, ClearsOnlyWhatItWrote) {
  Cache cache(folder);
  cache.put("aa", "one");
  std::ofstream(folder + "/notes.txt") << "mine";
  std::ofstream(folder + "/bb.artifact.77.0") << "left by a crash";
  EXPECT_EQ(cache.clear().files, 2u);
  EXPECT_TRUE(fs::exists(folder + "/notes.txt"));
  EXPECT_FALSE(cache.get("aa"));
}

TEST_F(CacheTest, SeveralWritersAtOnce) {
  Cache cache(folder);
  std::vector<std::thread> writers;
  for (int t = 0; t < 4; ++t)
    writers.emplace_back([&, t] {
      for (int i = 0; i < 100; ++i) {
        std::string text(1000, char('a' + t));
        cache.put("aa", text);
        if (auto got = cache.get("aa")) { // whole, whoever wrote it
          ASSERT_EQ(got->size(), 1000u);
          ASSERT_EQ(*got, std::string(1000, (*got)[0]));
        }
      }
    });
  for (std::thread &t : writers)
    t.join();
  EXPECT_EQ(cache.usage().files, 1u);
}

TEST_F(CacheTest, AWriterThatIsEndedLeavesNothing) {
  Cache cache(folder);
  ASSERT_TRUE(cache.put("aa", "one"));
  int probe = open(folder.c_str(), O_WRONLY | O_TMPFILE, 0600);
  if (probe < 0)
    GTEST_SKIP() << "this file system has no files without a name";
  close(probe);
  pid_t child = fork();
  if (child == 0) { // ended by the system in the midst of writing
    rlimit most{4096, 4096};
    setrlimit(RLIMIT_FSIZE, &most);
    std::signal(SIGXFSZ, SIG_DFL);
    cache.put("bb", std::string(1 << 20, 'b'));
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  std::vector<std::string> left;
  for (const auto &entry : fs::directory_iterator(folder))
    left.push_back(entry.path().filename().string());
  EXPECT_EQ(left, std::vector<std::string>{"aa.artifact"});
}

TEST_F(CacheTest, WithoutAFolder) {
  EXPECT_FALSE(Cache("").put("aa", "one"));
  EXPECT_FALSE(Cache("").get("aa"));
  EXPECT_NE(Cache("").fault(), "");
  EXPECT_NE(Cache("/proc/no/such").fault(), "");
}

} // namespace
