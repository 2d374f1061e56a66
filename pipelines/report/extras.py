"""What is made beside the pages of a week where the settings ask for it."""

from __future__ import annotations

from pathlib import Path

from pipelines.settings import Settings


def extras(settings: Settings, week: Path, name: str) -> list[str]:
    """Make them in the folder of a finished week; returns a line to print on each.

    Raises ReportError when `plotlyjs` is given and is no plotly.js.
    """
    lines: list[str] = []
    if settings.report.single_file:
        from pipelines.report.single import write_single_file

        made = write_single_file(week, name, settings.report.plotlyjs)
        rest = f"; {made.left_out} group pages did not fit" if made.left_out else ""
        lines.append(f"One file with everything: {made.path.name}, {made.size / 1e6:.1f} MB{rest}")
    return lines
