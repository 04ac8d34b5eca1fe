"""The words on pages, in the language of whoever looks: from the catalogue (`hub.texts`), for templates and scripts.

A template says `{{ t("screen.story") }}`; `{{ words("screen") }}` gives a script those whose keys begin so, as JSON.
Whoever opens a page with `?lang=it` has chosen that language, for all pages, on this browser. Only the projector's page
speaks as its room does, unless its own address says otherwise.
"""

from __future__ import annotations

import msgspec
from flask import Flask, Response, request

from hub import texts

COOKIE = "paperhop_language"
_A_YEAR = 31_536_000


def language() -> str:
    """What the person at this screen reads: as chosen, else what the browser asks for, else English."""
    there = texts.languages()
    wanted = chosen() or request.cookies.get(COOKIE)
    if wanted in there:
        return wanted
    return request.accept_languages.best_match(there) or there[0]


def speak(app: Flask) -> None:
    """Teach an app's templates to speak."""

    @app.after_request
    def remembered(response: Response) -> Response:
        wanted = chosen()
        if wanted is not None:
            response.set_cookie(COOKIE, wanted, max_age=_A_YEAR, httponly=True, samesite="Lax")
        return response

    @app.context_processor
    def spoken() -> dict[str, object]:
        return vocabulary(language())


def chosen() -> str | None:
    """The language that this request's own address names."""
    wanted = request.args.get("lang", "")
    return wanted if wanted in texts.languages() else None


def vocabulary(here: str) -> dict[str, object]:
    """What a template needs to speak a language."""

    def t(key: str, **params: object) -> str:
        return texts.page(key, {name: str(value) for name, value in params.items()}, here)

    def words(*parts: str) -> str:
        wanted = {key: text for key, text in texts.texts(here).pages.items() if key.partition(".")[0] in parts}
        return msgspec.json.encode(wanted).decode()

    called = {code: texts.texts(code).name for code in texts.languages()}
    return {"t": t, "words": words, "language": here, "languages": called}
