"""The account that runs Postgres when we are root: Postgres refuses to run as root, for good reason.

Chosen: `postgres` where the system has such a user, else `nobody`. Its programs must be readable and its data writable
for it. A checkout or an environment in a closed home folder is neither, and permissions of folders that we did not make
are never loosened. So, as root only, the data lives under /var/lib/irk (or /var/tmp), and the programs are copied
there if that account cannot run them where they are.
"""

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_CANDIDATES: Final = ("postgres", "nobody")
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


def private_folder(account: Account, purpose_of: Path) -> Path:
    """A folder of that account alone (0700), always the same for one `purpose_of`, outside of closed homes.

    Raises NoAccountError when none can be made.
    """
    name = hashlib.sha256(str(purpose_of.resolve()).encode()).hexdigest()[:16]
    folder = _root() / name
    folder.mkdir(mode=0o700, exist_ok=True)
    os.chown(folder, account.user, account.group)
    folder.chmod(0o700)
    return folder


def shared_copy(source: Path, name: str) -> Path:
    """A copy of the folder `source` that every account can read, made once per `name`. Returns its path."""
    copy = _root() / name
    if not copy.exists():
        with tempfile.TemporaryDirectory(dir=_root()) as unfinished:
            staged = Path(unfinished) / name
            shutil.copytree(source, staged, symlinks=True)
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
