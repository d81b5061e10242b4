"""Writes the tables of keys in docs/review.md from the widget's own table of commands: `make docs`."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

GUIDE = Path(__file__).with_name("review.md")
COMMANDS = Path(__file__).parents[1] / "aligner" / "reviewing" / "notebook" / "page" / "commands.js"

_TABLES = re.compile(r"(?<=-->\n)[^<]*(?=<!-- end of keys -->)")
_NAMES = {" ": "Space", "Escape": "Esc", "ArrowLeft": "←", "ArrowRight": "→", "ArrowUp": "↑", "ArrowDown": "↓"}


def guide() -> str:
    """The whole page, with the tables as they should be."""
    groups: dict[str, list[str]] = defaultdict(list)
    for line in COMMANDS.read_text(encoding="utf-8").splitlines():
        if line.lstrip().startswith("{ group:"):
            keys = re.findall(r'"([^"]+)"', line[line.index("keys: [") : line.index("]")])
            shown = ", ".join(f"`{key_name(key)}`" for key in keys)
            groups[text_of(line, "group")].append(f"| {shown} | {text_of(line, 'name')} | {text_of(line, 'help')} |")
    tables = (f"\n| {group} | | |\n|---|---|---|\n" + "\n".join(rows) + "\n" for group, rows in groups.items())
    return _TABLES.sub(lambda _: "".join(tables) + "\n", GUIDE.read_text(encoding="utf-8"))


def text_of(line: str, name: str) -> str:
    """The text that a command has under this name."""
    match = re.search(rf'\b{name}: "([^"]*)"', line)
    if match is None:
        raise ValueError(f"{COMMANDS}: a command with a {name} was wanted: {line.strip()}")
    return match[1]


def key_name(key: str) -> str:
    """What stands on the key: letters are large on it."""
    parts = re.split(r"\+(?=.)", key)
    return "+".join(_NAMES.get(part, part.upper() if len(part) == 1 else part) for part in parts)


if __name__ == "__main__":
    GUIDE.write_text(guide(), encoding="utf-8")
