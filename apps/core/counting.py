"""Numbers of things in words. Pure."""


def several(count: int, unit: str) -> str:
    """`count` of what `unit` names one of, an s making it several: "1 session", "2 sessions"."""
    return f"{count} {unit}{'' if count == 1 else 's'}"
