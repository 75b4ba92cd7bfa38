"""What one tick of one shard looks at. Pure."""

from dataclasses import dataclass

# The SDK ends a session after 24 h (docs/wire.md, `sid`).
SESSION_MS = 24 * 3600 * 1000
# Events further ahead of the server's clock than this are stored and never evaluated.
AHEAD_MS = 5 * 60 * 1000
# Should a session go on for longer than it may, a signal near the beginning of what is read could lack its first
# events. It is left as it is within this time of the beginning: longer than any window of a rule.
MARGIN_MS = 3600 * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The sessions of shard `shard` of `shards` with an event stored in [arrived_from_ms, arrived_to_ms).

    `oldest_ms`: when the earliest of these events happened. All in ms since 1970, UTC.
    """

    shard: int
    shards: int
    arrived_from_ms: int
    arrived_to_ms: int
    oldest_ms: int

    @property
    def decided_from_ms(self) -> int:
        """Signals of these sessions from here on are computed anew: a session of 24 h is covered as a whole."""
        return self.oldest_ms - SESSION_MS

    @property
    def reads_from_ms(self) -> int:
        """No event that such a signal could need was stored before this."""
        return self.decided_from_ms - MARGIN_MS - AHEAD_MS
