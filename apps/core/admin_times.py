"""Moments as every page of the admin shows them: labelled UTC, which static/irk/admin.js turns into local time."""

from collections.abc import Callable
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString


def shown(moment: datetime, *, ago: bool = False, seconds: bool = False) -> SafeString:
    """`moment` as a `<time>`; with `ago`, browsers show how long ago it was. Templates: `{% moment … ago=True %}`.

    `seconds`: whether they are told where no script runs; browsers always show them.
    """
    utc = moment.astimezone(UTC)
    return format_html(
        '<time datetime="{}"{}>{} UTC</time>',
        utc.isoformat(),
        SafeString(" data-irk-ago" if ago else ""),
        f"{utc:%Y-%m-%d %H:%M:%S}" if seconds else f"{utc:%Y-%m-%d %H:%M}",
    )


def column(field: str, description: str, *, never: str = "–") -> Callable[[Any, Any], str]:
    """For an admin class: shows the moment in `field`, in lists and on forms; `never` where there is none."""
    read = attrgetter(field)

    @admin.display(description=description, ordering=field)
    def moment_of(page: Any, row: Any) -> str:
        moment: datetime | None = read(row)
        return never if moment is None else shown(moment)

    return moment_of
