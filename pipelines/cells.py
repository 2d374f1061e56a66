"""Cells: how the text of a cell becomes a typed value, as SQL, and what is wrong when it does not.

Everything works on `t_<column>`, the trimmed text of the cell, and gives `<column>`; see
typed_rows.typed_select.
"""

from __future__ import annotations

import re
from collections.abc import Container

from pipelines.contacts import PSEUDONYM, contact_sql, masked_sql, people_in_sql
from pipelines.contract import Column
from pipelines.people import pseudonym_sql, tombstone_sql
from pipelines.readers.text import ReadResult
from pipelines.settings import ColumnMapping
from pipelines.warehouse import literal

# Signs of a currency beside its code; the longer of two that begin alike comes first.
CURRENCY_SIGNS: dict[str, tuple[str, ...]] = {
    "CNY": ("RMB", "¥", "￥", "元", "圆"), "JPY": ("¥", "￥", "円"), "USD": ("US$", "$"),
    "HKD": ("HK$", "$"), "TWD": ("NT$", "$", "元"), "SGD": ("S$", "$"), "AUD": ("A$", "$"),
    "CAD": ("C$", "$"), "BRL": ("R$",), "MYR": ("RM",), "EUR": ("€",), "GBP": ("£",), "KRW": ("₩",),
    "INR": ("₹",), "THB": ("฿",), "VND": ("₫",), "RUB": ("₽",),
}  # fmt: skip
EARLIEST = "timestamp '2005-01-01 00:00:00'"
LATEST = "timestamp '2100-01-01 00:00:00'"
# Times of events lie within the export; what may follow on them has happened by now; plans may lie ahead.
EVENT_TIMES = ("occurred_at", "ordered_at", "invited_at")
PAST_TIMES = ("paid_at", "joined_at", "rewarded_at", "revoked_at", "team_completed_at", "taken_at", "left_at")
TRUE_WORDS = ("true", "t", "yes", "y", "1", "是", "对")
FALSE_WORDS = ("false", "f", "no", "n", "0", "否", "不")
# What people and programs write into a cell that has no value.
NOTHING_WORDS = ("-", "--", "—", "——", "/", "null", "(null)", "n/a", "#n/a", "none", "nil", "无", "空")
DAY_COUNT = "[34567][0-9]{4}(\\.[0-9]+)?"
# Written as they are: it stands in a query many times, and reading a query takes time by its length.
BLANKS = literal("\t\n\r \u00a0\u200b\u3000")
FORGOTTEN = "forgotten"
LOST = "holds characters that a wrong decoding destroyed. Export the file again as UTF-8"

NO_TOTAL = (
    "is not what the lines of the order add up to: an amount of the whole order may stand on each line. "
    "Map amount to what the line costs"
)

Rule = tuple[str, str]


def cell_text(
    column: Column, mapping: ColumnMapping, source: str | None, seen: ReadResult, *, is_plain: bool = False
) -> str:
    """SQL of the text of a cell: trimmed, its part extracted, its values mapped; NULL when nothing is left.

    `source` is the reader's column, None for a constant; `is_plain`: there is nothing to take away around it.
    """
    if mapping.const is not None or source is None:
        text = literal(mapping.const or "")
    elif is_plain:
        text = source
    else:
        text = f"nullif(trim({source}{', ' + BLANKS if seen.has_wide_blanks else ''}), '')"
        if seen.has_guards and not seen.is_document:
            text = _unguarded(text, is_text=column.type == "text")
        if column.type != "text" and not seen.is_document:
            words = ", ".join(map(literal, NOTHING_WORDS))
            # Only a short text can be one of them; its length is known, its letters are not.
            text = f"case when not (strlen({text}) <= 6 and lower({text}) in ({words})) then {text} end"
    if mapping.extract:
        text = f"nullif(regexp_extract({text}, {literal(mapping.extract)}, 1), '')"
    if mapping.values:
        whens = " ".join(f"when {literal(k.lower())} then {literal(v)}" for k, v in mapping.values.items())
        text = f"nullif(case lower({text}) {whens} else {text} end, '')"
    if column.is_personal and column.type == "id" and not column.is_required and not is_plain:
        # A masked number says nothing about who it is: the row stays, of an unknown person.
        text = f"case when not {masked_sql(text)} then {text} end"
    return text


def cell_people(column: Column, mapping: ColumnMapping) -> str:
    """SQL of whom `t_<column>` names by number or address (with `hash`, by anything): what is hashed.

    One text for an id, a list of them for a cell that names several; '' for a column without people.
    """
    if not column.is_personal:
        return ""
    text = f"t_{column.name}"
    if column.type == "id":
        return _hashed(text, mapping)
    several = f"list_transform({people_in_sql(text)}, lambda one: {_hashed('one', mapping)})"
    return f"list_filter({several}, lambda one: one is not null)"


def _hashed(text: str, mapping: ColumnMapping) -> str:
    found = contact_sql(text)
    if not mapping.hash:
        return found
    plain = f"regexp_full_match({text}, {literal(PSEUDONYM)}) or {masked_sql(text)} or {_is_scientific(text)}"
    return f"coalesce({found}, case when not ({plain}) then {text} end)"


def cell_value(
    column: Column,
    mapping: ColumnMapping,
    zone: str,
    limits: tuple[str, str],
    currency: str,
    epoch: str,
    *,
    is_forgetting: bool = False,
) -> str:
    """SQL of the typed value of a cell; NULL where the text is none. `limits` (SQL): last event, last past
    time; `epoch`: day 0 of the file's day counts, '' where it has none. Whom `k_<column>` names becomes a
    pseudonym; with `is_forgetting` the forgotten are left out.
    """
    text, who = f"t_{column.name}", f"k_{column.name}"
    match column.type:
        case "id" if column.is_personal:
            plain = f"case when not ({_is_scientific(text)} or {masked_sql(text)}) then {text} end"
            value = f"case when {who} is not null then {pseudonym_sql(who)} else {plain} end"
            if is_forgetting and not names_its_row(column):
                value = f"case when not {forgotten_sql(f'({value})')} then {value} end"
            return value
        case "id":
            return f"case when not ({_is_scientific(text)}) then {text} end"
        case "text" if column.is_personal:
            one = f"coalesce({pseudonym_sql(_hashed('one', mapping))}, one)"
            several = f"list_transform({people_in_sql(text)}, lambda one: {one})"
            value = f"case when len({who}) > 0 then array_to_string({several}, ' ') else {text} end"
            return without_sql(value, several, forgotten_sql("one")) if is_forgetting else value
        case "text":
            return text
        case "time":
            value = time_value(text, mapping, zone, epoch)
            return f"case when {value} between {EARLIEST} and {time_limit(column, limits)} then {value} end"
        case "date":
            return f"try_cast(try_cast({_local_time(text, epoch)} as timestamp) as date)"
        case "money":
            return _money(text, mapping.unit == "fen", currency)
        case "number":
            plain = plain_number(text, currency)
            return f"coalesce(try_cast({text} as decimal(18,4)), try_cast({plain} as decimal(18,4)))"
        case "integer":
            # A cast alone would round 12.6 to 13.
            whole = f"try_cast({text} as decimal(18,2))"
            return f"case when {whole} = floor({whole}) then try_cast({text} as bigint) end"
        case "boolean":
            yes, no = (", ".join(map(literal, words)) for words in (TRUE_WORDS, FALSE_WORDS))
            return f"case when lower({text}) in ({yes}) then true when lower({text}) in ({no}) then false end"
        case "enum":
            known = ", ".join(map(literal, column.values))
            return f"case when lower({text}) in ({known}) then lower({text}) end"


def time_limit(column: Column, limits: tuple[str, str]) -> str:
    """SQL timestamp after which a time of this column cannot lie; `limits` as for cell_value."""
    return limits[0] if column.name in EVENT_TIMES else limits[1] if column.name in PAST_TIMES else LATEST


def names_its_row(column: Column) -> bool:
    """Whether the row is a row of this person, and not one of somebody else that names them."""
    return column.is_personal and (column.is_required or column.name == "member_id")


def without_sql(value: str, several: str, is_gone: str) -> str:
    """SQL of a cell that names several people without those of them (`one`) of whom `is_gone` holds; a cell
    with none of them stays as it is.
    """
    kept = f"array_to_string(list_filter({several}, lambda one: not {is_gone}), ' ')"
    some = f"len(list_filter({several}, lambda one: {is_gone})) > 0"
    return f"case when {some} then nullif({kept}, '') else {value} end"


def forgotten_sql(value: str) -> str:
    """SQL: whether an id is of somebody forgotten."""
    return f"coalesce(list_contains(getvariable('forgotten'), {tombstone_sql(value)}), false)"


def cell_rules(column: Column, currency: str, has_lost_text: bool) -> list[Rule]:
    """(SQL condition, reason) of everything that makes a row wrong in this column, in the order it is
    told.
    """
    text, name = f"t_{column.name}", column.name
    rules: list[Rule] = []
    if column.is_required:
        rules.append((f"{text} is null", "is empty"))
    failed = f"{text} is not null and {name} is null"
    match column.type:
        case "id":
            rules.append((
                f"{failed} and {_is_scientific(text)}",
                "is a number in scientific notation: the id was lost in Excel. Export the column as text",
            ))  # fmt: skip
            if column.is_personal and column.is_required:
                rules.append((failed, "is a masked phone number, which is nobody's id"))
        case "time":
            rules.append((failed, "is not a time between 2005 and the end of the export"))
        case "date":
            rules.append((failed, "is not a date like 2026-03-01"))
        case "money":
            sign = f"regexp_matches({text}, {literal(other_currencies(currency))})"
            told = f"is in another currency than the project's {currency}: amounts of two are never added up"
            rules.append((f"{failed} and {sign}", told))
            rules.append((failed, "is not an amount of money"))
        case "number":
            rules.append((failed, "is not a number"))
        case "integer":
            rules.append((failed, "is not a whole number"))
        case "boolean":
            rules.append((failed, "is neither yes nor no"))
        case "enum" if column.is_strict:
            known = ", ".join(column.values)
            rules.append((failed, f"is none of {known}. Map it with values = {{…}} in the settings"))
    if column.name == "order_total":
        # Asked of the order, not of the row: totals.reject_wrong_totals.
        rules.append(("false", NO_TOTAL))
    if column.name == "currency":
        rules.append((f"upper({text}) <> {literal(currency)}", f"is not the project's currency {currency}"))
    if has_lost_text and column.type in ("id", "text"):
        rules.append((f"contains({text}, chr(65533)) or contains({text}, '锟斤拷')", LOST))
    return rules


def alias_rules(has: Container[str]) -> tuple[Rule, ...]:
    """What makes rows of an alias contradict each other: one id of two people at the same time. Nobody can
    tell which of them is right, so that none is taken. `has` are the columns of the file.
    """
    start = "coalesce(valid_from, timestamp '1970-01-01')" if "valid_from" in has else EARLIEST
    same = f"over (partition by alias_id, {start})"
    rules = [(
        f"min(member_id) {same} <> max(member_id) {same}",
        "is given to two people from the same time on: say until when it is whose (valid_from, valid_to)",
    )]  # fmt: skip
    if "valid_to" in has:
        by_time = f"over (partition by alias_id order by {start}, member_id)"
        rules.append((
            f"(lag(valid_to) {by_time} > {start} and lag(member_id) {by_time} <> member_id) "
            f"or (lead({start}) {by_time} < valid_to and lead(member_id) {by_time} <> member_id)",
            "belongs to two people at the same time: their spans overlap",
        ))  # fmt: skip
    return tuple(rules)


def _is_scientific(text: str) -> str:
    # Looking for the two characters first spares most cells the pattern.
    return f"(contains(upper({text}), 'E+') and regexp_full_match({text}, '[0-9]([.,][0-9]+)?[eE]\\+[0-9]+'))"


def time_value(text: str, mapping: ColumnMapping, zone: str, epoch: str) -> str:
    """SQL of the naive UTC instant that a text tells; arguments as for cell_value."""
    if mapping.unit in ("s", "ms"):
        factor = 1_000_000 if mapping.unit == "s" else 1_000
        # Wide enough that no number of a cell overflows; what is too large for a time becomes NULL.
        number = f"cast(try_cast({text} as decimal(18,3)) as decimal(28,3))"
        return f"make_timestamp(try_cast({number} * cast({factor} as decimal(7,0)) as bigint))"
    if mapping.format:
        parsed = f"try_strptime({text}, {literal(mapping.format)})"
        if "%z" in mapping.format or "%Z" in mapping.format:
            return f"timezone('UTC', {parsed})"
        return f"timezone('UTC', timezone({literal(zone)}, {parsed}))"
    plain = f"try_cast({_local_time(text, epoch)} as timestamp)"
    local = plain if zone == "UTC" else f"timezone('UTC', timezone({literal(zone)}, {plain}))"
    # An offset (Z, +08, +0800, +08:00) is asked for by its place before the pattern: a plain cast drops it.
    ends = " or ".join(f"{text}[{place}] in ('+', '-')" for place in (-3, -5, -6))
    offset = (
        f"length({text}) > 13 and ({text}[-1] in ('Z', 'z') or {ends}) "
        f"and regexp_matches({text}, '[0-9] ?([Zz]|[+-][0-9]{{2}}:?[0-9]{{2}}|[+-][0-9]{{2}})$')"
    )
    joined = f"replace(replace(replace({text}, '/', '-'), ' +', '+'), ' -', '-')"
    return f"case when {offset} then timezone('UTC', try_cast({joined} as timestamptz)) else {local} end"


def _local_time(text: str, epoch: str) -> str:
    """SQL: a date or time as people write it (2026/3/1 9:05, 2026年3月1日 9时05分, a day count) as a
    timestamp's text.
    """
    days = f"replace(replace(replace({text}, '年', '-'), '月', '-'), '日', ' ')"
    hours = f"rtrim(replace(replace(replace({days}, '时', ':'), '分', ':'), '秒', ''), ': ')"
    # An hour alone is no time to a timestamp.
    whole = f"case when {text}[-1] = '时' then {hours} || ':00' else {hours} end"
    written = (
        f"case when contains({text}, '/') then replace({text}, '/', '-') "
        f"when contains({text}, '年') then regexp_replace({whole}, ' +', ' ') else {text} end"
    )
    if not epoch:
        return written
    # To the second: a day count is not exact beyond a few microseconds.
    seconds = f"cast(round(cast({text} as double) * 86400) as bigint)"
    counted = f"cast(timestamp {literal(epoch)} + to_seconds({seconds}) as varchar)"
    return f"case when regexp_full_match({text}, {literal(DAY_COUNT)}) then {counted} else {written} end"


def _unguarded(text: str, is_text: bool) -> str:
    """SQL: a cell without what kept a spreadsheet from reading it: ="007" and '007; in free text an
    apostrophe stays one unless a formula follows.
    """
    guarded = f"starts_with({text}, '=\"') and {text}[-1] = '\"'"
    apostrophe = f"{text}[1] = chr(39)" + (f" and {text}[2] in ('=', '+', '-', '@')" if is_text else "")
    return (
        f"case when {guarded} then nullif(trim({text}[3:-2]), '') "
        f"when {apostrophe} then nullif(trim({text}[2:]), '') else {text} end"
    )


def plain_number(text: str, currency: str) -> str:
    """SQL: a number as people write it (¥1,234.50, (12.00), full-width digits) as plain digits.

    Only the signs of the project's currency are passed over: another one leaves no number. Commas count
    as separators of thousands only where they separate thousands: 12,50 is no number.
    """
    ascii_text = f"translate({text}, '０１２３４５６７８９．－＋，（）', '0123456789.-+,()')"
    signs = "|".join(re.escape(sign) for sign in (*CURRENCY_SIGNS.get(currency, ()), currency))
    pattern = f"(?i:{signs})|\\s"
    bare = f"regexp_replace({ascii_text}, {literal(pattern)}, '', 'g')"
    signed = f"regexp_replace({bare}, '^\\((.*)\\)$', '-\\1')"
    return (
        f"case when not contains({signed}, ',') then {signed} "
        f"when regexp_full_match({signed}, '[+-]?[0-9]{{1,3}}(,[0-9]{{3}})+(\\.[0-9]*)?') "
        f"then replace({signed}, ',', '') end"
    )


def other_currencies(currency: str) -> str:
    """Pattern of the signs of currencies that are not the project's."""
    own = {*CURRENCY_SIGNS.get(currency, ()), currency}
    known = {sign for signs in CURRENCY_SIGNS.values() for sign in signs} | CURRENCY_SIGNS.keys()
    return "(?i:" + "|".join(re.escape(sign) for sign in sorted(known - own)) + ")"


def _money(text: str, is_fen: bool, currency: str) -> str:
    # A cast of text rounds once, half away from zero, as money is; fen become yuan in decimals, never in
    # floats.
    kind = "decimal(18,2)"
    value = f"coalesce(try_cast({text} as {kind}), try_cast({plain_number(text, currency)} as {kind}))"
    if not is_fen:
        return value
    return f"try_cast(round({value} * cast(0.01 as decimal(2,2)), 2) as {kind})"
