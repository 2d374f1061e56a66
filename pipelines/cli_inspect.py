"""The verb inspect: what a file or the inbox is, before anything is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.cli_options import HomeOption, InboxOption, SettingsOption, project_of
from pipelines.printable import printable


def inspect(
    path: Annotated[
        Path | None, typer.Argument(help="File or folder. [dim]Default: the inbox[/]", show_default=False)
    ] = None,
    inbox: InboxOption = None,
    home: HomeOption = Path(),
    settings: SettingsOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Tell what a file or the whole inbox is and why, how its columns map, and what can be seen with it."""
    from pipelines.inspect_files import inspect as look

    project = project_of(inbox, home, settings)
    chosen = path or project.inbox
    told = look(chosen, project.settings, project.home.warehouse if chosen == project.inbox else None)
    if as_json:
        import json

        print(json.dumps(told, ensure_ascii=False, indent=2, default=str))
        return
    for file in told["files"]:
        _print_file(file, is_long=len(told["files"]) == 1)
    _print_seen(told)


def _print_file(file: dict[str, Any], *, is_long: bool) -> None:
    kinds = ", ".join(f"{part['event']} {part['rows']:,}" for part in file["parts"])
    what = f": {file['platform'] or 'canonical'} ({file['why']})" if file["is_export"] else ""
    print(f"{file['file']}{what}")
    if kinds:
        print(f"  rows      {kinds}")
    for part in file["parts"]:
        _print_part(part, is_long=is_long)
    for note in file["notes"]:
        print(f"  note      {note}")
    if file["error"]:
        print(f"  problem   {file['error']}")
    if file["headers"]:
        print(f"  headers   {', '.join(file['headers'][:20])}")


def _print_part(part: dict[str, Any], *, is_long: bool) -> None:
    from pipelines.tables import print_table

    first, last = part["covered"]
    how = "declared" if part["is_coverage_declared"] else "from the rows"
    days = f", {first} to {last} ({how})" if first else ""
    print(f"  {part['event']:<9} {part['format']}, {part['encoding']}{days}; {part['rejected']:,} rejected")
    for reason, count in part["reasons"].items():
        print(f"            {count:,} × {reason}")
    if part["unused"]:
        print(f"            map to nothing: {', '.join(part['unused'])}")
    if part["masked_numbers"]:
        print(f"            {part['masked_numbers']:,} masked numbers, which are nobody's id")
    if not is_long:
        return
    columns = part["columns"].items()
    print_table(["column", "from"], [[name, header or "told or computed"] for name, header in columns])
    print(f"            not in the file: {', '.join(part['missing']) or 'nothing'}")
    if part["first_rows"]:
        names = list(part["first_rows"][0])
        print_table(names, [[row[name] for name in names] for row in part["first_rows"]])


def _print_seen(told: dict[str, Any]) -> None:
    for entry in told["visible"]:
        print(f"\nWith {entry['have']['en']} / {entry['have']['zh']}")
        for word, key in (("you see", "see"), ("not", "cannot")):
            print(f"  {word:<8}{entry[key]['en']}\n          {entry[key]['zh']}")
    if told["metrics"]:
        counts = ", ".join(f"{count} {status}" for status, count in told["metrics"]["counts"].items())
        print(f"\nMetrics of the published warehouse: {counts}")
        for item in told["metrics"]["missing"][:5]:
            print(f"  {item['metrics']} wait for: {item['needs']['en']} / {item['needs']['zh']}")
    if told["metrics_unknown"]:
        print(f"\nMetrics of the published warehouse: unknown. {printable(told['metrics_unknown'])}")
    if told["belong_to_nothing"]:
        print(f"\nBelong to nothing: {', '.join(told['belong_to_nothing'])}")
