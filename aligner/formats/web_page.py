"""Translation units as a page to send to somebody: one file that any browser shows, to be searched and filtered, not changed.

The texts are data that its script makes text of, and a policy in the page lets nothing else run and nothing reach the network.
"""

from __future__ import annotations

import base64
import hashlib
import html
import importlib.metadata
import itertools
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib import resources
from typing import Any, BinaryIO

from aligner.formats.characters import encodable
from aligner.formats.fields import format_number
from aligner.types import Provenance, TranslationUnit

_BLOCK = 1000
"""Units that are in memory at a time, here as text and in the browser as a block to be parsed."""


def write(units: Iterable[TranslationUnit], stream: BinaryIO, provenance: Provenance | None = None) -> int:
    """Write the page, in bounded memory, and return how many units it holds."""
    from aligner.annotations.words import WORDS  # beside rules with many patterns, which other formats can do without

    style, script, page = (_part(name) for name in ("page.css", "page.js", "page.html"))
    sources = {"style-src": style, "script-src": script}
    policy = "default-src 'none'; base-uri 'none'; form-action 'none'; "
    policy += "; ".join(f"{kind} 'sha256-{_digest(text)}'" for kind, text in sources.items())
    version = importlib.metadata.version("aligner")
    made = f"Written by aligner {version} on {datetime.now(UTC):%Y-%m-%d}"
    if provenance:
        made += f"; aligned with {provenance.encoder}, weights {provenance.weights}"
    values = {"policy": policy, "generator": f"aligner {version}", "style": style, "made": html.escape(encodable(made))}
    for name, value in values.items():
        page = page.replace(f"{{{name}}}", value)
    stream.write(page.encode())
    count = 0
    units = iter(units)
    while block := list(itertools.islice(units, _BLOCK)):
        count += len(block)
        stream.write(f'<script type="application/json" class="units">{_data(block, WORDS)}</script>\n'.encode())
    stream.write(f"<script>{script}</script>\n</body>\n</html>\n".encode())
    return count


def _part(name: str) -> str:
    return resources.files("aligner.formats").joinpath("page", name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _data(units: list[TranslationUnit], words: Mapping[str, str]) -> str:
    """The units as JSON that can stand in a page: neighbours of the same documents together, for their names are long."""
    groups: list[dict[str, Any]] = []
    for (langs, documents), members in itertools.groupby(units, _place):
        groups.append({"langs": langs, "documents": documents, "rows": [_row(unit, words) for unit in members]})
    # A text may say </script> or <!--; as an escape of JSON the sign is no markup.
    return json.dumps(groups, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _row(unit: TranslationUnit, words: Mapping[str, str]) -> list[Any]:
    probability = None if unit.probability is None else float(format_number(unit.probability))
    row = [encodable(unit.source), encodable(unit.target), probability, encodable(unit.status)]
    return [*row, [encodable(words.get(kind, kind)) for kind in unit.annotations]] if unit.annotations else row


def _place(unit: TranslationUnit) -> tuple[list[str], list[str]]:
    return [encodable(unit.source_lang), encodable(unit.target_lang)], [encodable(unit.source_document), encodable(unit.target_document)]
