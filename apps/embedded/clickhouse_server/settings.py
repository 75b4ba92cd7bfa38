"""A query's settings: they hold for that query, and for nothing after it.

The native protocol sends settings with each query; chDB knows only `SET`, for the session. So before a query the
difference to what is set already is applied. A client that always sends the same settings costs nothing.
"""

import re
from collections.abc import Mapping
from typing import Final

from apps.embedded.clickhouse_server.engine import UNKNOWN_SETTING, EngineError, Session, quoted
from apps.embedded.clickhouse_server.packets import Setting

_NAME: Final = re.compile(r"^[A-Za-z_]\w*$")
_UNSUPPORTED: Final = 48
_RESERVED: Final = frozenset({"log_comment"})  # carries the connection's name, so that its query can be cancelled


class QuerySettings:
    """The settings that the queries of one connection brought along."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._applied: dict[str, str] = {}
        self._undo: dict[str, str] = {}  # name: the right side of the SET that restores it

    def apply(self, wanted: Mapping[str, Setting]) -> None:
        """Make the session's settings those of the next query.

        Raises EngineError for a bad value, and for an unknown name if the client calls it important; other unknown
        names are ignored, as ClickHouse does.
        """
        wanted = {name: setting for name, setting in wanted.items() if name not in _RESERVED}
        for name in [name for name in self._applied if name not in wanted]:
            self._restore(name)
        for name, setting in wanted.items():
            if self._applied.get(name) != setting.value:
                self._set(name, setting)

    def restore(self) -> None:
        """Take all of them back, before a `SET` changes the session itself."""
        for name in list(self._applied):
            self._restore(name)

    def _set(self, name: str, setting: Setting) -> None:
        if not _NAME.match(name):
            raise EngineError(UNKNOWN_SETTING, f"Setting {name} is neither a builtin setting nor a custom one.")
        if name == "readonly" and setting.value != "0":
            # There would be no way back from it: a read-only session may not change settings.
            raise EngineError(_UNSUPPORTED, "The embedded server does not support the setting readonly.")
        undo = self._undo.get(name) or self._present(name)
        try:
            self._session.run(f"SET {name} = {quoted(setting.value)}")
        except EngineError as error:
            if error.code == UNKNOWN_SETTING and not setting.important:
                return
            raise
        self._undo[name] = undo
        self._applied[name] = setting.value

    def _present(self, name: str) -> str:
        """What to set to come back to the present value."""
        sql = f"SELECT value, changed FROM system.settings WHERE name = {quoted(name)}"  # noqa: S608  quoted
        found = self._session.values(sql)
        return quoted(found[0][0]) if found and found[0][1] == "1" else "DEFAULT"

    def _restore(self, name: str) -> None:
        self._session.run(f"SET {name} = {self._undo.pop(name)}")
        del self._applied[name]
