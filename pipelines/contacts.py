"""Phone numbers and e-mail addresses in the place of ids: one spelling of each, in Python and in SQL.

Whoever knows a number can find the person by it, so that such ids become pseudonyms (people.py). One spelling
comes first: +86, blanks, dashes and full-width digits must not make two people of one. A masked number
(138****1234) is nobody's id: two people share it.
"""

from __future__ import annotations

import re
from functools import cache

from pipelines.warehouse import literal

WIDE = "０１２３４５６７８９＋－（）．＠　"
NARROW = "0123456789+-().@ "
# Marks of direction and width that chat apps write around numbers.
INVISIBLE = r"[\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}\x{2066}-\x{2069}\x{feff}]"
FILLERS = r"[\s\x{a0}\x{2010}-\x{2015}().-]"
MOBILE = r"(?:tel:)?(?:\+?86|0086)?(1[3-9][0-9]{9})"
ABROAD = r"(?:tel:)?(\+[0-9]{7,15})"
MAIL = r"[^@\s]+@[^@\s]+\.[^@\s.]+"
# A mobile number inside other text (a nickname with the number behind it).
WITHIN = r"(^|[^0-9])1[3-9][0-9]{9}([^0-9]|$)"
# What people.py made already is not hashed again.
PSEUDONYM = r"p_[0-9a-f]{20}"
# What all of them have: looked for first, it spares other ids the rest.
PROBABLE = r"[@＠+＋]|[0-9０-９][^A-Za-z_]{6}"
MASKED = r"1[3-9][0-9][*＊•·●xX#]{4,6}[0-9]{2,4}"
# People in one cell stand apart by a blank, comma or semicolon; a number of several parts is one of them.
SPLIT = r"[\s,;，；、]+"
PARTS = r"(?:(\+[0-9]{1,3}|\b86)[ -]?|\b)(1[3-9][0-9])[ -]([0-9]{4})[ -]([0-9]{4})\b"
PARTS_ABROAD = r"\+([0-9]{1,3})[ -]\(?([0-9]{2,5})\)?[ -]?([0-9]{3,8})(?:[ -]([0-9]{2,5}))?"


def _python(pattern: str) -> str:
    return re.sub(r"\\x\{([0-9a-f]+)\}", lambda m: f"\\u{int(m.group(1), 16):04x}", pattern)


_INVISIBLE, _FILLERS = re.compile(_python(INVISIBLE)), re.compile(_python(FILLERS), re.ASCII)
_MOBILE, _ABROAD, _MAIL = re.compile(MOBILE), re.compile(ABROAD), re.compile(MAIL, re.ASCII)
_WITHIN, _MASKED, _PSEUDONYM = re.compile(WITHIN), re.compile(MASKED), re.compile(PSEUDONYM)
_NARROW = str.maketrans(WIDE, NARROW)


def contact(text: str) -> str | None:
    """The one spelling of a phone number (+8613800138000) or e-mail address; None where a text is neither.

    A text with a mobile number in it counts as one too, as it stands.
    """
    bare = _INVISIBLE.sub("", text).translate(_NARROW).strip(" ")
    compact = _FILLERS.sub("", re.sub(r"\.0+$", "", bare))
    if found := _MOBILE.fullmatch(compact):
        return "+86" + found.group(1)
    if found := _ABROAD.fullmatch(compact):
        return found.group(1)
    if _MAIL.fullmatch(bare):
        return bare.lower()
    return bare if _WITHIN.search(bare) and not _PSEUDONYM.fullmatch(bare) else None


def is_masked(text: str) -> bool:
    """Whether a text is a number or address with its middle blotted out."""
    return "**" in text or "＊＊" in text or _MASKED.fullmatch(text) is not None


def contact_sql(text: str) -> str:
    """SQL of `contact` of a text; NULL where it is neither number nor address."""
    # Each pattern of a query takes time before its first row; characters are left out without one.
    bare = f"trim(translate({text}, {_characters(WIDE, INVISIBLE)}, {literal(NARROW)}), ' ')"
    compact = f"translate(regexp_replace({bare}, '\\.0+$', ''), {_characters('', FILLERS)}, '')"
    mobile, abroad = (
        f"nullif(regexp_extract({compact}, {literal(f'^(?:{pattern})$')}, 1), '')"
        for pattern in (MOBILE, ABROAD)
    )
    return (
        f"case when regexp_matches({text}, {literal(PROBABLE)}) then coalesce('+86' || {mobile}, {abroad}, "
        f"case when regexp_full_match({bare}, {literal(MAIL)}) then lower({bare}) "
        f"when regexp_matches({bare}, {literal(WITHIN)}) "
        f"and not regexp_full_match({bare}, {literal(PSEUDONYM)}) then {bare} end) end"
    )


@cache
def _characters(first: str, pattern: str) -> str:
    """SQL of a text: `first`, and the characters that a class of them matches."""
    found = re.compile(_python(pattern), re.ASCII)
    return literal(first + "".join(chr(code) for code in range(1, 0x10000) if found.fullmatch(chr(code))))


def masked_sql(text: str) -> str:
    """SQL of `is_masked` of a text."""
    return (
        f"(contains({text}, '**') or contains({text}, '＊＊') "
        f"or (length({text}) between 9 and 13 and regexp_full_match({text}, {literal(MASKED)})))"
    )


def people_in_sql(text: str) -> str:
    """SQL: the people named in one cell, as a list of texts; a number written in parts is one of them."""
    joined = f"regexp_replace({text}, {literal(PARTS)}, '\\1\\2\\3\\4', 'g')"
    joined = f"regexp_replace({joined}, {literal(PARTS_ABROAD)}, '+\\1\\2\\3\\4', 'g')"
    return f"list_filter(regexp_split_to_array({joined}, {literal(SPLIT)}), lambda one: one <> '')"
