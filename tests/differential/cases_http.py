"""http without TLS and proxies: requests as they are sent, answers as they may come."""

from case import Case, Tcp
from http_scripts import (BROTLI, GZIP, RAW_DEFLATE, TEXT, answers, basic_auth, chunked, countdown, drip, echoed_cookie, flood,
                          hangs_up_after_request, hangs_up_at_once, interim, pages, pause, redirect, reset, response,
                          round_and_round, silent, stall)

WELL = answers(response(TEXT))
URL = "http://@server@"


def http(name, script, target=URL + "/", block=None, **options):
    return Case("http_" + name, "http", target, block, Tcp(script), **options)


def requests():
    yield http("plain", WELL)
    yield http("empty_block", WELL, block={})
    yield http("without_scheme", WELL, "@server@/path")
    yield http("upper_case_scheme", WELL, "HTTP://@server@/")
    yield http("unknown_scheme", WELL, "invalid://@server@/")
    yield http("no_path", WELL, URL)
    yield http("query", WELL, URL + "/a%20b?x=1&y=%26%2F#fragment")
    yield http("odd_path", WELL, URL + "/a//b/../c;p?q={}|")
    yield http("no_path_but_query", WELL, URL + "?x=1")
    yield http("user_in_url", WELL, "http://user:s%40cret@@server@/")
    yield http("user_without_password", WELL, "http://user@@server@/")
    yield http("bad_escape_in_host", WELL, "http://a%zz/")
    yield http("bad_escape_in_path", WELL, URL + "/a%zz")
    yield http("bad_port", WELL, "http://127.0.0.1:notaport/")
    yield http("port_out_of_range", WELL, "http://127.0.0.1:70000/")
    yield http("space_in_host", WELL, "http://a b/")
    yield http("empty_host", WELL, "http:///path")
    yield http("by_name", WELL, "http://localhost:@server.port@/", {"preferred_ip_protocol": "ip4"})
    yield http("by_upper_case_name", WELL, "http://LOCALHOST:@server.port@/", {"preferred_ip_protocol": "ip4"})
    yield http("prefer_ip4_alone_on_ip6", WELL, "http://[::1]:@server.port@/",
               {"preferred_ip_protocol": "ip4", "ip_protocol_fallback": False})
    yield http("prefer_ip6_alone_on_ip4", WELL, block={"ip_protocol_fallback": False})
    yield http("protocol_by_any_other_word", WELL, block={"preferred_ip_protocol": "ipv4", "ip_protocol_fallback": False})
    yield Case("http_ip6", "http", "http://[::1]:@server.port@/", {}, Tcp(WELL, address="::1"))
    yield http("no_such_name", WELL, "http://nosuch.invalid/")
    yield http("refused", WELL, "http://@closed@/")
    yield http("post", WELL, block={"method": "POST", "body": "a=1&b=2", "headers": {"Content-Type": "text/x"}})
    yield http("post_without_body", WELL, block={"method": "POST"})
    yield http("get_with_body", WELL, block={"body": "text"})
    yield http("method_in_lower_case", WELL, block={"method": "get"})
    yield http("own_method", WELL, block={"method": "PURGE"})
    yield http("put_file", WELL, block={"method": "PUT", "body_file": "@folder@/body.txt"}, since="0.24")
    yield http("body_file_missing", WELL, block={"method": "PUT", "body_file": "@folder@/nothing"}, since="0.24")
    yield http("headers", WELL, block={"headers": {
        "Host": "shop.example", "User-Agent": "me", "Accept-Language": "de", "x-lower-case": " v ", "X-Empty": ""}})
    yield http("header_accept_encoding", WELL, block={"headers": {"Accept-Encoding": "br, gzip;q=0.5"}})
    yield http("more_headers", WELL, block={"http_headers": {
        "X-Two": {"values": ["a", "b"]}, "X-Secret": {"secrets": ["s"]}, "X-File": {"files": ["@folder@/secret"]}}}, since="0.25")
    yield http("hostname", WELL, parameters={"hostname": "www.example.org"})
    yield http("basic_auth", basic_auth, block={"basic_auth": {"username": "user", "password": "secret"}})
    yield http("basic_auth_from_file", basic_auth,
               block={"basic_auth": {"username": "user", "password_file": "@folder@/secret"}})
    yield http("basic_auth_wrong", basic_auth, block={"basic_auth": {"username": "user", "password": "wrong"}})
    yield http("basic_auth_and_user_in_url", WELL, "http://other:pw@@server@/",
               {"basic_auth": {"username": "user", "password": "secret"}})
    yield http("basic_auth_empty", WELL, block={"basic_auth": {}})
    yield http("password_file_missing", WELL, block={"basic_auth": {"username": "u", "password_file": "@folder@/nothing"}})
    yield http("bearer_token", WELL, block={"bearer_token": "token"})
    yield http("bearer_token_from_file", WELL, block={"bearer_token_file": "@folder@/secret"})
    yield http("authorization", WELL, block={"authorization": {"type": "Custom", "credentials": "abc"}})
    yield http("authorization_header_and_basic_auth", WELL, block={
        "headers": {"Authorization": "Mine x"}, "basic_auth": {"username": "user", "password": "secret"}})


def lengths():
    for name, pieces in {
            "chunked": [response(chunked(TEXT, b"more"), "200 OK", "Transfer-Encoding: chunked", length=None)],
            "chunked_with_trailer": [
                response(chunked(b"x", trailer=b"X-Trailer: 1\r\n"), "200 OK", "Transfer-Encoding: chunked", length=None)],
            "chunked_cut": [response(b"5\r\nab", "200 OK", "Transfer-Encoding: chunked", length=None)],
            "chunked_bad_size": [response(b"zz\r\nab\r\n0\r\n\r\n", "200 OK", "Transfer-Encoding: chunked", length=None)],
            "chunked_and_length": [response(chunked(TEXT), "200 OK", "Transfer-Encoding: chunked", length=5)],
            "until_close": [response(TEXT, length=None)],
            "http_1_0": [response(TEXT, version="HTTP/1.0", length=None)],
            "http_1_0_with_length": [response(TEXT, version="HTTP/1.0")],
            "truncated": [response(b"hello", length=50)],
            "longer_than_said": [response(b"hello and more", length=5)],
            "empty": [response(b"")],
            "no_content": [response(b"", "204 No Content", length=None)],
            "no_content_with_length": [response(b"", "204 No Content", length=9)],
            "not_modified": [response(b"", "304 Not Modified", length=300)],
            "two_lengths_alike": [response(b"hello", "200 OK", "Content-Length: 5")],
            "two_lengths_unlike": [response(b"hello", "200 OK", "Content-Length: 4")],
            "length_no_number": [response(b"hello", "200 OK", "Content-Length: five", length=None)],
            "length_negative": [response(b"hello", "200 OK", "Content-Length: -1", length=None)],
            "megabytes": [response(length=None), flood],
            "in_pieces": [b"HTTP/1.1 20", pause(0.05), b"0 OK\r\nContent-Le", pause(0.05), b"ngth: 2\r\n\r", pause(0.05), b"\nok"],
    }.items():
        yield http(name, answers(*pieces))
    yield http("head", answers(response(b"", length=123)), block={"method": "HEAD"})
    yield http("head_without_length", answers(response(b"", length=None)), block={"method": "HEAD"})


def misbehaviour():
    for name, pieces in {
            "no_http": [b"SSH-2.0-OpenSSH_9.2\r\n"],
            "bad_status": [b"HTTP/1.1 abc OK\r\n\r\n"],
            "status_of_two_digits": [b"HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n"],
            "status_without_reason": [b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok"],
            "status_999": [response(b"x", "999 Odd")],
            "status_600": [response(b"x", "600 Odd")],
            "bare_newlines": [b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok"],
            "http_2_in_plain": [b"HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok"],
            "http_1_2": [response(b"ok", version="HTTP/1.2")],
            "icy": [b"ICY 200 OK\r\n\r\nmusic"],
            "http_0_9": [b"just text, no head\n"],
            "header_without_colon": [response(b"ok", "200 OK", "nonsense")],
            "header_folded": [response(b"ok", "200 OK", "X-Long: one\r\n two")],
            "header_with_space_before_colon": [response(b"ok", "200 OK", "X-Odd : one")],
            "header_not_utf8": [b"HTTP/1.1 200 OK\r\nX-Odd: \xff\xfe\r\nContent-Length: 2\r\n\r\nok"],
            "header_with_nul": [b"HTTP/1.1 200 OK\r\nX-Odd: a\x00b\r\nContent-Length: 2\r\n\r\nok"],
            "head_cut": [b"HTTP/1.1 200 OK\r\nContent-"],
            "switching_protocols": [b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"],
            "reset_in_body": [response(b"hello", length=50), pause(0.1), reset],
            "reset_in_head": [b"HTTP/1.1 200 OK\r\nConte", pause(0.1), reset],
    }.items():
        yield http(name, answers(*pieces))
    yield http("interim_responses", interim)
    yield http("closes_at_once", hangs_up_at_once)
    yield http("closes_after_request", hangs_up_after_request)
    yield http("resets", answers(reset))
    yield http("silent", silent, timeout="500ms")
    yield http("head_stalls", answers(b"HTTP/1.1 200 OK\r\nConte", stall), timeout="500ms")
    yield http("body_stalls", answers(response(b"hello", length=50), stall), timeout="500ms")
    yield http("head_drips", answers(b"HTTP/1.1 200 OK\r\nX-Long: ", drip), timeout="500ms", blind=True)
    yield http("head_of_a_megabyte", answers(b"HTTP/1.1 200 OK\r\n", b"X-Long: " + b"y" * (1 << 20) + b"\r\n\r\nok"))
    yield http("head_of_many_headers", answers(b"HTTP/1.1 200 OK\r\n", b"X-Many: y\r\n" * 3000, b"Content-Length: 2\r\n\r\nok"))
    yield http("slow_but_well", answers(pause(0.4), response(b"ok")))
    yield http("body_slow_but_well", answers(response(b"hello", length=10), pause(0.4), b"world"))


def compression():
    for name, body, setting in (
            ("gzip", GZIP, "gzip"), ("brotli", BROTLI, "br"), ("deflate", RAW_DEFLATE, "deflate"), ("identity", TEXT, "identity"),
            ("in_upper_case", GZIP, "GZIP"), ("gzip_but_deflate_wanted", GZIP, "deflate"), ("deflate_but_gzip_wanted", RAW_DEFLATE, "gzip"),
            ("cut_gzip", GZIP[:30], "gzip"), ("cut_brotli", BROTLI[:30], "br"), ("broken_gzip", GZIP[:20] + b"XXXX" + GZIP[24:], "gzip"),
            ("broken_brotli", b"XX" + BROTLI[2:], "br"), ("gzip_of_two", GZIP + GZIP, "gzip"), ("gzip_and_rubbish", GZIP + b"rubbish", "gzip"),
            ("unknown", TEXT, "zstd"), ("empty_gzip", b"", "gzip"), ("gzip_checksum", GZIP[:-8] + b"\0" * 4 + GZIP[-4:], "gzip")):
        encoding = {"br": "br", "deflate": "deflate"}.get(setting, "gzip" if setting.lower() == "gzip" else None)
        headers = [f"Content-Encoding: {encoding}"] if encoding else []
        yield http("compression_" + name, answers(response(body, "200 OK", *headers)), block={"compression": setting})
    yield http("compression_without_content_encoding", answers(response(GZIP)), block={"compression": "gzip"})
    yield http("compression_not_asked_for", answers(response(GZIP, "200 OK", "Content-Encoding: gzip")))
    yield http("compression_and_body_pattern", answers(response(GZIP, "200 OK", "Content-Encoding: gzip")),
               block={"compression": "gzip", "fail_if_body_not_matches_regexp": ["lazy dog"]})
    for name, size in (("below", 127), ("at", 128), ("above", 129)):
        yield http(f"size_limit_{name}", answers(response(b"z" * size)), block={"body_size_limit": "128B"})
    yield http("size_limit_in_gzip", answers(response(GZIP, "200 OK", "Content-Encoding: gzip")),
               block={"compression": "gzip", "body_size_limit": "100B"})
    yield http("size_limit_and_body_pattern", answers(response(b"z" * 200)),
               block={"body_size_limit": "128B", "fail_if_body_matches_regexp": ["a"]})


def redirects():
    hop = pages({"/": redirect("/there"), "/there": response(b"there")})
    yield http("redirect", hop)
    yield http("redirect_not_followed", hop, block={"follow_redirects": False})
    yield http("redirect_not_followed_and_wanted", hop, block={"follow_redirects": False, "valid_status_codes": [302]})
    yield http("redirect_no_follow", hop, block={"no_follow_redirects": True, "valid_status_codes": [302]})
    yield http("redirect_not_followed_body_pattern", hop, block={
        "follow_redirects": False, "valid_status_codes": [302], "fail_if_body_not_matches_regexp": ["moved"]})
    yield http("redirect_not_followed_header_pattern", hop, block={
        "follow_redirects": False, "valid_status_codes": [302],
        "fail_if_header_not_matches": [{"header": "Location", "regexp": "^/there$"}]})
    yield http("redirects_10", countdown, URL + "/10")
    yield http("redirects_11", countdown, URL + "/11")
    yield http("redirect_loop", round_and_round)
    yield http("redirect_loop_wanted", round_and_round, block={"valid_status_codes": [302]})
    for status in ("301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent", "300 Choices", "305 Use Proxy"):
        code = status[:3]
        site = pages({"/": redirect("/there", status), "/there": response(b"there")})
        yield http(f"redirect_{code}", site, block={
            "method": "POST", "body": "data", "headers": {"Content-Type": "text/x", "X-Mine": "1"}})
    yield http("redirect_303_of_put", pages({"/": redirect("/there", "303 See Other"), "/there": response(b"there")}),
               block={"method": "PUT", "body": "data"})
    yield http("redirect_302_of_head", pages({"/": redirect("/there"), "/there": response(b"", length=7)}), block={"method": "HEAD"})
    yield http("redirect_307_of_file", pages({"/": redirect("/there", "307 Temporary"), "/there": response(b"there")}),
               block={"method": "PUT", "body_file": "@folder@/body.txt"}, since="0.24")
    for name, location in {
            "without_scheme": "//127.0.0.1:1/", "to_closed_port": "http://127.0.0.1:1/", "to_nowhere": "http://nosuch.invalid/",
            "unparsable": "http://%zz/", "empty": "", "fragment_alone": "#part", "query_alone": "?x", "dots": "/a/../there",
            "to_file": "file:///etc/passwd", "to_ftp": "ftp://127.0.0.1/", "spaces": "/a b", "not_ascii": "/\u00e4", "port_too_large": "http://127.0.0.1:99999/"}.items():
        yield http("redirect_" + name, pages({"/": redirect(location), "/there": response(b"there")}, response(b"some")))
    yield http("redirect_without_location", answers(response(b"lost", "302 Found")))
    yield http("redirect_relative_path", pages({"/a/b": redirect("c"), "/a/c": response(b"c")}), URL + "/a/b")
    yield http("redirect_user_in_location", pages({"/": redirect("http://me:pw@127.0.0.1/")}, response(b"x")), blind=True)
    yield http("redirect_auth_stays", pages({"/": redirect("/there"), "/there": response(b"there")}), block={
        "basic_auth": {"username": "user", "password": "secret"}, "headers": {"X-Mine": "1", "Cookie": "own=1"}})
    yield Case("http_redirect_to_other_host", "http", URL + "/", {
        "preferred_ip_protocol": "ip4", "headers": {"X-Mine": "1", "Cookie": "own=1", "Authorization": "Mine x"}},
        Tcp(pages({"/": lambda connection, _: connection.send(redirect(f"http://localhost:{connection.listener.port}/there")),
                   "/there": response(b"there")})))
    cookie = pages({"/": redirect("/there", "302 Found", "Set-Cookie: a=1; Path=/", "Set-Cookie: b=2; Path=/other"),
                    "/there": echoed_cookie})
    yield http("redirect_cookie", cookie, block={"fail_if_body_not_matches_regexp": ["^a=1$"]})
    yield http("redirect_cookie_beside_own", cookie, block={"headers": {"Cookie": "own=1"}})
    yield http("redirect_cookie_secure", pages({
        "/": redirect("/there", "302 Found", "Set-Cookie: a=1; Secure", "Set-Cookie: b=2; Domain=example.org", "Set-Cookie: c=3; Max-Age=0",
                      "Set-Cookie: d=4; HttpOnly"), "/there": echoed_cookie}))
    yield http("redirect_then_truncated", pages({"/": redirect("/there"), "/there": response(b"there", length=50)}))
    yield http("redirect_then_silence", pages({"/": redirect("/there"), "/there": lambda connection, _: connection.stall()}),
               timeout="500ms")


def checks():
    for code, listed in ((200, []), (201, []), (299, []), (404, []), (404, [200, 404]), (200, [404]), (503, [])):
        yield http(f"status_{code}_of_{'_'.join(map(str, listed)) or 'default'}", answers(response(b"body", f"{code} X")),
                   block={"valid_status_codes": listed})
    for versions in (["HTTP/1.1"], ["HTTP/1.0"], ["HTTP/2.0"], ["HTTP/1.1", "HTTP/2.0"], ["HTTP/1"]):
        yield http("version_" + "_".join(versions).replace("/", "").replace(".", ""), WELL, block={"valid_http_versions": versions})
    for name, key, patterns in (
            ("matches", "fail_if_body_matches_regexp", ["lazy"]), ("matches_second", "fail_if_body_matches_regexp", ["cat", "dog"]),
            ("matches_none", "fail_if_body_matches_regexp", ["cat"]), ("misses", "fail_if_body_not_matches_regexp", ["dog", "cat"]),
            ("misses_none", "fail_if_body_not_matches_regexp", ["^The", "dog"]), ("empty_pattern", "fail_if_body_matches_regexp", [""]),
            ("case", "fail_if_body_matches_regexp", ["(?i)LAZY"]), ("anchored_to_line", "fail_if_body_matches_regexp", ["(?m)^quick"])):
        yield http("body_" + name, WELL, block={key: patterns})
    yield http("body_not_utf8", answers(response(b"a\xff\xfeb\0c")), block={"fail_if_body_not_matches_regexp": ["a.+b", "c$"]})
    yield http("body_pattern_truncated", answers(response(b"hello", length=50)), block={"fail_if_body_not_matches_regexp": ["hello"]})
    yield http("body_pattern_not_reached", answers(response(TEXT, "404 X")), block={"fail_if_body_matches_regexp": ["lazy"]})
    tagged = answers(response(b"x", "200 OK", "Content-Type: text/javascript", "Set-Cookie: a=1; Domain=.example.org",
                              "Set-Cookie: b=2; Domain=.other.org", "X-Empty:"))
    for name, kind, header, pattern, missing in (
            ("matches", "matches", "Content-Type", "text/javascript", False), ("differs", "matches", "content-type", "text/plain", False),
            ("empty", "matches", "X-Empty", ".*", False), ("missing", "matches", "X-None", ".*", False),
            ("missing_allowed", "matches", "X-None", ".*", True), ("second_matches", "matches", "Set-Cookie", "other", False),
            ("wanted", "not_matches", "Content-Type", "^text/", False), ("wanted_differs", "not_matches", "content-type", "html", False),
            ("wanted_missing", "not_matches", "X-None", ".*", False), ("wanted_missing_allowed", "not_matches", "X-None", "x", True),
            ("wanted_second", "not_matches", "Set-Cookie", "other", False)):
        yield http("header_" + name, tagged, block={
            f"fail_if_header_{kind}": [{"header": header, "regexp": pattern, "allow_missing": missing}]})
    yield http("not_ssl", WELL, block={"fail_if_not_ssl": True})
    for name, date in {
            "rfc1123": "Mon, 02 Jan 2006 15:04:05 GMT", "rfc850": "Monday, 02-Jan-06 15:04:05 GMT", "ansi": "Mon Jan  2 15:04:05 2006",
            "other_zone": "Mon, 02 Jan 2006 15:04:05 CET", "rubbish": "yesterday", "epoch": "Thu, 01 Jan 1970 00:00:00 GMT",
            "before_epoch": "Tue, 02 Jan 1900 00:00:00 GMT", "wrong_weekday": "Sun, 02 Jan 2006 15:04:05 GMT",
            "one_digit": "Mon, 2 Jan 2006 15:04:05 GMT", "far": "Fri, 31 Dec 9999 23:59:59 GMT"}.items():
        yield http("modified_" + name, answers(response(b"x", "200 OK", f"Last-Modified: {date}")))


def expressions():
    for name, key, body, expression in (
            ("matches", "matches", b'{"foo":{"bar":"baz"}}', "body.foo.bar == 'baz'"),
            ("differs", "matches", b'{"foo":{"bar":"baz"}}', "body.foo.bar == 'qux'"),
            ("missing_key", "matches", b"{}", "body.foo.bar == 'baz'"), ("no_boolean", "matches", b'{"a":"b"}', "body.a"),
            ("no_json", "matches", b"hello", "body.a == 1"), ("empty", "matches", b"", "body == 1"),
            ("list", "matches", b'["a","b","baz"]', "body[2] == 'baz'"), ("true", "matches", b"true", "body"),
            ("wanted", "not_matches", b'{"foo":{"bar":"baz"}}', "body.foo.bar == 'baz'"),
            ("wanted_differs", "not_matches", b'{"foo":1}', "body.foo == 2"), ("integer", "not_matches", b'{"a":1}', "body.a == 1"),
            ("sum", "not_matches", b'{"a":1}', "body.a + 1 == 2"), ("sum_of_doubles", "not_matches", b'{"a":1}', "body.a + 1.0 == 2.0"),
            ("has", "not_matches", b"{}", "!has(body.foo)"), ("size", "not_matches", b'{"a":[1,2]}', "size(body.a) == 2"),
            ("all", "not_matches", b'{"a":[{"b":1},{"b":2}]}', "body.a.all(x, x.b > 0)"),
            ("exists", "not_matches", b'{"a":["x","y"]}', "body.a.exists(x, x == 'y')"),
            ("text", "not_matches", b'{"a":"hello world"}', "body.a.startsWith('hello') && body.a.matches('w.r')"),
            ("null", "not_matches", b'{"a":null}', "body.a == null"), ("in", "not_matches", b'{"a":"x"}', "body.a in ['x','y']"),
            ("trailing", "not_matches", b'{"a":1} x', "body.a == 1"), ("ternary", "not_matches", b'{"a":3}', "body.a > 2.0 ? true : false"),
            ("timestamp", "not_matches", b'{"t":"2024-01-02T03:04:05Z"}', "timestamp(body.t) > timestamp('2023-01-01T00:00:00Z')"),
            ("duration", "not_matches", b'{"d":"90s"}', "duration(body.d) > duration('1m')")):
        yield http("cel_" + name, answers(response(body)), block={f"fail_if_body_json_{key}_cel": expression}, since="0.26")
    yield http("cel_truncated", answers(response(b'{"a":', length=50)), block={"fail_if_body_json_matches_cel": "body.a == 1"}, since="0.26")
    yield http("cel_not_reached", answers(response(b"{}", "404 X")), block={"fail_if_body_json_matches_cel": "body.a == 1"}, since="0.26")
    yield http("cel_and_body_pattern", answers(response(b'{"a":1}')), block={
        "fail_if_body_json_not_matches_cel": "body.a == 1", "fail_if_body_not_matches_regexp": ["a"]}, since="0.26")



CASES = [*requests(), *lengths(), *misbehaviour(), *compression(), *redirects(), *checks(), *expressions()]
