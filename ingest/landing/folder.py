"""What lies in a folder of the inbox, told without opening, following or waiting for any of it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from stat import S_ISDIR, S_ISLNK, S_ISREG

from ingest import settings
from ingest.promises.contract import Contract

PARTIAL = ("~", ".bak", ".crdownload", ".download", ".filepart", ".part", ".partial", ".tmp")  # how their names end

DROPPINGS = {"thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r"}
DROPPINGS |= {"__macosx", "$recycle.bin", "system volume information", "@eadir", "lost+found"}  # folders


def folder_of(contract: Contract) -> Path:
    return settings.inbox() / contract.department / contract.dataset


def look(folder: Path) -> list[tuple[Path, os.stat_result]]:
    """What lies in a folder, by name, with what each is: links are not followed, neither to the folder nor in it."""
    if is_linked(folder) or not S_ISDIR(mode(folder, follow=True)) or not may_open(folder):
        return []
    found = []
    for path in sorted(folder.iterdir()):
        with suppress(FileNotFoundError):  # taken away meanwhile
            found.append((path, path.lstat()))
    return found


def mode(path: Path, follow: bool = False) -> int:
    """What kind of thing it is, 0 where there is none or the way to it is closed."""
    with suppress(OSError):
        return path.stat(follow_symlinks=follow).st_mode
    return 0


def is_linked(folder: Path) -> bool:
    """Whether there is a link on the way to it from the inbox, which itself may be one."""
    return any(S_ISLNK(mode(p)) for p in (folder, *folder.parents) if settings.inbox() in p.parents)


def is_dropping(path: Path) -> bool:
    """Whether it is an operating system's, an office program's or a transfer's own: nobody sent it."""
    return path.name.startswith((".", "~$")) or path.name.lower() in DROPPINGS


def is_ours(path: Path) -> bool:
    """No dropping; a sidecar goes with its file."""
    return not is_dropping(path) and path.suffix != ".received"


def is_file(path: Path, seen: os.stat_result) -> bool:
    """Whether it is a whole file: no folder, link, pipe or device, and not on its way or a copy kept aside."""
    return S_ISREG(seen.st_mode) and not path.name.lower().endswith(PARTIAL)


def may_read(file: Path) -> bool:
    return os.access(file, os.R_OK, effective_ids=True)


def why_closed(file: Path) -> str:
    """Why a file cannot be read, in the system's words; empty where it can, or there is none."""
    if S_ISREG(mode(file)):
        try:
            with file.open("rb") as opened:
                opened.read(1)
        except FileNotFoundError:  # taken away meanwhile
            return ""
        except OSError as error:
            return str(error.strerror)
    return ""


def may_open(folder: Path) -> bool:
    return os.access(folder, os.R_OK | os.X_OK, effective_ids=True)
