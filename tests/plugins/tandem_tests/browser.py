"""A real Chromium without a window, driven through its own driver, and what accessibility checkers say of its pages."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

PHONE, DESK = 375, 1280
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_HEIGHT = 900


def browser_programs() -> tuple[str, str] | None:
    """Chromium and its driver, when both are installed here."""
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    driver = shutil.which("chromedriver")
    return (browser, driver) if browser and driver else None


@dataclass(slots=True)
class Browser:
    """One window. `url` is where the pages are; `checker` the text of axe-core."""

    driver: webdriver.Chrome
    url: str
    checker: str
    asked: list[str] = field(default_factory=list)

    @classmethod
    def started(cls, programs: tuple[str, str], url: str, checker: Path) -> Browser:
        """A new window, with nothing in it from before."""
        options = webdriver.ChromeOptions()
        options.binary_location = programs[0]
        for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
        driver = webdriver.Chrome(options=options, service=Service(programs[1]))
        return cls(driver, url, checker.read_text("utf-8"))

    def wide(self, pixels: int, height: int = _HEIGHT) -> None:
        """Set the width of the window, as of a phone below 600 pixels."""
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": pixels, "height": height, "deviceScaleFactor": 1, "mobile": pixels < 600},
        )

    def open(self, path: str) -> None:
        """Go to a page of ours."""
        self.driver.get(f"{self.url}{path}")

    @property
    def path(self) -> str:
        """The path of the page."""
        return urlsplit(self.driver.current_url).path

    @property
    def text(self) -> str:
        """What the page says."""
        return self.driver.find_element(By.TAG_NAME, "body").text

    def arrive(self, path: str, saying: str = "") -> None:
        """Wait for a page that was asked for by a click or a key."""

        def there(_: webdriver.Chrome) -> bool:
            return self.path == path and saying in self.text

        waiting = WebDriverWait(self.driver, 120, ignored_exceptions=[WebDriverException])
        waiting.until(there, f"{path}, {saying!r}")

    def element(self, selector: str) -> WebElement:
        """The element of a CSS selector."""
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def press(self, *keys: str) -> None:
        """Keys, to whatever has the focus."""
        for key in keys:
            self.driver.switch_to.active_element.send_keys(key)

    def tab_to(self, text: str) -> None:
        """Press Tab until something of this text, name or id has the focus. Raises AssertionError after 200 times."""
        for _ in range(200):
            self.press(Keys.TAB)
            here = self.driver.switch_to.active_element
            if text in (here.text.strip(), here.get_attribute("name"), here.get_attribute("id")):
                return
        raise AssertionError(f"{text} cannot be reached by Tab")

    def focus_is_seen(self) -> bool:
        """Whether what has the focus looks otherwise than without it: an outline, a shadow or another ground."""
        script = """
            const e = document.activeElement, on = getComputedStyle(e);
            const look = s => [s.outlineStyle, s.outlineWidth, s.boxShadow, s.backgroundColor].join();
            const before = look(on); e.blur(); const after = look(getComputedStyle(e)); e.focus();
            return before !== after;"""
        return bool(self.driver.execute_script(script))

    def faults(self) -> list[str]:
        """What axe-core finds wrong with the page, by all its rules."""
        # The page's own policy lets no script run; the driver's are not the page's.
        self.driver.execute_script(self.checker)
        found: dict[str, Any] = self.driver.execute_async_script("axe.run().then(arguments[0])")
        return [f"{each['id']}: {node['target']}" for each in found["violations"] for node in each["nodes"]]

    def overflows(self) -> bool:
        """Whether the page has to be moved sideways to be read."""
        script = "return document.documentElement.scrollWidth > document.documentElement.clientWidth"
        return bool(self.driver.execute_script(script))

    def elsewhere(self) -> list[str]:
        """Addresses at other hosts that the browser asked for since the last look."""
        found = []
        for entry in self.driver.get_log("performance"):  # type: ignore[no-untyped-call]
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                found.append(str(message["params"]["request"]["url"]))
        return [each for each in found if not each.startswith((f"{self.url}/", "data:", "about:", "chrome:"))]

    def complaints(self) -> list[str]:
        """What the browser wrote to its console as an error, refused loads among it."""
        log = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        return [str(entry["message"]) for entry in log if entry["level"] == "SEVERE"]

    def picture(self, path: Path) -> None:
        """The whole page as a PNG."""
        path.parent.mkdir(parents=True, exist_ok=True)
        size = self.driver.execute_script("return [innerWidth, document.documentElement.scrollHeight]")
        self.wide(size[0], min(size[1], 6000))
        self.driver.save_screenshot(str(path))
        self.wide(size[0])
