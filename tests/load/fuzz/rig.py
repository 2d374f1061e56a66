"""The rig: one warehouse in memory, into which mutated files are loaded one by one, and what must hold.

Loading raises a GroupfunnelError whose text names the file and nobody, and keeps nothing of it; or every row
read is kept, a duplicate or rejected, and the raw tables hold exactly those kept.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from dataclasses import replace
from pathlib import Path

import duckdb

from pipelines.contract import CONTRACT
from pipelines.errors import GroupfunnelError
from pipelines.identify import anyone
from pipelines.inspect_files import inspect
from pipelines.inventory import Candidate, exports_in, take_inventory
from pipelines.load import LoadResult, load_file
from pipelines.members import unpacked
from pipelines.people import KEY_VARIABLE
from pipelines.raw import create_raw
from pipelines.readers import module_of, reader_for
from pipelines.settings import Settings
from tests.load.fuzz.seeds import PERSONAL, Seed
from tests.load.inboxes import NOW, write

TABLES = sorted(
    {kind.table for kind in CONTRACT.values()} | {"orders_history", "order_versions", "loads", "rejects"}
)
COUNTS = " union all ".join(f"select '{table}', count(*) from raw.{table}" for table in TABLES)
NO_EXPORT = "no export"
LOADED = "loaded"
# One of so many examples is inspected as well, and one loaded a second time.
INSPECTED, AGAIN = 20, 8


class Broken(AssertionError):
    """What was promised does not hold; says what, and for which content."""


class Rig:
    """A warehouse in memory, and an inbox for one format. Leaves nothing of an example to the next.

    With a `share` one of so many examples goes on into the warehouse (`whole` counts them); the others are
    taken apart, no more.
    """

    def __init__(self, folder: Path, seed: Seed, share: int = 1) -> None:
        self.seed, self.settings, self.share, self.whole = seed, Settings(), share, 0
        folder.mkdir(parents=True, exist_ok=True)
        self.inbox = folder / "inbox"
        shutil.rmtree(self.inbox, ignore_errors=True)
        for place, content in seed.beside.items():
            write(self.inbox, place, content)
        self.key = folder / "key"
        self.key.write_text("00" * 32, encoding="ascii")
        os.environ[KEY_VARIABLE] = str(self.key)
        self.connection = self._open()

    def check(self, content: bytes) -> str:
        """What became of a content: LOADED, NO_EXPORT, or the kind of its refusal.

        Raises Broken where what was promised does not hold, and whatever loading raises that is no
        GroupfunnelError.
        """
        path = write(self.inbox, self.seed.place, content)
        draw = hashlib.sha256(content).digest()
        if draw[0] % INSPECTED == 0:
            self.inspect(path)
        if self.share > 1 and draw[2] % self.share:
            return self._read(path)
        self.whole += 1
        try:
            outcome = self._load()
            if outcome == LOADED and draw[1] % AGAIN == 0:
                self._load_seed_too()
            return outcome
        finally:
            self._clear()

    def inspect(self, path: Path) -> None:
        """What `groupfunnel inspect` says of the file; raises Broken where it repeats what is somebody's."""
        told = inspect(path, self.settings)
        names_nobody(json.dumps([file["error"] for file in told["files"]], ensure_ascii=False))
        for file in told["files"]:
            names_nobody(json.dumps([part["first_rows"] for part in file["parts"]], ensure_ascii=False))

    def _read(self, path: Path) -> str:
        """Recognise the file and take it apart, and stop before the warehouse."""
        found = NO_EXPORT
        try:
            for one in exports_in(path, self.seed.place, self.settings):
                found = LOADED
                with unpacked(path, one.member) as plain:
                    if one.document is None:
                        self._read_table(plain)
                    else:
                        self._split(plain, one)
        except GroupfunnelError as error:
            self._is_told(error)
            return kind_of(str(error), self.seed.place)
        return found

    def _read_table(self, path: Path) -> None:
        module, _ = reader_for(path)
        for is_careful in (False, True):
            with module.read(self.connection, path, is_careful) as seen:
                try:
                    if seen.headers:
                        self._count(f"select count(*) from {seen.relation}")
                    return
                except duckdb.Error:
                    # What does not split is read again row by row, and then damaged: as loading does.
                    continue

    def _split(self, path: Path, one: Candidate) -> None:
        people = anyone(self.connection, b"\0" * 32)
        reader = module_of(str(one.document))
        with reader.split(self.connection, path, one.export, self.settings, people) as told:
            names_nobody("\n".join(told.notes))

    def _load(self) -> str:
        candidate: Candidate | None = None
        try:
            inventory = take_inventory(self.connection, self.inbox, self.settings)
            mine = [one for one in inventory.new if self._is_mine(one.name)]
            for candidate in mine:
                results = load_file(self.connection, candidate, self.settings, NOW)
                self._holds(results)
        except GroupfunnelError as error:
            self._is_told(error)
            self._is_gone(candidate)
            return kind_of(str(error), self.seed.place)
        return LOADED if mine else NO_EXPORT

    def _holds(self, results: list[LoadResult]) -> None:
        for result in results:
            told = (result.rows_read, result.rows_kept, result.rows_duplicate, result.rows_rejected)
            if told[0] != sum(told[1:]) or min(told) < 0:
                raise Broken(f"{result.event_kind}: {told} does not add up")
            ((load_id, *ledger),) = self.connection.execute(
                "select load_id, rows_read, rows_kept, rows_duplicate, rows_rejected from raw.loads "
                "where file_name = ? and event_kind = ?",
                [result.name, result.event_kind],
            ).fetchall()
            if tuple(ledger) != told:
                raise Broken(f"{result.event_kind}: the ledger says {ledger}, the result {told}")
            table = CONTRACT[result.event_kind].table
            kept, rejected = (
                self._count(f"select count(*) from raw.{name} where load_id = {load_id}")
                for name in (table, "rejects")
            )
            # What a group and the supergroup it became both hold is loaded, and then left out once.
            is_once = self.seed.reader == "telegram" and kept <= result.rows_kept
            if rejected != result.rows_rejected or (kept != result.rows_kept and not is_once):
                raise Broken(
                    f"{result.event_kind}: {kept} rows and {rejected} rejects in raw, told were {told}"
                )

    def _is_told(self, error: GroupfunnelError) -> None:
        text = str(error)
        if not any(part in text for part in (self.seed.place, Path(self.seed.place).name)):
            raise Broken(f"the refusal does not name the file: {text!r}") from error
        if "Traceback" in text or "\x00" in text:
            raise Broken(f"the refusal is not for a reader: {text!r}") from error
        names_nobody(text)

    def _is_gone(self, candidate: Candidate | None) -> None:
        if candidate is not None and self._count(
            "select count(*) from raw.loads where file_name = ?", candidate.name
        ):
            raise Broken(f"{candidate.name} was refused, and some of it was loaded")
        # Files of an archive are exports of their own: those before the one that was refused stay.
        for kind in CONTRACT.values():
            if self._count(f"select count(*) from raw.{kind.table} anti join raw.loads using (load_id)"):
                raise Broken(f"rows in raw.{kind.table} are of no load")
        if self._count("select count(*) from raw.rejects anti join raw.loads using (load_id)"):
            raise Broken("rejects are of no load")

    def _load_seed_too(self) -> None:
        """The true file after the mutated one: the same keys merge, and each is there once."""
        place = f"again/{self.seed.place}"
        write(self.inbox, place, self.seed.content)
        try:
            inventory = take_inventory(self.connection, self.inbox, self.settings)
            for candidate in [one for one in inventory.new if one.name.startswith("again/")]:
                named = replace(
                    candidate, export=candidate.export.model_copy(update={"source": self._source()})
                )
                for result in load_file(self.connection, named, self.settings, NOW):
                    if result.rows_read != result.rows_kept + result.rows_duplicate + result.rows_rejected:
                        raise Broken(f"the seed after it: {result} does not add up")
                    kind = CONTRACT[result.event_kind]
                    if (
                        kind.own_id
                        and self._count(
                            f"select count(*) from (select 1 from raw.{kind.table} "
                            "group by source, event_key having count(*) > 1)"
                        )
                        and kind.name != "order"
                    ):
                        raise Broken(f"the seed after it: a key of raw.{kind.table} is there twice")
        finally:
            (self.inbox / place).unlink()

    def _source(self) -> str:
        row = self.connection.execute("select source from raw.loads order by load_id limit 1").fetchone()
        return str(row[0]) if row else "main"

    def _is_mine(self, name: str) -> bool:
        return name == self.seed.place or name.startswith(f"{self.seed.place}/")

    def _count(self, query: str, *values: object) -> int:
        row = self.connection.execute(query, list(values)).fetchone()
        return int(row[0]) if row else 0

    def _open(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(config={"threads": "1"})
        connection.execute("set time zone 'UTC'")
        # Of a handful of rows, planning is what takes the time.
        connection.execute("pragma disable_optimizer")
        create_raw(connection)
        return connection

    def _clear(self) -> None:
        """Empty what was filled; a connection that an error of DuckDB's own closed is opened anew."""
        try:
            for table, count in self.connection.execute(COUNTS).fetchall():
                if count:
                    self.connection.execute(f"delete from raw.{table}")
        except duckdb.Error:
            self.connection = self._open()
        self.key.with_name("key.people.csv").unlink(missing_ok=True)


def names_nobody(text: str) -> None:
    """Raise Broken where a text repeats what is somebody's."""
    if any(one in text for one in PERSONAL):
        raise Broken(f"it repeats what is somebody's: {text!r}")


def kind_of(text: str, place: str) -> str:
    """What a refusal says, without the file's name, numbers and quoted parts: those of a kind read alike."""
    for name in (place, Path(place).name):
        text = text.replace(name, "")
    text = re.sub(r"\(.*?\)|'[^']*'|\"[^\"]*\"", "", text)
    text = re.sub(r"^[^ ]*, [^ ]*\.json", "", text.strip(": /"))
    text = re.sub(r"(?<![A-Za-z0-9-])[0-9][0-9,]*", "N", text)
    return " ".join(re.split(r"\s*[.;:](?:\s|$)", text.strip(" :,"), maxsplit=1)[0].split())[:90]
