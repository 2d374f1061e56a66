"""The audit names a known flaw, and never takes what it could not ask for sound."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.install.audit import FLAWED, SOUND, UNASKED, Looked, main, read_answer

FLAW = {
    "id": "OSV-2026-1",
    "aliases": ["CVE-2026-0001"],
    "summary": "reads what it should not",
    "affected": [
        {
            "package": {"name": "weak", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.2"}]}],
        }
    ],
}


@pytest.fixture(scope="module")
def osv() -> Iterator[str]:
    """A server on this machine that speaks OSV: it knows a flaw of weak 1.1, and breaks down over ill."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            name, version = asked["package"]["name"], asked["version"]
            answer = json.dumps({"vulns": [FLAW]} if (name, version) == ("weak", "1.1") else {}).encode()
            self.send_response(500 if name == "ill" else 200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v1/query"
    server.shutdown()
    server.server_close()


def lock_of(folder: Path, *pins: str) -> Path:
    lock = folder / f"{pins[0]}.lock"
    lock.write_text("".join(f"{pin} --hash=sha256:{'0' * 64}\n" for pin in pins), encoding="utf-8")
    return lock


@pytest.mark.install
def test_a_flaw_is_named_in_words_and_by_the_exit_code(
    osv: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sound, weak = lock_of(tmp_path, "sound==2.0", "weak==1.2"), lock_of(tmp_path, "weak==1.1", "sound==2.0")
    ill = lock_of(tmp_path, "ill==1.0")
    assert main(["--osv", osv, str(sound)]) == SOUND
    assert "sound==2.0.lock: 2 packages looked up, known flaws: none" in capsys.readouterr().out
    # What cannot be asked hides no flaw of another lock.
    assert main(["--osv", osv, str(ill), str(weak)]) == FLAWED
    told = capsys.readouterr()
    assert "weak 1.1: CVE-2026-0001, OSV-2026-1, fixed in 1.2" in told.out
    assert "0 packages looked up\n    could not be asked" in told.out and "500 Server Error" in told.out
    assert "make lock" in told.err


@pytest.mark.install
def test_what_cannot_be_asked_is_not_sound(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--osv", "http://127.0.0.1:9/v1/query", str(lock_of(tmp_path, "sound==2.0"))]) == UNASKED
    told = capsys.readouterr()
    assert "could not be asked" in told.out and "refused" in told.out
    assert "Nobody knows" in told.err and "Traceback" not in told.out + told.err


def test_what_was_passed_over_is_not_taken_for_looked_up() -> None:
    # As pip-audit 2.10 answers about a package that the index does not know; it ends with 0.
    told = {"dependencies": [{"name": "own", "skip_reason": "not found: own (1.0)"}], "fixes": []}
    assert read_answer(json.dumps(told)) == Looked(0, unasked=("not found: own (1.0)",))
    with pytest.raises(ValueError):
        read_answer("")
