"""Model files: `sql/<schema>/<table>.sql`, one plain select each, with a header and comments.

The header comments say what a row is (the table's comment), its `grain`, and may say `materialized: view`,
`engine: duckdb`, `partition`, `reach`, `grows` and `span` (increments.py says what they mean), which function
fills in what is not queried (`python: module.function`), and which concepts of the catalogue its columns are
(`concept: M14 = activated_7d_rate, …`, one line each). The trailing comment of each column of the last
select becomes the column's comment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import ModelError

SCHEMAS = (
    "staging", "core", "acquisition", "activation", "retention", "revenue", "referral", "group_health",
    "scorecard", "quality", "explore",
)  # fmt: skip
_CTE = re.compile(r"(?m)^\s*(?:with\s+)?(?:recursive\s+)?(\w+)(?:\s*\([^)]*\))?\s+as\s+\(")
_IMPORT = re.compile(r"(?m)^(with )?(\w+) as \(\s*select \* from (\w+\.\w+)\s*\),?")
_READ = re.compile(r"(?i)\b(distinct\s+)?\b(?:from|join)\s+([a-z_]\w*(?:\.[a-z_]\w*)?)")
KEYS = ("grain", "materialized", "engine", "partition", "reach", "grows", "span", "covers", "python")


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
    grows: str | None = None
    span: str | None = None

    @property
    def schema(self) -> str:
        """Schema of the table."""
        return self.name.split(".")[0]

    @property
    def file(self) -> str:
        """Path as a person writes it: sql/core/members.sql."""
        return f"sql/{self.schema}/{self.path.name}"


def read_models(root: Path) -> dict[str, Model]:
    """All models below `root`, by name. Raises ModelError naming file and line of what cannot be read."""
    models = {}
    for path in sorted(root.glob("*/*.sql")):
        if path.parent.name not in SCHEMAS:
            raise ModelError(f"sql/{path.parent.name}: not a schema that is known ({', '.join(SCHEMAS)}).")
        if path.parent.name == "explore":
            continue
        model = parse_model(path)
        models[model.name] = model
    if not models:
        raise ModelError(f"There are no models below {root}.")
    return models


def parse_model(path: Path) -> Model:
    """One model from its file. Raises ModelError when it is not one select with a header.

    Whether the select is well formed is for the engine to say when it runs it, with the line.
    """
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
    plain = _blanked(text)
    if not re.match(r"\s*(with|select)\b", plain) or ";" in plain.rstrip().removesuffix(";"):
        raise ModelError(f"{file}: a model is one select, nothing before and nothing after it.")
    if "grain" not in header and header.get("materialized") != "view":
        raise ModelError(f"{file}: the header has no `-- grain: column, …` line.")
    reads = _names_read(plain)
    local = {"unnest", *_CTE.findall(text)}
    for name, at in list(reads.items()):
        if "." not in name:
            if name not in local:
                raise ModelError(f"{file}, line {at}: {name} has no schema and is no CTE of this model.")
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
        grows=header.get("grows"),
        span=header.get("span"),
    )


def without_imports(sql: str) -> str:
    """The same select, reading each table where it is used and not through an import CTE.

    Planning a copy of every column of every import took a quarter of a small build. Lines keep their
    numbers, so that errors name the right one.
    """
    tables: dict[str, str] = {}

    def cut(match: re.Match[str]) -> str:
        tables[match[2]] = match[3]
        return (match[1] or "") + "\n" * match[0].count("\n")

    def named(match: re.Match[str]) -> str:
        # An alias of its own follows, or the import's name stays the name of the table.
        return f"{match[1]} {tables[match[2]]} as" + ("" if match[3] else f" {match[2]}")

    sql = _IMPORT.sub(cut, sql)
    if tables:
        read = rf"\b(from|join)\s+({'|'.join(tables)})\b(?! *[(.])(\s+as\b)?"
        sql = re.sub(read, named, sql)
    # An import that stood last leaves a comma before the select, nothing but imports a `with`.
    return re.sub(r"(?m)(?:^with|,)((?:\s|--[^\n]*)*)^select\b", r"\1select", sql)


def narrowed(sql: str, conditions: Mapping[str, str]) -> str:
    """The same select, with only those rows of an import for which the condition under its name holds."""

    def narrow(match: re.Match[str]) -> str:
        if match[3] not in conditions:
            return match[0]
        return match[0].replace(f"from {match[3]}", f"from {match[3]} where {conditions[match[3]]}", 1)

    return _IMPORT.sub(narrow, sql)


def _blanked(text: str) -> str:
    """The text with spaces for its comments and the texts in it: what is left is code."""
    return re.sub(r"--[^\n]*|'[^']*'", lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def _names_read(plain: str) -> dict[str, int]:
    """Names a model selects from or joins, each with the line it first stands in.

    By pattern: a name follows every `from` and `join` of the code. A test holds it against a parser, which
    takes ten times as long.
    """
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
