"""What failed: which requests got no answer. Pure."""

from apps.detection.interactions import Event


def got_no_answer(request: Event) -> bool:
    """Whether `request` got no answer, and should have.

    One to another site, whose address is told whole, may have been stopped by a content blocker, as happens on healthy
    pages. no_answer.sql says the same.
    """
    return request.status == 0 and "://" not in request.message
