"""A CSV file behind every table and figure of a page, made of the page's own cells and linked below them.

`window.groupfunnelCsv` in report.js makes the same bytes where there is no folder to link to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape

from pipelines.report.text import Text, attribute, word
from pipelines.tables import Digits, csv_text

FOLDER = "data"
OWN_LINK = "league"  # tables of this class link to a file of their own, with more rows than the page
TOKEN = re.compile(r"<(/?)([a-z][a-z0-9]*)((?:\s+[^\s=>/]+(?:=\"[^\"]*\")?)*)\s*/?>|([^<]+)|<!--.*?-->", re.S)
ATTRIBUTE = re.compile(r"\s([^\s=>/]+)(?:=\"([^\"]*)\")?")
BLOCK = re.compile(
    r"<(?P<tag>table|section|figure|h[1-6])\b(?P<attributes>[^>]*)>|</(?P<end>table|section|figure|h[1-6])>"
)
EMPTY = ("open", "null")
NUMBER = re.compile(r"[-+]?[\d.,]+(e[-+]?\d+)?", re.IGNORECASE | re.ASCII)


@dataclass
class _Cell:
    """One cell while it is read: its texts by language, and what its attributes say."""

    value: str | None
    is_empty: bool
    is_data: bool = False
    zh: str = ""
    en: str = ""
    title: str = ""

    def text(self) -> str:
        """Return the value for computers where there is one, else what is written, both languages."""
        if self.is_empty:
            return ""
        if self.is_data and self.value and NUMBER.fullmatch(self.value):
            return Digits(self.value)
        zh, en = (re.sub(r"\s+", " ", side).strip() for side in (self.zh, self.en))
        said = self.value if self.value else (zh if zh == en else f"{zh} / {en}")
        return "" if said == "—" else said or self.title


@dataclass
class _Reader:
    """The rows of one table, read token by token."""

    rows: list[list[str]] = field(default_factory=list)
    cell: _Cell | None = None
    more: int = 0
    languages: list[str] = field(default_factory=list)

    def read(self, html: str) -> list[list[str]]:
        """Return the rows of a table's HTML; a cell over several columns is followed by empty ones."""
        for close, tag, attributes, text in TOKEN.findall(html):
            if text:
                self._write(unescape(text))
            elif tag == "tr" and not close:
                self.rows.append([])
            elif tag in ("td", "th"):
                self._cell(tag, bool(close), attributes)
            elif tag == "span":
                self._span(bool(close), attributes)
            elif tag == "br":
                self._write(" ")
            elif self.cell is not None and not close and not self.cell.title:
                self.cell.title = unescape(dict(ATTRIBUTE.findall(attributes)).get("title", ""))
        return self.rows

    def _cell(self, tag: str, is_end: bool, attributes: str) -> None:
        if is_end and self.cell is not None:
            self.rows[-1].append(self.cell.text())
            self.rows[-1].extend([""] * self.more)
            self.cell = None
        elif not is_end:
            given = dict(ATTRIBUTE.findall(attributes))
            value = unescape(given["data-v"]) if given.get("data-v") else None
            self.cell = _Cell(
                value, any(kind in given.get("class", "").split() for kind in EMPTY), tag == "td"
            )
            self.more = int(given.get("colspan") or 1) - 1

    def _span(self, is_end: bool, attributes: str) -> None:
        if not is_end:
            self.languages.append(dict(ATTRIBUTE.findall(attributes)).get("lang", "")[:2])
        elif self.languages:
            self.languages.pop()

    def _write(self, text: str) -> None:
        if self.cell is None:
            return
        if "en" not in self.languages:
            self.cell.zh += text
        if "zh" not in self.languages:
            self.cell.en += text


def table_rows(html: str) -> list[list[str]]:
    """Return the texts of a table's cells."""
    return _Reader().read(html)


def with_csv(html: str, path: str, root: str) -> tuple[str, dict[str, str]]:
    """Link every table of a page to its CSV; returns the page and file -> content, in the folder `data`.

    `path` is the page's own inside the week, `root` leads from it to the week's folder. A table is named
    after its id, else after the figure or section it stands in.
    """
    stem = path.removesuffix(".html").replace("/", "-")
    files: dict[str, str] = {}
    pieces: list[str] = []
    place, start, name, kind = 0, 0, "table", ""
    heading = word("fig.csv")
    for mark in BLOCK.finditer(html):
        given = dict(ATTRIBUTE.findall(mark["attributes"] or ""))
        if mark["tag"] in ("section", "figure"):
            name = given.get("id") or given.get("aria-labelledby", "").removesuffix("-title") or name
        elif mark["tag"] == "table":
            start, kind, own = mark.start(), given.get("class", ""), given.get("id")
        elif mark["tag"]:
            start = mark.end()
        elif (mark["end"] or "").startswith("h"):
            heading = _heading(html[start : mark.start()])
        elif mark["end"] == "table" and OWN_LINK not in kind.split():
            file = _free(f"{FOLDER}/{stem}-{(own or name).removesuffix('-data')}", files)
            files[file] = csv_text(table_rows(html[start : mark.end()]))
            after = re.compile(r"\s*</div>").match(html, mark.end())
            end = after.end() if after and _in_scroll(html, start) else mark.end()
            pieces += [html[place:end], _link(root + file, heading)]
            place = end
    return "".join([*pieces, html[place:]]), files


def _in_scroll(html: str, start: int) -> bool:
    return html[max(start - 40, 0) : start].rstrip().endswith('<div class="scroll">')


def _free(name: str, files: dict[str, str]) -> str:
    number = 1
    while (file := f"{name}{'' if number == 1 else f'-{number}'}.csv") in files:
        number += 1
    return file


def _heading(html: str) -> Text:
    """Return a heading's words, without its small print."""
    reader = _Reader(rows=[[]], cell=_Cell(None, False))
    reader.read(re.sub(r"<small>.*?</small>", "", html, flags=re.S))
    assert reader.cell is not None
    return Text(reader.cell.zh.strip(), reader.cell.en.strip())


def _link(href: str, heading: Text) -> str:
    label = attribute("aria-label", Text("CSV：", "CSV: ") + heading)
    return f'\n<p class="csv"><a href="{href}" download{label}>CSV</a></p>'
