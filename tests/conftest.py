"""What tests share: the real encoder, loaded once; a fake one that counts; the gold data where there is any."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from counting import CountingEncoder
    from sentence_transformers import SentenceTransformer

# No test is timed: other work on the machine must not make one fail.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def encoder() -> SentenceTransformer:
    """The default encoder, on one thread: tests share the machine."""
    from aligner.encoders import load_encoder  # torch takes seconds to import, and most tests do without

    return load_encoder(threads=1)


@pytest.fixture(scope="session", autouse=True)
def vector_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A cache of vectors of the tests' own: the user's is neither read nor filled."""
    os.environ["ALIGNER_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture
def counting_encoder() -> CountingEncoder:
    """A small deterministic encoder that lists what it was asked to encode."""
    from counting import CountingEncoder  # torch, as above

    return CountingEncoder()


@pytest.fixture(scope="session")
def gold() -> Path:
    """The folder of gold data."""
    folder = os.environ.get("ALIGNER_GOLD")
    if not folder:
        pytest.skip("ALIGNER_GOLD does not say where the gold data lie")
    return Path(folder)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Path]:
    """The socket of a PostgreSQL server of the tests' own."""
    pytest.importorskip("pg8000", reason="the driver pg8000 is not installed")
    from databases import postgres

    with postgres() as socket:
        yield socket


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A corpus that does not exist yet, in each database."""
    if request.param == "sqlite":
        return str(tmp_path / "corpus.db")
    from databases import new_database

    return new_database(request.getfixturevalue("postgres_server"))
