"""The files beside the pages: style, scripts, and the one plotly.js of all weeks."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

from pipelines.report.metrics import definitions_script

FILES = ("report.css", "boot.js", "report.js", "icon.svg")


@cache
def plotly_file() -> str:
    """Return the shared script's file name, which carries the version of plotly.js."""
    from plotly.offline import get_plotlyjs_version

    return f"plotly-{get_plotlyjs_version()}.min.js"


def write_text(path: Path, text: str) -> Path:
    """Write UTF-8 with line feeds on every platform, creating the folder; returns the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8"))
    return path


def write_own_assets(folder: Path) -> list[Path]:
    """Write the style sheet, the scripts and the definitions into `folder`; returns their paths."""
    source = resources.files("pipelines.report").joinpath("assets")
    written = [write_text(folder / name, source.joinpath(name).read_text(encoding="utf-8")) for name in FILES]
    return [*written, write_text(folder / "definitions.js", definitions_script())]


def write_shared_assets(reports_dir: Path) -> Path:
    """Put plotly.js from the installed plotly package into `reports_dir`/assets, once per version.

    Returns the file's path. A file already there with the right size is left alone.
    """
    from plotly.offline import get_plotlyjs

    content = get_plotlyjs().encode("utf-8")
    path = reports_dir / "assets" / plotly_file()
    if path.exists() and path.stat().st_size == len(content):
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(content)
    part.replace(path)
    return path
