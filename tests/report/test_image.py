"""The picture and PDF of the summary by the installed browser; a clear line where there is none."""

from __future__ import annotations

import os
import re
import shutil
import stat
import struct
import sys
import time
import zlib
from pathlib import Path

import pytest

from pipelines.report.extras import extras
from pipelines.report.image import (
    FLAGS,
    MACOS,
    NoPicture,
    cut,
    find_browser,
    make_pictures,
    undated,
    usual_places,
)
from pipelines.settings import Report, Settings

IMAGE = Settings(report=Report(image=True))
needs_browser = pytest.mark.skipif(find_browser() is None, reason="no Chromium, Chrome or Edge is installed")
needs_scripts = pytest.mark.skipif(sys.platform == "win32", reason="a stand-in browser is a shell script")


@pytest.fixture
def summary(site: Path, tmp_path: Path) -> Path:
    """A copy of the summary, alone in a folder."""
    return Path(shutil.copy(site / "summary.html", tmp_path / "summary.html"))


def stand_in(folder: Path, script: str) -> Path:
    """Write a program that plays the browser."""
    path = folder / "chromium"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def rows_of(png: bytes) -> list[bytes]:
    """Return the packed rows of a true-colour PNG."""
    width, height, _, colour = struct.unpack(">IIBB", png[16:26])
    data, place = b"", 8
    while place < len(png):
        size, kind = struct.unpack(">I4s", png[place : place + 8])
        data += png[place + 8 : place + 8 + size] if kind == b"IDAT" else b""
        place += size + 12
    pixels = zlib.decompress(data)
    line = 1 + width * (4 if colour == 6 else 3)
    assert len(pixels) == height * line
    return [pixels[i : i + line] for i in range(0, len(pixels), line)]


@needs_browser
def test_a_picture_and_a_pdf_are_made(summary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    made = make_pictures(summary)
    png, pdf = made.png.read_bytes(), made.pdf.read_bytes()
    assert (made.png.name, made.pdf.name) == ("summary.png", "summary.pdf")
    width, height = struct.unpack(">II", png[16:24])
    assert (width, height) == (made.width, made.height) == (1440, height) and height > 2_000
    rows = rows_of(png)
    assert len(set(rows)) > 300  # it is not blank
    # The text goes down to the margin, no further.
    assert len(set(rows[-20:])) <= 3 and len(set(rows[-400:])) > 20
    assert pdf.startswith(b"%PDF") and len(re.findall(rb"/Type /Page\b(?!s)", pdf)) == 1
    assert b"file:" not in pdf and b"D:20000101000000" in pdf and str(summary.parent).encode() not in pdf
    assert list(folder.iterdir()) == []


@needs_browser
def test_the_same_page_gives_the_same_bytes(summary: Path) -> None:
    first = make_pictures(summary)
    kept = first.png.read_bytes(), first.pdf.read_bytes()
    again = make_pictures(summary)
    assert (again.png.read_bytes(), again.pdf.read_bytes()) == kept


@needs_browser
def test_the_run_says_what_it_made(summary: Path) -> None:
    (line,) = extras(IMAGE, summary.parent, "2026-W46")
    assert re.fullmatch(
        r"Picture of the summary: summary\.png \(1440 x \d+ px, \d\.\d MB\) and summary\.pdf", line
    )


def test_without_a_browser_a_line_says_so(summary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.report.image.find_browser", lambda: None)
    (line,) = extras(IMAGE, summary.parent, "2026-W46")
    assert line.startswith("No picture: no Chromium, Chrome or Edge was found") and "summary.html" in line
    assert [path.name for path in summary.parent.iterdir()] == ["summary.html"]


@needs_scripts
def test_a_browser_that_hangs_is_stopped_with_all_it_started(summary: Path, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    browser = stand_in(tmp_path, f"sleep 300 & echo $! > {pid}; wait")
    started = time.monotonic()
    with pytest.raises(NoPicture, match="longer than 2 s and was stopped"):
        make_pictures(summary, browser, seconds=2)
    assert time.monotonic() - started < 20
    with pytest.raises(ProcessLookupError):
        for _ in range(50):
            os.kill(int(pid.read_text()), 0)
            time.sleep(0.1)
    assert not summary.with_suffix(".png").exists()


@needs_scripts
@pytest.mark.parametrize(
    ("script", "why"),
    [("exit 3", "ended with code 3"), ("true", "did not show the summary")],
)
def test_a_browser_that_fails_is_told(summary: Path, tmp_path: Path, script: str, why: str) -> None:
    with pytest.raises(NoPicture, match=why):
        make_pictures(summary, stand_in(tmp_path, script))
    assert not summary.with_suffix(".png").exists() and not summary.with_suffix(".pdf").exists()


@needs_scripts
def test_it_starts_alone_and_without_a_network(summary: Path, tmp_path: Path) -> None:
    told = tmp_path / "told"
    with pytest.raises(NoPicture):
        make_pictures(summary, stand_in(tmp_path, f'printf "%s\\n" "$@" > {told}'))
    given = told.read_text(encoding="utf-8").splitlines()
    assert set(FLAGS) <= set(given)
    assert "--host-resolver-rules=MAP * ~NOTFOUND" in given and "--proxy-server=127.0.0.1:9" in given
    (profile,) = [flag for flag in given if flag.startswith("--user-data-dir=")]
    assert not Path(profile.partition("=")[2]).exists()


@needs_scripts
def test_the_search_path_comes_first(tmp_path: Path) -> None:
    browser = stand_in(tmp_path, "true")
    assert find_browser({"PATH": str(tmp_path)}, "linux") == browser


def test_usual_places_are_looked_at(tmp_path: Path) -> None:
    chrome = tmp_path / "Applications" / MACOS[0]
    edge = tmp_path / "Microsoft" / "Edge" / "Application" / "msedge.exe"
    for path in (chrome, edge):
        path.parent.mkdir(parents=True)
        path.touch()
    assert chrome in usual_places({"HOME": str(tmp_path)}, "darwin")
    assert find_browser({"PATH": "", "ProgramFiles(x86)": str(tmp_path)}, "win32") == edge
    assert find_browser({"PATH": ""}, "win32") is None


def test_a_picture_is_cut_from_below() -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    lines = [b"\0" + bytes([i] * 6) for i in range(5)]
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 5, 8, 2, 0, 0, 0))
    png = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"".join(lines))) + chunk(b"IEND", b"")
    assert rows_of(cut(png, 3)) == lines[:3]
    assert rows_of(cut(png, 9)) == lines
    with pytest.raises(NoPicture):
        cut(b"no picture", 3)


def test_a_pdf_loses_its_time_and_keeps_its_length() -> None:
    given = b"<</CreationDate (D:20261116101500+00'00')\n/ModDate (D:20261116101501+00'00')>>"
    made = undated(given)
    assert len(made) == len(given) and b"2026" not in made
