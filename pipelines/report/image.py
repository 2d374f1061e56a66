"""The summary as one long picture and a PDF of it, made by a browser that is installed anyway.

The browser runs headless with a profile of its own that is thrown away, and finds no network.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "msedge",
)
LINUX = (
    "/usr/bin/chromium",
    "/snap/bin/chromium",
    "/opt/google/chrome/chrome",
    "/opt/microsoft/msedge/msedge",
    "/usr/lib/chromium/chromium",
)
MACOS = (
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Chromium.app/Contents/MacOS/Chromium",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
WINDOWS = (
    r"Google\Chrome\Application\chrome.exe",
    r"Chromium\Application\chrome.exe",
    r"Microsoft\Edge\Application\msedge.exe",
)
WIDTH, TALLEST, SCALE, SECONDS = 720, 8_000, 2, 60  # px, px, device pixels a px, time limit of one start
FLAGS = (
    "--headless",
    "--hide-scrollbars",
    "--disable-gpu",
    "--disable-extensions",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-client-side-phishing-detection",
    "--disable-crash-reporter",
    "--metrics-recording-only",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-pings",
    "--password-store=basic",
    "--use-mock-keychain",
    "--disable-features=Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider,AutofillServerCommunication",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=127.0.0.1:9",
)
SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # samples a pixel by colour type
MEASURE = (
    "<script>document.documentElement.setAttribute('data-size', "
    "document.documentElement.scrollHeight + ' ' + window.innerHeight);</script>"
)
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')


class NoPicture(Exception):
    """The picture cannot be made; the message says why, in words for the terminal."""


@dataclass(frozen=True)
class Pictures:
    """The files made, and the picture's size in pixels."""

    png: Path
    pdf: Path
    width: int
    height: int


def find_browser(environment: Mapping[str, str] = os.environ, system: str = sys.platform) -> Path | None:
    """Return an installed Chromium, Chrome or Edge: one on the search path, else where they usually are."""
    for name in NAMES:
        if found := shutil.which(name, path=environment.get("PATH", "")):
            return Path(found)
    return next((path for path in usual_places(environment, system) if path.is_file()), None)


def usual_places(environment: Mapping[str, str], system: str) -> list[Path]:
    """Return where installers put the three browsers on Linux, macOS or Windows."""
    if system == "darwin":
        roots = [Path("/Applications"), Path(environment.get("HOME", "/")) / "Applications"]
        return [root / name for name in MACOS for root in roots]
    if system == "win32":
        given = [environment.get(name) for name in ("ProgramFiles", "ProgramFiles(x86)", "LocalAppData")]
        return [Path(root) / name.replace("\\", "/") for name in WINDOWS for root in given if root]
    return [Path(name) for name in LINUX]


def make_pictures(summary: Path, browser: Path | None = None, seconds: float = SECONDS) -> Pictures:
    """Write summary.png and summary.pdf beside a summary page; `seconds` limits each start of the browser.

    Raises NoPicture when there is no browser, and when it fails or takes too long; no file is left then.
    """
    browser = browser or find_browser()
    if browser is None:
        raise NoPicture(
            "no Chromium, Chrome or Edge was found on the search path or where they usually are. Install "
            "one of them, or open summary.html and print it"
        )
    png, pdf = summary.with_suffix(".png"), summary.with_suffix(".pdf")
    html = re.sub(r'(<a) href="[^"]*"', r"\1", summary.read_text(encoding="utf-8"))  # a PDF keeps full paths
    with tempfile.TemporaryDirectory(prefix="groupfunnel-", ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        page = work / "page.html"
        page.write_text(POLICY.sub("", html).replace("</body>", MEASURE + "</body>"), encoding="utf-8")
        told = _start(browser, work, seconds, [f"--window-size={WIDTH},1000", "--dump-dom", page.as_uri()])
        size = re.search(rb'data-size="(\d+) (\d+)"', told)
        if size is None:
            raise NoPicture(f"{browser.name} did not show the summary. Open summary.html and print it")
        height = min(int(size[1]), TALLEST)
        frame = 1000 - int(size[2])  # what the window's own frame takes
        shot = [f"--window-size={WIDTH},{height + frame}", f"--force-device-scale-factor={SCALE}"]
        page.write_text(html, encoding="utf-8")
        _start(browser, work, seconds, [*shot, f"--screenshot={work / 'page.png'}", page.as_uri()])
        sheet = f"<style>@page {{ size: {WIDTH}px {height + 2}px; margin: 0; }}</style></head>"
        page.write_text(html.replace("</head>", sheet, 1), encoding="utf-8")
        _start(
            browser,
            work,
            seconds,
            ["--no-pdf-header-footer", f"--print-to-pdf={work / 'page.pdf'}", page.as_uri()],
        )
        made = [work / "page.png", work / "page.pdf"]
        if not all(path.is_file() and path.stat().st_size for path in made):
            raise NoPicture(f"{browser.name} wrote no picture. Open summary.html and print it")
        png.write_bytes(cut(made[0].read_bytes(), height * SCALE))
        pdf.write_bytes(undated(made[1].read_bytes()))
    return Pictures(png, pdf, WIDTH * SCALE, height * SCALE)


def cut(png: bytes, height: int) -> bytes:
    """Return a PNG with its first `height` rows of pixels: some browsers draw as high as their whole window.

    Rows are packed by those above them only, so they are cut off as they are. Raises NoPicture for a file
    that is no such PNG.
    """
    chunks: list[tuple[bytes, bytes]] = []
    place = 8
    while place + 8 <= len(png):
        size, kind = struct.unpack(">I4s", png[place : place + 8])
        chunks.append((kind, png[place + 8 : place + 8 + size]))
        place += size + 12
    if png[:8] != SIGNATURE or not chunks or chunks[0][0] != b"IHDR" or chunks[0][1][12]:
        raise NoPicture("the browser wrote a picture that is no plain PNG")
    width, rows, depth, colour = struct.unpack(">IIBB", chunks[0][1][:10])
    line = 1 + (width * depth * CHANNELS[colour] + 7) // 8
    kept = min(height, rows)
    pixels = zlib.decompress(b"".join(data for kind, data in chunks if kind == b"IDAT"))[: kept * line]
    head = struct.pack(">II", width, kept) + chunks[0][1][8:]
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(pixels, 9)), (b"IEND", b""))
    return SIGNATURE + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )


def undated(pdf: bytes) -> bytes:
    """Return a PDF without the time it was made: the same page gives the same bytes."""
    return re.sub(
        rb"(/(?:CreationDate|ModDate) \(D:)(\d{14})", lambda found: found[1] + b"20000101000000", pdf
    )


def _start(browser: Path, work: Path, seconds: float, arguments: list[str]) -> bytes:
    """Run the browser once and return what it printed."""
    command = [str(browser), *FLAGS, f"--user-data-dir={work / 'profile'}"]
    if sys.platform.startswith("linux") and os.geteuid() == 0:
        command.append("--no-sandbox")  # it refuses to start as root with its sandbox
    try:
        process = subprocess.Popen(
            [*command, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise NoPicture(f"{browser} cannot be started: {error.strerror or error}") from error
    try:
        told, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        raise NoPicture(f"{browser.name} took longer than {seconds:.0f} s and was stopped") from None
    finally:
        _end(process)
    if process.returncode:
        raise NoPicture(f"{browser.name} ended with code {process.returncode}")
    return told


def _end(process: subprocess.Popen[bytes]) -> None:
    """End what the browser started along with it, where it still runs."""
    if process.poll() is not None:
        return
    if sys.platform == "win32":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
