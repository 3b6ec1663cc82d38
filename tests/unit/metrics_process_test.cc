#include <chrono>
#include <map>
#include <string>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "exporter/metrics/process_metrics.h"

namespace lookout {
namespace {

std::map<std::string, double> values(const ProcessMetrics& process) {
  std::map<std::string, double> result;
  for (const auto& family : process.collect()) {
    EXPECT_EQ(family.metric.size(), 1u);
    result[family.name] = family.type == prometheus::MetricType::Counter ? family.metric[0].counter.value
                                                                         : family.metric[0].gauge.value;
  }
  return result;
}

TEST(ProcessMetrics, TellWhatTheKernelKnows) {
  const ProcessMetrics process;
  auto now = values(process);
  EXPECT_EQ(now.size(), 10u);
  const double unix_now =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_NEAR(now["process_start_time_seconds"], unix_now, 300);
  EXPECT_GT(now["process_resident_memory_bytes"], 1e6);
  EXPECT_LT(now["process_resident_memory_bytes"], now["process_virtual_memory_bytes"]);
  EXPECT_GT(now["process_cpu_seconds_total"], 0);
  EXPECT_GE(now["process_threads"], 1);
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  EXPECT_EQ(now["process_max_fds"], static_cast<double>(limit.rlim_cur));
}

TEST(ProcessMetrics, FollowThreadsAndDescriptors) {
  const ProcessMetrics process;
  std::thread([] {}).join();  // with the first thread a sanitizer starts one of its own
  auto before = values(process);
  int descriptors[300];
  for (int& descriptor : descriptors) ASSERT_GE(descriptor = ::open("/dev/null", O_RDONLY | O_CLOEXEC), 0);
  std::map<std::string, double> during;
  std::thread([&] { during = values(process); }).join();
  for (const int descriptor : descriptors) ::close(descriptor);
  EXPECT_EQ(during["process_open_fds"], before["process_open_fds"] + 300);
  EXPECT_EQ(during["process_threads"], before["process_threads"] + 1);
  EXPECT_EQ(values(process)["process_open_fds"], before["process_open_fds"]);
}

TEST(ProcessMetrics, AreThereWithoutAFreeDescriptor) {
  const ProcessMetrics process;
  rlimit old{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &old), 0);
  const int next = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ASSERT_GE(next, 0);
  ::close(next);
  const rlimit none{static_cast<rlim_t>(next), old.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  EXPECT_LT(::open("/dev/null", O_RDONLY | O_CLOEXEC), 0) << "the test must have taken the last one";
  const auto now = values(process);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &old), 0);
  EXPECT_EQ(now.size(), 10u);
  EXPECT_EQ(now.at("process_max_fds"), next);
  EXPECT_GE(now.at("process_open_fds"), 3);
}

}  // namespace
}  // namespace lookout
