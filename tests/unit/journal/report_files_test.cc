// The reports that are written when incidents end, and removed with them.
#include "exporter/journal/report_files.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/config/temporary_folder.h"
#include "tests/unit/journal/journal_fixtures.h"

namespace lookout {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class ReportFiles : public ::testing::Test {
 protected:
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    if (!fs::exists(folder_ + "/reports")) return names;
    for (const auto& file : fs::directory_iterator(folder_ + "/reports"))
      names.push_back(file.path().filename().string());
    return names;
  }
  std::string content(const std::string& name) const {
    std::ifstream stream(folder_ + "/reports/" + name);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  TemporaryFolder temporary_;
  const std::string folder_ = temporary_.place("data");
};

const std::string kId = "20261123-082610-0123abcd", kEarlier = "20261122-000000-0123abcd";

TEST_F(ReportFiles, AreWrittenWholeWithWhatCameBefore) {
  Store store(folder_);
  Batch batch;
  batch.incidents[kEarlier] = ended(incident(kEarlier, "a", 100), 200);
  batch.incidents["20261122-111111-0123abcd"] = ended(incident("20261122-111111-0123abcd", "b", 100), 200);
  Incident other = ended(incident("20261122-222222-0123abcd", "a", 100), 200);
  other.failure.cause = Cause::timeout;
  batch.incidents[other.id] = other;
  store.write(batch);
  store.write_report(ended(incident(kId, "a", 300), 400));
  EXPECT_THAT(files(), UnorderedElementsAre(kId + ".md", kId + ".json", kId + ".html"));
  EXPECT_THAT(content(kId + ".md"), HasSubstr("| `" + kEarlier + "` |"));
  EXPECT_THAT(content(kId + ".md"), Not(HasSubstr("20261122-111111")));
  EXPECT_THAT(content(kId + ".md"), Not(HasSubstr("20261122-222222")));
  EXPECT_THAT(content(kId + ".json"), HasSubstr("\"recovered\":\""));
  EXPECT_THAT(content(kId + ".html"), HasSubstr("<!DOCTYPE html>"));
}

TEST_F(ReportFiles, AreNotWrittenWithoutAFolderOrOutsideIt) {
  Store("").write_report(ended(incident(kId, "a", 300), 400));
  Store store(folder_);
  store.write_report(ended(incident("../../escape", "a", 300), 400));
  EXPECT_THAT(files(), IsEmpty());
}

TEST_F(ReportFiles, SayWhatIsInTheirWay) {
  Store store(folder_);
  std::ofstream(folder_ + "/reports") << "a file";
  try {
    store.write_report(ended(incident(kId, "a", 300), 400));
    FAIL() << "no error";
  } catch (const StoreError& error) {
    EXPECT_EQ(error.kind, StoreError::Kind::unusable);
    EXPECT_THAT(error.what(), HasSubstr("reports"));
  }
}

TEST_F(ReportFiles, GoWithTheirIncidents) {
  Store store(folder_);
  store.write_report(ended(incident(kId, "a", 300), 400));
  std::ofstream(folder_ + "/reports/notes.md") << "of a person";
  const WallTime now = std::chrono::system_clock::now();
  Retention limits;
  store.forget(limits, now + std::chrono::hours(24 * 399));
  EXPECT_EQ(files().size(), 4U);
  store.forget(limits, now + std::chrono::hours(24 * 401));
  EXPECT_THAT(files(), UnorderedElementsAre("notes.md"));
}

}  // namespace
}  // namespace lookout
