"""TLS of http and tcp: certificates, versions, names; nginx as a real server; proxies."""

import ssl

from case import Case, Tcp
from http_scripts import (TEXT, answers, hangs_up_after_request, pages, proxy, redirect, refusing_proxy, response, silent)

WELL = answers(response(TEXT))
TRUSTED = {"ca_file": "@folder@/ca.pem"}
ANY = {"insecure_skip_verify": True}
V10, V11, V12, V13 = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


def https(name, tls, tls_config, script=WELL, target="https://@server@/", **options):
    block = {"preferred_ip_protocol": "ip4", "tls_config": tls_config, **options.pop("block", {})}
    return Case("https_" + name, "http", target, block, Tcp(script, tls), **options)


def over_tls(name, tls, tls_config, script=lambda connection: connection.stall(), target="@server@", **options):
    block = {"preferred_ip_protocol": "ip4", "tls": True, "tls_config": tls_config, **options.pop("block", {})}
    return Case("tcp_tls_" + name, "tcp", target, block, Tcp(script, tls), **options)


def handshakes():
    """Each as https and as tcp."""
    by_name = {https: "https://localhost:@server.port@/", over_tls: "localhost:@server.port@"}
    for make in (https, over_tls):
        yield make("trusted", {}, TRUSTED)
        yield make("trusted_by_name", {}, TRUSTED, target=by_name[make])
        yield make("not_verified", {}, ANY)
        yield make("not_verified_by_name", {}, ANY, target=by_name[make])
        yield make("untrusted", {}, {"ca_file": "@folder@/stranger.pem"})
        yield make("untrusted_by_system", {}, {})
        yield make("expired", {"name": "expired"}, TRUSTED)
        yield make("expired_not_verified", {"name": "expired"}, ANY)
        yield make("not_yet_valid", {"name": "early"}, TRUSTED)
        yield make("other_name", {"name": "other"}, TRUSTED)
        yield make("other_name_told", {"name": "other"}, {**TRUSTED, "server_name": "elsewhere.example"})
        yield make("wildcard", {}, {**TRUSTED, "server_name": "a.example.test"})
        yield make("wildcard_too_deep", {}, {**TRUSTED, "server_name": "a.b.example.test"})
        yield make("server_name_in_upper_case", {}, {**TRUSTED, "server_name": "LocalHost"})
        yield make("common_name_only", {"name": "nameless"}, TRUSTED, target=by_name[make])
        yield make("sha1", {"name": "sha1"}, TRUSTED)
        yield make("for_clients_only", {"name": "for_clients"}, TRUSTED)
        yield make("subject_of_many_parts", {"name": "names"}, TRUSTED)
        yield make("two_roots", {"name": "chain"}, {"ca_file": "@folder@/both_roots.pem"})
        yield make("two_roots_long_only", {"name": "chain"}, {"ca_file": "@folder@/long.pem"})
        yield make("1_2", {"highest": V12}, TRUSTED)
        yield make("1_3", {"lowest": V13}, TRUSTED)
        yield make("1_2_rsa", {"name": "names", "highest": V12, "ciphers": "ECDHE-RSA-AES256-GCM-SHA384"}, TRUSTED)
        yield make("1_2_chacha", {"highest": V12, "ciphers": "ECDHE-ECDSA-CHACHA20-POLY1305"}, TRUSTED)
        yield make("1_2_static_rsa", {"name": "names", "highest": V12, "ciphers": "AES128-GCM-SHA256"}, TRUSTED)
        yield make("1_1_only", {"lowest": V11, "highest": V11, "ciphers": "ALL:@SECLEVEL=0"}, TRUSTED)
        yield make("1_1_allowed", {"lowest": V11, "highest": V11, "ciphers": "ALL:@SECLEVEL=0"}, {**TRUSTED, "min_version": "TLS10"})
        yield make("1_0_allowed", {"lowest": V10, "highest": V10, "ciphers": "ALL:@SECLEVEL=0"}, {**TRUSTED, "min_version": "TLS10"})
        yield make("needs_1_3", {"highest": V12}, {**TRUSTED, "min_version": "TLS13"})
        yield make("only_to_1_2", {}, {**TRUSTED, "max_version": "TLS12"}, since="0.24")
        yield make("min_above_max", {}, {**TRUSTED, "min_version": "TLS13", "max_version": "TLS12"}, since="0.24")
        yield make("client_certificate", {"client_authority": "ca.pem"},
                   {**TRUSTED, "cert_file": "@folder@/client.pem", "key_file": "@folder@/client.key"})
        yield make("client_certificate_unasked", {}, {**TRUSTED, "cert_file": "@folder@/client.pem", "key_file": "@folder@/client.key"})
        yield make("client_certificate_missing", {"client_authority": "ca.pem", "highest": V12}, TRUSTED)
        yield make("authority_file_missing", {}, {"ca_file": "@folder@/nothing.pem"})
        yield make("authority_file_broken", {}, {"ca_file": "@folder@/not_a_certificate.pem"})
        yield make("client_files_missing", {}, {**TRUSTED, "cert_file": "@folder@/nothing.pem", "key_file": "@folder@/nothing.key"})
        yield make("client_key_of_another", {}, {**TRUSTED, "cert_file": "@folder@/client.pem", "key_file": "@folder@/server.key"})
        yield make("hostname", {}, TRUSTED, parameters={"hostname": "b.example.test"}, since="0.24")
        yield make("hostname_and_server_name", {}, {**TRUSTED, "server_name": "localhost"},
                   parameters={"hostname": "b.example.test"}, since="0.24")
        yield make("plain_server", None, TRUSTED, script=answers(response(b"plain")), blind=True)
        yield make("silent_server", None, TRUSTED, script=lambda connection: connection.stall(), timeout="500ms")
        yield make("server_hangs_up", None, TRUSTED, script=lambda connection: connection.read_some(), blind=True)


def https_only():
    yield https("refused", {}, TRUSTED, target="https://@closed@/")
    yield https("fail_if_ssl", {}, TRUSTED, block={"fail_if_ssl": True})
    yield https("fail_if_not_ssl", {}, TRUSTED, block={"fail_if_not_ssl": True})
    yield https("host_header", {}, TRUSTED, block={"headers": {"Host": "b.example.test"}})
    yield https("host_header_and_server_name", {}, {**TRUSTED, "server_name": "localhost"}, block={"headers": {"Host": "b.example.test"}})
    yield https("host_header_with_port", {}, TRUSTED, block={"headers": {"Host": "localhost:@server.port@"}})
    yield https("silent_after_handshake", {}, TRUSTED, script=silent, timeout="500ms")
    yield https("hangs_up_after_request", {}, TRUSTED, script=hangs_up_after_request)
    yield https("truncated", {}, TRUSTED, script=answers(response(b"hello", length=50)))
    yield https("without_http_2", {"protocols": ("http/1.1",)}, TRUSTED, block={"enable_http2": False})
    yield https("http_1_by_protocol", {"protocols": ("http/1.1",)}, TRUSTED)
    yield https("redirect_to_itself", {}, TRUSTED, pages({"/": redirect("/there"), "/there": response(b"there")}))
    yield https("plain_target_of_tls_server", {}, TRUSTED, target="http://@server@/", blind=True)
    yield Case("http_with_tls_config", "http", "http://@server@/", {"tls_config": ANY}, Tcp(WELL))


def real():
    """nginx: http/1 and 2, compression, redirects between plain and TLS."""
    block = {"preferred_ip_protocol": "ip4", "tls_config": TRUSTED}
    for name, target, more in (
            ("page", "http://@nginx@/index.txt", {}), ("missing", "http://@nginx@/none", {}),
            ("gzip", "http://@nginx@/index.txt", {"compression": "gzip", "headers": {"Accept-Encoding": "gzip"}}),
            ("moved", "http://@nginx@/moved", {}), ("moved_not_followed", "http://@nginx@/moved", {"follow_redirects": False}),
            ("private", "http://@nginx@/private", {}), ("name", "http://@nginx@/name", {"headers": {"User-Agent": "me"}}),
            ("head", "http://@nginx@/index.txt", {"method": "HEAD"}), ("post", "http://@nginx@/index.txt", {"method": "POST", "body": "x"}),
            ("https", "https://@nginx_tls@/index.txt", {}), ("https_needs_2", "https://@nginx_tls@/", {"valid_http_versions": ["HTTP/2.0"]}),
            ("h2", "https://@nginx_h2@/index.txt", {}), ("h2_off", "https://@nginx_h2@/index.txt", {"enable_http2": False}),
            ("h2_by_name", "https://localhost:@nginx_h2.port@/name", {"headers": {"User-Agent": "me"}}),
            ("h2_version", "https://@nginx_h2@/index.txt", {"valid_http_versions": ["HTTP/2.0"]}),
            ("h2_version_1_wanted", "https://@nginx_h2@/index.txt", {"valid_http_versions": ["HTTP/1.1"]}),
            ("h2_head", "https://@nginx_h2@/index.txt", {"method": "HEAD"}), ("h2_missing", "https://@nginx_h2@/none", {}),
            ("h2_gzip", "https://@nginx_h2@/index.txt", {"compression": "gzip", "headers": {"Accept-Encoding": "gzip"}}),
            ("h2_host_header", "https://@nginx_h2@/name", {"headers": {"Host": "b.example.test", "User-Agent": "me"}}),
            ("h2_moved", "https://@nginx_h2@/moved", {}), ("h2_post", "https://@nginx_h2@/name", {"method": "POST", "body": "x", "headers": {"User-Agent": "me"}}),
            ("h2_header_pattern", "https://@nginx_h2@/index.txt",
             {"fail_if_header_not_matches": [{"header": "Content-Type", "regexp": "text/plain"}]}),
            ("plain_to_tls", "http://@nginx@/moved_to_tls", {}), ("plain_to_h2", "http://@nginx@/moved_to_h2", {}),
            ("tls_to_plain", "https://@nginx_tls@/moved_to_plain", {}), ("tls_to_h2", "https://@nginx_tls@/moved_to_h2", {})):
        yield Case("nginx_" + name, "http", target, {**block, **more})
    yield Case("nginx_h2_untrusted", "http", "https://@nginx_h2@/", {"preferred_ip_protocol": "ip4"})
    yield Case("nginx_h2_plain_tls_port", "http", "http://@nginx_h2@/", {"preferred_ip_protocol": "ip4"})


def proxies():
    def through(name, target, script=proxy, server=None, tls_config=None, **block):
        options = {"since": block.pop("since", "0.23"), "timeout": block.pop("timeout", "2s")}
        merged = {"preferred_ip_protocol": "ip4", "proxy_url": "http://@proxy@", **({"tls_config": tls_config} if tls_config else {}), **block}
        return Case("proxy_" + name, "http", target, merged, server, {"proxy": Tcp(script)}, **options)

    tls = Tcp(WELL, {})
    yield through("plain", "http://localhost:1234/path?x=1")
    yield through("plain_by_address", "http://127.0.0.1:1234/")
    yield through("plain_password", "http://127.0.0.1:1234/", proxy_url="http://user:s%40cret@@proxy@")
    yield through("plain_host_header", "http://127.0.0.1:1234/", headers={"Host": "shop.example"})
    yield through("plain_no_such_name", "http://nosuch.invalid/")
    yield through("skipped_resolve", "http://nosuch.invalid/", skip_resolve_phase_with_proxy=True, since="0.24")
    yield through("connect", "https://localhost:@server.port@/", server=tls, tls_config=TRUSTED)
    yield through("connect_by_address", "https://@server@/", server=tls, tls_config=TRUSTED)
    yield through("connect_skipped_resolve", "https://localhost:@server.port@/", server=tls, tls_config=TRUSTED,
                  skip_resolve_phase_with_proxy=True, since="0.24")
    yield through("connect_password", "https://@server@/", server=tls, tls_config=TRUSTED, proxy_url="http://user:secret@@proxy@")
    yield through("connect_header", "https://@server@/", server=tls, tls_config=TRUSTED,
                  proxy_connect_header={"X-Pass": ["one", "two"]}, since="0.24")
    yield through("connect_untrusted", "https://@server@/", server=tls, tls_config={"ca_file": "@folder@/stranger.pem"})
    for status in ("403 Forbidden", "407 Proxy Authentication Required", "502 Bad Gateway"):
        yield through(f"connect_{status[:3]}", "https://@server@/", refusing_proxy(status), tls, TRUSTED)
        yield through(f"plain_{status[:3]}", "http://127.0.0.1:1234/", refusing_proxy(status))
    yield through("silent", "https://@server@/", lambda connection: connection.stall(), tls, TRUSTED, timeout="500ms")
    yield through("refused", "http://127.0.0.1:1234/", proxy_url="http://@closed@")
    yield through("not_for_this_one", "http://@server@/", server=Tcp(WELL), no_proxy="127.0.0.1", since="0.25")
    yield through("not_for_others", "http://localhost:1234/", no_proxy="example.org,10.0.0.0/8", since="0.25")


CASES = [*handshakes(), *https_only(), *real(), *proxies()]
