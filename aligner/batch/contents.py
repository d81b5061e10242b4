"""What archives and crawls hold, as lists in files: made where they are unpacked, and remembered, so that this is done once.

A list is true of the bytes of its archive, whatever a corpus knows of them; so it may be lost, and be used by any batch.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aligner.batch.items import Content
from aligner.batch.unpacking import Member, Refused
from aligner.batch.web_dumps import Passed, WebPage
from aligner.errors import InputError
from aligner.formats.files import open_input, open_output
from aligner.formats.warc import BadRecord

Part = Member | Refused | WebPage | BadRecord | Passed
"""What an archive or crawl holds: a file or page that is taken, or why one is not."""

KEPT_DAYS = 90
"""How long a list is kept that no batch asks for."""
_KINDS: dict[str, type[Part]] = {kind.__name__: kind for kind in (Member, Refused, WebPage, BadRecord, Passed)}
_END = "end"


def write_list(found: Iterable[Part], path: Path, folder: Path) -> None:
    """Write what an archive holds, as it comes, a line of JSON each; the paths are below this folder. Raises OSError."""
    with path.open("w", encoding="utf-8") as file:
        for each in found:
            values = [getattr(each, name) for name in each.__slots__]
            file.write(json.dumps([type(each).__name__, *(_plain(value, folder) for value in values)]) + "\n")
        file.write(json.dumps([_END]) + "\n")


def read_list(path: Path, folder: Path) -> list[Part]:
    """What `write_list` wrote, with paths below this folder. Raises InputError, OSError or ValueError for a list that is not whole."""
    found: list[Part] = []
    with open_input(path) as file:
        for line in file:
            kind, *values = json.loads(line)
            if kind == _END:
                return found
            found.append(_placed(_KINDS[kind](*values), folder))
    raise ValueError("it is cut short")


def is_bad(found: Part) -> bool:
    """Whether it is something that cannot be read."""
    return isinstance(found, Refused | BadRecord)


@dataclass(frozen=True, slots=True)
class Memory:
    """Lists of what archives hold, a file each, in one folder."""

    folder: Path
    made_by: tuple[str, ...]
    """What the lists depend on beside the bytes: the languages that are wanted, the version of aligner."""

    def recall(self, digest: str, kind: str, folder: Path) -> list[Part] | None:
        """What the archive of this digest holds, with paths below the folder; None where that is not known.

        kind: how it is read, for which its name counts.
        """
        path = self._path(digest, kind)
        try:
            found = read_list(path, folder)
            path.touch()
        except (InputError, OSError, ValueError, KeyError, TypeError):  # none yet, or what a failing disk left
            return None
        return found

    def keep(self, digest: str, kind: str, listed: Path) -> None:
        """Remember a list that `write_list` wrote. Raises OutputError where there is no room."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with listed.open("rb") as file, open_output(self._path(digest, kind), overwrite=True) as kept:
            shutil.copyfileobj(file, kept)

    def forget_unused(self) -> None:
        """Delete the lists that no batch asked for in KEPT_DAYS."""
        earliest = time.time() - KEPT_DAYS * 86400
        for path in self.folder.glob("*.zst"):
            with suppress(OSError):  # another batch was first
                if path.stat().st_mtime < earliest:
                    path.unlink()

    def _path(self, digest: str, kind: str) -> Path:
        key = hashlib.sha256(json.dumps([digest, kind, *self.made_by]).encode()).hexdigest()
        return self.folder / f"{key}.jsonl.zst"


def _plain(value: Any, folder: Path) -> Any:
    return value.relative_to(folder).as_posix() if isinstance(value, Path) else value


def _placed(found: Part, folder: Path) -> Part:
    """As it was before `_plain`."""
    if isinstance(found, Member | WebPage):
        found = replace(found, path=folder / found.path, content=Content(*found.content))
    if isinstance(found, WebPage):
        found = replace(found, alternates=tuple((lang, to) for lang, to in found.alternates))
    return found
