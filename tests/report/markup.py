"""Read built pages the way a browser does, with the standard library's parser."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any


@dataclass
class Document:
    """Elements as (tag, attributes), and the text of data scripts by id."""

    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    scripts: dict[str, str] = field(default_factory=dict)
    inline_scripts: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)

    def having(self, attribute: str) -> list[dict[str, str]]:
        """Return the attributes of every element that has `attribute`."""
        return [attributes for _, attributes in self.elements if attribute in attributes]

    def figures(self) -> dict[str, Any]:
        """Return every figure's JSON by its element's id."""
        return {key: json.loads(text) for key, text in self.scripts.items()}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.document = Document()
        self.script: dict[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.document.elements.append((tag, attributes))
        if tag == "script":
            self.script = attributes

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self.script = None

    def handle_data(self, data: str) -> None:
        if self.script is None:
            self.document.text.append(data)
        elif self.script.get("type") == "application/json":
            self.document.scripts[self.script["id"]] = data
        elif data.strip():
            self.document.inline_scripts.append(data)


def parse(html: str) -> Document:
    """Parse a page."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.document
