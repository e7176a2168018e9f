"""A Chromium without a window, spoken to through a pipe: DevTools' own protocol, and no library."""

import contextlib
import itertools
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def found() -> str | None:
    """Return the Chromium of this machine, if there is one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@dataclass
class Page:
    """
    One page of a browser.

    Attributes:
        session: Its number there.
        events: What it told without being asked.
    """

    session: str
    browser: "Chromium"
    events: list[dict[str, Any]] = field(default_factory=list)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Ask something of the page."""
        return self.browser.call(method, parameters, self)

    def show(
        self, path: Path, *, width: int, is_dark: bool = False, is_printed: bool = False
    ) -> None:
        """Load a file as a screen of some width shows it, and wait until it is there."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=900,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        self.call(
            "Emulation.setEmulatedMedia", media="print" if is_printed else "", features=[scheme]
        )
        self.events.clear()
        self.call("Page.navigate", url=path.as_uri())
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.browser.listen()

    def value(self, expression: str) -> Any:
        """Return what a script finds; the page's own policy does not bind it."""
        answer = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer

        return answer["result"].get("value")

    def requested(self) -> list[str]:
        """Return every address that was asked for since the page was loaded."""
        return [
            event["params"]["request"]["url"]
            for event in self.events
            if event["method"] == "Network.requestWillBeSent"
        ]

    def complaints(self) -> list[str]:
        """Return what the browser has to say against the page."""
        return [
            event["params"]["entry"]["text"]
            for event in self.events
            if event["method"] == "Log.entryAdded"
        ]


@dataclass
class Chromium:
    """
    A running browser.

    Attributes:
        write: Where questions go.
        read: Where answers come from.
    """

    write: IO[bytes]
    read: IO[bytes]
    pages: dict[str, Page] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _answers: dict[int, dict[str, Any]] = field(default_factory=dict)

    def call(self, method: str, parameters: dict[str, Any], page: Page | None = None) -> Any:
        """Ask something and wait for the answer."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if page is not None:
            message["sessionId"] = page.session
        self.write.write(json.dumps(message).encode() + b"\0")
        self.write.flush()
        while number not in self._answers:
            self.listen()
        answer = self._answers.pop(number)
        assert "error" not in answer, answer

        return answer["result"]

    def listen(self) -> None:
        """Take in one message."""
        message = bytearray()
        while (byte := self.read.read(1)) != b"\0":
            assert byte, "the browser has ended"
            message += byte
        told = json.loads(message)
        if "id" in told:
            self._answers[told["id"]] = told
        elif told.get("sessionId") in self.pages:
            self.pages[told["sessionId"]].events.append(told)

    def page(self) -> Page:
        """Open a page."""
        target = self.call("Target.createTarget", {"url": "about:blank"})["targetId"]
        session = self.call("Target.attachToTarget", {"targetId": target, "flatten": True})
        page = Page(session["sessionId"], self)
        self.pages[page.session] = page
        for domain in ("Page", "Network", "Log"):
            page.call(f"{domain}.enable")

        return page


@contextlib.contextmanager
def running(program: str) -> Iterator[Chromium]:
    """Run a browser for the block, its profile thrown away."""
    (ours_in, theirs_out), (theirs_in, ours_out) = os.pipe(), os.pipe()
    with tempfile.TemporaryDirectory(
        prefix="churn-chromium-", ignore_cleanup_errors=True
    ) as folder:
        process = subprocess.Popen(
            [
                *("bash", "-c", f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}', "bash", program),
                *("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
                *("--remote-debugging-pipe", f"--user-data-dir={folder}", "--no-first-run"),
            ],
            pass_fds=(theirs_in, theirs_out),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        try:
            with os.fdopen(ours_out, "wb") as write, os.fdopen(ours_in, "rb") as read:
                yield Chromium(write, read)
        finally:
            process.terminate()
            process.wait(30)
