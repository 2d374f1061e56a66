"""Small spreadsheets written by hand, cell by cell, as the formats have them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from html import escape

Cell = str | float | int | None
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
# Style 1 is a date: numbers in a tuple get it.
STYLES = f'<styleSheet {MAIN}><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>'


def xlsx(sheets: Mapping[str, Sequence[Sequence[object]]], merged: str = "", is_1904: bool = False) -> bytes:
    """A workbook; text, numbers, and (number,) for a day count that is formatted as a date."""
    names = list(sheets)
    epoch = '<workbookPr date1904="1"/>' if is_1904 else ""
    listed = "".join(f'<sheet name="{escape(n)}" sheetId="{i}" r:id="r{i}"/>' for i, n in enumerate(names, 1))
    related = "".join(
        f'<Relationship Id="r{i}" Type="{REL}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, len(names) + 1)
    )
    files = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="o" Type="{REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{REL}">{epoch}<sheets>{listed}</sheets></workbook>',
        "xl/styles.xml": STYLES,
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        f'relationships"><Relationship Id="s" Type="{REL}/styles" Target="styles.xml"/>{related}'
        "</Relationships>",
    }
    merges = f'<mergeCells><mergeCell ref="{merged}"/></mergeCells>' if merged else ""
    for i, name in enumerate(names, 1):
        rows = "".join(_row(number, row) for number, row in enumerate(sheets[name], 1))
        files[f"xl/worksheets/sheet{i}.xml"] = (
            f"<worksheet {MAIN}><sheetData>{rows}</sheetData>{merges}</worksheet>"
        )
    return packed({name: text.encode() for name, text in files.items()})


def ods(rows: Sequence[Sequence[object]]) -> bytes:
    """An OpenDocument sheet of texts."""
    body = "".join(
        "<table:table-row>"
        + "".join(
            '<table:table-cell office:value-type="string"><text:p>'
            f"{escape(str(cell))}</text:p></table:table-cell>"
            for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    spaces = "".join(
        f' xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "table", "text")
    )
    content = (
        f"<office:document-content{spaces}><office:body><office:spreadsheet>"
        f'<table:table table:name="a">{body}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    manifest = '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    return packed(
        {"mimetype": kind, "content.xml": content.encode(), "META-INF/manifest.xml": manifest.encode()}
    )


def packed(members: Mapping[str, bytes]) -> bytes:
    """A zip archive of these members."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def _row(number: int, row: Sequence[object]) -> str:
    cells = []
    for column, value in enumerate(row):
        place = f'r="{chr(65 + column)}{number}"'
        if isinstance(value, str):
            cells.append(f'<c {place} t="inlineStr"><is><t>{escape(value)}</t></is></c>')
        elif isinstance(value, tuple):
            cells.append(f'<c {place} s="1"><v>{value[0]}</v></c>')
        elif value is not None:
            cells.append(f"<c {place}><v>{value}</v></c>")
    return f'<row r="{number}">{"".join(cells)}</row>'
