"""A real Chromium for the tests of pages, spoken to over its DevTools pipe: no driver, no port, no internet."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import threading
import time
from pathlib import Path
from typing import IO, Any

_MACOS = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", _MACOS))), None)
SWITCHES = """
    --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --disable-background-networking
    --disable-component-update --disable-sync --force-prefers-reduced-motion --window-size=1366,768
    --remote-debugging-pipe
"""
SOON = 30.0


class Browser:
    """A Chromium with one page, started with these switches besides; messages are JSON, each ended by a zero octet, on
    descriptors 3 and 4.
    """

    def __init__(self, profile: Path, *switches: str) -> None:
        to_browser, self._commands = _pipe("wb")
        from_browser, self._answers = _pipe("rb")
        os.set_inheritable(to_browser, True)
        os.set_inheritable(from_browser, True)
        wrapped = f'exec "$0" "$@" 3<&{to_browser} 4>&{from_browser}'
        self._process = subprocess.Popen(
            [
                "/bin/bash",
                "-c",
                wrapped,
                str(CHROMIUM),
                *SWITCHES.split(),
                *switches,
                f"--user-data-dir={profile}",
                "about:blank",
            ],
            pass_fds=(to_browser, from_browser),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._count = 0
        self._target = ""
        self._session: str | None = None

    def open(self, url: str) -> None:
        self._target = self._call("Target.createTarget", url=url)["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=self._target, flatten=True)["sessionId"]

    def leave(self) -> None:
        self._call("Target.closeTarget", targetId=self._target)
        self._session = None

    def value(self, expression: str) -> Any:
        """What a JavaScript expression is; RuntimeError when it cannot be had."""
        answer = self._call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["text"])
        return answer["result"].get("value")

    def wait_until(self, condition: str) -> None:
        """Waits until a JavaScript condition holds, also while a page is being loaded; fails with the page's text."""
        pause, end = threading.Event(), time.monotonic() + SOON
        while not self._holds(condition):
            assert time.monotonic() < end, f"{condition} did not come true; the page says: {self.text()}"
            pause.wait(0.02)

    def _holds(self, condition: str) -> bool:
        try:
            return bool(self.value(condition))
        except RuntimeError:
            return False

    def size(self, width: int, height: int, phone: bool = False) -> None:
        """From now on the page is so large, in CSS pixels."""
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)

    def click(self, selector: str) -> None:
        """Presses the first element of a CSS selector, as soon as it is there."""
        found = f"document.querySelector({json.dumps(selector)})"
        self.wait_until(f"{found} && !{found}.disabled && {found}.getClientRects().length")
        self.value(f"{found}.click()")

    def point(self, selector: str) -> None:
        """Moves the mouse to the middle of the first element of a CSS selector."""
        self.wait_until(f"document.querySelector({json.dumps(selector)})?.getClientRects().length > 0")
        box = self.value(f"document.querySelector({json.dumps(selector)}).getBoundingClientRect().toJSON()")
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self._call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def fill(self, selector: str, text: str) -> None:
        """Writes into a field, as somebody who types."""
        found = f"document.querySelector({json.dumps(selector)})"
        self.wait_until(f"{found} && {found}.getClientRects().length")
        self.value(f"{found}.focus(), {found}.select?.()")
        self._call("Input.insertText", text=text)

    def upload(self, selector: str, file: Path) -> None:
        """Chooses a file, as in the browser's own window."""
        found = self._call("Runtime.evaluate", expression=f"document.querySelector({json.dumps(selector)})")
        self._call("DOM.setFileInputFiles", files=[str(file)], objectId=found["result"]["objectId"])

    def screenshot(self, path: Path) -> None:
        """Keeps what is seen as a PNG."""
        path.write_bytes(base64.b64decode(self._call("Page.captureScreenshot", format="png")["data"]))

    def text(self) -> str:
        return str(self.value("document.body.innerText"))

    def close(self) -> None:
        self._session = None
        self._commands.write(json.dumps({"id": 0, "method": "Browser.close"}).encode() + b"\0")
        self._commands.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._answers.close()

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        self._count += 1
        message: dict[str, Any] = {"id": self._count, "method": method, "params": params}
        if self._session and not method.startswith("Target."):
            message["sessionId"] = self._session
        self._commands.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = json.loads(self._message())
            if answer.get("id") == self._count:
                if "error" in answer:
                    raise RuntimeError(answer["error"]["message"])
                result: dict[str, Any] = answer["result"]
                return result

    def _message(self) -> bytes:
        octets = bytearray()
        while (octet := self._answers.read(1)) != b"\0":
            assert octet, "the browser has ended"
            octets += octet
        return bytes(octets)


def _pipe(mode: str) -> tuple[int, IO[bytes]]:
    """The browser's end (a descriptor) and ours (a file of this mode) of a pipe."""
    read, write = os.pipe()
    if mode == "wb":
        return read, os.fdopen(write, "wb", buffering=0)
    return write, os.fdopen(read, "rb")
