"""One HTML file with the whole week in it, for those who get the report as an attachment.

Every page becomes an article that its address (`#page`) shows, without script as well. Style and scripts are
inlined; the policy names the scripts' hashes, so nothing else runs and nothing is asked of a network.
"""

from __future__ import annotations

import base64
import hashlib
import json
import posixpath
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path

from pipelines.report.facts import ReportError
from pipelines.report.packing import packed, unpacked
from pipelines.report.site import NAV

LIMIT = 6_500_000  # bytes; group pages are left out from the end of the league table on beyond it
SMALL_BUNDLE, SMALL_LIMIT = 2_000_000, 3_000_000  # bytes; who brings a small plotly.js wants a small file
KEPT_IDS = (
    "league-search",
    "league-count",
    "league-more",
    "league-table",
)  # report.js asks for them; one page has them
MAIN = re.compile(r'<main id="main">(.*?)</main>', re.S)
ID = re.compile(r'\s(id|for|aria-labelledby|aria-describedby|data-figure)="([^"]*)"')
LINK = re.compile(r'<a\s([^>]*?)href="([^"]*)"([^>]*)>(.*?)</a>', re.S)
TITLE = re.compile(r' title="([^"]*)" data-zh-title="([^"]*)" data-en-title="([^"]*)"')
OFTEN = 3  # a tooltip said at least so often is written once, and put back by report.js
STYLE = """
@supports selector(:has(*)) {
  .page { display: none; }
  .page:target, .page:has(:target), body:not(:has(.page:target, .page :target)) #p-index { display: block; }
}
"""


@dataclass(frozen=True)
class Single:
    """The file, its size in bytes, how many group pages it holds and how many did not fit."""

    path: Path
    size: int
    groups: int
    left_out: int


def write_single_file(week: Path, name: str, plotlyjs: Path | None = None) -> Single:
    """Write `name`.html into the folder of a finished week; `plotlyjs` replaces the bundle of the package.

    Raises ReportError when `plotlyjs` is no readable plotly.js.
    """
    html = {path.name: path.read_text(encoding="utf-8") for path in sorted(week.glob("*.html"))}
    pages = [f"{one}.html" for one in NAV if f"{one}.html" in html]
    contents = {page: html[page] for page in pages}
    rest = _group_pages(week, html["groups.html"])
    scripts = _scripts(week, plotlyjs)
    style = (week / "assets" / "report.css").read_text(encoding="utf-8") + STYLE
    limit = LIMIT if len(scripts[-1].encode()) > SMALL_BUNDLE else min(SMALL_LIMIT, LIMIT)
    titles = _titles([*html.values(), *((week / page).read_text(encoding="utf-8") for page in rest)])
    contents = {page: _short(content, titles) for page, content in contents.items()}
    scripts.insert(-2, _told(titles))
    used = sum(len(text.encode()) for text in (*contents.values(), *scripts, style)) + 10_000
    for page in rest:
        content = _short((week / page).read_text(encoding="utf-8"), titles)
        used += len(_main(content).encode()) + 500
        if used > limit:
            break
        contents[page] = content
    scripts = _scripts(week, plotlyjs, contents)
    scripts.insert(-2, _told(titles))
    articles = [_article(page, content, contents.keys()) for page, content in contents.items()]
    path = week / f"{name}.html"
    path.write_bytes(_document(html["index.html"], articles, scripts, style, week, contents).encode("utf-8"))
    groups = len(contents) - len(pages)
    return Single(path, path.stat().st_size, groups, len(rest) - groups)


def _group_pages(week: Path, groups: str) -> list[str]:
    """Return the group pages in the order of the league table, those it does not show last."""
    listed = list(dict.fromkeys(re.findall(r'<th scope="row"[^>]*><a href="(groups/[^"#]+\.html)"', groups)))
    all_ = [f"groups/{path.name}" for path in sorted((week / "groups").glob("*.html"))]
    return [page for page in listed if page in all_] + [page for page in all_ if page not in listed]


def _titles(pages: Iterable[str]) -> dict[tuple[str, str], int]:
    """Number the tooltips that pages say often: (zh, en) as written in HTML -> number."""
    counts = Counter((match[2], match[3]) for page in pages for match in TITLE.finditer(page))
    return {pair: at for at, pair in enumerate(sorted(p for p in counts if counts[p] >= OFTEN))}


def _short(html: str, titles: dict[tuple[str, str], int]) -> str:
    """Put a number in the place of each tooltip that has one."""

    def numbered(match: re.Match[str]) -> str:
        at = titles.get((match[2], match[3]))
        return match[0] if at is None else f' data-t="{at}"'

    return TITLE.sub(numbered, html)


def _told(titles: dict[tuple[str, str], int]) -> str:
    """Return the script that tells what the numbers stand for."""
    told = [[unescape(zh), unescape(en)] for zh, en in titles]
    return _inline(f"window.groupfunnelTitles = {json.dumps(told, ensure_ascii=False, indent=0)};\n")


def _scripts(week: Path, plotlyjs: Path | None, held: object = ()) -> list[str]:
    """Return the scripts in their order: boot, definitions, rows of the league table, report, plotly.

    The rows' links lead to the articles of the pages `held`.
    """
    assets = week / "assets"
    names = ("boot.js", "definitions.js", "groups-data.js", "report.js")
    own = [(assets / name).read_text(encoding="utf-8") for name in names if (assets / name).is_file()]
    own = [_rows(text, held) if text.startswith("window.groupfunnelRows") else text for text in own]
    return [_inline(text) for text in (*own, plotly_source(plotlyjs))]


def _rows(script: str, held: object) -> str:
    rows = [LINK.sub(lambda match: _link(match, "groups.html", held), row) for row in unpacked(script)]
    return packed(rows, "groupfunnelRows")


def plotly_source(given: Path | None) -> str:
    """Return plotly.js: a bundle of the user's, else the one of the plotly package.

    Raises ReportError when the file cannot be read or is not a bundle of plotly.js.
    """
    if given is None:
        from plotly.offline import get_plotlyjs

        return str(get_plotlyjs())
    hint = "Give the path of a bundle such as plotly-cartesian.min.js, or leave --plotlyjs out."
    try:
        text = given.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ReportError(f"plotly.js cannot be read from {given}: {error}. {hint}") from error
    if not re.search(r"plotly\.js", text[:1000]) or "Plotly" not in text:
        raise ReportError(f"{given} is not a bundle of plotly.js. {hint}")
    return text


def _inline(script: str) -> str:
    """Keep a script from ending the element it stands in; line feeds only, as the browser hashes them."""
    text = script.replace("\r\n", "\n").replace("\r", "\n")
    text = re.sub(r"</(?=script)", r"<\\/", text, flags=re.I)
    return text.replace("<!--", "<\\!--")


def _main(html: str) -> str:
    found = MAIN.search(html)
    if found is None:
        raise ReportError("A page of the report has no content; run `groupfunnel report` again.")
    return found[1]


def page_id(path: str) -> str:
    """Return the id of a page's article: groups/g1.html is p-groups-g1."""
    return "p-" + path.removesuffix(".html").replace("/", "-")


def _article(path: str, html: str, held: object) -> str:
    prefix = page_id(path)

    def named(match: re.Match[str]) -> str:
        ids = " ".join(one if one in KEPT_IDS else f"{prefix}--{one}" for one in match[2].split())
        return f' {match[1]}="{ids}"'

    body = re.sub(r"<[^>]+>", lambda tag: ID.sub(named, tag[0]), _main(html))
    body = LINK.sub(lambda match: _link(match, path, held), body)
    return f'<article class="page" id="{prefix}">{body}</article>'


def _link(match: re.Match[str], path: str, held: object) -> str:
    """Lead a link to the article of its page; files become buttons, pages that are not held plain text."""
    before, href, after, text = match.groups()
    if re.match(r"[a-z]+:", href):
        return match[0]
    if href.endswith(".csv"):
        label = re.sub(r"\bdownload\b", "", before + after).strip()
        name = escape(posixpath.basename(href), quote=True)
        return f'<button type="button" data-csv="{name}" {label}>{text}</button>'
    file, _, fragment = href.partition("#")
    target = posixpath.normpath(posixpath.join(posixpath.dirname(path), file)) if file else path
    if target not in held:  # type: ignore[operator]
        return f"<span>{text}</span>"
    goal = page_id(target) + (f"--{fragment}" if fragment else "")
    return f'<a {before}href="#{goal}"{after}>{text}</a>'


def _document(
    index: str, articles: list[str], scripts: list[str], style: str, week: Path, held: object
) -> str:
    """Put the first page's frame around all articles."""
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in scripts)
    policy = (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:; "
        "connect-src 'none'; base-uri 'none'; form-action 'none'"
    )
    icon = base64.b64encode((week / "assets" / "icon.svg").read_bytes()).decode()
    head = index[: index.index("<body>")]
    head = re.sub(
        r'(<meta http-equiv="Content-Security-Policy" content=")[^"]*', lambda m: m[1] + policy, head
    )
    head = re.sub(
        r'<link rel="icon" href="[^"]*"', f'<link rel="icon" href="data:image/svg+xml;base64,{icon}"', head
    )
    head = re.sub(r'<link rel="stylesheet"[^>]*>', lambda _: f"<style>{style}</style>", head)
    head = re.sub(r"<script src=[^>]*></script>", lambda _: f"<script>{scripts[0]}</script>", head)
    head = head.replace("<html ", "<html data-single ", 1)
    top = _between(index, '<header class="top">', "</header>").replace(' aria-current="page"', "")
    foot = _between(index, "<footer>", "</footer>")
    frame = [LINK.sub(lambda match: _link(match, "index.html", held), part) for part in (top, foot)]
    return "".join(
        [
            head,
            "<body>\n",
            frame[0],
            '\n<main id="main">\n',
            "\n".join(articles),
            "\n</main>\n",
            frame[1],
            '\n<div id="definition" role="tooltip" hidden></div>\n',
            *(f"<script>{script}</script>\n" for script in scripts[1:]),
            "</body>\n</html>\n",
        ]
    )


def _between(html: str, start: str, end: str) -> str:
    first = html.index(start)
    return html[first : html.index(end, first) + len(end)]


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode()
