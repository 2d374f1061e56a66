"""The generated pages of docs/: columns, tables, concepts and commands, from the code that defines them.

`python -m pipelines.reference inputs` (or `tables`, `concepts`, `cli`) prints a page, `python -m
pipelines.reference write` writes them all into docs/ of the clone. A test fails when a page is out of date.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from pipelines.concepts import concepts_reference
from pipelines.contract import CONTRACT, SQL_TYPES, Column, Kind
from pipelines.models import Model, read_models
from pipelines.resources import shipped_path

TABLE_TOP = ("| column | type | what it is |", "| --- | --- | --- |")
DOCS = Path(__file__).parent.parent / "docs"
GENERATED = "This page is generated; `make docs` writes it anew and a test fails when it is out of date."

TYPE_WORDS = {
    "id": "text, never read as a number",
    "text": "text",
    "time": "`2026-03-01 20:15:00` (also with `/`, `T`, `2026年3月1日`, an offset); "
    "other formats in the settings",
    "date": "`2026-03-01`",
    "money": "`1234.50`; also `¥1,234.50`, `(12.00)`, full-width digits, fen with a unit",
    "number": "`3` or `2.5`",
    "integer": "`3`",
    "boolean": "yes/no, true/false, 1/0, 是/否",
    "enum": "one of the words listed, in any case",
}

INPUTS_HEAD = f"""# What goes in: export kinds and their columns

Four kinds of events (joins, messages, orders, invites) and nine optional lists. Any of them may be
absent: what can be computed is, and the rest says which export is missing. Put the files into the
inbox; a file whose name begins with its kind (`orders_2026-03-02_2026-03-08.csv`) and whose headers are
those below needs no settings. Other names and headers are mapped in the settings file, without code:
see `[[exports]]` in [groupfunnel.toml](../groupfunnel.toml) and the two worked
[examples](examples/README.md).

- **Formats:** CSV and TSV (UTF-8, UTF-8 with BOM, UTF-16, GB18030), Excel and OpenDocument sheets, JSON (one
  list of objects), JSON Lines and Parquet, plain or gzipped, and zip archives of these. The format is
  recognised by content, not by the file's name; [more on tables](platforms/excel-and-csv.md).
- **Platforms** whose exports need no settings: [WeCom](platforms/wecom.md),
  [SCRM tools](platforms/scrm.md) (Weiban, Wshoto), [WeChat](platforms/wechat.md), [QQ](platforms/qq.md),
  [Telegram](platforms/telegram.md), [WhatsApp](platforms/whatsapp.md), [Discord](platforms/discord.md),
  [Slack](platforms/slack.md), [IRC](platforms/irc.md); shops: [Youzan and Weimob](platforms/youzan.md),
  [Shopify](platforms/shopify.md).
- **What goes wrong** with exports, and what is done about it: [failure modes](failure-modes.md);
  how files that are cut, edited or damaged fare: [mutated files](fuzzing.md).
- **The folder** a file lies in, directly below the inbox, names its source; files of one source share
  their coverage.
- **Days covered:** two dates in the name say which days a file covers
  (`messages_2026-03-02_2026-03-08.csv`). Without them the days are inferred from the rows of all files
  of the source.
- **Again and again:** loading a file twice, overlapping exports, files in any order give the same
  tables.
- **A row that breaks a rule** is not dropped: it stands in `raw.rejects` with its reason, and is
  counted.
- **Columns that are not listed** stay out, with a warning. Names and message texts are never stored.

★ marks required columns. Times without an offset are of the time zone in the settings and become UTC.

{GENERATED}
"""

TABLES_HEAD = f"""# What comes out: every table of the warehouse

The tables and views of `data/warehouse.duckdb`, with the query that makes each. Definitions are in
[metrics.md](metrics.md). The same words are stored as comments in the warehouse:

```
groupfunnel sql "select column_name, comment from duckdb_columns() where table_name = 'weekly'"
```

*Key* is what tells the rows of a table apart; the build tests it. Times (`*_at`) are UTC without an
offset; days, weeks and months are dates of the business time zone. Rates are 0 to 1. An empty value
means not yet, or never observable; where a table has a column `reason`, it says which. Tables named
`scope_…` hold the community (`group_id` empty) and the groups side by side; `…_by_group` is the group
half of a table. Schema `raw` holds the rows as loaded, `staging` prepares them; both are for looking
things up, not for counting.

{GENERATED}
"""

CLI_HEAD = f"""# The command

`groupfunnel VERB [options]`. Every verb takes `--help`.

| exit code | meaning |
| --- | --- |
| 0 | done |
| 1 | anything not below, a bug perhaps |
| 2 | wrong use or settings |
| 3 | input or a critical check was refused; nothing was published, the last report stays |
| 4 | another run holds the lock |
| 6 | `status`: the report is old, or not of the warehouse that stands |
| 7 | `status`: the last run failed; `doctor`: something keeps a run from working |

{GENERATED}
"""


def inputs_reference() -> str:
    """The markdown of docs/inputs.md: every export kind and its columns, from the contract."""
    types = [f"| {name} | {SQL_TYPES[name]} | {words} |" for name, words in TYPE_WORDS.items()]
    parts = [
        INPUTS_HEAD,
        "## Types\n\n| type | stored as | written like |\n| --- | --- | --- |\n" + "\n".join(types) + "\n",
        *(_kind_section(kind) for kind in CONTRACT.values()),
    ]
    return "\n".join(parts)


def _kind_section(kind: Kind) -> str:
    event = "one of the four event kinds: it has coverage" if kind.is_event else "optional"
    told = (
        f"its `{kind.own_id}`; without one, its content and place among equal rows of the file"
        if kind.own_id
        else (" + ".join(f"`{name}`" for name in kind.key) or "its content")
    )
    lines = [
        f"## {kind.table}\n",
        f"{kind.comment} Event `{kind.name}`, {event}. A row is told apart by {told}.\n",
        *TABLE_TOP,
        *(
            f"| `{c.name}`{' ★' if c.is_required else ''} | {c.type} | {_column_words(c)} |"
            for c in kind.columns
        ),
        "",
    ]
    return "\n".join(lines)


def _column_words(column: Column) -> str:
    words = column.comment
    if column.values:
        words += f" ({', '.join(column.values)})"
        words += "; another word rejects the row" if column.is_strict else "; another word is read as empty"
    return _cell(words)


def tables_reference() -> str:
    """The markdown of docs/tables.md: every table by schema, from the models' headers and column comments.

    Types are those of the models built on an empty warehouse in memory. Raises ModelError when one does
    not build.
    """
    models = read_models(shipped_path("sql"))
    connection = _empty_warehouse(models)
    try:
        types = {
            (f"{schema}.{table}", column): data_type.lower()
            for schema, table, column, data_type in connection.execute(
                "select table_schema, table_name, column_name, data_type from information_schema.columns"
            ).fetchall()
        }
        raw = _raw_section(connection)
    finally:
        connection.close()
    schemas: dict[str, list[str]] = {}
    for name in sorted(models, key=lambda n: (_position(n), n)):
        schemas.setdefault(models[name].schema, []).append(_table_section(models[name], types))
    parts = [TABLES_HEAD]
    for schema, sections in schemas.items():
        parts += [f"## Schema {schema}\n", *sections]
    return "\n".join([*parts, raw])


def _position(name: str) -> int:
    from pipelines.models import SCHEMAS

    order = (*(s for s in SCHEMAS if s not in ("staging", "explore")), "staging", "explore")
    return order.index(name.split(".")[0])


def _empty_warehouse(models: dict[str, Model]) -> Any:
    import duckdb

    from pipelines.models import build_models
    from pipelines.raw import create_raw, write_settings
    from pipelines.settings import Settings

    connection = duckdb.connect()
    create_raw(connection)
    write_settings(connection, Settings())
    build_models(connection, models, lambda built: None)
    return connection


def _table_section(model: Model, types: dict[tuple[str, str], str]) -> str:
    key = ", ".join(f"`{column}`" for column in model.grain)
    about = [f"[{model.file}](../{model.file})"]
    about += ["a view"] if model.is_view else []
    about += [f"key: {key}"] if key else []
    lines = [
        f"### {model.name}\n",
        f"{model.comment}\n",
        " · ".join(about) + "\n",
        *TABLE_TOP,
        *(
            f"| `{name}` | {types.get((model.name, name), '')} | {_cell(text)} |"
            for name, text in model.columns
        ),
        "",
    ]
    return "\n".join(lines)


def _raw_section(connection: Any) -> str:
    """The tables of schema raw that are no export kind of their own; the kinds are in docs/inputs.md."""
    own = {kind.table for kind in CONTRACT.values()} | {"settings", "health_weights"}
    tables = connection.execute(
        "select table_name, comment from duckdb_tables() where schema_name = 'raw' order by table_name"
    ).fetchall()
    lines = [
        "## Schema raw\n",
        "The rows as loaded, one table per export kind, with the columns of [inputs.md](inputs.md) and six "
        "more: `source`, `load_id`, `row_number`, `event_key`, `row_hash`, `day`. Of `raw.messages` what can "
        "be computed is not stored: `event_key`, `row_hash` (from `content_key`, which only rows without an "
        "id have), and columns that no file has filled yet, which move to the end once one does. "
        "Besides them:\n",
    ]
    for table, comment in tables:
        if table in own:
            continue
        columns = connection.execute(
            "select column_name, data_type, comment from duckdb_columns() where schema_name = 'raw' "
            "and table_name = ? order by column_index",
            [table],
        ).fetchall()
        lines += [f"### raw.{table}\n", f"{comment}\n", *TABLE_TOP]
        lines += [f"| `{name}` | {kind.lower()} | {_cell(text or '')} |" for name, kind, text in columns]
        lines.append("")
    return "\n".join(lines)


def cli_reference() -> str:
    """The markdown of docs/cli.md: every verb of the command with its arguments and options."""
    from typer.main import get_command

    from pipelines.cli import app

    root: Any = get_command(app)
    parts = [CLI_HEAD]
    for name, command in _verbs(root):
        arguments = [p.name.upper() for p in command.params if p.param_type_name == "argument"]
        usage = " ".join([f"groupfunnel {name}", *arguments, "[options]"])
        rows = [_parameter_row(p) for p in command.params]
        parts.append(
            "\n".join([
                f"## {name}\n", f"{_plain(command.help)}\n", f"`{usage}`\n",
                "| argument or option | default | what it does |", "| --- | --- | --- |", *rows, "",
            ])
        )  # fmt: skip
    return "\n".join(parts)


def _verbs(group: Any) -> Iterator[tuple[str, Any]]:
    """The verbs of the command, those of a group (`lake export`) by both names."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from ((f"{name} {verb}", one) for verb, one in _verbs(command))
        else:
            yield name, command


def _parameter_row(parameter: Any) -> str:
    is_argument = parameter.param_type_name == "argument"
    name = parameter.name.upper() if is_argument else ", ".join(reversed(parameter.opts))
    shown = parameter.show_default
    default: object = "" if parameter.required else parameter.default
    if isinstance(shown, str):
        default = shown
    elif parameter.default is None or parameter.default is False or shown is False:
        default = ""
    return f"| `{name}` | {'required' if parameter.required else default} | {_cell(_plain(parameter.help))} |"


def _plain(markup: str | None) -> str:
    from rich.text import Text

    return " ".join(Text.from_markup(markup or "").plain.split())


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


PAGES: dict[str, Callable[[], str]] = {
    "inputs": inputs_reference,
    "tables": tables_reference,
    "concepts": lambda: concepts_reference(GENERATED),
    "cli": cli_reference,
}


def main(arguments: Iterable[str]) -> int:
    """Print one page, or write all of them into docs/; returns the exit code (2 for wrong use)."""
    wanted = list(arguments)
    if wanted == ["write"] and DOCS.is_dir():
        for name, page in PAGES.items():
            (DOCS / f"{name}.md").write_text(page(), encoding="utf-8")
        return 0
    if len(wanted) == 1 and wanted[0] in PAGES:
        sys.stdout.write(PAGES[wanted[0]]())
        return 0
    print(f"Give one of: {', '.join(PAGES)}, write (in a clone: writes docs/).", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
