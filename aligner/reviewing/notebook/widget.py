"""The review widget as anywidget has it: the page of `page/`, and a conversation that answers it."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

import anywidget
import traitlets

from aligner.reviewing.notebook.conversation import Conversation

_PARTS = (
    *(
        "elements",
        "texts",
        "kernel",
        "rows",
        "list",
        "outbox",
        "drawing",
        "supposing",
        "ending",
        "panels",
        "searching",
        "bulk",
        "views",
        "commands",
    ),
    *("help", "head", "supply", "theme", "editing", "splitting", "acting", "going", "review", "render"),
)
"""The modules of the page, each after those that it needs when it is loaded."""
_BETWEEN_PARTS = re.compile(r"^import [^\n]*\n|^export (?!default)", re.MULTILINE)


def page_module() -> str:
    """The page as the one module that a notebook loads: its parts, without what they say of each other."""
    page = files("aligner.reviewing.notebook") / "page"
    return _BETWEEN_PARTS.sub("", "\n".join((page / f"{name}.js").read_text(encoding="utf-8") for name in _PARTS))


class Review(anywidget.AnyWidget):
    """The widget; `aligner.review` makes it."""

    _esm = page_module()
    _css = (files("aligner.reviewing.notebook") / "page" / "page.css").read_text(encoding="utf-8")
    height = traitlets.Int(600).tag(sync=True)

    def __init__(self, conversation: Conversation, *, height: int) -> None:
        self.conversation = conversation
        super().__init__(height=height)
        self.on_msg(self._asked)

    def close(self) -> None:
        """Take the widget away; what was decided stays."""
        super().close()
        self.conversation.close()

    def _asked(self, _widget: object, message: dict[str, Any], _buffers: object) -> None:
        self.send(self.conversation.answer(message))
