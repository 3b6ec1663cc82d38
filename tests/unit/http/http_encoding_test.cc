// Which compression goes with which Accept-Encoding header, when a module is loaded.
#include <gtest/gtest.h>

#include "probes/http/http_config.h"

namespace lookout {
namespace {

struct Encoding {
  const char* id;
  const char* compression;
  const char* header;
  bool valid;
};

class CompressionAndHeader : public ::testing::TestWithParam<Encoding> {};

TEST_P(CompressionAndHeader, load_together_or_not) {
  const Encoding& given = GetParam();
  Problems problems("x.yml");
  const std::string block = std::string("compression: '") + given.compression +
                            "'\nheaders: {Accept-Encoding: '" + given.header + "'}\n";
  const std::optional<YamlNode> node = parse_yaml(block, problems);
  ASSERT_TRUE(node);
  HttpConfig config;
  read_value(*node, config, problems);
  EXPECT_EQ(problems.empty(), given.valid);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, CompressionAndHeader,
    ::testing::Values(Encoding{"ENC_001", "", "gzip", true}, Encoding{"ENC_002", "gzip", "gzip", true},
                      Encoding{"ENC_003", "gzip", "gzip;q=1.0", true},
                      Encoding{"ENC_004", "gzip", "gzip, compress", true},
                      Encoding{"ENC_005", "gzip", "compress, gzip", true},
                      Encoding{"ENC_006", "br", "gzip, compress", false},
                      Encoding{"ENC_007", "br", "gzip, compress, *", true},
                      Encoding{"ENC_008", "br", "gzip, compress, *;q=0.1", true},
                      Encoding{"ENC_009", "br", "gzip, compress, br;q=0.0", false},
                      Encoding{"ENC_010", "br", "gzip, compress, *;q=0.0", false},
                      Encoding{"ENC_011", "br", "gzip;q=1.0, compress;q=0.5, br;q=0.1, *;q=0.0", true},
                      Encoding{"ENC_012", "br", "*;q=0.0, gzip;q=1.0, compress;q=0.5, br;q=0.1", true},
                      Encoding{"ENC_013", "br", " gzip; q=1.0 ,  compress; q=0.5,br; q=0.1 , *; q=0.0 ",
                               true}),
    [](const auto& info) { return info.param.id; });

}  // namespace
}  // namespace lookout
