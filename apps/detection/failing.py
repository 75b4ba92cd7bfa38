"""What failed and what worked: which requests got no answer, what was refused, what was answered well. Pure."""

from apps.detection.interactions import Event


def got_no_answer(request: Event) -> bool:
    """Whether `request` got no answer, and should have.

    One to another host that has not answered the page yet, whose address is told with its scheme, may have been stopped
    by a content blocker, as happens on healthy pages. no_answer.sql says the same.
    """
    return request.status == 0 and "://" not in request.message


def was_refused(event: Event) -> bool:
    """Whether `event` is a submit or a request that was refused, by the browser or the server, or got no answer.

    refused.sql says the same.
    """
    if event.type == "submit":
        return event.subtype == "invalid" or (event.status is not None and not 0 < event.status < 400)
    return event.type == "request" and event.status is not None and (event.status >= 400 or got_no_answer(event))


def answered_well(event: Event) -> bool:
    """Whether `event`, a submit or a request, was answered with a status of success, or a redirect (200 to 399)."""
    return event.status is not None and 200 <= event.status <= 399


def address_of(request: Event) -> tuple[str, str]:
    """Where `request` was sent: its method, and its path without ids."""
    return request.subtype, request.message
