# ruff: noqa: E501
"""Odd values: what stands in cells of files that went through many hands, or were made to harm."""

from __future__ import annotations

ODD_TEXTS = (
    "", " ", "\t", "\u00a0", "\u3000", "\u200b", "\ufeff", "\x00", "\x0f", "\x1f", "\x7f", "\u0085", "\u2028",
    "-", "null", "N/A", "#REF!", "NaN", "inf", "-Infinity", "True", "是", "0", "-0", "-1", "+1", "1e5", "1e999",
    "4.2E+27", "1_000", "0x10", "1,5", "1,234.50", "(12.00)", "¥1,234.50", "$5", "１２３", "٣٤", "²", "½", "⑤",
    "99999999999999999999", "9" * 400, "0." + "0" * 60 + "1", "1" * 5000, "-" * 200,
    "2026-02-30", "0000-00-00", "0001-01-01", "9999-12-31 23:59:59", "2026-03-29 02:30:00", "1969-12-31",
    "2026-13-01", "24:00", "2026-03-02T10:00:00+99:99", "2026-03-02T10:00:00Z", "46056.5", "1/2/26", "03.04.26",
    "2026年3月1日", "1772416800", "1772416800000", "-1772416800", "253402300800", "1e12", "1772416800.000100",
    "=1+1", "=HYPERLINK(\"http://x\")", "@SUM(A1)", "+cmd|' /C calc'!A0", "'007", "=\"007\"", "=\"",
    "'", '"', '""', '"""', "\\", "\\x0F", "\\u0000", "`", "';--", "%s", "{}", "[]", "${x}", "{0}", "*?[a]", "~",
    "\u202e", "abc\u202edcba", "\u2066x\u2069", "e\u0301", "👩‍👩‍👧‍👦", "🏳️‍🌈", "\U0001f1e8\U0001f1f3", "\U0010ffff", "ﷺ", "İ", "ß",
    "锟斤拷", "\ufffd", "Ã©", "<script>alert(1)</script>", "<a href=javascript:1>", "]]>", "<!DOCTYPE x>", "&amp;",
    "../../etc/passwd", "C:\\x", "a/b", "138****1234", "+86 139-1234-0077", "p_0123456789abcdef0123", "a@b.c",
    "合计", "Total", "g1", "x" * 300, "字" * 70, "a b c", "a,b;c|d\te", "line\nline", "line\r\nline", "line\rline",
)  # fmt: skip
# What JSON has beside texts, and what is no JSON and written all the same.
ODD_VALUES: tuple[object, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**53 + 1, 2**63, 2**64, 10**30, 10**400, -(10**20), 0.5, -0.0, 1e308,
    float("inf"), float("nan"), 1772416800, 1772416800000, 1772416800.5, [], {}, [None], [[]], [{}], [1, "x"],
    {"": ""}, {"id": None}, {"a": {"b": [1]}}, ["x"] * 50, [{"id": "1"}], "\ud800", "x\udc00y", "\x00", "\u2028",
)  # fmt: skip
ODD_BYTES = (
    b"\x00", b"\x00" * 8, b"\xff", b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\x1a", b"\x0b\x0c", b"\r", b"\n",
    b"\r\n", b"\n\n\n", b"\xe4\xbd", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"\x81\x30\x81\x30", b"\x80",
    b'"', b'""', b"'", b",", b",,,,", b"\t", b";", b"{", b"}", b"[", b"]", b":", b"\\", b"\\u", b"<", b">", b"&", b"--",
    b"PK\x03\x04", b"\x1f\x8b", b"PAR1", b"=", b"0", b"9" * 30, b"-", b"1e999", b"null", b"NaN", b"[" * 3000,
    b'{"a":' * 2000, b"\xe2\x80\xae", b"\xef\xbf\xbd", b"x" * 5000,
)  # fmt: skip
ENCODINGS = (
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "gb18030",
    "utf-32",
    "latin-1",
    "utf-7",
)
