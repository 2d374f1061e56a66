"""What is made beside the pages of a week where the settings ask for it."""

from __future__ import annotations

from pathlib import Path

from pipelines.report.pages import summary
from pipelines.settings import Settings


def extras(settings: Settings, week: Path, name: str) -> list[str]:
    """Make them in the folder of a finished week; returns a line to print on each.

    Raises ReportError when `plotlyjs` is given and is no plotly.js.
    """
    lines: list[str] = []
    if settings.report.single_file:
        from pipelines.report.single import write_single_file

        given = settings.report.plotlyjs
        made = write_single_file(week, name, Path(given) if given else None)
        rest = f"; {made.left_out} group pages did not fit" if made.left_out else ""
        lines.append(f"One file with everything: {made.path.name}, {made.size / 1e6:.1f} MB{rest}")
    if settings.report.image:
        from pipelines.report.image import NoPicture, make_pictures

        try:
            drawn = make_pictures(week / summary.PATH)
        except NoPicture as why:
            lines.append(f"No picture: {why}.")
        else:
            size = f"{drawn.width} x {drawn.height} px, {drawn.png.stat().st_size / 1e6:.1f} MB"
            lines.append(f"Picture of the summary: {drawn.png.name} ({size}) and {drawn.pdf.name}")
    return lines
