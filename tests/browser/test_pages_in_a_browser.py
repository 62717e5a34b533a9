"""The pages in Chromium: by keyboard alone, on a phone and at a desk, without a fault that axe-core finds."""

from __future__ import annotations

import httpx
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from metrics_service.measures.shipped import definitions
from tandem_tests.browser import DESK, PHONE, Browser

PASSWORD = "a horse of the synthetic kind"
MEASURE = "care-home-residents-with-a-plan"
BY_MONTH = "smr-people-reviewed"
WITH_FUNNEL = "smr-offered"


def sign_in(browser: Browser, number: int = 1) -> None:
    """As the person of that number in the list, by mouse."""
    browser.open("/dashboard")
    browser.element(f"#name-{number}").send_keys(Keys.SPACE)
    browser.element("#password").send_keys(PASSWORD)
    browser.element("button[type=submit]").click()
    browser.arrive("/dashboard")


def whole(browser: Browser, name: str, width: int, pytestconfig: pytest.Config) -> None:
    """Nothing wrong with the page at this width; its picture is kept."""
    browser.wide(width)
    assert not browser.overflows()
    assert browser.faults() == []
    assert browser.elsewhere() == []
    assert browser.complaints() == []
    browser.picture(pytestconfig.rootpath / "build" / "screenshots" / f"{name}-{width}.png")


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_signing_in_and_out(browser: Browser, width: int, pytestconfig: pytest.Config) -> None:
    browser.open("/dashboard")
    assert "Who are you?" in browser.text
    whole(browser, "sign-in", width, pytestconfig)
    browser.element("#password").send_keys("not the password of anybody")
    browser.element("button[type=submit]").click()
    browser.arrive("/oauth2/authorize", "There is a problem")
    # A refused form is answered with 400, which the console notes.
    assert all("400" in each for each in browser.complaints())
    whole(browser, "wrong-password", width, pytestconfig)
    sign_in(browser)
    browser.open("/sign-out")
    assert "You are signed in as Nadia Rahman" in browser.text
    whole(browser, "sign-out", width, pytestconfig)
    browser.element("button[type=submit]").click()
    browser.arrive("/sign-out", "You are signed out")
    whole(browser, "signed-out", width, pytestconfig)
    browser.open("/dashboard")
    assert "Who are you?" in browser.text


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("overview", "/dashboard"), ("measure", f"/dashboard/measures/{MEASURE}"),
        ("funnel", f"/dashboard/measures/{WITH_FUNNEL}"),
        ("people", f"/dashboard/measures/{MEASURE}/people?population=denominator"),
        ("early", "/dashboard?as-of=2020-03-31"), ("home", "/dashboard/homes/{home}"),
        ("home-measure", "/dashboard/measures/resident-emergency-admissions?home={home}"),
        ("home-people", f"/dashboard/measures/{MEASURE}/people?population=denominator&home={{home}}"),
        ("homes", "/dashboard/measures/resident-emergency-admissions"), ("timeline", "/dashboard/timeline"),
        ("timeline-before", "/dashboard/timeline?as-of=2020-03-15"), ("peers", "/dashboard/peers"),
    ],
)  # fmt: skip
def test_a_page(browser: Browser, home: str, name: str, path: str, width: int, pytestconfig: pytest.Config) -> None:
    sign_in(browser)
    browser.open(path.format(home=home))
    assert browser.element("h1").text
    whole(browser, name, width, pytestconfig)


def test_the_tables_of_each_page_come_to_who_is_signed_in(browser: Browser, home: str) -> None:
    """As the links of the page have them, and to nobody else."""
    sign_in(browser)
    pages = (
        "/dashboard", f"/dashboard/measures/{MEASURE}", f"/dashboard/measures/{MEASURE}?home={home}",
        f"/dashboard/homes/{home}", "/dashboard/timeline", "/dashboard/peers", "/dashboard/peers?as-of=2020-06-30",
    )  # fmt: skip
    cookies = {each["name"]: each["value"] for each in browser.driver.get_cookies()}
    for page in pages:
        browser.open(page)
        found = browser.driver.find_elements(By.CSS_SELECTOR, "a[href*='/figures.']")
        links = [str(each.get_attribute("href")) for each in found]
        assert len(links) == 2, page
        for link, kind in zip(links, ("text/csv", "application/json"), strict=True):
            assert httpx.get(link, timeout=120).status_code != 200, "not signed in"
            answer = httpx.get(link, cookies=cookies, timeout=120)
            assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (200, kind), link


def test_every_measure_is_without_fault(browser: Browser) -> None:
    sign_in(browser)
    for name in definitions():
        browser.open(f"/dashboard/measures/{name}")
        assert browser.faults() == [], name
        assert not browser.overflows(), name


def test_by_keyboard_alone(browser: Browser) -> None:
    """From the first page to the people behind a figure without a mouse, and always seen where one is."""
    browser.wide(DESK)
    browser.open("/dashboard")
    browser.press(Keys.TAB)
    assert browser.driver.switch_to.active_element.text == "Skip to main content"
    assert browser.focus_is_seen()
    browser.tab_to("name")
    browser.press(Keys.ARROW_DOWN, Keys.ARROW_UP)
    browser.tab_to("password")
    assert browser.focus_is_seen()
    browser.press(PASSWORD, Keys.ENTER)
    browser.arrive("/dashboard")
    browser.tab_to(definitions()[MEASURE].title)
    assert browser.focus_is_seen()
    browser.press(Keys.ENTER)
    browser.arrive(f"/dashboard/measures/{MEASURE}")
    browser.tab_to("People behind this figure")
    browser.press(Keys.ENTER)
    browser.arrive(f"/dashboard/measures/{MEASURE}/people")
    browser.tab_to("Sign out")
    browser.press(Keys.ENTER)
    browser.arrive("/sign-out", "You are signed in")
    browser.tab_to("Sign out")
    browser.press(Keys.ENTER)
    browser.arrive("/sign-out", "You are signed out")


def test_from_the_network_to_the_residents_of_a_home_by_keyboard(browser: Browser, home: str) -> None:
    browser.wide(DESK)
    sign_in(browser)
    browser.tab_to(browser.element(f'a[href="/dashboard/homes/{home}"]').text)
    assert browser.focus_is_seen()
    browser.press(Keys.ENTER)
    browser.arrive(f"/dashboard/homes/{home}")
    browser.tab_to(definitions()[MEASURE].title)
    browser.press(Keys.ENTER)
    browser.arrive(f"/dashboard/measures/{MEASURE}", "Among the other homes")
    browser.tab_to("People behind this figure")
    browser.press(Keys.ENTER)
    browser.arrive(f"/dashboard/measures/{MEASURE}/people")


def test_folded_lists_of_the_timeline_open_by_keyboard(browser: Browser) -> None:
    browser.wide(DESK)
    sign_in(browser)
    browser.open("/dashboard/timeline")
    folded = browser.element("section details:last-of-type")
    assert folded.get_attribute("open") is None
    browser.tab_to(folded.find_element(By.TAG_NAME, "summary").text.strip())
    assert browser.focus_is_seen()
    browser.press(Keys.ENTER)
    assert folded.get_attribute("open") is not None
    assert browser.faults() == []


def test_a_chart_says_what_it_shows_and_has_its_table_beside_it(browser: Browser) -> None:
    browser.wide(DESK)
    sign_in(browser)
    browser.open(f"/dashboard/measures/{BY_MONTH}")
    chart = browser.element("svg[role=img]")
    assert definitions()[BY_MONTH].title in str(chart.accessible_name)
    table = browser.element("section[aria-labelledby=over-time] table")
    assert len(table.find_elements(By.CSS_SELECTOR, "tbody tr")) == 12
    assert chart.location["y"] == pytest.approx(table.location["y"], abs=40), "beside, not below, at a desk"


def test_on_paper_there_is_nothing_to_click(browser: Browser) -> None:
    sign_in(browser)
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    browser.open("/dashboard")
    assert not browser.element("form").is_displayed()
    assert browser.element("h1").is_displayed()
    assert "Counted on" in browser.element("footer").text
