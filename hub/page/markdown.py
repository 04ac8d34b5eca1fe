"""A Markdown file as HTML for a page of the hub: tables, anchors as GitHub makes them, links that stay on the hub.

Nothing of HTML in the Markdown comes through, and the result has no inline style, which the page's policy forbids.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from hub.messages import LightWord

Links = Callable[[str], str | None]
"""Where a link of a file goes on the hub; None when nothing is there."""

_LIGHTS = {light.value for light in LightWord}
_STACKED = 4
"""Columns from which on a table's rows become blocks on a narrow screen."""
_ROLES = {
    **{"table_open": "table", "thead_open": "rowgroup", "tbody_open": "rowgroup"},
    **{"tr_open": "row", "th_open": "columnheader", "td_open": "cell"},
}
"""What a browser forgets of a table whose parts are blocks."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading within a page. level: 2 or 3."""

    level: int
    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """A file as HTML. title: its first heading."""

    title: str
    html: str
    headings: tuple[Heading, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a table of contents: its title, and the links (text, address) in it."""

    title: str
    links: tuple[tuple[str, str], ...]


def rendered(text: str, links: Links) -> Rendered:
    """A Markdown file as HTML."""
    markdown, tokens = _parsed(text, links)
    headings = tuple(_anchored(tokens))
    for table in _tables(tokens):
        _tabled(table)
    for n, token in enumerate(tokens):
        if token.type == "blockquote_open":
            _lit(token, tokens[n + 1 : n + 3])
    title = next((heading.text for heading in headings if heading.level == 1), "")
    html = str(markdown.renderer.render(tokens, markdown.options, {}))
    return Rendered(title, html, tuple(heading for heading in headings if heading.level in (2, 3)))


def contents(text: str, links: Links) -> tuple[Section, ...]:
    """The lists of links in a Markdown file, under the headings of level 2 that they have."""
    sections: list[tuple[str, list[tuple[str, str]]]] = []
    _, tokens = _parsed(text, links)
    for n, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h2":
            sections.append((_words(tokens[n + 1]), []))
        elif token.type == "inline" and token.level > 2 and sections:
            sections[-1][1].extend(_links_in(token))
    return tuple(Section(title, tuple(found)) for title, found in sections if found)


def anchor(heading: str) -> str:
    """The anchor of a heading, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def _parsed(text: str, links: Links) -> tuple[MarkdownIt, list[Token]]:
    markdown = MarkdownIt("commonmark", {"html": True}).enable("table")
    for kind in ("html_block", "html_inline"):
        markdown.add_render_rule(kind, _no_html)
    tokens = markdown.parse(text)
    for token in tokens:
        _linked(token.children or [], links)
    return markdown, tokens


def _no_html(_: RendererHTML, tokens: Sequence[Token], at: int, _options: OptionsDict, _env: EnvType) -> str:
    """A comment is for whoever writes the file; what else looks like HTML is text."""
    content = tokens[at].content
    return "" if content.lstrip().startswith("<!--") else escapeHtml(content)


def _linked(children: list[Token], links: Links) -> None:
    """Let links and pictures go where they are on the hub. What leads nowhere is text."""
    open_links: list[bool] = []
    for token in children:
        if token.type == "image":
            token.attrSet("src", links(str(token.attrGet("src"))) or "")
            token.attrSet("loading", "lazy")
        elif token.type == "link_open":
            address = links(str(token.attrGet("href")))
            open_links.append(address is not None)
            if address is None:
                token.type, token.tag = "text", ""
            else:
                token.attrSet("href", address)
                if not address.startswith(("/", "#")):
                    token.attrSet("rel", "noopener noreferrer")
        elif token.type == "link_close" and not open_links.pop():
            token.type, token.tag = "text", ""


def _anchored(tokens: Sequence[Token]) -> Iterator[Heading]:
    seen: dict[str, int] = {}
    for n, token in enumerate(tokens):
        if token.type == "heading_open":
            words = _words(tokens[n + 1])
            plain = anchor(words)
            again = seen.get(plain, 0)
            seen[plain] = again + 1
            name = f"{plain}-{again}" if again else plain
            token.attrSet("id", name)
            yield Heading(int(token.tag[1]), name, words)


def _tables(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    start = 0
    for n, token in enumerate(tokens):
        if token.type == "table_open":
            start = n
        elif token.type == "table_close":
            yield tokens[start : n + 1]


def _tabled(table: Sequence[Token]) -> None:
    """Names for the cells of a table, which stand beside them where its rows are blocks; lights; no inline style."""
    heads = [_words(table[n + 1]) for n, token in enumerate(table) if token.type == "th_open"]
    stacked = len(heads) >= _STACKED
    if stacked:
        table[0].attrSet("class", "stacked")
    column = 0
    for n, token in enumerate(table):
        if token.type == "tr_open":
            column = 0
        if stacked and token.type in _ROLES:
            token.attrSet("role", _ROLES[token.type])
        if token.type in ("th_open", "td_open"):
            token.attrs.pop("style", None)
        if token.type == "td_open":
            words = _words(table[n + 1])
            token.attrSet("data-label", heads[column])
            if _light(words):
                token.attrSet("data-light", _light(words))
            column += 1


def _lit(quote: Token, inside: Sequence[Token]) -> None:
    """A quotation that begins with the name of a light shows it."""
    children = [child for token in inside for child in token.children or [] if child.content or child.nesting]
    if len(children) > 1 and children[0].type == "strong_open" and _light(children[1].content):
        quote.attrSet("data-light", _light(children[1].content))


def _light(words: str) -> str:
    name = words.replace(" ", "-")
    return name if name in _LIGHTS else ""


def _words(inline: Token) -> str:
    return "".join(child.content for child in inline.children or [] if child.type in ("text", "code_inline"))


def _links_in(inline: Token) -> Iterator[tuple[str, str]]:
    address = None
    words = ""
    for child in inline.children or []:
        if child.type == "link_open":
            address, words = str(child.attrGet("href")), ""
        elif child.type == "link_close" and address is not None:
            yield words, address
            address = None
        else:
            words += child.content
