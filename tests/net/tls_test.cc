// Handshakes with servers that show every kind of certificate, and what is told about them.
#include <filesystem>
#include <fstream>

#include <openssl/ssl.h>

#include "tests/net/tls_fixture.h"

namespace lookout::test {
namespace {

TEST_F(Tls, GoodCertificate) {
  const Got got = meet(certificates.good(), {trusting()});
  EXPECT_EQ(got.key, "up");
  EXPECT_EQ(names_of(got.conversed.stages), "connect tls");
  EXPECT_EQ(value_of(got.conversed.facts, "probe_tls_version_info", "version=\"TLS 1.3\""), 1);
  EXPECT_EQ(value_of(got.conversed.facts, "probe_tls_cipher_info", "cipher=\"TLS_AES_256_GCM_SHA384\""), 1);
}

TEST_F(Tls, BadCertificatesAreToldApart) {
  EXPECT_EQ(meet(certificates.expired()), "tls/certificate_expired");
  EXPECT_EQ(meet(certificates.not_yet_valid()), "tls/certificate_expired");
  EXPECT_EQ(meet(certificates.wrong_name()), "tls/certificate_name");
  EXPECT_EQ(meet(certificates.no_alternative_name()), "tls/certificate_name");
  EXPECT_EQ(meet(certificates.untrusted()), "tls/certificate_untrusted");
  EXPECT_EQ(meet(certificates.self_signed()), "tls/certificate_untrusted");
  CertificateRequest sha1;
  sha1.sha1 = true;
  EXPECT_EQ(meet(certificates.make(sha1)), "tls/certificate_untrusted");
  EXPECT_EQ(meet(certificates.client()), "tls/certificate_untrusted")
      << "a client's certificate is none for a server";
}

// The certificates are there although the peer is not trusted: an alert about expiry must not fall silent
// when the day has come. A verified chain there is none.
TEST_F(Tls, RefusedCertificatesAreTold) {
  for (const Identity& identity :
       {certificates.expired(), certificates.untrusted(), certificates.wrong_name(),
        certificates.self_signed(), certificates.not_yet_valid()}) {
    const Got got = meet(identity, {trusting()});
    const std::vector<Fact>& facts = got.conversed.facts;
    EXPECT_NE(got.key, "up");
    EXPECT_GT(value_of(facts, "probe_ssl_earliest_cert_expiry"), 1.7e9) << got.key;
    EXPECT_EQ(value_of(facts, "probe_ssl_last_chain_info", "serialnumber=\"0bff"), 1) << got.key;
    EXPECT_EQ(value_of(facts, "probe_tls_version_info", "version=\"TLS 1.3\""), 1);
    EXPECT_EQ(value_of(facts, "probe_tls_cipher_info", "cipher=\"TLS_AES_256_GCM_SHA384\""), 1);
    EXPECT_EQ(fact_of(facts, "probe_ssl_last_chain_expiry_timestamp_seconds"), nullptr);
    EXPECT_EQ(got.conversed.certificates.size(), 1U);
  }
  const double now = unix_seconds(std::chrono::system_clock::now());
  EXPECT_NEAR(
      value_of(meet(certificates.expired(), {trusting()}).conversed.facts, "probe_ssl_earliest_cert_expiry"),
      now - 86400, 120);
}

TEST_F(Tls, RefusedCertificatesOfOlderVersionsAreToldAsWell) {
  const ServerTls tls{.identity = certificates.expired(), .maximum_version = TLS1_2_VERSION};
  ScriptedServer server([](Peer& peer) { peer.wait_for_close(); }, {.tls = &tls});
  const Got got = shake_hands(server.port(), {trusting()});
  EXPECT_EQ(got.key, "tls/certificate_expired");
  EXPECT_EQ(value_of(got.conversed.facts, "probe_tls_version_info", "version=\"TLS 1.2\""), 1);
  EXPECT_EQ(value_of(got.conversed.facts, "probe_tls_cipher_info",
                     "cipher=\"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384\""),
            1);
}

TEST_F(Tls, TheChainIsKeptForPeople) {
  CertificateRequest request;
  request.through_intermediate = true;
  const Got got = meet(certificates.make(request), {trusting()});
  ASSERT_EQ(got.conversed.certificates.size(), 2U);
  const CertificateSummary& leaf = *got.conversed.certificates[0];
  EXPECT_EQ(leaf.subject, "CN=localhost");
  EXPECT_EQ(leaf.issuer, "CN=Lookout test intermediate");
  EXPECT_EQ(leaf.names,
            (std::vector<std::string>{"localhost", "example.test", "*.wild.test", "127.0.0.1", "::1"}));
  EXPECT_EQ(leaf.key, "EC prime256v1");
  EXPECT_EQ(leaf.signature, "ecdsa-with-SHA256");
  EXPECT_EQ(leaf.fingerprint_sha256.size(), 64U);
  EXPECT_NEAR(leaf.not_after - leaf.not_before, 90 * 86400 + 3600, 2);
  EXPECT_EQ(got.conversed.certificates[1]->subject, "CN=Lookout test intermediate");
}

TEST_F(Tls, ManyNamesAreCut) {
  CertificateRequest request;
  for (int i = 0; i < 100; ++i) request.dns_names.push_back("name" + std::to_string(i) + ".test");
  const Got got = meet(certificates.make(request), {trusting()});
  ASSERT_EQ(got.conversed.certificates.size(), 1U);
  EXPECT_EQ(got.conversed.certificates[0]->names.size(), CertificateSummary::kMaximumNames);
  EXPECT_EQ(got.conversed.certificates[0]->names_left_out, 105 - CertificateSummary::kMaximumNames);
}

TEST_F(Tls, TCP_006_TheChainThatLastsLongestCounts) {
  const TestCertificates::TwoAuthorities two = certificates.two_authorities();
  for (const std::string& authorities : {two.first_pem + two.second_pem, two.second_pem + two.first_pem}) {
    TlsConfig config;
    config.ca = authorities;
    const Got got = meet(two.leaf, {config});
    EXPECT_EQ(got.key, "up");
    EXPECT_NEAR(value_of(got.conversed.facts, "probe_ssl_earliest_cert_expiry"), two.second_expiry, 120);
    EXPECT_NEAR(value_of(got.conversed.facts, "probe_ssl_last_chain_expiry_timestamp_seconds"),
                two.leaf_expiry, 120);
  }
  TlsConfig only_second;
  only_second.ca = two.second_pem;
  const Got got = meet(two.leaf, {only_second});
  EXPECT_NEAR(value_of(got.conversed.facts, "probe_ssl_last_chain_expiry_timestamp_seconds"),
              two.second_expiry, 120);
}

// Old protocol versions are allowed for old devices; that is no leave for forged certificates.
TEST_F(Tls, OldVersionsDoNotMakeWeakCertificatesGood) {
  CertificateRequest sha1, short_key;
  sha1.sha1 = true;
  short_key.rsa_bits = 768;
  for (const TlsVersion lowest :
       {TlsVersion::unset, TlsVersion::tls10, TlsVersion::tls11, TlsVersion::tls12}) {
    TlsConfig config = trusting();
    config.min_version = lowest;
    EXPECT_EQ(meet(certificates.good(), {config}).key, "up");
    EXPECT_EQ(meet(certificates.make(sha1), {config}).key, "tls/certificate_untrusted");
    EXPECT_EQ(meet(certificates.make(short_key), {config}).key, "tls/certificate_untrusted");
  }
}

TEST_F(Tls, TheDetailSaysWhatToLookAt) {
  const Got expired = meet(certificates.expired(), {trusting()});
  EXPECT_NE(expired.conversed.failure->detail.find("CN=localhost"), std::string::npos)
      << expired.conversed.failure->detail;
  const Got name = meet(certificates.wrong_name(), {trusting()});
  EXPECT_NE(name.conversed.failure->detail.find("other.test"), std::string::npos)
      << name.conversed.failure->detail;
}

// As those of two clusters of Kubernetes, which are all called "kubernetes".
TEST_F(Tls, AnAuthorityOfTheSameNameIsAnotherOne) {
  const TestCertificates others;
  TlsConfig config;
  config.ca = others.authority_pem();
  EXPECT_EQ(meet(certificates.good(), {config}).key, "tls/certificate_untrusted");
}

TEST_F(Tls, TheSystemDoesNotTrustTestAuthorities) {
  EXPECT_EQ(meet(certificates.good(), {}).key, "tls/certificate_untrusted");
}

TEST_F(Tls, NamesAreVerified) {
  const Identity identity = certificates.good();
  for (const auto& [name, key] :
       std::vector<std::pair<std::string, std::string>>{{"localhost", "up"},
                                                        {"LOCALHOST", "up"},
                                                        {"localhost.", "up"},
                                                        {"a.wild.test", "up"},
                                                        {"a.b.wild.test", "tls/certificate_name"},
                                                        {"wild.test", "tls/certificate_name"},
                                                        {"127.0.0.1", "up"},
                                                        {"127.0.0.2", "tls/certificate_name"},
                                                        {"::1", "up"},
                                                        {"[::1]", "up"},
                                                        {"", "tls/internal"}}) {
    EXPECT_EQ(meet(identity, {trusting(), name}).key, key) << name;
  }
}

TEST_F(Tls, SniIsSentForNamesOnly) {
  const ServerTls tls{.identity = certificates.good()};
  ScriptedServer server(
      [](Peer& peer) {
        peer.send("<" + peer.server_name() + ">");
        peer.close();
      },
      {.tls = &tls});
  EXPECT_EQ(shake_hands(server.port(), {trusting(), "localhost", {}, "x"}).data, "<localhost>");
  EXPECT_EQ(shake_hands(server.port(), {trusting(), "localhost.", {}, "x"}).data, "<localhost>");
  EXPECT_EQ(shake_hands(server.port(), {trusting(), "127.0.0.1", {}, "x"}).data, "<>");
}

TEST_F(Tls, OBS_024_InsecureAcceptsEverything) {
  TlsConfig insecure;
  insecure.insecure_skip_verify = true;
  for (const Identity& identity :
       {certificates.expired(), certificates.wrong_name(), certificates.self_signed()}) {
    const Got got = meet(identity, {insecure, ""});
    EXPECT_EQ(got.key, "up");
    EXPECT_EQ(value_of(got.conversed.facts, "probe_ssl_last_chain_expiry_timestamp_seconds"), -62135596800.0);
    EXPECT_GT(value_of(got.conversed.facts, "probe_ssl_earliest_cert_expiry"), 1e9);
  }
}

TEST_F(Tls, ChainsThroughAnIntermediate) {
  CertificateRequest request;
  request.through_intermediate = true;
  const double now = unix_seconds(std::chrono::system_clock::now());
  const Got got = meet(certificates.make(request), {trusting()});
  EXPECT_EQ(got.key, "up");
  // Ours lasts 90 days, the intermediate 30, the authority a year.
  EXPECT_NEAR(value_of(got.conversed.facts, "probe_ssl_earliest_cert_expiry"), now + 30 * 86400, 120);
  EXPECT_NEAR(value_of(got.conversed.facts, "probe_ssl_last_chain_expiry_timestamp_seconds"),
              now + 30 * 86400, 120);
}

TEST_F(Tls, AnythingInTheCaFileIsTrusted) {
  const Identity self_signed = certificates.self_signed();
  TlsConfig config;
  config.ca_file = self_signed.certificate_file;
  EXPECT_EQ(meet(self_signed, {config}).key, "up");
}

TEST_F(Tls, VersionsAreKept) {
  const ServerTls old{.identity = certificates.good(), .maximum_version = TLS1_1_VERSION};
  ScriptedServer server([](Peer& peer) { peer.wait_for_close(); }, {.tls = &old});
  EXPECT_EQ(shake_hands(server.port(), {trusting()}).key, "tls/protocol");
  TlsConfig lenient = trusting();
  lenient.min_version = TlsVersion::tls10;
  const Got got = shake_hands(server.port(), {lenient});
  EXPECT_EQ(got.key, "up") << (got.conversed.failure ? got.conversed.failure->detail : "");
  EXPECT_EQ(value_of(got.conversed.facts, "probe_tls_version_info", "version=\"TLS 1.1\""), 1);

  TlsConfig twelve = trusting();
  twelve.max_version = TlsVersion::tls12;
  const Got limited = meet(certificates.good(), {twelve});
  EXPECT_EQ(value_of(limited.conversed.facts, "probe_tls_version_info", "version=\"TLS 1.2\""), 1);
  EXPECT_EQ(value_of(limited.conversed.facts, "probe_tls_cipher_info",
                     "cipher=\"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384\""),
            1);
}

TEST_F(Tls, AlpnIsNegotiated) {
  const ServerTls tls{.identity = certificates.good(), .alpn = {"h2", "http/1.1"}};
  ScriptedServer server([](Peer& peer) { peer.wait_for_close(); }, {.tls = &tls});
  EXPECT_EQ(shake_hands(server.port(), {trusting(), "localhost", {"h2", "http/1.1"}}).alpn, "h2");
  EXPECT_EQ(shake_hands(server.port(), {trusting(), "localhost", {"http/1.1"}}).alpn, "http/1.1");
  EXPECT_EQ(shake_hands(server.port(), {trusting(), "localhost", {}}).alpn, "");
}

TEST_F(Tls, ClientCertificates) {
  const ServerTls tls{.identity = certificates.good(), .client_ca_pem = certificates.authority_pem()};
  ScriptedServer server(
      [](Peer& peer) {
        peer.expect("x");
        peer.send(peer.showed_certificate() ? "welcome" : "who are you");
        peer.close();
      },
      {.tls = &tls});
  const Identity client = certificates.client();
  TlsConfig from_files = trusting();
  from_files.cert_file = client.certificate_file;
  from_files.key_file = client.key_file;
  EXPECT_EQ(shake_hands(server.port(), {from_files, "localhost", {}, "x"}).data, "welcome");
  TlsConfig in_line = trusting();
  in_line.cert = client.certificate_pem;
  in_line.key.value = client.key_pem;
  EXPECT_EQ(shake_hands(server.port(), {in_line, "localhost", {}, "x"}).data, "welcome");
  // With TLS 1.3 the refusal comes after our side of the handshake is done.
  const Got stranger = shake_hands(server.port(), {trusting(), "localhost", {}, "x"});
  EXPECT_EQ(stranger.key, "response/protocol");
  TlsConfig twelve = trusting();
  twelve.max_version = TlsVersion::tls12;
  EXPECT_EQ(shake_hands(server.port(), {twelve, "localhost", {}, "x"}).key, "tls/protocol");
}

TEST_F(Tls, UnusableFilesAreTheOperatorsFault) {
  const Identity one = certificates.client(), other = certificates.client();
  std::vector<TlsConfig> configs(6);
  configs[0].ca_file = certificates.folder() + "/missing.pem";
  configs[1].ca_file = one.key_file;
  configs[2].cert_file = one.certificate_file;
  configs[2].key_file = certificates.folder() + "/missing.key";
  configs[3].cert_file = one.certificate_file;
  configs[3].key_file = other.key_file;
  configs[4].min_version = TlsVersion::tls13;
  configs[4].max_version = TlsVersion::tls12;
  configs[5].ca = "nonsense";
  for (const TlsConfig& config : configs) {
    const Got got = meet(certificates.good(), {config});
    EXPECT_EQ(got.key, "connect/internal");
    EXPECT_EQ(got.conversed.failure->detail.find("PRIVATE"), std::string::npos);
  }
}

// Two handshakes through the same contexts, with `between` in the middle.
Task<Outcome> twice(ProbeRun& run, std::uint16_t port, TlsConfig config, std::function<void()> between,
                    std::string* keys) {
  Got got;
  for (int i = 0; i < 2; ++i) {
    const Outcome failure = co_await handshake(run, port, {config}, &got);
    *keys += key_of(failure) + " ";
    between();
  }
  co_return std::nullopt;
}

TEST_F(Tls, ChangedFilesAreReadAgain) {
  const ServerTls tls{.identity = certificates.untrusted()};
  ScriptedServer server([](Peer& peer) { peer.wait_for_close(); }, {.tls = &tls});
  TlsConfig config;
  config.ca_file = certificates.folder() + "/changing.pem";
  std::ofstream(config.ca_file) << certificates.authority_pem();
  std::string keys;
  converse_until(seconds(5), [&](ProbeRun& run) {
    return twice(
        run, server.port(), config, [&] { std::ofstream(config.ca_file) << tls.identity.certificate_pem; },
        &keys);
  });
  EXPECT_EQ(keys, "tls/certificate_untrusted up ");
}

// Of three configurations, whether the second and the third get the context of the first.
Task<Outcome> same_contexts(ProbeRun& run, std::vector<std::pair<TlsConfig, std::vector<std::string>>> asked,
                            std::vector<bool>* same) {
  const auto first = run.services.tls().get(run, asked[0].first, asked[0].second);
  for (const auto& [config, alpn] : asked)
    same->push_back(*run.services.tls().get(run, config, alpn) == *first);
  co_return std::nullopt;
}

TEST_F(Tls, ContextsAreShared) {
  TlsConfig other_name = trusting(), other_version = trusting(), other_authorities;
  other_name.server_name = "does not matter to the context";
  other_version.max_version = TlsVersion::tls12;
  std::vector<bool> same;
  converse_until(seconds(5), [&](ProbeRun& run) {
    return same_contexts(run,
                         {{trusting(), {}},
                          {other_name, {}},
                          {trusting(), {"h2"}},
                          {other_version, {}},
                          {other_authorities, {}}},
                         &same);
  });
  EXPECT_EQ(same, (std::vector<bool>{true, true, false, false, false}));
}

}  // namespace
}  // namespace lookout::test
