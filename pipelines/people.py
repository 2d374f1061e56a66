"""People who are only names or phone numbers get pseudonyms: a keyed hash, the same in every export.

The key is 32 random bytes in a file of the user's own, outside every repository, made on first use: a plain
hash of an 11-digit phone number can be undone by trying all of them. The way back, from pseudonym to name,
stands in a local file beside the key, and nowhere else.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import os
import secrets
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from pipelines.contacts import contact
from pipelines.errors import SettingsError

KEY_VARIABLE = "GROUPFUNNEL_KEY_FILE"
BLOCK = 64
# Long enough that two people of a billion do not collide, short enough to read out.
DIGITS = 20
SEPARATOR = "\x1f"
TOMB = "forgotten" + SEPARATOR


def key_file(configured: str = "") -> Path:
    """Where the key stands: the environment's GROUPFUNNEL_KEY_FILE, else the settings', else the user's
    configuration folder.
    """
    if told := os.environ.get(KEY_VARIABLE) or configured:
        return Path(told).expanduser()
    if sys.platform == "win32":
        root = Path(os.environ.get("APPDATA", Path.home()))
    else:
        root = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return root / "groupfunnel" / "key"


def read_key(path: Path) -> bytes:
    """The key in a file; the file is made, readable by its owner alone, where it is not there.

    Raises SettingsError when it can neither be read nor made, or is no key.
    """
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Whole or not at all: half a key would be refused for ever.
            aside = path.with_name(f"{path.name}.{os.getpid()}.part")
            handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(32) + "\n")
            _publish_once(aside, path)
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"{path}: the key of pseudonyms cannot be read or made ({error}). Restore it from a backup, or "
            f"name another file in [privacy] key_file or {KEY_VARIABLE}: another key makes other pseudonyms."
        ) from error
    if len(key) < 16:
        raise SettingsError(f"{path}: the key of pseudonyms is too short; it has 64 hexadecimal digits.")
    return key


def _publish_once(aside: Path, path: Path) -> None:
    """Give a file its name, unless another run had given it to one of its own meanwhile."""
    try:
        os.link(aside, path)
    except FileExistsError:
        pass
    except OSError:
        # A disk without links.
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


@dataclass
class People:
    """Gives pseudonyms and remembers whose they are.

    `path` is the file of the key; neither it nor the file of names is touched before the first pseudonym.
    `forgotten` are tombstones of people whose names are not to be kept again.
    """

    path: Path
    forgotten: frozenset[str] = frozenset()
    _key: bytes | None = None
    _seen: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def key(self) -> bytes:
        """The key, made on first use. Raises SettingsError."""
        if self._key is None:
            self._key = read_key(self.path)
        return self._key

    @property
    def names_file(self) -> Path:
        """The local file that leads from pseudonyms back to names."""
        return self.path.with_name(self.path.name + ".people.csv")

    @property
    def key_id(self) -> str:
        """Tells this key from another without giving it away."""
        return self._hmac("key")[:8]

    def pseudonym(self, scope: str, name: str) -> str:
        """The id of somebody of whom only a name or number is known within `scope` (a source, a group).

        A phone number or e-mail address is the same person everywhere, whatever the scope and spelling.
        """
        # Half a character has no UTF-8: JSON can hold it, also in the id of a group; a file of names cannot.
        scope, name = (text.encode("utf-8", errors="replace").decode() for text in (scope, name))
        if (number := contact(name)) is not None:
            scope, name = "", number
        told = self.keyed(f"{scope}{SEPARATOR}{name}" if scope else name)
        self._seen.setdefault(told, (scope, name))
        return told

    def keyed(self, text: str) -> str:
        """The pseudonym of a text as it stands; nobody remembers whose it is."""
        return "p_" + self._hmac(text)[:DIGITS]

    def tombstone(self, member_id: str) -> str:
        """What is kept of somebody forgotten: enough to know the id when it comes again, and no more."""
        return self._hmac(TOMB + member_id)[: 2 * DIGITS]

    def _hmac(self, text: str) -> str:
        return hmac.new(self.key, text.encode("utf-8"), hashlib.sha256).hexdigest()

    def learn(self, found: Iterable[tuple[str, str]]) -> None:
        """Remember (pseudonym, number or id) of people whose pseudonyms a query made."""
        for told, name in found:
            self._seen.setdefault(told, ("", name))

    def save(self) -> int:
        """Add the people seen since the last save to the file of names; returns how many were new."""
        if not self._seen:
            return 0
        known = {row[0] for row in self._rows()}
        new = [(told, *whose) for told, whose in sorted(self._seen.items()) if told not in known]
        if self.forgotten:
            new = [row for row in new if self.tombstone(row[0]) not in self.forgotten]
        self._seen.clear()
        if new:
            handle = os.open(self.names_file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(handle, "r+b") as file:
                whole = _end_of_rows(file.read())
                # What a killed run had half written: those people are new once more.
                file.truncate(whole)
                rows = [] if whole else [("pseudonym", "scope", "name")]
                text = io.StringIO(newline="")
                csv.writer(text).writerows([*rows, *new])
                file.write(text.getvalue().encode())
        return len(new)

    def find(self, pseudonym: str) -> tuple[str, str] | None:
        """(scope, name) behind a pseudonym, None where this machine does not know it."""
        return next(((scope, name) for told, scope, name in self._rows() if told == pseudonym), None)

    def named(self, name: str) -> list[tuple[str, str]]:
        """(pseudonym, scope) of everybody of that name on this machine, in every group."""
        return [(told, scope) for told, scope, known in self._rows() if known == name]

    def remove(self, pseudonyms: Iterable[str]) -> int:
        """Take people out of the file of names; returns how many stood in it."""
        gone, rows = set(pseudonyms), self._rows()
        kept = [row for row in rows if row[0] not in gone]
        if len(kept) < len(rows):
            aside = self.names_file.with_name(self.names_file.name + ".next")
            handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([("pseudonym", "scope", "name"), *kept])
            aside.replace(self.names_file)
        return len(rows) - len(kept)

    def _rows(self) -> list[tuple[str, str, str]]:
        if not self.names_file.exists():
            return []
        content = self.names_file.read_bytes()
        text = io.StringIO(content[: _end_of_rows(content)].decode(), newline="")
        return [(row[0], row[1], row[2]) for row in csv.reader(text) if len(row) == 3][1:]


def _end_of_rows(content: bytes) -> int:
    """Where the last row that is whole ends; rows end as csv.writer ends them."""
    end = content.rfind(b"\r\n")
    return end + 2 if end >= 0 else 0


def prepare_sql(connection: duckdb.DuckDBPyConnection, key: bytes) -> None:
    """Give a connection what `pseudonym_sql` needs; the key itself never stands in a query."""
    block = (hashlib.sha256(key).digest() if len(key) > BLOCK else key).ljust(BLOCK, b"\0")
    for name, pad in (("hmac_inner", 0x36), ("hmac_outer", 0x5C)):
        connection.execute(f"set variable {name} = ?::blob", [bytes(byte ^ pad for byte in block)])


def pseudonym_sql(text: str) -> str:
    """SQL of the pseudonym of a text, the same as People.keyed(text) (HMAC-SHA-256, RFC 2104)."""
    return f"'p_' || left({_hmac_sql(text)}, {DIGITS})"


def tombstone_sql(text: str) -> str:
    """SQL of the tombstone of an id, the same as People.tombstone."""
    told = _hmac_sql(f"'forgotten' || chr(31) || {text}")
    return f"left({told}, {2 * DIGITS})"


def _hmac_sql(text: str) -> str:
    inner = f"unhex(sha256(getvariable('hmac_inner') || encode({text})))"
    return f"sha256(getvariable('hmac_outer') || {inner})"
