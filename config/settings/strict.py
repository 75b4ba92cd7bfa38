"""Reading settings strictly: a missing or senseless value stops the start with a line that names it."""

from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

# A machine that vanishes says nothing. By the kernel's defaults whoever waits for its answer waits for two hours, and
# all that a process of ingest spools or looks up waits behind him.
_ENDS_OF_DEAD_CONNECTIONS = {
    "tcp_user_timeout": 15_000,  # ms until what was sent must have arrived
    "keepalives_idle": 5,  # seconds of silence, then so many questions so many seconds apart
    "keepalives_interval": 5,
    "keepalives_count": 2,
}


class StrictEnv:
    """Typed reads of the process environment through django-environ.

    Every method raises ImproperlyConfigured with the variable's name, what is wrong and an example, never its value:
    addresses carry passwords.
    """

    def __init__(self) -> None:
        self._env = environ.Env()

    def text(self, name: str, *, default: str) -> str:
        """The text of `name`, or `default`."""
        return str(self._env.str(name, default=default))

    def required(self, name: str) -> str:
        """The text of `name`, which must be set and not empty."""
        value = self.text(name, default="")
        if not value:
            raise ImproperlyConfigured(f"{name} is not set. See .env.example.")
        return value

    def strings(self, name: str, *, default: list[str]) -> list[str]:
        """The comma-separated texts of `name`."""
        return [item.strip() for item in self._env.list(name, default=default) if item.strip()]

    def flag(self, name: str, *, default: bool) -> bool:
        """True or false; anything but true/false/1/0/yes/no/on/off is refused."""
        value = self.text(name, default=str(default)).lower()
        if value in {"true", "1", "yes", "on"}:
            return True
        if value in {"false", "0", "no", "off"}:
            return False
        raise ImproperlyConfigured(f"{name} must be true or false.")

    def choice(self, name: str, *, default: str, choices: tuple[str, ...]) -> str:
        """One of `choices`."""
        value = self.text(name, default=default)
        if value not in choices:
            raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}.")
        return value

    def positive(self, name: str, *, default: int) -> int:
        """A whole number ≥ 1."""
        return self.whole(name, default=default, least=1)

    def whole(self, name: str, *, default: int, least: int = 0) -> int:
        """A whole number ≥ `least`."""
        text = self.text(name, default=str(default))
        if not (text.isascii() and text.isdecimal()) or int(text) < least:
            raise ImproperlyConfigured(f"{name} must be a whole number of at least {least}.")
        return int(text)

    def url(self, name: str, *, schemes: tuple[str, ...], default: str | None = None) -> str:
        """An address with one of `schemes` and a host."""
        value = self.required(name) if default is None else self.text(name, default=default)
        if not value and default == "":
            return value
        try:
            parts = urlsplit(value)
            valid = parts.scheme in schemes and bool(parts.hostname) and (parts.port is None or parts.port > 0)
        except ValueError:
            valid = False
        if not valid:
            raise ImproperlyConfigured(f"{name} must be an address such as {schemes[0]}://host:port/….")
        return value

    def postgres(self, name: str) -> dict[str, object]:
        """Django's settings for the Postgres at `name`, with a connection pool."""
        self.url(name, schemes=("postgres", "postgresql"))
        config: dict[str, object] = dict(self._env.db(name))
        # Threads of a process share few connections; 10 s without one is an error, not a wait for ever.
        config["OPTIONS"] = {
            "pool": {"min_size": 1, "max_size": 10, "timeout": 10},
            "connect_timeout": 5,
            **_ENDS_OF_DEAD_CONNECTIONS,
        }
        # The pool asks a connection whether it lives before it gives it out: after a restart of Postgres, up to ten
        # requests of each process would fail otherwise.
        config["CONN_HEALTH_CHECKS"] = True
        return config
