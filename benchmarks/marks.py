"""The marks: what each asks, what was measured, whether it is met at a size, or why the size cannot say."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.questions import NAMES
from benchmarks.results import Results

MET, NOT_MET, PART = "met", "**not met**", "only a part was measured"
LIMITS = {"retention": 2.0, "funnel": 2.0, "revenue": 1.0, "groups": 1.0}
MEMORY_MIB = 8192
GROWN = ("load", "build", "run --full")


@dataclass(frozen=True)
class Mark:
    """One line of the table of marks."""

    name: str
    asked: str
    measured: str
    verdict: str


def marks(results: Results, medium: Results | None) -> list[Mark]:
    """Every mark for the numbers of one size; `medium` is what the growth of large is measured from."""
    return [
        _times(results, "load", "load", "bare read", 2.0, "a bare typed `create table as` of the CSVs"),
        _times(results, "build of all models", "build", "bare group by", 3.0, "one bare group by"),
        _times(results, "`run`, last week", "run, last week", "run --full", 0.10, "`run --full`"),
        *_pandas(results),
        *(_peers(results, question, "parquet") for question in NAMES),
        _peers(results, "retention", "explore"),
        _growth(results, medium),
        _memory(results),
        _bytes(results),
    ]


def _times(results: Results, name: str, ours: str, other: str, limit: float, what: str) -> Mark:
    asked = f"≤ {limit:.2f} × {what}"
    found = results.ratio(ours, other)
    if found is None:
        return Mark(name, asked, "", "not measured")
    told = f"{found[0]:.2f} × the seconds, {found[1]:.2f} × the CPU seconds"
    return Mark(name, asked, told, MET if found[0] <= limit else NOT_MET)


def total(results: Results, engine: str) -> tuple[float, float, float] | None:
    """Seconds and CPU seconds of all four questions, and the largest memory."""
    found = [results.median(f"{question} by {engine}") for question in NAMES]
    known = [one for one in found if one is not None]
    if len(known) < len(NAMES):
        return None
    return sum(one.seconds for one in known), sum(one.cpu for one in known), max(o.peak_mib for o in known)


def _pandas(results: Results) -> list[Mark]:
    names = ("four questions, beside pandas", "their memory, beside pandas")
    asked = ("≥ 20 × faster", "≤ 1/5")
    mine, theirs, core = (total(results, engine) for engine in ("parquet", "pandas", "core"))
    if mine is None or theirs is None:
        return [Mark(name, ask, "", "not measured") for name, ask in zip(names, asked, strict=True)]
    faster, less = theirs[0] / mine[0], mine[2] / theirs[2]
    told = f"{faster:.1f} × from the same Parquet"
    memory = f"{less:.2f} × from the same Parquet"
    is_fast, is_small = faster >= 20, less <= 0.2
    if core is not None:
        told += f", {theirs[0] / core[0]:.1f} × from the warehouse"
        memory += f", {core[2] / theirs[2]:.2f} × from the warehouse"
    verdicts = [MET if is_fast else NOT_MET, MET if is_small else NOT_MET]
    if results.size != "medium":
        verdicts = ["asked of medium"] * 2
    return [Mark(names[0], asked[0], told, verdicts[0]), Mark(names[1], asked[1], memory, verdicts[1])]


def _peers(results: Results, question: str, engine: str) -> Mark:
    limit = LIMITS[question]
    told, worst = [], 0.0
    for peer, label in (("polars", "Polars"), ("clickhouse", "ClickHouse")):
        found = results.ratio(f"{question} by {engine}", f"{question} by {peer}")
        core = engine == "parquet" and results.ratio(f"{question} by core", f"{question} by {peer}")
        if found is None:
            continue
        worst = max(worst, found[0])
        beside = f" ({core[0]:.2f} × from the warehouse)" if core else ""
        told.append(f"{found[0]:.2f} × {label}{beside}")
    name, where = (question, ", same Parquet") if engine == "parquet" else ("`explore.retention`", "")
    asked = f"≤ {limit:.1f} × Polars and ClickHouse{where}"
    verdict = "not measured" if not told else MET if worst <= limit else NOT_MET
    return Mark(name, asked, "; ".join(told), verdict)


def _growth(results: Results, medium: Results | None) -> Mark:
    name, asked = "time from 10 to 100 million messages", "≤ 11 ×"
    if results.size != "large":
        return Mark(name, asked, "", "only large says")
    grown = {}
    for step in GROWN if medium is not None else ():
        before, now = medium.median(step), results.median(step)  # type: ignore[union-attr]
        if before is not None and now is not None:
            grown[step] = (now.seconds / before.seconds, now.cpu / before.cpu)
    if not grown:
        return Mark(name, asked, "", "not measured")
    told = "; ".join(
        f"{step} {one:.1f} × the seconds, {cpu:.1f} × the CPU" for step, (one, cpu) in grown.items()
    )
    verdict = MET if max(one for one, _ in grown.values()) <= 11 else NOT_MET
    return Mark(name, asked, told, verdict if len(grown) == len(GROWN) or verdict == NOT_MET else PART)


def _memory(results: Results) -> Mark:
    name, asked = "peak memory at 100 million", "≤ 8 GiB"
    steps = [step for step in (*GROWN, "run, last week") if results.runs.get(step)]
    peaks = [run.peak_mib for step in steps for run in results.runs[step]]
    if not peaks:
        return Mark(name, asked, "", "not measured")
    told = f"{max(peaks) / 1024:.2f} GiB, DuckDB's limit {results.memory.replace('GiB', ' GiB')}"
    verdict = NOT_MET if max(peaks) > MEMORY_MIB else MET if "run --full" in steps else PART
    told += "" if "run --full" in steps else f"; {', '.join(steps)} only"
    return Mark(name, asked, told, verdict if results.size == "large" else "only large says")


def _bytes(results: Results) -> Mark:
    name, asked = "warehouse file", "≤ 40 bytes a message"
    if not results.warehouse_bytes:
        return Mark(name, asked, "", "not measured")
    each = results.warehouse_bytes / results.rows["messages"]
    return Mark(name, asked, f"{each:.1f} bytes", MET if each <= 40 else NOT_MET)
