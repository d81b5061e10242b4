"""What repeats itself in texts: near copies by signatures, boilerplate by how it recurs, sites by names."""

import itertools
import random
import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aligner.repeats import shingles as shingling
from aligner.repeats.boilerplate import LEAST, boilerplate, of_site, recognisable, recurs, traces
from aligner.repeats.copies import NEAR, said_again
from aligner.repeats.shingles import SHINGLE, jaccard, shingles, words
from aligner.repeats.signatures import HASHES, bands, signature, similarity
from aligner.repeats.sites import site_of

SOME_WORDS = ["".join(letters) for letters in itertools.product("bdfgklmpst", "aeiou", "nrslmtvp")]
texts = st.lists(st.sampled_from(SOME_WORDS), max_size=200)


def sentence(seed):
    """A sentence of its own, of ten words."""
    return " ".join(random.Random(seed).sample(SOME_WORDS, 10))


def as_sets(text):
    """The slow twin of `shingles`: what it hashes."""
    length = min(SHINGLE, len(text))
    return {tuple(text[start : start + length]) for start in range(len(text) - length + 1)} if text else set()


@given(texts, texts)
def test_jaccard_of_shingles_is_that_of_the_sets_of_runs_of_words(one, other):
    sets = as_sets(one), as_sets(other)
    assert [shingles(text).size for text in (one, other)] == [len(some) for some in sets]
    either = len(sets[0] | sets[1])
    assert jaccard(shingles(one), shingles(other)) == (len(sets[0] & sets[1]) / either if either else 0)


@settings(deadline=None)
@given(st.integers(0, 2**32), st.integers(50, 3000), st.floats(0, 0.1))
def test_signatures_estimate_what_texts_share_within_their_error(seed, size, changed):
    randomly = random.Random(seed)
    text = randomly.choices(range(10**6), k=size)
    edited = [randomly.randrange(10**6) if randomly.random() < changed else word for word in text]
    one, other = (shingles([str(word) for word in some]) for some in (text, edited))
    truth = jaccard(one, other)
    error = 5 * (0.25 / HASHES) ** 0.5  # five standard errors where it is greatest
    assert abs(similarity(signature(one), signature(other)) - truth) <= error
    assert similarity(signature(one), signature(one)) == 1


def test_a_signature_does_not_depend_on_how_many_shingles_are_hashed_at_a_time(monkeypatch):
    text = shingles([str(word) for word in range(5000)])
    whole = signature(text)
    monkeypatch.setattr("aligner.repeats.signatures._AT_ONCE", 7)
    assert np.array_equal(signature(text), whole)


def test_signatures_and_traces_are_the_same_on_every_machine_for_the_corpus_keeps_them():
    text = words("L'Assemblée générale proclame la présente Déclaration universelle des droits de l'homme")
    found = signature(shingles(text))
    assert found[:4].tolist() == [60539, 54720, 14840, 49303]
    assert bands(found, "fr en")[:2] == (-3651528640847274102, 4121401152435504589)
    assert traces(["Plan du site", "© 2024 Ville de Lyon"], "example.org\0fr") == [
        (-6170644661675761670, -6722806012226611859),
        (-6722806012226611859, -399219322502446138, -1788055551914719998),
    ]
    assert of_site(np.array([-6170644661675761670, 5]), "example.org").tolist() == [6840418273349737074, 901787723371043745]


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, unique_by=lambda trace: trace // 4))
def test_traces_of_sites_are_of_the_same_kinds_and_those_of_two_sites_are_different(some):
    here, there = (of_site(np.array(some, np.int64), site).tolist() for site in ("a.org", "b.org"))
    assert [trace % 4 for trace in here] == [trace % 4 for trace in some]
    assert len({*here, *there}) == 2 * len(some)


def test_near_copies_have_a_band_in_common_and_others_hardly_ever():
    randomly = random.Random(0)
    near = far = 0
    for _ in range(200):
        text = [str(randomly.randrange(10**6)) for _ in range(300)]
        edited, other = list(text), [str(randomly.randrange(10**6)) for _ in range(300)]
        for place in randomly.sample(range(300), 6):
            edited[place] = "autre"
        assert jaccard(shingles(text), shingles(edited)) > NEAR
        found = [set(bands(signature(shingles(some)), "")) for some in (text, edited, other)]
        near += bool(found[0] & found[1])
        far += bool(found[0] & found[2])
    assert near >= 198
    assert far == 0
    assert not set(bands(signature(shingles(text)), "fr en")) & set(bands(signature(shingles(text)), "en fr"))


@pytest.mark.parametrize(
    "same",
    [
        ("© 2023 Ville de Lyon", "© 2024 Ville  de Lyon."),
        ("Page 3 sur 7", "PAGE 12 sur 40"),
        ("1 234,5 lecteurs", "98 lecteurs"),
        ("Accueil\u00a0»", "accueil"),
    ],
)
def test_boilerplate_is_recognised_whatever_its_numbers_its_case_and_its_white_space(same):
    assert recognisable(same[0]) == recognisable(same[1]) != ""


@given(st.text(st.sampled_from("aÉéß İıﬁ１1_'-ก中かﾊ\u00a0\u0301")))
def test_words_are_what_the_pattern_finds_whichever_way_they_are_read(text):
    assert words(text) == tuple(shingling._WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def test_numbers_alone_and_other_words_are_not_recognised_as_the_same():
    assert recognisable("12 345") == recognisable("—") == ""
    assert recognisable("Page d'accueil") != recognisable("Page de garde")


def site(*frames, pages=30):
    """Pages of one site: each of two sentences of its own between what the frames say, which are functions of the number."""
    return [[*frames[0](number), sentence(2 * number), sentence(2 * number + 1), *frames[1](number)] for number in range(pages)]


def marked(pages):
    """The texts that are found to be boilerplate."""
    return {
        text
        for page, found in zip(pages, boilerplate(pages), strict=True)
        for text, is_marked in zip(page, found, strict=True)
        if is_marked
    }


def test_menus_notices_and_numbered_footers_are_boilerplate():
    menu = ["Accueil", "Actualités", "Plan du site", "Ce site emploie des témoins de connexion pour mesurer son audience."]
    pages = site(lambda _: menu, lambda number: [f"© {2000 + number} Ville de Lyon", f"Page {number} sur 40"])
    assert marked(pages) == {*menu, *(text for page in pages for text in page[-2:])}


def test_short_sentences_that_recur_in_the_midst_of_others_are_none():
    pages = site(lambda _: [], lambda _: [])
    pages = [[page[0], "Merci.", page[1], f"Article {number}", sentence(1000 + number)] for number, page in enumerate(pages)]
    assert marked(pages) == set()


def test_what_recurs_in_few_documents_is_none():
    notice = "Le présent communiqué ne peut être cité qu'avec l'accord de la rédaction."
    pages = site(lambda number: [notice] if number < LEAST - 1 else [], lambda _: [])
    assert marked(pages) == set()
    assert marked([*pages, [notice]]) == {notice}


def test_the_share_of_a_site_that_makes_boilerplate_is_less_for_long_texts_than_for_short_ones():
    long, with_neighbour = traces(["Le présent communiqué ne peut être cité qu'avec un accord.", "Merci.", "De rien."], "")[:2]
    assert recurs(long[0], 10, 1000)
    assert not recurs(long[0], 10, 1001)
    assert recurs(with_neighbour[0], 200, 1000)
    assert not recurs(with_neighbour[0], 199, 1000)


@given(st.lists(st.lists(st.sampled_from(["a", "b", "c d", "1", "e f g h i j k l", ""]), max_size=6), max_size=30), st.randoms())
def test_what_is_boilerplate_does_not_depend_on_the_order_of_the_documents(pages, randomly):
    shuffled = list(pages)
    randomly.shuffle(shuffled)
    assert marked(pages) == marked(shuffled)


def test_a_copy_says_again_what_it_changes_and_nothing_that_it_adds():
    original = [(f"Phrase {word} du texte.", f"Sentence {word} of the text.") for word in SOME_WORDS[:100]]
    copy = list(original)
    copy[50] = (f"Phrase {SOME_WORDS[50]} du livre.", f"Sentence {SOME_WORDS[50]} of the book.")
    copy[70:70] = [("Ceci n'était pas là avant.", "This was not there before.")]
    assert said_again(copy, original) == {copy[50]}


def test_a_unit_of_which_one_side_alone_is_changed_beyond_recognition_is_the_copys_own():
    original = [("Le chat dort.", "The cat sleeps."), ("Il pleut.", "It rains.")]
    copy = [("Le chat dort.", "Nobody knows what it does."), ("Il pleut.", "It rains.")]
    assert said_again(copy, original) == set()


def test_where_a_passage_was_inserted_what_is_changed_after_it_is_still_found():
    original = [(sentence(number), sentence(1000 + number)) for number in range(100)]
    copy = list(original)
    copy[60] = (f"{original[60][0]} encore", f"{original[60][1]} again")
    copy[10:10] = [(sentence(2000 + number), sentence(3000 + number)) for number in range(50)]
    assert said_again(copy, original) == {(f"{original[60][0]} encore", f"{original[60][1]} again")}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("https://www.example.org/fr/a.html", "example.org"),
        ("http://EXAMPLE.org:8080/b", "example.org"),
        ("http://[broken", ""),
        ("dumps/www.example.org/fr/a.html", "example.org"),
        ("dumps/site.zip/fr/a.html", "dumps/site.zip"),
        ("dumps/town/fr/2024/a.html", "dumps/town"),
        ("dumps/a.fr.txt", "dumps"),
        ("dumps/inner/town/a.txt", "dumps/inner/town"),
        ("elsewhere/x/a.txt", "elsewhere/x"),
        ("a.txt", ""),
    ],
)
def test_the_site_is_the_host_or_the_top_folder_of_the_dump(name, expected):
    assert site_of(name, ["dumps", "dumps/inner"]) == expected
