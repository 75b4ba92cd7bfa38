"""The incident's page in a real browser: drawn, offline, by keyboard, on a phone."""

import os
import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from apps.core import clock
from apps.demo import shoppers
from apps.incidents.models import State
from apps.organizations.models import User
from tests.admin.conftest import World
from tests.factories import SignalRow, store_signals
from tests.factories.suppressions import make_suppression

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("clickhouse")]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Chromium from the system. Without one the tests fail and say what to install."""
    # playwright runs an event loop in this thread, and Django would refuse to use its database beside one.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = shoppers.launch(playwright)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def address(transactional_db: None, live_server: LiveServer, world: World) -> str:
    """The address of Alice's incident, with a signal behind it."""
    began_ms = clock.to_ms(world.incident.breach_began_at)
    store_signals([SignalRow(project_id=world.cast.project.pk, ts_ms=began_ms - 10_000, version=began_ms)])
    return live_server.url + reverse("admin:incidents_incident_change", args=[world.incident.pk])


def _open(
    chromium: Browser, world: World, address: str, *, who: User | None = None, **options: object
) -> tuple[BrowserContext, Page, list[str]]:
    """`who` (Bob) looks at `address`. Returns also what went wrong: script errors, failures, requests to elsewhere."""
    session = Client()
    session.force_login(who or world.cast.bob)
    context = chromium.new_context(**options)  # type: ignore[arg-type]
    cookie = session.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": urljoin(address, "/")}])
    page = context.new_page()
    trouble: list[str] = []
    page.on("pageerror", lambda error: trouble.append(f"error: {error}"))
    page.on(
        "response", lambda answer: trouble.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None
    )
    page.on(
        "request",
        lambda request: (
            trouble.append(f"elsewhere: {request.url}")
            if urlsplit(request.url).hostname not in {"localhost", "127.0.0.1", None}
            else None
        ),
    )
    page.goto(address, wait_until="networkidle")
    return context, page, trouble


def test_the_chart_is_drawn_and_nothing_comes_from_elsewhere(chromium: Browser, world: World, address: str) -> None:
    context, page, trouble = _open(chromium, world, address)
    # Chart.js draws at a later frame; a chart that is never drawn fails by the wait's end.
    page.wait_for_function(
        "() => { const c = document.querySelector('canvas.chart'); const d = c.getContext('2d')"
        ".getImageData(0, 0, c.width, c.height).data; return d.some((value) => value !== 0); }"
    )
    context.close()

    assert trouble == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_cut_off_on_a_phone(chromium: Browser, world: World, address: str, scheme: str) -> None:
    context, page, trouble = _open(
        chromium, world, address, viewport={"width": 390, "height": 844}, color_scheme=scheme, has_touch=True
    )
    width = page.evaluate("document.documentElement.scrollWidth")
    # The signals and the threshold they must stay below.
    legend = page.locator(".irk-legend > li")
    entries = [(legend.nth(place).inner_text(), legend.nth(place).bounding_box()) for place in range(legend.count())]
    context.close()

    assert width == 390
    assert [name for name, _ in entries] == ["Sessions with a signal in the 15 minutes before", "Threshold: at least 1"]
    assert all(box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 390 for _, box in entries)
    assert trouble == []


def test_an_incident_is_muted_by_keyboard_alone(chromium: Browser, world: World, address: str) -> None:
    context, page, _ = _open(chromium, world, address)
    for _press in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "Mute for":
            break
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    context.close()

    world.incident.refresh_from_db()
    assert world.incident.state == State.MUTED
    assert [each.reason for each in world.incident.transitions.all()][-1].startswith("Muted until")


def test_times_are_shown_in_the_readers_zone(chromium: Browser, world: World, address: str) -> None:
    shown = []
    for zone in ("UTC", "Asia/Tokyo"):
        context, page, _ = _open(chromium, world, address, timezone_id=zone, locale="en-GB")
        shown.append(page.locator("#history time").first.inner_text())
        context.close()

    assert shown[0] != shown[1]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
@pytest.mark.usefixtures("transactional_db")
def test_a_thresholds_form_shows_what_applies_and_nothing_else(
    chromium: Browser, world: World, live_server: LiveServer, width: int, scheme: str
) -> None:
    form = live_server.url + reverse("admin:thresholds_threshold_change", args=[world.threshold.pk])
    context, page, trouble = _open(
        chromium, world, form, who=world.cast.alice, viewport={"width": width, "height": 900}, color_scheme=scheme
    )
    factor, needed = page.get_by_label("And open only at"), page.get_by_label("Of which breach")
    for field in (factor, needed):
        expect(field).to_be_hidden()
    page.get_by_label("Compare with").select_option("86400")
    page.get_by_label("Look at the last").fill("6")
    for field in (factor, needed):
        expect(field).to_be_visible()
    cut_off = page.evaluate("document.documentElement.scrollWidth") > width
    context.close()

    assert not cut_off
    assert trouble == []


def _tab_to(page: Page, name: str) -> None:
    """Presses Tab until what is called `name` has the focus."""
    for _press in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('aria-label')") == name:
            return
    pytest.fail(f"Tab never came to “{name}”.")


@pytest.mark.usefixtures("transactional_db")
def test_the_account_menu_is_used_by_keyboard(chromium: Browser, world: World, live_server: LiveServer) -> None:
    context, page, trouble = _open(chromium, world, live_server.url + reverse("admin:index"))
    log_out = page.get_by_role("button", name="Log out")
    _tab_to(page, "Account menu")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Light")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    dark = page.evaluate("document.documentElement.classList.contains('dark')")
    page.keyboard.press("Escape")
    expect(log_out).to_be_hidden()
    expect(page.get_by_role("button", name="Account menu")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Light")).to_be_focused()
    page.keyboard.press("Shift+Tab")  # beyond the first item: back to what opened the menu
    expect(page.get_by_role("button", name="Account menu")).to_be_focused()
    expect(log_out).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Light")).to_be_focused()
    while not log_out.evaluate("button => button === document.activeElement"):
        page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    signed_out = not Client().get(reverse("admin:index")).wsgi_request.user.is_authenticated
    there = page.title()
    context.close()

    assert dark
    assert signed_out
    assert there.startswith("Logged out")
    assert trouble == []


@pytest.mark.usefixtures("transactional_db")
def test_what_belongs_to_a_field_is_reached_by_keyboard(
    chromium: Browser, world: World, live_server: LiveServer
) -> None:
    form = live_server.url + reverse("admin:detection_suppression_add")
    context, page, _ = _open(chromium, world, form, who=world.cast.alice)
    _tab_to(page, "More for Project")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Add another project")).to_be_focused()
    page.keyboard.press("Tab")  # beyond the only item: on to the next field
    expect(page.get_by_label("Signal")).to_be_focused()
    expect(page.get_by_role("link", name="Add another project")).to_be_hidden()
    context.close()


def _paths(world: World, somebody: User) -> list[str]:
    """The pages of the admin for `somebody`, who runs the installation."""
    cast = world.cast
    rows = [
        *(cast.project, cast.organization, world.threshold, somebody, world.incident),
        make_suppression(cast.project, created_at=clock.now(), signal="dead_click", created_by=cast.alice),
    ]
    paths = [
        reverse(name) for name in ("admin:index", "admin:password_change", "admin:detection_projectsignals_changelist")
    ]
    for row in rows:
        label = f"admin:{row._meta.app_label}_{row._meta.model_name}"
        paths.append(reverse(f"{label}_changelist"))
        paths.append(reverse(f"{label}_change", args=[row.pk]))
        if row is not world.incident:
            paths.append(reverse(f"{label}_add"))
    paths += [
        reverse("admin:detection_projectsignals_change", args=[cast.project.pk]),
        reverse("admin:ingest_spooledbatch_changelist"),
        reverse("admin:projects_project_create_key", args=[cast.project.pk]),
        reverse("admin:explanations_why", args=[world.threshold.pk]),
    ]
    return paths


# What reacts to clicks alone, is seen, and is neither reached by Tab nor the backdrop that closes the filters.
UNREACHABLE = r"""() => [...document.querySelectorAll("[x-on\\:click]:not(#changelist-filter-close)")]
    .filter((each) => each.checkVisibility() && each.tabIndex < 0).map((each) => each.outerHTML.slice(0, 200))"""
# The roles of what people use, or are told to use.
_USED = {"button", "checkbox", "combobox", "link", "listbox", "menuitem", "radio", "searchbox", "spinbutton", "textbox"}
# The name of an icon, where the icon's text is all that there is: arrow_back.
_ICON = re.compile(r"add|cancel|close|computer|search|[a-z]+(_[a-z]+)+")


def _nameless(page: Page) -> list[str]:
    """What people use on the page that Chromium tells a screen reader no name of, or an icon's; as HTML."""
    chromium = page.context.new_cdp_session(page)
    tree = chromium.send("Accessibility.getFullAXTree")["nodes"]
    used = [node for node in tree if not node["ignored"] and node["role"]["value"] in _USED]
    assert used
    return [
        chromium.send("DOM.getOuterHTML", {"backendNodeId": node["backendDOMNodeId"]})["outerHTML"][:200]
        for node in used
        for name in [node["name"]["value"].strip()]
        if not name or _ICON.fullmatch(name)
    ]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.usefixtures("transactional_db")
def test_every_control_of_every_page_has_a_name_and_is_reached_by_tab_and_nothing_is_cut_off(
    chromium: Browser, world: World, live_server: LiveServer, width: int
) -> None:
    somebody = User.objects.create_superuser("root", password="a-long-test-password")
    context, page, trouble = _open(
        chromium, world, live_server.url, who=somebody, viewport={"width": width, "height": 844}
    )
    unreachable, nameless, wide = {}, {}, []
    for path in [*_paths(world, somebody), reverse("admin:login")]:
        if path == reverse("admin:login"):
            context.clear_cookies()
        page.goto(live_server.url + path)
        page.wait_for_load_state("networkidle")
        if width == 390 and path == reverse("admin:index"):
            page.get_by_role("button", name="Show or hide the menu").click()
            expect(page.get_by_role("button", name="Close the menu")).to_be_visible()
        unreachable[path] = page.evaluate(UNREACHABLE)
        nameless[path] = _nameless(page)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wide.append(path)
    context.close()

    assert {path: found for path, found in unreachable.items() if found} == {}
    assert {path: found for path, found in nameless.items() if found} == {}
    assert wide == []
    assert trouble == []


@pytest.mark.usefixtures("transactional_db")
def test_what_has_the_focus_shows_it(chromium: Browser, world: World, live_server: LiveServer) -> None:
    form = live_server.url + reverse("admin:thresholds_threshold_change", args=[world.threshold.pk])
    listed = live_server.url + reverse("admin:incidents_incident_changelist")
    context, page, _ = _open(chromium, world, form, who=world.cast.alice)
    unseen = []
    for address in (form, listed):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        for _press in range(30):
            page.keyboard.press("Tab")
            # The box around the search shows for what is in it; of the search's own button it would say nothing.
            unseen += page.evaluate(
                """() => [document.activeElement].filter((each) => each !== document.body && each.id !== "searchbar"
                && getComputedStyle(each).outlineStyle === "none").map((each) => each.outerHTML.slice(0, 200))"""
            )
    context.close()

    assert unseen == []
