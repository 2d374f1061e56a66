"""Say a thing in Chinese and in English at once.

A `Text` holds both languages. Printed in a template it becomes two marked-up spans of which the
page's style sheet shows one, so that one file serves both kinds of readers, also without JavaScript.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources

from markupsafe import Markup, escape

PERCENT, SIGN = re.compile(r"(?<=\d) %"), re.compile(r"(?<=[\s（(])-(?=\d)")


@dataclass(frozen=True)
class Text:
    """One phrase in both languages, plain text: it is escaped when it is printed."""

    zh: str
    en: str

    def __html__(self) -> Markup:
        """Return both languages as escaped markup; one copy where they are the same."""
        if self.zh == self.en:
            return escape(self.zh)
        return Markup('<span lang="zh">{}</span><span lang="en">{}</span>').format(self.zh, self.en)

    def __str__(self) -> str:
        return str(self.__html__())

    def __bool__(self) -> bool:
        return bool(self.zh or self.en)

    def with_(self, **values: object) -> Text:
        """Fill the `{name}` fields of both languages; a `Text` value gives each side its own language."""
        return Text(
            self.zh.format(**{key: _side(value, "zh") for key, value in values.items()}),
            self.en.format(**{key: _side(value, "en") for key, value in values.items()}),
        )

    def __add__(self, other: Text | str) -> Text:
        return Text(self.zh + _side(other, "zh"), self.en + _side(other, "en"))


def _side(value: object, language: str) -> str:
    if isinstance(value, Text):
        return value.zh if language == "zh" else value.en
    return str(value)


def plain(value: object) -> Text:
    """Make data (a name, a number) a `Text` that reads the same in both languages."""
    return value if isinstance(value, Text) else Text(str(value), str(value))


def sentence(zh: object, en: object) -> Text:
    """Make a `Text` of two of the warehouse's sentences, numbers written as on the pages: 5%, −5%."""
    return Text(*(SIGN.sub("−", PERCENT.sub("%", str(said))) for said in (zh, en)))


def joined(parts: list[Text], zh: str = "、", en: str = ", ") -> Text:
    """Join phrases with each language's own separator."""
    return Text(zh.join(part.zh for part in parts), en.join(part.en for part in parts))


@cache
def words() -> dict[str, Text]:
    """Return every phrase of the pages by its key, from `words.toml`."""
    source = resources.files("pipelines.report").joinpath("words.toml").read_text(encoding="utf-8")
    return {key: Text(pair["zh"], pair["en"]) for key, pair in tomllib.loads(source).items()}


def word(key: str, **values: object) -> Text:
    """Return one phrase, its fields filled. Raises KeyError for a key that `words.toml` lacks."""
    text = words()[key]
    return text.with_(**values) if values else text


def attribute(name: str, text: Text | str | None) -> Markup:
    """Write an HTML attribute in both languages: the script swaps them with the page's language."""
    if not text:
        return Markup("")
    both = plain(text)
    if both.zh == both.en:
        return Markup(' {}="{}"').format(Markup(name), both.zh)
    return Markup(' {}="{}" data-zh-{}="{}" data-en-{}="{}"').format(
        Markup(name), both.zh, Markup(name), both.zh, Markup(name), both.en
    )


Words = Callable[..., Text]
