"""The model runner: `sql/<schema>/<table>.sql` files become tables and views, in the order their names imply.

A model is one plain select. Its header comments say what a row is (the table's comment), its `grain`, and
may say `materialized: view`, `engine: duckdb`, `partition` and `reach`, which function fills in what is not
queried (`python: module.function`), and which concepts of the catalogue its columns are (`concept: M14 =
activated_7d_rate, …`, one line each). The trailing comment of each column of the last select becomes the
column's comment. Order is inferred from the names the select reads from.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.errors import ModelError
from pipelines.python_steps import fill
from pipelines.warehouse import literal, quote

SCHEMAS = (
    "staging", "core", "acquisition", "activation", "retention", "revenue", "referral", "group_health",
    "scorecard", "quality", "explore",
)  # fmt: skip
_READ = re.compile(r"(?i)\b(distinct\s+)?\b(?:from|join)\s+([a-z_]\w*(?:\.[a-z_]\w*)?)")
KEYS = ("grain", "materialized", "engine", "partition", "reach", "covers", "python")
# Tables that the gates and the runner write themselves.
WRITTEN_BY_RUN = frozenset({"quality.checks", "quality.models", "quality.builds", "quality.restatements"})


@dataclass(frozen=True)
class Model:
    """One file: its name `schema.table`, its select, what its header declares and what it reads from."""

    name: str
    path: Path
    sql: str
    comment: str
    grain: tuple[str, ...]
    is_view: bool
    is_shared: bool
    partition: str | None
    reach: str | None
    reads: tuple[tuple[str, int], ...]
    columns: tuple[tuple[str, str], ...]
    concepts: tuple[tuple[str, tuple[str, ...]], ...] = ()
    python: str | None = None

    @property
    def schema(self) -> str:
        """Schema of the table."""
        return self.name.split(".")[0]

    @property
    def file(self) -> str:
        """Path as a person writes it: sql/core/members.sql."""
        return f"sql/{self.schema}/{self.path.name}"


@dataclass(frozen=True)
class Built:
    """A model that was run: how many rows it has (NULL for a view) and the seconds it took."""

    name: str
    rows: int | None
    seconds: float


def read_models(root: Path) -> dict[str, Model]:
    """All models below `root`, by name. Raises ModelError naming file and line of what cannot be read."""
    models = {}
    parser = duckdb.connect()
    for path in sorted(root.glob("*/*.sql")):
        if path.parent.name not in SCHEMAS:
            raise ModelError(f"sql/{path.parent.name}: not a schema that is known ({', '.join(SCHEMAS)}).")
        if path.parent.name == "explore":
            continue
        model = parse_model(path, parser)
        models[model.name] = model
    if not models:
        raise ModelError(f"There are no models below {root}.")
    return models


def parse_model(path: Path, parser: duckdb.DuckDBPyConnection | None = None) -> Model:
    """One model from its file. Raises ModelError when it is not one select with a header.

    `parser` is any connection; its grammar alone is used.
    """
    parser = parser or duckdb.connect()
    text = path.read_text(encoding="utf-8")
    file = f"sql/{path.parent.name}/{path.name}"
    header, comment = {}, []
    concepts: list[tuple[str, tuple[str, ...]]] = []
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        content = line[2:].strip()
        if match := re.match(r"^concept:\s*(M\d+)\s*=\s*(.+)$", content):
            concepts.append((match.group(1), tuple(name.strip() for name in match.group(2).split(","))))
        elif match := re.match(rf"^({'|'.join(KEYS)}):\s*(.+)$", content):
            header[match.group(1)] = match.group(2).strip()
        else:
            comment.append(content)
    try:
        statements = parser.extract_statements(text)
    except duckdb.Error as error:
        place = re.search(r"LINE (\d+):", str(error))
        reason = str(error).splitlines()[0].split("Error: ", 1)[-1]
        raise ModelError(f"{file}, line {place.group(1) if place else '?'}: {reason}") from error
    if len(statements) != 1 or statements[0].type.name != "SELECT":
        raise ModelError(f"{file}: a model is one select, nothing before and nothing after it.")
    if "grain" not in header and header.get("materialized") != "view":
        raise ModelError(f"{file}: the header has no `-- grain: column, …` line.")
    reads = _names_read(text)
    local = set(re.findall(r"(?m)^\s*(?:with\s+)?(?:recursive\s+)?(\w+)(?:\s*\([^)]*\))?\s+as\s+\(", text)) | {"unnest"}
    for name, line in list(reads.items()):
        if "." not in name:
            if name not in local:
                raise ModelError(f"{file}, line {line}: {name} has no schema and is no CTE of this model.")
            del reads[name]
    return Model(
        name=f"{path.parent.name}.{path.stem}",
        path=path,
        sql=text.rstrip().rstrip(";"),
        comment=" ".join(comment),
        grain=tuple(part.strip() for part in header.get("grain", "").split(",") if part.strip()),
        is_view=header.get("materialized") == "view",
        is_shared=path.parent.name != "staging" and header.get("engine", "any") == "any",
        partition=header.get("partition"),
        reach=header.get("reach"),
        reads=tuple(sorted(reads.items())),
        columns=column_comments(text),
        concepts=tuple(concepts),
        python=header.get("python"),
    )


def _names_read(text: str) -> dict[str, int]:
    """Names a model selects from or joins, each with the line it first stands in.

    By pattern: comments and texts are blanked, then a name follows every `from` and `join`. A test holds it
    against a parser, which takes ten times as long.
    """
    plain = re.sub(r"--[^\n]*|'[^']*'", lambda match: " " * len(match.group()), text)
    found: dict[str, int] = {}
    for match in re.finditer(_READ, plain):
        # `is distinct from` reads nothing.
        if match.group(1) is None:
            found.setdefault(match.group(2), plain.count("\n", 0, match.start(2)) + 1)
    return found


def column_comments(text: str) -> tuple[tuple[str, str], ...]:
    """(column, comment) of the last select of a model, in order; a column without a comment has ''."""
    lines = text.splitlines()
    start = max((i for i, line in enumerate(lines) if re.match(r"^select\b", line)), default=None)
    if start is None:
        return ()
    found: list[tuple[str, str]] = []
    depth, pending = 0, ""
    for line in lines[start + 1 :]:
        if depth == 0 and re.match(r"^(from|where|group by|order by|union|qualify|having)\b", line):
            break
        code, _, comment = line.partition(" -- ")
        code = code.strip()
        if not code or code.startswith("--"):
            continue
        words = re.sub(r"'[^']*'", "''", code)
        depth += words.count("(") - words.count(")")
        depth += len(re.findall(r"\bcase\b", words)) - len(re.findall(r"\bend\b", words))
        pending += " " + code
        if depth == 0 and (comment or code.endswith(",")):
            if name := re.search(r"([a-z_][a-z0-9_]*)\"?,?$", pending):
                found.append((name.group(1), comment.strip()))
            pending = ""
    return tuple(found)


def order_models(models: dict[str, Model], existing: Iterable[str]) -> list[Model]:
    """Models so that each comes after what it reads.

    `existing` are names that stand already (raw tables). Raises ModelError on an unknown name, with file and
    line, and on a cycle, with its path.
    """
    known = set(existing) | WRITTEN_BY_RUN
    done: dict[str, Model] = {}
    path: list[str] = []

    def visit(model: Model) -> None:
        if model.name in done:
            return
        if model.name in path:
            cycle = " → ".join([*path[path.index(model.name) :], model.name])
            raise ModelError(f"{model.file}: the models read from each other in a circle: {cycle}")
        path.append(model.name)
        for name, line in model.reads:
            if name in models:
                visit(models[name])
            elif name not in known:
                raise ModelError(f"{model.file}, line {line}: there is no {name}{_near(name, models, known)}")
        path.pop()
        done[model.name] = model

    for name in sorted(models, key=lambda n: (SCHEMAS.index(n.split(".")[0]), n)):
        visit(models[name])
    return list(done.values())


def _near(name: str, models: dict[str, Model], known: set[str]) -> str:
    import difflib

    match = difflib.get_close_matches(name, [*models, *known], n=1)
    return f"; did you mean {match[0]}?" if match else "."


def build_models(
    connection: duckdb.DuckDBPyConnection, models: dict[str, Model], report: Callable[[Built], None]
) -> list[Built]:
    """Run all models, test each grain, write comments; `report` hears of each. Raises ModelError."""
    existing = [
        f"raw.{row[0]}"
        for row in connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'raw'"
        ).fetchall()
    ]
    ordered = order_models(models, existing)
    for schema in SCHEMAS:
        connection.execute(f"create schema if not exists {schema}")
    results = []
    for model in ordered:
        started = time.perf_counter()
        rows = _build(connection, model)
        results.append(Built(model.name, rows, time.perf_counter() - started))
        report(results[-1])
    _comment(connection, ordered)
    _remember(connection, ordered)
    return results


def _comment(connection: duckdb.DuckDBPyConnection, models: list[Model]) -> None:
    """Write the comments of all models in one transaction: each of its own would wait for the disk.

    The tables themselves are committed one by one: of a table of the open transaction the optimizer knows no
    sizes, and takes the worst order of joins.
    """
    connection.execute("begin")
    for model in models:
        target = f"{model.schema}.{quote(model.path.stem)}"
        kind = "view" if model.is_view else "table"
        connection.execute(f"comment on {kind} {target} is {literal(model.comment)}")
        for column, comment in model.columns:
            if comment:
                connection.execute(f"comment on column {target}.{quote(column)} is {literal(comment)}")
    connection.execute("commit")


def _build(connection: duckdb.DuckDBPyConnection, model: Model) -> int | None:
    target = f"{model.schema}.{quote(model.path.stem)}"
    kind, other = ("view", "table") if model.is_view else ("table", "view")
    try:
        held = connection.execute(
            f"select count(*) from duckdb_{other}s() where schema_name = ? and {other}_name = ?",
            [model.schema, model.path.stem],
        ).fetchone()
        if held != (0,):
            connection.execute(f"drop {other} {target}")
        connection.execute(f"create or replace {kind} {target} as {model.sql}")
        if model.python:
            fill(connection, model, target)
    except duckdb.Error as error:
        line = re.search(r"LINE (\d+):", str(error))
        where = f", line {line.group(1)}" if line else ""
        raise ModelError(f"{model.file}{where}: {error}") from error
    if model.is_view:
        return None
    if model.grain:
        keys = ", ".join(model.grain)
        broken = connection.execute(
            f"select {keys}, count(*) from {target} group by {keys} having count(*) > 1 limit 3"
        ).fetchall()
        if broken:
            raise ModelError(
                f"{model.file}: the grain ({keys}) is not kept: {len(broken)} or more keys have several "
                f"rows, the first has {broken[0][-1]}."
            )
    row = connection.execute(f"select count(*) from {target}").fetchone()
    return int(row[0]) if row else 0


def _remember(connection: duckdb.DuckDBPyConnection, models: list[Model]) -> None:
    """Write quality.models: what was built, from which file, with which grain."""
    connection.execute(
        "create or replace table quality.models (schema_name varchar, table_name varchar, file varchar, "
        "grain varchar, is_view boolean, position integer)"
    )
    connection.executemany(
        "insert into quality.models values (?, ?, ?, ?, ?, ?)",
        [
            (m.schema, m.path.stem, m.file, ", ".join(m.grain) or None, m.is_view, i)
            for i, m in enumerate(models, start=1)
        ],
    )
    connection.execute("comment on table quality.models is 'Models that were built, one row each.'")
    for column, text in (
        ("schema_name", "schema of the model"), ("table_name", "its table or view"), ("file", "its SQL file"),
        ("grain", "columns that tell its rows apart"), ("is_view", "whether it is a view"),
        ("position", "its place in the order of the build"),
    ):  # fmt: skip
        connection.execute(f"comment on column quality.models.{column} is {literal(text)}")


def prune(connection: duckdb.DuckDBPyConnection, models: dict[str, Model]) -> list[str]:
    """Drop tables and views of the model schemas that no model makes any more; returns their names."""
    gone = []
    for kind in ("view", "table"):
        names = connection.execute(
            f"select schema_name, {kind}_name from duckdb_{kind}s() "
            f"where schema_name in ({', '.join('?' * len(SCHEMAS))}) and not internal",
            list(SCHEMAS),
        ).fetchall()
        for schema, table in names:
            if f"{schema}.{table}" not in models and f"{schema}.{table}" not in WRITTEN_BY_RUN:
                connection.execute(f"drop {kind} {schema}.{quote(table)}")
                gone.append(f"{schema}.{table}")
    return sorted(gone)
