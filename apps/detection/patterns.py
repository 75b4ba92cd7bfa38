"""Patterns of routes and elements. Pure: no Django, no driver, no clock."""


def matches(pattern: str, text: str) -> bool:
    """Whether the whole `text` fits `pattern`, in which `*` stands for any text. An empty pattern fits everything.

    Each piece between stars is taken at its first place, which is enough and takes linear time: a regular expression
    with several `.*` could be made to backtrack by a hostile route.
    """
    if not pattern:
        return True
    head, *rest = pattern.split("*")
    if not rest:
        return text == pattern
    tail = rest.pop()
    if not text.startswith(head) or len(text) < len(head) + len(tail) or not text.endswith(tail):
        return False
    place, limit = len(head), len(text) - len(tail)
    for piece in rest:
        place = text.find(piece, place, limit)
        if place < 0:
            return False
        place += len(piece)
    return True


def never_fits(route_pattern: str) -> str:
    """Why no event's route can fit the pattern, and what to write instead; empty where one can."""
    if "://" in route_pattern:
        return "Give the path alone, such as /checkout/*: events carry no scheme and no host."
    if "?" in route_pattern or "#" in route_pattern:
        return "Leave out everything from ? or # on: events carry the path alone, so it never matches."
    return ""
