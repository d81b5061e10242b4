"""Who reviews: asked once, kept in a small file in the user's configuration folder."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from platformdirs import user_config_path

_FILE = "reviewer.txt"

_log = logging.getLogger(__name__)


def default_config_folder() -> Path:
    """Where it is kept: ALIGNER_CONFIG, or what is usual for the user's settings on this system."""
    chosen = os.environ.get("ALIGNER_CONFIG")
    return Path(chosen).expanduser() if chosen else user_config_path("aligner", appauthor=False, roaming=True)


def remembered_reviewer() -> str:
    """The name that was given last; empty where none was, or where it cannot be read."""
    try:
        return " ".join((default_config_folder() / _FILE).read_text(encoding="utf-8").split())
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        _log.warning("who reviewed last cannot be read: %s", error)
        return ""


def remember_reviewer(name: str) -> None:
    """Keep a name for the next time; where that cannot be, it is asked again, so that is a warning and no error."""
    folder = default_config_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = folder / f"{_FILE}.{os.getpid()}"
        unfinished.write_text(f"{name}\n", encoding="utf-8")
        unfinished.replace(folder / _FILE)
    except OSError as error:
        _log.warning("who reviews cannot be kept: %s", error)
