"""Seeds: one small true export per format, which the mutations start from.

The text files stand in `files/<seed>/<place in the inbox>`; what is packed, binary or encoded otherwise is
made from them here.
"""

from __future__ import annotations

import csv
import gzip
import io
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import duckdb

from pipelines.warehouse import literal
from tests.load.workbooks import packed, xlsx

FILES = Path(__file__).with_name("files")
# Invented people of the seeds: what no error and no inspection may ever repeat.
PERSONAL = (
    "Oriana Vexley", "欧阳测试员", "Tobin Quarrel", "13912340077", "139 1234 0077", "oriana@vexley.example",
    "the plum jam recipe stays between us",
)  # fmt: skip
Rows = list[list[str]]


@dataclass(frozen=True)
class Seed:
    """A file as users have it: its place in the inbox, its bytes, and what it must be recognised as.

    `reader` is a module of pipelines/readers, `platform` a file of pipelines/mappings ('' for none). `shape`
    says how its structure is mutated (table, json, jsonl, lines, zip, sheet, parquet), `encoding` what its
    text is in; `beside` are other files of the inbox.
    """

    name: str
    place: str
    content: bytes
    reader: str
    shape: str
    platform: str = ""
    encoding: str = "utf-8"
    beside: Mapping[str, bytes] = field(default_factory=dict)


@cache
def seeds() -> dict[str, Seed]:
    """Every seed by its name."""
    joins = _content("joins")
    text = joins.decode()
    rows = list(csv.reader(io.StringIO(text)))
    place = _path("joins").stem
    table = {"reader": "csv", "shape": "table"}
    listed = [
        _file("csv", platform="canonical", **table),
        Seed("csv_bom", f"{place}.csv", text.encode("utf-8-sig"), **table),
        Seed("csv_gb18030", f"{place}.csv", text.encode("gb18030"), encoding="gb18030", **table),
        Seed("csv_utf16", f"{place}.csv", text.encode("utf-16"), encoding="utf-16", **table),
        Seed("tsv", f"{place}.tsv", delimited(rows, "\t").encode(), **table),
        Seed("gz", f"{place}.csv.gz", gzip.compress(joins, mtime=0), "csv", "gz"),
        Seed("xlsx", f"{place}.xlsx", workbook(rows), "excel", "sheet"),
        Seed("parquet", f"{place}.parquet", parquet(rows), "parquet", "parquet"),
        _file("json", "json", "json"),
        _file("jsonl", "jsonl", "jsonl"),
        _file("orders", **table),
        _file("member_lists", **table),
        _file("aliases", **table),
        Seed(
            "zip", "exports.zip",
            packed({f"shop/{place}.csv": joins, "shop/joins.jsonl": _content("jsonl")}), "", "zip",
        ),
        _file("slack_analytics", platform="slack", **table),
        _file("weiban", platform="weiban", **table),
        _file("weimob", platform="weimob", **table),
        _file("wshoto", platform="wshoto", **table),
        _file("youzan", platform="youzan", **table),
        _file("shopify", "shopify", "table"),
        _file("telegram", "telegram", "json"),
        _file("telegram_account", "telegram", "json"),
        _file("discord", "discord", "json"),
        _file("discord_direct", "discord", "json"),
        _file("discord_csv", "discord_csv", "table"),
        *_slack(),
        _file("whatsapp", "whatsapp", "lines"),
        _file("whatsapp_zh", "whatsapp", "lines"),
        Seed(
            "whatsapp_zip", "WhatsApp Chat - Tea lovers.zip",
            packed({"_chat.txt": _content("whatsapp"), "00000001-PHOTO.jpg": b"\xff\xd8\xff"}),
            "whatsapp", "zip",
        ),
        _file("qq", "qq", "lines"),
        _file("irc", "irc", "lines"),
        _file("chatlog", "chatlog", "table"),
        _file("wecom_group", "wecom_group", "json"),
        _file("wecom_group_list", "wecom_group", "json"),
        _file("wecom_archive", "wecom_archive", "jsonl"),
        _file("wecom_event", "wecom_event", "lines"),
        _file("wecom_event_json", "wecom_event", "json"),
        _file("wecom_statistics", "wecom_statistics", "json"),
        _file("wecom_statistics_owner", "wecom_statistics", "json"),
    ]  # fmt: skip
    return {seed.name: seed for seed in listed}


def delimited(rows: Sequence[Sequence[str]], delimiter: str) -> str:
    """Rows as CSV."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue()


def workbook(rows: Sequence[Sequence[object]]) -> bytes:
    """Rows as a sheet; XML has no control bytes, and a workbook of hand no more than 26 columns."""
    told = [[_printable(cell) if isinstance(cell, str) else cell for cell in row[:26]] for row in rows]
    return xlsx({"Sheet1": told})


def parquet(rows: Sequence[Sequence[str]], types: Sequence[str] = ()) -> bytes:
    """Rows as a Parquet file: the first are the names, `types` (SQL) those of the first columns."""
    plain = [_plain(name) for name in rows[0]]
    names = [
        f'"{i}_{name}"' if name in plain[:i] or not name else f'"{name}"' for i, name in enumerate(plain)
    ]
    body = [[*row[: len(names)], *[""] * (len(names) - len(row))] for row in rows[1:]]
    told = [f"{_cast(name, types[i])} as {name}" if i < len(types) else name for i, name in enumerate(names)]
    values = ", ".join(f"({', '.join(literal(cell) for cell in row)})" for row in body)
    empty = f"({', '.join(['null::varchar'] * len(names))})"
    made = f"(values {values or empty}) as made({', '.join(names)})"
    with duckdb.connect(config={"threads": "1"}) as connection, tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "made.parquet"
        where = "" if body else " where false"
        connection.execute(
            f"copy (select {', '.join(told)} from {made}{where}) to '{target}' (format parquet)"
        )
        return target.read_bytes()


def _cast(name: str, kind: str) -> str:
    """A cell as another type; Parquet has no interval below zero."""
    cast = f"try_cast({name} as {kind})"
    return f"case when {cast} >= interval 0 second then {cast} end" if kind == "interval" else cast


def _plain(name: str) -> str:
    return name.replace('"', "'").replace("\x00", "")


def _printable(cell: str) -> str:
    return "".join(c for c in cell if c >= " " or c in "\t\n")


def _content(name: str) -> bytes:
    return _path(name).read_bytes()


def _path(name: str) -> Path:
    (path,) = (one for one in (FILES / name).rglob("*") if one.is_file())
    return path


def _file(name: str, reader: str, shape: str, platform: str = "") -> Seed:
    path = _path(name)
    return Seed(name, path.relative_to(FILES / name).as_posix(), path.read_bytes(), reader, shape, platform)


def _slack() -> list[Seed]:
    """The export zipped, and files of its unpacked folder, each with the others beside it."""
    root = FILES / "slack"
    files = {
        one.relative_to(root).as_posix(): one.read_bytes() for one in sorted(root.rglob("*")) if one.is_file()
    }
    folder = next(iter(files)).split("/")[0]
    inner = {name.removeprefix(f"{folder}/"): content for name, content in files.items()}
    made = [Seed("slack_zip", f"{folder}.zip", packed(inner), "slack", "zip")]
    for name, file in (
        ("slack_day", "general/2026-03-02.json"),
        ("slack_users", "users.json"),
        ("slack_channels", "channels.json"),
    ):
        place = f"{folder}/{file}"
        beside = {other: content for other, content in files.items() if other != place}
        made.append(Seed(name, place, files[place], "slack", "json", beside=beside))
    return made
