"""To which site a document belongs, by its name: boilerplate is what recurs over one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_HOST = re.compile(r"([a-z0-9_-]+\.)+[a-z]{2,}", re.IGNORECASE)
_ARCHIVE = re.compile(r"\.(zip|tar|tgz|txz|tbz2?|gz|bz2|xz|zst)$", re.IGNORECASE)


def site_of(name: str, dumps: Iterable[str] = ()) -> str:
    """The host where the name is a URL or has a folder that is called as a host, without www; else the top folder of its dump.

    A document at the top of its dump is of the dump, and one that is in none of `dumps`, which are names, is of its folder.
    """
    if _URL.match(name):
        try:
            return _host(urlsplit(name).hostname or "")
        except ValueError:  # such as [ without ]
            return ""
    *folders, _ = name.replace("\\", "/").split("/")
    hosts = (folder for folder in folders if _HOST.fullmatch(folder) and not _ARCHIVE.search(folder))
    if host := next(hosts, ""):
        return _host(host)
    folder = "/".join(folders)
    within = [dump for dump in dumps if folder == dump or folder.startswith(f"{dump}/")]
    if not within:
        return folder
    dump = max(within, key=len)
    top, _, _ = folder[len(dump) :].lstrip("/").partition("/")
    return f"{dump}/{top}" if top else dump


def _host(name: str) -> str:
    return name.lower().removeprefix("www.")
