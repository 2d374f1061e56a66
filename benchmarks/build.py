"""How long every model takes on the sample, multiplied: `python benchmarks/build.py --messages 1000000`.

The sample generator writes exports with about that many messages: people and groups as in data/sample times
`--scale`, the messages of each multiplied to fit. They are loaded with the default settings, then every
model is built once on the loaded warehouse. Printed: seconds of each step, rows, peak memory of this process
and the slowest models. What is generated, loaded and built lies in a temporary folder, or in `--keep`,
where a second run builds again from what was loaded by the first.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from pipelines.load import load_all, take_inventory
from pipelines.models import build_models, read_models
from pipelines.raw import create_raw, write_settings
from pipelines.resources import shipped_path
from pipelines.sample import generate
from pipelines.settings import load_settings
from pipelines.warehouse import open_warehouse

SAMPLE_MESSAGES = 79_730  # of seed 7 at scale 1
SLOWEST = 10


def peak_gib() -> float:
    """Largest resident memory of this process so far."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**30


def say(step: str, seconds: float, what: str) -> None:
    """One line of the result."""
    print(f"{step:10} {seconds:8.1f} s   {what}; peak {peak_gib():.2f} GiB", flush=True)


def measure(folder: Path, messages: int, scale: float, seed: int) -> None:
    """Generate and load unless the folder has a warehouse already, then build every model."""
    settings = load_settings(None)
    inbox, warehouse = folder / "inbox", folder / "warehouse.duckdb"
    loaded = folder / "loaded"  # a loading that was broken off is not used again
    is_loaded = loaded.exists()
    if not is_loaded:
        warehouse.unlink(missing_ok=True)
        begin = time.perf_counter()
        generate(inbox, seed=seed, scale=scale, message_factor=messages / (SAMPLE_MESSAGES * scale))
        say("generate", time.perf_counter() - begin, f"seed {seed}, scale {scale:g}")
    connection = open_warehouse(warehouse)
    try:
        create_raw(connection)
        if not is_loaded:
            begin = time.perf_counter()
            files = take_inventory(connection, inbox, settings)
            load_all(connection, files, settings, datetime.now(UTC), lambda *_: None)
            say("load", time.perf_counter() - begin, f"{len(list(inbox.iterdir()))} files")
            loaded.touch()
        write_settings(connection, settings)
        for table in ("messages", "joins", "orders", "invites"):
            found = connection.execute(f"select count(*) from raw.{table}").fetchone()
            print(f"{'':10} {found[0] if found else 0:>10,} {table}")
        begin = time.perf_counter()
        built = build_models(connection, read_models(shipped_path("sql")), lambda _: None)
        rows = sum(model.rows or 0 for model in built)
        say("build", time.perf_counter() - begin, f"{len(built)} models, {rows:,} rows")
    finally:
        connection.close()
    for model in sorted(built, key=lambda model: -model.seconds)[:SLOWEST]:
        print(f"{'':10} {model.seconds:8.2f} s   {model.name} ({model.rows or 0:,} rows)")


def main() -> None:
    """Read the arguments and measure once."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--messages", type=int, default=1_000_000, help="about so many (default: 1,000,000)")
    parser.add_argument("--scale", type=float, default=1.0, help="people and groups, 1 is 5,900 in 40")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--keep", type=Path, help="folder to keep and to use again")
    given = parser.parse_args()
    if given.keep is not None:
        given.keep.mkdir(parents=True, exist_ok=True)
        measure(given.keep, given.messages, given.scale, given.seed)
        return
    with tempfile.TemporaryDirectory(prefix="groupfunnel-benchmark-") as scratch:
        measure(Path(scratch), given.messages, given.scale, given.seed)


if __name__ == "__main__":
    main()
