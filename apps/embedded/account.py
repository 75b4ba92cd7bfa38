"""The account that runs Postgres when we are root: Postgres refuses to run as root, for good reason.

Chosen: `postgres` where the system has such a user, else `nobody`. Its programs must be readable and its data writable
for it. A checkout or an environment in a closed home folder is neither, and permissions of folders that we did not make
are never loosened. So, as root only, the data lives under /var/lib/irk (or /var/tmp), and the programs are copied
there if that account cannot run them where they are.
"""

import hashlib
import json
import os
import pwd
import secrets
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_CANDIDATES: Final = ("postgres", "nobody")
_ORIGIN: Final = "origin.json"  # in each folder: which data directory it belongs to; written at each start
_KEPT_SECONDS: Final = 7 * 24 * 3600
_ROOTS: Final = (Path("/var/lib/irk"), Path("/var/tmp/irk"))  # noqa: S108  checked for its owner before use


class NoAccountError(Exception):
    """There is no unprivileged account, or no place for it."""


@dataclass(frozen=True)
class Account:
    """A user and its main group, by their numbers."""

    user: int
    group: int


def unprivileged() -> Account | None:
    """The account to drop to, or None when we are not root and there is nothing to drop.

    Raises NoAccountError.
    """
    if os.geteuid() != 0:
        return None
    for name in _CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise NoAccountError(
        f"Postgres does not run as root, and this system has none of the users {' or '.join(_CANDIDATES)}. "
        "Add one (useradd --system postgres), or start as an ordinary user."
    )


def can_run(account: Account, program: Path) -> bool:
    """Whether that account can reach and run a program (it is called with --version)."""
    try:
        done = subprocess.run(
            [str(program), "--version"],
            user=account.user,
            group=account.group,
            extra_groups=[],
            capture_output=True,
            cwd="/",
            check=False,
        )
    except PermissionError:
        return False
    return done.returncode == 0


def private_folder(account: Account, home_of: Path) -> Path:
    """A folder of that account alone (0700), outside of closed homes, that stands for the folder `home_of`.

    It belongs to whatever folder has its token, so it goes along where `home_of` is moved; a copy gets one of its own.
    When `home_of` was deleted and made anew, the folder is a new, empty one. Raises NoAccountError when none can be
    made.
    """
    home_of.mkdir(mode=0o700, parents=True, exist_ok=True)
    token_file = home_of / "token"
    if not token_file.exists():
        token_file.write_text(secrets.token_hex(16))
    token = token_file.read_text()
    origin = {"home_of": str(home_of), "token": token, "device": home_of.stat().st_dev}
    root = _root()
    moved = next((folder for folder, its in _origins(root) if its["token"] == token and not _is_there(its)), None)
    folder = moved or root / hashlib.sha256(f"{home_of} {token}".encode()).hexdigest()[:16]
    folder.mkdir(mode=0o711, exist_ok=True)
    unfinished = folder / f"{os.getpid()}.unfinished"
    unfinished.write_text(json.dumps(origin))
    unfinished.replace(folder / _ORIGIN)
    _remove_abandoned(root)
    private = folder / "private"
    private.mkdir(mode=0o700, exist_ok=True)
    os.chown(private, account.user, account.group)
    return private


def remove_private_folder(home_of: Path) -> None:
    """Delete the folder that stands for `home_of`."""
    if os.geteuid() == 0:
        for folder, origin in _origins(_root()):
            if origin["home_of"] == str(home_of) and _is_there(origin):
                shutil.rmtree(folder, ignore_errors=True)


def _origins(root: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Each folder, and what it stands for."""
    for origin_file in root.glob(f"*/{_ORIGIN}"):
        try:
            yield origin_file.parent, json.loads(origin_file.read_text())
        except FileNotFoundError:  # another start has just removed it
            continue


def _is_there(origin: dict[str, Any]) -> bool:
    """Whether what a folder stands for is where it was when it was last started."""
    token_file = Path(origin["home_of"]) / "token"
    return token_file.exists() and token_file.read_text() == origin["token"]


def _remove_abandoned(root: Path) -> None:
    """Remove the folders whose data directory has been gone for long.

    Not at once: it may have been moved, and not been started since. One on a disk that is not mounted is not gone.
    """
    for folder, origin in _origins(root):
        still_there = next(above for above in Path(origin["home_of"], "token").parents if above.exists())
        gone = not _is_there(origin) and still_there.stat().st_dev == origin.get("device")
        if gone and time.time() - (folder / _ORIGIN).stat().st_mtime > _KEPT_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


def shared_copy(source: Path, parts: Sequence[Path], name: str) -> Path:
    """A copy of some folders in `source` that every account can read, made once per `name`. Returns its path."""
    copy = _root() / name
    if not copy.exists():
        with tempfile.TemporaryDirectory(dir=_root()) as unfinished:
            staged = Path(unfinished) / name
            for part in parts:
                shutil.copytree(source / part, staged / part, symlinks=True)
            for folder, _, files in os.walk(staged):
                for path in [Path(folder), *(Path(folder) / file for file in files)]:
                    if not path.is_symlink():
                        path.chmod(path.stat().st_mode | 0o444 | (0o111 if path.stat().st_mode & 0o100 else 0))
            try:
                staged.rename(copy)  # complete or not there
            except OSError:
                if not copy.exists():  # else another start was faster
                    raise
    return copy


def _root() -> Path:
    """The first of _ROOTS that is ours, or can be made so; others may pass through it but not write."""
    for root in _ROOTS:
        try:
            root.mkdir(mode=0o755, exist_ok=True)
        except OSError:
            continue
        found = root.lstat()
        if stat.S_ISDIR(found.st_mode) and found.st_uid == 0 and not found.st_mode & 0o022:
            root.chmod(0o755)
            return root
    raise NoAccountError(f"None of {', '.join(map(str, _ROOTS))} can be made a folder of root's for Postgres's data.")
