"""From a name or a folder to a SentenceTransformer, without surprises: no download that was not asked for, no long wait."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from aligner.encoders.registry import DEFAULT_ENCODER, KnownEncoder, known_encoder, offline_choices, parts_of
from aligner.encoders.threads import available_threads
from aligner.errors import EncoderError
from aligner.vector_cache import default_cache_folder

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_HUB_SECONDS = 5.0
"""How long the hub may take to say that it has a model; loading alone would retry for more than a minute."""


def load_encoder(name_or_folder: str | Path | None = None, *, threads: int | None = None) -> SentenceTransformer:
    """The encoder of that name or in that folder, on the GPU where there is one.

    `name_or_folder` is a name from `list_encoders` (None: the default, USE-multilingual), a folder that
    sentence-transformers saved, or a model's name on the Hugging Face hub; that one alone is downloaded, once.
    A known name goes before a folder of the same name. NAME+NAME combines encoders: a cosine is the mean of theirs.
    Models that bring their own code are refused.
    `threads` bounds torch's threads in this process; None takes what `available_threads` says.
    Raises EncoderError where there is no such encoder or it cannot be loaded, ValueError for less than one thread.
    """
    if threads is not None and threads < 1:
        raise ValueError(f"threads must be at least 1, but is {threads}")
    import torch  # seconds of import: here, so that `import aligner` does without

    torch.set_num_threads(threads or available_threads())
    if isinstance(name_or_folder, Path):
        return _from_folder(name_or_folder)
    name = name_or_folder or DEFAULT_ENCODER
    if len(parts_of(name)) > 1 and not Path(name).expanduser().is_dir():
        from aligner.encoders.combined import CombinedEncoder

        return CombinedEncoder([load_encoder(part, threads=threads) for part in parts_of(name)])
    known = known_encoder(name) if "/" not in name else None
    if known is not None:
        return _from_wheel(known) if known.origin == "wheel" else _from_hub(known.address)
    if Path(name).expanduser().is_dir():
        return _from_folder(Path(name))
    return _from_hub(name)


def _from_wheel(known: KnownEncoder) -> SentenceTransformer:
    from aligner.encoders.e5 import e5_folder
    from aligner.encoders.use import UseEncoder, UseMultilingual

    if known.name == DEFAULT_ENCODER:
        return UseEncoder(UseMultilingual.from_wheel())
    with _without_progress_bars():
        folder = e5_folder(default_cache_folder())
    return _from_folder(folder)


def _from_folder(folder: Path) -> SentenceTransformer:
    from sentence_transformers import SentenceTransformer

    folder = folder.expanduser()
    if not folder.is_dir():
        raise EncoderError(f"No folder {folder}, which was to hold an encoder. {offline_choices()}")
    try:
        if _is_ours(folder):
            from aligner.encoders.use import UseEncoder, UseMultilingual

            # sentence-transformers loads a class from outside its library only when told to trust remote code
            return UseEncoder(UseMultilingual.load(str(folder)))
        with _without_progress_bars():
            return _with_prompt(SentenceTransformer(str(folder), local_files_only=True))
    except EncoderError:
        raise
    except Exception as error:  # the library raises a dozen kinds, each with its reason
        raise EncoderError(
            f"The folder {folder} was to hold an encoder that sentence-transformers saved, "
            f"but cannot be loaded: {error} {offline_choices()}"
        ) from error


def _is_ours(folder: Path) -> bool:
    modules = folder / "modules.json"
    if not modules.is_file():
        return False
    return any(module["type"].endswith(".UseMultilingual") for module in json.loads(modules.read_text(encoding="utf-8")))


def _from_hub(name: str) -> SentenceTransformer:
    from huggingface_hub import HfApi
    from sentence_transformers import SentenceTransformer

    address = name if "/" in name else f"sentence-transformers/{name}"
    try:
        with _without_progress_bars():
            return _with_prompt(SentenceTransformer(address, local_files_only=True))
    except Exception as error:  # not downloaded yet, or half; whatever it is, the hub's own answer says more
        missing = error
    try:
        HfApi().model_info(address, timeout=_HUB_SECONDS)
    except Exception as error:
        raise EncoderError(
            f"No encoder {name!r}: it is no known name and no folder, it has not been downloaded, "
            f"and the Hugging Face hub does not give it ({_first_line(error)}). {offline_choices()}"
        ) from missing
    try:
        return _with_prompt(SentenceTransformer(address))
    except Exception as error:
        raise EncoderError(f"The encoder {name!r} is on the Hugging Face hub but cannot be loaded: {error} {offline_choices()}") from error


def _with_prompt(encoder: SentenceTransformer) -> SentenceTransformer:
    """The encoder with the prompt it was trained with, where we know one and its own settings name none."""
    model = encoder.transformers_model
    known = known_encoder(model.config.name_or_path or "") if model is not None else None
    if known is not None and known.prompt and encoder.default_prompt_name is None:
        encoder.prompts["query"] = known.prompt
        encoder.default_prompt_name = "query"
    return encoder


@contextmanager
def _without_progress_bars() -> Iterator[None]:
    """Reading weights from disk takes a second; only a download deserves the library's bars."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
