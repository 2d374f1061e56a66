"""Turn page contexts into HTML files: one Jinja environment, everything escaped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from jinja2 import BytecodeCache, Environment, PackageLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup

from pipelines.report.drawings import bar, heat_class, pair, sparkline
from pipelines.report.metrics import metric
from pipelines.report.numbers import Value, known, week_label, week_short, written
from pipelines.report.reasons import is_open_reason, reason
from pipelines.report.share import HIDDEN, STAR
from pipelines.report.text import Text, attribute, plain, word

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self'; connect-src 'none'; base-uri 'none'; form-action 'none'"
)
LANGUAGE_TAGS = {"zh": "zh-CN", "en": "en"}


@dataclass(frozen=True)
class Page:
    """One file to write: its path inside the week's folder, its template and what the template needs."""

    path: str
    template: str
    context: Mapping[str, Any]


class _Compiled(BytecodeCache):
    """Templates as they were compiled by this process: the second report of a run compiles none again."""

    held: ClassVar[dict[str, bytes]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what is held of a template, unless its text is another."""
        if bucket.key in self.held:
            bucket.bytecode_from_string(self.held[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Hold a template."""
        self.held[bucket.key] = bucket.bytecode_to_string()


def environment(currency: str, small_n: int = 30) -> Environment:
    """Return the environment of one report: its currency, and the base below which a rate is grey."""
    env = Environment(
        loader=PackageLoader("pipelines.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        bytecode_cache=_Compiled(),
    )
    env.filters["week"] = week_label
    env.filters["week_short"] = week_short
    env.filters["reason"] = reason

    def term(key: str, root: str = "", label: Text | None = None) -> Markup:
        item = metric(key)
        return Markup('<a class="term" href="{}glossary.html#{}" data-def="{}">{}</a>').format(
            root, key, key, label or item.label
        )

    def column(key: str, root: str = "") -> Markup:
        """Write a column heading that may break before its bracket only."""
        label = metric(key).label
        return term(key, root, Text(label.zh.replace("(", "\u200b(").replace(" 天", "\u00a0天"), label.en))

    def brief(key: str, root: str = "") -> Markup:
        """Write a column heading without its bracket, where the table itself says of what it is."""
        label = metric(key).label
        return term(
            key, root, Text(label.zh.split("(")[0].replace(" 天", "\u00a0天"), label.en.split(" (")[0])
        )

    def number(value: Value, unit: str, compact: bool = False, signed: bool = False) -> Text:
        return written(value, unit, currency, compact, signed)

    def cell(
        value: Value,
        unit: str,
        why: object = None,
        base: Value = None,
        is_open: bool = False,
        extra: str = "",
    ) -> Markup:
        """Write one table cell in its state: a value, a true zero, still open, or NULL with its reason."""
        return _cell(value, written(value, unit, currency), why, base, is_open, extra, small_n)

    env.globals.update(
        T=word,
        term=term,
        column=column,
        brief=brief,
        number=number,
        cell=cell,
        sparkline=sparkline,
        pair=pair,
        bar=bar,
        heat_class=heat_class,
        both=attribute,
        policy=POLICY,
        plain=plain,
        metric=metric,
        known=known,
        small_n=small_n,
    )
    return env


def _cell(
    value: Value, shown: Text, why: object, base: Value, is_open: bool, extra: str, small: int
) -> Markup:
    size, count = known(value), known(base)
    if size is None:
        kind = "open" if is_open or is_open_reason(why) else "null"
        kind = "hidden" if why == HIDDEN else kind
        note = word("state.open") if kind == "open" else reason(why)
        shown_as = {"open": "", "null": "—", "hidden": STAR}[kind]
        return Markup('<td class="n {} {}"{}>{}</td>').format(kind, extra, attribute("title", note), shown_as)
    classes = ["n", extra]
    note_text = None
    if count is not None and count < small:
        classes.append("small")
        note_text = word("card.small", n=f"{count:,.0f}", small=small)
    return Markup('<td class="{}" data-v="{}"{}>{}</td>').format(
        " ".join(part for part in classes if part), f"{size:.6g}", attribute("title", note_text), shown
    )


def render(env: Environment, page: Page) -> str:
    """Return the page's HTML. Raises jinja2.UndefinedError where a template asks for what is not there."""
    html = env.get_template(page.template).render(**page.context)
    return re.sub(r"\n\s*\n+", "\n", html).strip() + "\n"


def tag(language: str) -> str:
    """Return the BCP 47 tag of a report language."""
    return LANGUAGE_TAGS[language]
