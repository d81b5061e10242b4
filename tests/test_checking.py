"""`aligner corpus check`: what is wrong is found, and nothing is where nothing is."""

import pytest
from click.testing import CliRunner
from test_copying import filled

from aligner.cli import main
from aligner.corpus import Corpus
from aligner.types import Alignment, Bead, Document, Provenance

WRONGS = {
    "UPDATE documents SET text = 'x' || text WHERE id = 1": "its text is not the one that its digest is of",
    "UPDATE units SET source = 'x' || source": "its texts are not those that its id is of",
    "DELETE FROM standings": "what it counts as is not its latest decision",
    "UPDATE occurrences SET source_spans = '[[0,99999]]' WHERE source_spans LIKE '[[0,%'": "a bead stands outside of the source",
    "UPDATE occurrences SET target_spans = '[[0,30]]' WHERE target_spans <> '[]'": "two beads hold the same text of the target",
    "UPDATE occurrences SET target_spans = 'gone' WHERE alignment = 1": "its target_spans cannot be read: gone",
    "UPDATE occurrences SET source_spans = '[7]' WHERE alignment = 1": "its source_spans cannot be read: [7]",
    "UPDATE occurrences SET source_segments = '' WHERE alignment = 1": "its source_segments cannot be read: ",
    "UPDATE bookmarks SET place = '{'": "bookmarks Ada: its place cannot be read: {",
}


def check(url):
    done = CliRunner().invoke(main, ["corpus", "check", url])
    return done.exit_code, done.stderr


def test_what_reviewers_and_batches_made_is_right(url, tmp_path):
    filled(url, tmp_path)
    code, said = check(url)
    assert (code, "nothing wrong" in said) == (0, True)


def test_a_page_may_link_a_line_at_each_place_where_its_translation_stands(url):
    page = Document.of_segments(["Bonjour.", "Hello.", "Hello."], name="page.txt")
    beads = Bead((0,), (1,), 0.9, 0.8), Bead((0,), (2,), 0.9, 0.8)
    with Corpus(url) as corpus:
        corpus.add(Alignment(page, page, beads, "fr", "en", Provenance("0", "toy", "r", "w")))
    assert check(url)[0] == 0


@pytest.mark.parametrize("wrong", WRONGS)
def test_what_is_wrong_is_found(url, tmp_path, wrong):
    filled(url, tmp_path)
    with Corpus(url) as corpus, corpus.writing() as connection:
        connection.exec_driver_sql(wrong.replace("%", "%%") if connection.dialect.name == "postgresql" else wrong)
    code, said = check(url)
    assert code == 3
    assert WRONGS[wrong] in said
