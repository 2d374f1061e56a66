"""docs/benchmarks.md, written from the numbers kept of every size."""

from __future__ import annotations

from pathlib import Path

from benchmarks.community import LISTS
from benchmarks.marks import marks, total
from benchmarks.questions import NAMES
from benchmarks.results import Results

SIZES = ("small", "medium", "large")
GIB = 1 << 30
ENGINES = {
    "parquet": "DuckDB, the same Parquet",
    "core": "DuckDB, tables of `core`",
    "built": "DuckDB, finished tables",
    "explore": "`explore.retention`",
    "polars": "Polars",
    "clickhouse": "ClickHouse (chDB)",
    "pandas": "pandas",
}
STEPS = ("bare read", "load", "bare group by", "build", "run --full", "run, weeks before", "run, last week")
INTRO = """# Benchmarks

`make bench SIZE=small` (or `medium`, `large`) generates an inbox, measures the pipeline beside DuckDB alone
and beside its peers on the same machine, compares all answers, and writes this page from the numbers it
keeps in `benchmarks/results/`. What was learned on the way, and measurements by part:
[scaling.md](scaling.md).

## What is compared

- **Data:** invented communities of 52 weeks, a file a week and kind (`benchmarks/community.py`; the same
  seed and version of DuckDB give the same bytes). Small is 1 million messages of 10,000 members in 50
  groups; medium and large are 10 and 100 times as many of each. Message ids count up, ids repeat as ids do,
  and there is an order for every 40 messages.
- **Every measured thing is a process of its own**, one after the other, with the same number of threads.
  Seconds, CPU seconds and peak resident memory; medians of the runs; ratios are medians of the ratios of
  neighbours. An engine's time begins when it opens the files and ends with the
  answer as Python rows, its import left out; a command's time has its imports in it.
- **Bare read:** DuckDB's `create table as` of the CSV files of all four kinds, with a type for every column.
  **Load:** `groupfunnel load` of the same inbox: ledger, cell rules, keys, de-duplication, coverage,
  rejects.
- **Bare group by:** one `group by day, group_id, member_id` with a count over the loaded messages, into a
  temporary table. **Build:** every model on the loaded warehouse, without the gates.
- **`run --full`** of all weeks and **`run`** with the last week on the weeks before it: load, gates, build,
  report, publish.
- **Four questions** (`benchmarks/questions.py`): weekly cohort retention, the AARRR funnel, weekly revenue,
  participation and concentration by group, as [metrics.md](metrics.md) defines them, as integers. Polars
  (lazy, streaming), ClickHouse, pandas (filters pushed into pyarrow, ids as categories) and DuckDB read
  **the same Parquet files**, ids as text, and each question reads them anew: that is what the marks compare.
  Beside it, the same questions to the built warehouse: to the tables of `core`, which hold days and weeks of
  members ready made, to the finished tables, and to the macro `explore.retention`. DuckDB and ClickHouse
  have a memory limit, Polars and pandas have none.
- **Answers** have to be the same, to the last integer, from every engine and from the finished tables of the
  build (which leave out windows that are not over).

A mark is judged by seconds; CPU seconds stand beside it, because other work on the machine moves them less.
Load has a cost per file and the build one per model, which small sizes do not hide; one large CSV beside a
bare read of it is `make bench-load`. What the numbers say: [scaling.md](scaling.md#the-whole).
"""
REPEAT = """
## Repeat it

```sh
make bench                 # small: a few minutes
make bench SIZE=medium     # 8 GiB of disk
make bench SIZE=large      # 36 GiB of disk, hours with the peers
```

The peers come from `benchmarks/requirements.txt` into an environment of their own, `.venv-bench`. `make
bench PEERS=` measures without them, `make bench STEPS=load,build` some steps only. Other data, one part at a
time: `make bench-build`, `make bench-load`, `make bench-explore`, `make bench-report`.
"""


def write_page(page: Path, folder: Path) -> None:
    """Write the page from the results kept in `folder`."""
    parts = [INTRO]
    for size in SIZES:
        file = folder / f"{size}.json"
        if file.exists():
            parts.append(
                f"\n## {size.capitalize()}\n\n" + "\n".join(tables(Results.read(file), folder)) + "\n"
            )
        else:
            parts.append(f"\n## {size.capitalize()}\n\nNot run.\n")
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text("".join([*parts, REPEAT]), encoding="utf-8")


def tables(results: Results, folder: Path) -> list[str]:
    """All tables of one size, in lines of Markdown."""
    medium = folder / "medium.json"
    base = Results.read(medium) if results.size == "large" and medium.exists() else None
    lines = [_about(results), "", "| mark | asked | measured | |", "| --- | --- | --- | --- |"]
    lines += [f"| {m.name} | {m.asked} | {m.measured} | {m.verdict} |" for m in marks(results, base)]
    lines += ["", "| step | seconds | CPU seconds | peak memory | runs |", "| --- | --- | --- | --- | --- |"]
    for step in STEPS:
        if (found := results.median(step)) is not None:
            lines.append(
                f"| {step} | {found.seconds:.1f} | {found.cpu:.1f} | {_gib(found.peak_mib)} "
                f"| {_runs(results, step)} |"
            )
    if (slowest := results.median("build")) is not None:
        models = ", ".join(f"`{name}` {seconds} s" for name, seconds in slowest.told["slowest"])
        lines += [
            "",
            f"Of the build, the slowest of {slowest.told['models']} models (two at a time): {models}.",
        ]
    return lines + _answers(results)


def _about(results: Results) -> str:
    c, m = results.community, results.machine
    peers = "".join(f", {name} {m[name]}" for name in ("pandas", "pyarrow", "polars", "chdb") if name in m)
    files = 4 * c.weeks + len(LISTS)
    file = f"; warehouse {results.warehouse_bytes / GIB:.2f} GiB" if results.warehouse_bytes else ""
    rows = f" {results.rows['rejected']} rows rejected;" if results.rows else ""
    return (
        f"{c.messages_a_week * c.weeks:,} messages, {c.members:,} members, {c.groups:,} groups, "
        f"{c.weeks} weeks;{rows} {results.csv_bytes / GIB:.2f} GiB of CSV in {files} files{file}. "
        f"{m['day']}, {m['system']}, {m['cores']} cores, "
        f"{m['memory_gib']} GiB, {results.threads} threads, load average {m['load']} before and "
        f"{m.get('load_after')} after; Python {m['python']}, DuckDB {m['duckdb']}{peers}; "
        f"DuckDB's and ClickHouse's memory limit {results.memory.replace('GiB', ' GiB')}."
    )


def _answers(results: Results) -> list[str]:
    engines = [engine for engine in ENGINES if results.runs.get(f"retention by {engine}")]
    if not engines:
        return []
    lines = ["", f"| seconds (CPU seconds) | {' | '.join(NAMES)} | all four | peak memory |"]
    lines.append("| --- |" + " --- |" * (len(NAMES) + 2))
    for engine in engines:
        cells = []
        for question in NAMES:
            found = results.median(f"{question} by {engine}")
            cells.append(f"{found.seconds:.2f} ({found.cpu:.2f})" if found else "")
        whole = total(results, engine)
        peaks = [run.peak_mib for name in NAMES for run in results.runs.get(f"{name} by {engine}", [])]
        cells.append(f"{whole[0]:.2f} ({whole[1]:.2f})" if whole else "")
        lines.append(f"| {ENGINES[engine]} | {' | '.join(cells)} | {_gib(max(peaks))} |")
    different = sorted(name for name, is_same in results.agreement.items() if not is_same)
    same = sum(results.agreement.values())
    lines += ["", f"Answers: {same} of {len(results.agreement)} the same as those of DuckDB from Parquet."]
    if different:
        lines.append(f"**Different:** {', '.join(different)}.")
    lines += [f"Failed: {name}: {why}" for name, why in results.failed.items()]
    return lines


def _gib(mib: float) -> str:
    return f"{mib / 1024:.2f} GiB"


def _runs(results: Results, step: str) -> str:
    return ", ".join(f"{run.seconds:.1f}" for run in results.runs[step])
