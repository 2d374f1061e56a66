"""How much time and memory a chat export of a size takes: python benchmarks/large_chat.py [GiB] [folder].

Writes a result.json of invented messages, loads it into a new warehouse under a memory limit for DuckDB of
512 MiB, and prints rows, seconds and the peak of memory.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from pipelines.inventory import take_inventory
from pipelines.load import load_all
from pipelines.raw import create_raw
from pipelines.settings import Settings
from pipelines.warehouse import open_warehouse

GIB = 1 << 30
FIRST = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
PEOPLE = 20_000
TEXT = "the price of tea in the morning is what we talk about when nobody else is here "


def write_chat(path: Path, size: int) -> int:
    """Write a chat of about `size` bytes; returns how many entries it has. Every hundredth is a join."""
    number = 0
    with path.open("w", encoding="utf-8") as out:
        out.write('{\n "name": "Tea",\n "type": "public_supergroup",\n "id": 7,\n "messages": [\n')
        while out.tell() < size:
            lines, is_first = [], number == 0
            for _ in range(10_000):
                number += 1
                who, at = number * 7919 % PEOPLE, FIRST + number * 3
                entry = {"id": number, "date": "2026-01-01T00:00:00", "date_unixtime": str(at)}
                if number % 100 == 0:
                    entry |= {"type": "service", "actor": f"P{who}", "actor_id": f"user{who}"}
                    entry |= {"action": "invite_members", "members": [f"P{number % 997}"], "text": ""}
                else:
                    text = TEXT[: 15 + number % 60]
                    entry |= {"type": "message", "from": f"P{who}", "from_id": f"user{who}"}
                    entry |= {"text": text, "text_entities": [{"type": "plain", "text": text}]}
                lines.append(json.dumps(entry, indent=1))
            out.write(("" if is_first else ",\n") + ",\n".join(lines))
        out.write("\n]}\n")
    return number


def main(gib: float = 1.0, folder: str | None = None) -> None:
    """Write, load, print."""
    with tempfile.TemporaryDirectory(dir=folder) as made:
        home = Path(made)
        os.environ["GROUPFUNNEL_KEY_FILE"] = str(home / "key")
        inbox = home / "inbox"
        inbox.mkdir()
        entries = write_chat(inbox / "result.json", int(gib * GIB))
        written = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(f"{entries:,} entries, {(inbox / 'result.json').stat().st_size / GIB:.2f} GiB")
        settings = Settings.model_validate({"engine": {"memory_limit": "512MiB", "threads": 2}})
        connection = open_warehouse(home / "warehouse.duckdb")
        connection.execute("set memory_limit = '512MiB'")
        create_raw(connection)
        started = time.perf_counter()
        inventory = take_inventory(connection, inbox, settings)
        results = load_all(connection, inventory, settings, datetime.now(UTC), lambda *_: None)
        seconds = time.perf_counter() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for result in results:
            print(f"{result.event_kind}: {result.rows_kept:,} kept of {result.rows_read:,}")
        print(f"{seconds:.0f} s, peak {peak / 1024:.0f} MiB ({written / 1024:.0f} MiB before loading)")
        connection.close()


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0, sys.argv[2] if len(sys.argv) > 2 else None)
