"""A disk that fills up during a batch: one error that says so, nothing quarantined, and with room the next run makes the same corpus."""

import subprocess
import sys
import zipfile

import pytest
from dying import content
from toys import ToySettings, write_pairs

from aligner.batch import Batch, Limits
from aligner.corpus import Corpus
from aligner.errors import BatchError, CorpusError


@pytest.fixture
def disk(tmp_path):
    """Makes a small disk, and gives the folder and what gives it room."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mounted(options):
        return subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", folder], capture_output=True, check=False).returncode == 0

    def made(size):
        if not (sys.platform.startswith("linux") and mounted(f"size={size}k")):
            pytest.skip("this user may mount no disk")
        return folder, lambda: mounted("remount,size=100m")

    yield made
    subprocess.run(["umount", folder], capture_output=True, check=False)


@pytest.fixture
def dump(tmp_path):
    """Pairs, and an archive of pages."""
    folder = tmp_path / "dump"
    write_pairs(folder, [f"doc{number}" for number in range(30)], lines=30)
    with zipfile.ZipFile(folder / "pages.zip", "w") as packed:
        for number in range(20):
            packed.writestr(f"page{number}.txt", f"Page {number}.\nLa page {number}.\n" * 20)
    return folder


def batch(url, dump, room=None):
    with Corpus(url) as corpus:
        return Batch(corpus, ToySettings(), limits=Limits(seconds=30.0), room=room).run([dump])


@pytest.mark.parametrize(
    ("what", "size", "error", "said"),
    [
        ("corpus", 700, CorpusError, "database or disk is full"),
        ("archive", 60, BatchError, "cannot be unpacked below .*: No space left on device; make room"),
        ("hand-over", 120, BatchError, "pickle cannot be written: No space left on device; make room"),
    ],
)
def test_a_full_disk_ends_a_batch_with_one_error_and_the_next_makes_the_same_corpus(tmp_path, disk, dump, what, size, error, said):
    folder, give_room = disk(size)
    url, room = (str(folder / "corpus.db"), None) if what == "corpus" else (str(tmp_path / "corpus.db"), folder)
    with pytest.raises(error, match=said):
        batch(url, dump, room)
    give_room()
    outcome = batch(url, dump, room)
    assert (outcome.done + outcome.done_before, outcome.quarantined, outcome.quarantined_before) == (50, {}, {})
    batch(str(tmp_path / "undisturbed.db"), dump)
    assert content(url) == content(str(tmp_path / "undisturbed.db"))
