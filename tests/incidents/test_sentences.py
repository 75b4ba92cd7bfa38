"""The sentence that says why an incident opened."""

import pytest

from apps.detection.catalog import DEFINITIONS
from apps.incidents.sentences import facts, kind_name, opening, plain
from apps.thresholds.evaluation import Rule, Verdict, evaluate
from apps.thresholds.matching import Group
from apps.thresholds.windows import Measure, Point
from tests.factories.rules import make_rule as rule

HERE: Group = (("route", "/checkout"), ("element", "button"))


def verdict(of: Rule) -> Verdict:
    return evaluate(of, Measure(sessions=1), as_of_ms=0, window_end_ms=0)


def point(kind: str = "rage_click", clicks: int = 5, session: str = "s1", user: str = "", **fields: str) -> Point:
    told = {"route": "/checkout", "element": "button", "label": "Pay now", "detail": "", **fields}
    return Point(0, kind, session, user, 1, clicks, **told)


def sentence(points: list[Point], group: Group = HERE, of: Rule | None = None) -> str:
    return opening(of or rule(), verdict(of or rule()), group, facts(points))


def test_a_rage_click_names_the_button_the_page_the_clicks_and_the_people() -> None:
    assert sentence([point(), point(session="s2", clicks=4)]) == (
        "“Pay now” on /checkout did not answer 9 clicks by 2 visitors within 15 minutes "
        "(rage clicks; threshold: at least 1 session)."
    )


def test_one_of_a_thing_is_told_in_the_singular() -> None:
    assert sentence([point("dead_click", 1)], of=rule(window_ms=3_600_000)) == (
        "“Pay now” on /checkout did not answer 1 click by 1 visitor within 1 hour "
        "(dead clicks; threshold: at least 1 session)."
    )


def test_an_error_click_names_the_error_and_counts_clicks_not_errors() -> None:
    points = [point("error_click", 3, label="Search", route="/search", detail="TypeError: hits is undefined")] * 2
    assert sentence(points, of=rule(metric="signals", at_least=2)) == (
        "“Search” on /search caused “TypeError: hits is undefined” on 2 clicks by 1 visitor within 15 minutes "
        "(clicks that caused errors; threshold: at least 2 signals)."
    )


def test_a_form_names_itself_and_its_last_failure() -> None:
    points = [
        point("form_retry", 3, label="Coupon", route="/cart", detail="422"),
        point("form_retry", 4, session="s2", label="Coupon", route="/cart"),
    ]
    assert sentence(points).startswith(
        "The form “Coupon” on /cart refused 7 attempts, last with “422”, by 2 visitors within 15 minutes"
    )
    unnamed = sentence([point("form_retry", 3, label="", element="form#coupon", route="/cart")])
    assert unnamed.startswith("The form form#coupon on /cart refused 3 attempts by 1 visitor")


@pytest.mark.parametrize(
    ("element", "name"),
    [("div > a", "The element div > a on /checkout did"), ("", "/checkout did not answer 5 clicks")],
)
def test_an_element_without_a_label_is_named_as_well_as_can_be(element: str, name: str) -> None:
    assert sentence([point(label="", element=element)]).startswith(name)


def test_a_page_with_several_elements_names_the_worst() -> None:
    points = [point(), point(session="s2"), point(label="Coupon", element="#c")]
    assert sentence(points, (("route", "/checkout"),), rule(group_by="route")) == (
        "/checkout had 3 moments of frustration on 2 elements, most on “Pay now”, by 2 visitors within 15 minutes "
        "(rage clicks; threshold: at least 1 session)."
    )


def test_a_whole_site_names_the_worst_element_and_its_page() -> None:
    points = [point(), point(session="s2"), point(label="Coupon", element="#c", route="/cart")]
    assert sentence(points, (), rule(group_by="nothing")).startswith(
        "The site had 3 moments of frustration on 2 elements, most on “Pay now” on /checkout, by 2 visitors"
    )


def test_a_group_that_is_one_element_after_all_is_told_as_one() -> None:
    assert sentence([point()], (), rule(group_by="nothing")).startswith(
        "“Pay now” on /checkout did not answer 5 clicks"
    )


def test_an_element_on_several_pages_names_no_page() -> None:
    points = [point(), point(route="/cart", session="s2")]
    assert sentence(points, (("element", "button"),), rule(group_by="element")).startswith(
        "“Pay now” did not answer 10 clicks by 2 visitors"
    )


def test_several_kinds_are_counted_apart_because_one_click_can_be_both() -> None:
    points = [point(), *[point("dead_click", 1)] * 5]
    assert sentence(points, of=rule(signals=("dead_click", "rage_click"))) == (
        "“Pay now” on /checkout had 5 dead clicks and 1 rage click by 1 visitor within 15 minutes "
        "(dead clicks and rage clicks; threshold: at least 1 session)."
    )


def test_a_kind_without_words_of_its_own_is_told_by_its_name() -> None:
    assert sentence([point("lost_nerve", 1)]).startswith("“Pay now” on /checkout had 1 lost nerve by 1 visitor")


@pytest.mark.parametrize(
    ("kind", "count", "detail", "told"),
    [
        ("slow_click", 1, "1840 ms", "“Pay now” on /checkout was slow to answer 2 clicks (last after 1840 ms) by"),
        (
            "slow_interaction",
            1,
            "612 ms",
            "“Pay now” on /checkout was slow to react to 2 inputs (last after 612 ms) by",
        ),
        ("layout_jump", 1, "80 px", "“Pay now” on /checkout moved just before 2 clicks (last by 80 px) by"),
        ("thrashed_cursor", 12, "", "The pointer was shaken twice over “Pay now” on /checkout by"),
    ],
)
def test_what_happened_to_an_element_is_told_of_it(kind: str, count: int, detail: str, told: str) -> None:
    points = [point(kind, count, detail=detail), point(kind, count, session="s2", detail=detail)]
    assert sentence(points).startswith(f"{told} 2 visitors within 15 minutes ({kind.replace('_', ' ')}s; threshold")


@pytest.mark.parametrize(
    ("kind", "count", "detail", "told"),
    [
        ("quick_back", 1, "/list", "/item was left at once, by going back, twice by"),
        ("page_loop", 4, "/login", "/item loaded 8 times without being asked for (last from /login), met by"),
        ("reload_burst", 2, "", "/item was reloaded 4 times by"),
        ("zoom_struggle", 3, "250 %", "/item was zoomed 6 times (last to 250 %) by"),
    ],
)
def test_what_happened_to_no_element_is_told_of_its_page(kind: str, count: int, detail: str, told: str) -> None:
    points = [
        point(kind, count, session=session, route="/item", element="", label="", detail=detail)
        for session in ("a", "b")
    ]
    assert sentence(points, (("route", "/item"), ("element", ""))).startswith(f"{told} 2 visitors within 15 minutes")


@pytest.mark.parametrize(
    ("kind", "element", "label", "detail", "told"),
    [
        (
            "request_failures",
            "",
            "",
            "POST /pay: 503",
            "/checkout had 6 failed requests (last was POST /pay: 503), met by 2 visitors",
        ),
        ("error_burst", "", "", "x is undefined", "/checkout threw “x is undefined” 6 times, met by 2 visitors"),
        (
            "form_abandoned",
            "form#address",
            "",
            "Street",
            "The form form#address on /checkout was begun and left unsent twice (last after Street) by 2 visitors",
        ),
        (
            "field_struggle",
            "input[name=phone]",
            "Phone",
            "",
            "“Phone” on /checkout was filled in anew or emptied 6 times by 2 visitors",
        ),
        (
            "repeated_search",
            "form#search",
            "Search",
            "",
            "“Search” on /checkout was searched 6 times without a click on a result by 2 visitors",
        ),
        ("scroll_thrash", "", "", "", "/checkout was scrolled to and fro 6 times by 2 visitors"),
        (
            "tab_switching",
            "form#address",
            "",
            "",
            "The form form#address on /checkout was left for other tabs 6 times while it was filled in by 2 visitors",
        ),
        (
            "copied_error",
            "div#problem",
            "Payment failed",
            "",
            "“Payment failed” on /checkout was copied 6 times just after it appeared by 2 visitors",
        ),
    ],
)
def test_every_further_kind_is_told_in_its_own_words(
    kind: str, element: str, label: str, detail: str, told: str
) -> None:
    points = [point(kind, 3, session=one, element=element, label=label, detail=detail) for one in ("a", "b")]
    assert sentence(points).startswith(told)


def test_every_kind_of_the_catalog_has_words_of_its_own() -> None:
    for definition in DEFINITIONS:
        told = sentence([point(definition.name, 1)])
        assert definition.name not in told
        assert " had 1 " not in told or definition.name == "request_failures"


def test_a_kind_is_named_with_its_article() -> None:
    assert (kind_name("rage_click"), kind_name("error_burst")) == ("a rage click", "an error burst")


def test_a_shaken_pointer_over_an_element_or_a_page_without_a_name() -> None:
    over = [point("thrashed_cursor", 12, label="", element="main")]
    assert sentence(over).startswith("The pointer was shaken once over the element main on /checkout by 1 visitor")
    over = [point("thrashed_cursor", 12, label="", element="")]
    assert sentence(over).startswith("The pointer was shaken once over /checkout by 1 visitor")


def test_pages_are_named_among_the_worst_as_elements_are() -> None:
    loop = [point("page_loop", 4, session=one, route="/login", element="", label="") for one in ("a", "b")]
    assert sentence([*loop, point()], (), rule(group_by="nothing")).startswith(
        "The site had 3 moments of frustration in 2 places, most on /login, by 3 visitors"
    )
    same = [point("page_loop", 4, session=one, element="", label="") for one in ("a", "b")]
    assert sentence([*same, point()], (("route", "/checkout"),), rule(group_by="route")).startswith(
        "/checkout had 3 moments of frustration in 2 places, most on the page itself, by 3 visitors"
    )
    anywhere = sentence([*loop, *same], (("element", ""),), rule(group_by="element"))
    assert anywhere.startswith("The site loaded 16 times without being asked for, met by 2 visitors")


def test_an_identified_user_in_two_sessions_is_one_visitor() -> None:
    assert "by 1 visitor" in sentence([point(user="u"), point(user="u", session="s2")])


def test_hostile_text_stays_on_its_line_between_its_quotes() -> None:
    label = "Pay\u202e\n\n<b>now</b>\x00\u200b" + "x" * 100
    text = sentence([point(label=label, route="/a\r\nSubject: hello")])
    assert "\n" not in text
    assert "\u202e" not in text
    assert "<b>now</b>" in text
    assert text.startswith("“Pay <b>now</b> xxx")
    assert "…” on /a Subject: hello did not answer" in text


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("", 3, ""),
        (" a \t b ", 9, "a b"),
        ("Zahlen für 5\u00a0€", 40, "Zahlen für 5 €"),
    ],
)
def test_plain(text: str, limit: int, expected: str) -> None:
    assert plain(text, limit) == expected


def test_equal_elements_are_told_apart_the_same_way_every_time() -> None:
    points = [point(label="B", element="b"), point(label="A", element="a")]
    assert facts(points).label == facts(points[::-1]).label == "A"
