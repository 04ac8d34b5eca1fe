"""The documentation on the hub: every file a page, links that lead somewhere, nothing that could do harm."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hub.page.docs import INDEX, KEPT_S, docs_pages, find_docs
from hub.page.markdown import anchor, rendered

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
NAMES = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))
ADDRESSES = [f"/docs/{name.removesuffix('.md')}" if name != INDEX else "/docs/" for name in NAMES]


def client_of(folder: Path | None) -> FlaskClient:
    app = Flask("hub.page")
    app.register_blueprint(docs_pages(folder))
    return app.test_client()


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return client_of(None)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A small documentation, beside a file that is none of it."""
    folder = tmp_path / "docs"
    (folder / "more").mkdir(parents=True)
    (folder / INDEX).write_text("# Book\n\n## First\n\n- [One](one.md)\n- [Two](more/two.md#part)\n", "utf-8")
    (folder / "one.md").write_text("# One\n\n![A picture](p.png) [two](more/two.md#part)\n", "utf-8")
    (folder / "more" / "two.md").write_text("# Two\n\n## Part\n\n[back](../one.md) [out](../../secret.md)\n", "utf-8")
    (folder / "p.png").write_bytes(b"\x89PNG")
    (folder / "script.sh").write_text("echo", "utf-8")
    (tmp_path / "secret.md").write_text("# Secret\n", "utf-8")
    return folder


@pytest.mark.parametrize(("name", "address"), list(zip(NAMES, ADDRESSES, strict=True)))
def test_every_file_is_a_page_whose_links_lead_somewhere(client: FlaskClient, name: str, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    for there in set(re.findall(r'(?:href|src)="(/docs[^"]*)"', answer.text)):
        path, _, part = there.partition("#")
        other = client.get(path)
        assert other.status_code == 200, f"{name} leads to {there}"
        assert not part or f'id="{part}"' in other.text, f"{name} leads to {there}, and there is no such heading"
    for part in re.findall(r'href="#([^"]*)"', answer.text):
        assert f'id="{part}"' in answer.text, f"{name} leads to its own #{part}, and there is no such heading"


@pytest.mark.parametrize("name", NAMES)
def test_no_link_of_a_file_leads_nowhere(name: str) -> None:
    text = re.sub(r"```.*?```|`[^`]*`", "", (DOCS / name).read_text("utf-8"), flags=re.DOTALL)
    for href in re.findall(r"\]\(([^)#\s]+)", text):
        if "://" not in href:
            assert (DOCS / name).parent.joinpath(href).exists(), href


def test_every_file_is_in_the_table_of_contents() -> None:
    index = (DOCS / INDEX).read_text("utf-8")
    missing = [name for name in NAMES if name != INDEX and f"]({name})" not in index]
    assert missing == [], f"add to docs/{INDEX}"


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_needs_nothing_from_outside_and_has_no_inline_script_or_style(client: FlaskClient, address: str) -> None:
    text = client.get(address).text
    assert re.findall(r"<script|<style|\sstyle=|\son[a-z]+=|javascript:", text) == []
    assert re.findall(r'(?:src|rel="stylesheet" href)="(?!/)', text) == []
    assert "<!--" not in text
    assert "&lt;!--" not in text


def test_the_menu_shows_where_one_is(book: Path) -> None:
    text = client_of(book).get("/docs/more/two").text
    assert re.findall(r'<a href="/docs/more/two#part"[^>]*>Two</a>', text)
    assert '<a href="/docs/one" aria-current="page">One</a>' in client_of(book).get("/docs/one").text


def test_links_are_relative_to_their_file(book: Path) -> None:
    client = client_of(book)
    one, two = client.get("/docs/one").text, client.get("/docs/more/two").text
    assert '<a href="/docs/more/two#part">two</a>' in one
    assert '<img src="/docs/p.png" alt="A picture"' in one
    assert '<a href="/docs/one">back</a>' in two
    assert "secret" not in two


def test_pictures_are_served_and_other_files_are_not(book: Path) -> None:
    client = client_of(book)
    assert client.get("/docs/p.png").mimetype == "image/png"
    assert client.get("/docs/script.sh").status_code == 404
    assert client.get("/docs/one.md").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/docs/../secret",
        "/docs/%2e%2e/secret",
        "/docs/more/../../secret",
        "/docs/..%2fsecret",
        "/docs/..%5csecret",
        "/docs//secret",
        "/docs/%2fetc/passwd",
        "/docs/secret%00",
        "/docs/link",
    ],
)
def test_no_path_leads_out_of_the_folder(book: Path, path: str) -> None:
    (book / "link.md").symlink_to(book.parent / "secret.md")
    answer = client_of(book).get(path, follow_redirects=True)
    assert answer.status_code == 404


def test_html_in_a_file_is_shown_as_text() -> None:
    page = rendered(
        "# <b>Title</b>\n\n<script>alert(1)</script>\n\n<!-- for\nauthors -->\n\na <i onclick='x()'>b</i>\n\n"
        "[x](javascript:alert(1)) [y](data:text/html,x)\n",
        lambda href: href,
    )
    assert "<script" not in page.html
    assert "<i " not in page.html
    assert "<b>" not in page.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.html
    assert "authors" not in page.html
    assert 'href="javascript' not in page.html
    assert 'href="data' not in page.html


def test_a_table_has_names_for_its_cells_and_no_inline_style() -> None:
    page = rendered("| at | light | a | b |\n| --- | :-: | --- | --- |\n| x | your turn | y | z |\n", lambda href: href)
    assert "style=" not in page.html
    assert '<td role="cell" data-label="light" data-light="your-turn">your turn</td>' in page.html


def test_a_quotation_that_begins_with_a_light_shows_it() -> None:
    page = rendered("> **rst** refused\n\n> **no light** at all\n", lambda href: href)
    assert page.html.count("<blockquote data-light=") == 1
    assert '<blockquote data-light="rst">' in page.html


@pytest.mark.parametrize(
    ("heading", "expected"),
    # As GitHub makes them of these headings in its own documentation of anchors.
    [
        ("Sample Section", "sample-section"),
        (
            "This'll be a _Helpful_ Section About the Greek Letter Θ!",
            "thisll-be-a-_helpful_-section-about-the-greek-letter-θ",
        ),
    ],
)
def test_anchors_are_those_of_github(heading: str, expected: str) -> None:
    assert anchor(heading) == expected


def test_two_headings_alike_have_two_anchors() -> None:
    page = rendered("## Again\n\n## Again\n", lambda href: href)
    assert [heading.anchor for heading in page.headings] == ["again", "again-1"]


def test_a_browser_that_has_a_page_is_not_sent_it_again(book: Path) -> None:
    client = client_of(book)
    answer = client.get("/docs/one")
    assert answer.headers["Cache-Control"] == f"public, max-age={KEPT_S}"
    again = client.get("/docs/one", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    (book / "one.md").write_text("# Changed\n", "utf-8")
    assert client.get("/docs/one", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 200


def test_the_files_are_found_in_a_checkout_and_in_an_installed_wheel(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    wheel = tmp_path / "site-packages"
    for folder in (checkout / "docs", wheel / "hub" / "page" / "docs_files"):
        folder.mkdir(parents=True)
        (folder / INDEX).touch()
    assert find_docs(checkout / "hub" / "page") == checkout / "docs"
    assert find_docs(wheel / "hub" / "page") == wheel / "hub" / "page" / "docs_files"
    with pytest.raises(FileNotFoundError, match="install Paperhop again"):
        find_docs(tmp_path / "elsewhere" / "hub" / "page")


def test_the_wheel_takes_the_documentation_to_where_it_is_looked_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"] == {"docs": "hub/page/docs_files"}
    assert find_docs(ROOT / "hub" / "page") == DOCS


def test_without_the_files_there_is_no_page_and_no_crash(tmp_path: Path) -> None:
    assert client_of(tmp_path).get("/docs/").status_code == 404
