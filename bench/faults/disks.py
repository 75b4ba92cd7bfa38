"""A store's folder as a small file system of its own, which can be made full without using up memory.

tmpfs, because its size can be changed while it is in use. Mounting needs root.
"""

import ctypes
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# Bytes. More than a store writes in hundreds of runs; tmpfs takes only what is used.
_SIZE = 3 << 30
# Bytes left when it is made full: nothing of use fits.
_LEFT = 64 << 10
_TRIES = 200
# linux/sched.h
_CLONE_NEWNS = 0x0002_0000
_MOUNT, _UMOUNT = "/bin/mount", "/bin/umount"


class Disk:
    """A tmpfs at `folder`."""

    def __init__(self, folder: Path) -> None:
        """Mounts it, owned as the folder is. Raises CalledProcessError where that is not allowed."""
        folder.mkdir(parents=True, exist_ok=True)
        owner = folder.stat()
        self._folder = folder
        options = f"size={_SIZE},uid={owner.st_uid},gid={owner.st_gid},mode={owner.st_mode & 0o777:o}"
        subprocess.run([_MOUNT, "-t", "tmpfs", "-o", options, "irk-faults", str(folder)], check=True)

    def fill(self, *, but: int = _LEFT) -> None:
        """Makes it as small as what it holds and `but` bytes more."""
        for _ in range(_TRIES):
            found = os.statvfs(self._folder)
            used = (found.f_blocks - found.f_bfree) * found.f_frsize
            try:
                self._resize(used + but)
            except subprocess.CalledProcessError:
                # What it holds grew meanwhile.
                time.sleep(0.01)
            else:
                return
        raise OSError(f"{self._folder} cannot be made full.")

    def empty(self) -> None:
        """Gives it its size back."""
        self._resize(_SIZE)

    def unmount(self) -> None:
        """Takes it away with all that it holds."""
        subprocess.run([_UMOUNT, "--lazy", str(self._folder)], check=True)

    def _resize(self, size: int) -> None:
        subprocess.run([_MOUNT, "-o", f"remount,size={size}", str(self._folder)], check=True, capture_output=True)


def allowed() -> bool:
    """Whether file systems can be mounted here, which root in a container often cannot."""
    if os.geteuid() != 0 or sys.platform != "linux":
        return False
    with tempfile.TemporaryDirectory() as folder:
        try:
            Disk(Path(folder)).unmount()
        except (OSError, subprocess.CalledProcessError):
            return False
    return True


def keep_to_this_process() -> None:
    """What is mounted from here on is seen by this process and its children alone, and goes with them.

    Call it before any thread is started.
    """
    if ctypes.CDLL(None).unshare(_CLONE_NEWNS) != 0:
        raise OSError("A mount namespace cannot be made.")
    subprocess.run([_MOUNT, "--make-rprivate", "/"], check=True)
