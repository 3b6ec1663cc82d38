// URL parameters that set a field of a module: which kinds have them, what they refuse, what they change.
#include "probes/parameters.h"

#include <gtest/gtest.h>

namespace lookout {
namespace {

std::shared_ptr<const Module> module(const std::string& yaml) {
  Problems problems("test.yml");
  const Modules modules = read_modules(*parse_yaml("m: " + yaml, problems), problems);
  for (const Problem& problem : problems.sorted()) ADD_FAILURE() << describe(problem);
  return modules.at("m");
}

std::string problems_of(const std::string& yaml) {
  Problems problems("test.yml");
  read_modules(*parse_yaml("m: " + yaml, problems), problems);
  std::string text;
  for (const Problem& problem : problems.sorted()) text += describe(problem);
  return text;
}

TEST(Parameters, SetAFieldOfACopy) {
  const auto before = module("{prober: dns, dns: {query_name: a.example, query_type: A}}");
  const auto changed = with_parameter(*before, "query_name", "b.example");
  ASSERT_TRUE(std::holds_alternative<std::shared_ptr<const Module>>(changed));
  const auto& after = std::get<DnsConfig>(std::get<std::shared_ptr<const Module>>(changed)->config);
  EXPECT_EQ(after.query_name, "b.example");
  EXPECT_EQ(after.query_type, "A");
  EXPECT_EQ(std::get<DnsConfig>(before->config).query_name, "a.example");
}

TEST(Parameters, ReachTheTlsNameOfEveryKindThatHasOne) {
  for (const std::string kind : {"http", "tcp"}) {
    const auto changed = with_parameter(*module("{prober: " + kind + "}"), "server_name", "x.example");
    ASSERT_TRUE(std::holds_alternative<std::shared_ptr<const Module>>(changed)) << kind;
    std::string out;
    ConfigPrinter printer(out);
    print_module(*std::get<std::shared_ptr<const Module>>(changed), printer);
    EXPECT_NE(out.find("server_name: x.example\n"), std::string::npos) << out;
  }
}

TEST(Parameters, KeepToTheRulesOfTheFile) {
  const auto dns = module("{prober: dns, dns: {query_name: a.example}}");
  const auto refusal = [](const auto& result) {
    const auto* text = std::get_if<std::string>(&result);
    return text != nullptr ? *text : "taken";
  };
  EXPECT_EQ(refusal(with_parameter(*dns, "query_type", "AAAA")), "taken");
  EXPECT_EQ(refusal(with_parameter(*dns, "query_type", "NONSENSE")),
            "URL parameter query_type: query type 'NONSENSE' is not valid: write a record type such as A, "
            "AAAA or SOA");
  EXPECT_NE(refusal(with_parameter(*dns, "query_name", "")).find("query name must be set"),
            std::string::npos);
  EXPECT_EQ(refusal(with_parameter(*dns, "query_name", "a b")),
            "URL parameter query_name: it holds a blank or a control character");
  EXPECT_EQ(refusal(with_parameter(*dns, "method", "GET")),
            "URL parameter method: this module has no such setting");
}

TEST(Parameters, AreAllowedByNameAndOnlyWhereTheyMeanSomething) {
  EXPECT_EQ(module("{prober: dns, dns: {query_name: a}, allow_parameters: [query_name, query_type]}")
                ->allow_parameters,
            (std::vector<std::string>{"query_name", "query_type"}));
  EXPECT_NE(problems_of("{prober: http, allow_parameters: [query_name]}").find("http has no such setting"),
            std::string::npos);
  EXPECT_NE(problems_of("{prober: http, allow_parameters: [metod]}").find("did you mean \"method\"?"),
            std::string::npos);
  EXPECT_NE(problems_of("{prober: http, allow_parameters: [hostname]}").find("hostname is always allowed"),
            std::string::npos);
}

}  // namespace
}  // namespace lookout
