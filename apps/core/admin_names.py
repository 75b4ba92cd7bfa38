"""Names that are taken, refused beside the field instead of by the database."""

from typing import Any

from django.db.models import QuerySet
from django.forms import ModelForm


def refuse_taken(form: "ModelForm[Any]", *, rows: QuerySet[Any], what: str, name: str, within: str) -> None:
    """Adds an error to the field `name` where another of `rows`, of the same `within`, has its value already.

    For a form's `clean`; `what` is what the form calls a row. Django looks at a unique constraint only where all of its
    fields are on the form, and what a row belongs to is chosen when it is made and never again.
    """
    row, cleaned = form.instance, form.cleaned_data
    place = cleaned.get(within) or (getattr(row, within) if row.pk else None)
    if place is None or name not in cleaned:
        return
    if rows.exclude(pk=row.pk).filter(**{within: place, name: cleaned[name]}).exists():
        form.add_error(name, f"{place} has a {what} of this {name} already. Choose another.")
