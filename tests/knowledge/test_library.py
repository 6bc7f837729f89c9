"""The files of the shelves: what is wrong with one is told with its file, key, what it is and how to mend it."""

import dataclasses
import shutil
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from knowledge.language import Language
from knowledge.library import SHELVES, Fault, KnowledgeError, Library, read_library
from knowledge.search import Index

# An entry without fault, written here so that a test breaks just one thing of it.
SPARE = "entries/99998.toml"
SPARE_ENTRY = """\
code = "99998"
title = "A spare entry"
family = "unlisted"
disciplines = ["PT"]
names = ["spare thing", "spare work", "spare part"]
toward = ["water"]

[plain]
text = "It is here to be broken."

[timing]
value = "timed_15"

[one_on_one]
value = "required"

[therapy_class]
value = "always"

[medicare]
letter = "A"
year = 2026
therapy_mppr = true
sources = []

[[use_when]]
text = "A test needs an entry."

[[not_when]]
text = "Some other code fits."
instead = ["97110"]

[[document]]
text = "What was broken."

[review]
status = "draft"
on = 2026-11-23
"""


@pytest.fixture
def shelves(tmp_path: Path) -> Path:
    """A copy of the shipped files, and one entry more."""
    copy = tmp_path / "shelves"
    shutil.copytree(SHELVES, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__", "rules"))
    (copy / SPARE).write_text(SPARE_ENTRY, encoding="utf-8")
    return copy


def change(shelves: Path, file: str, old: str, new: str) -> None:
    text = (shelves / file).read_text(encoding="utf-8")
    assert old in text, f"{file} has no {old!r}"
    (shelves / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def faults_of(shelves: Path) -> list[str]:
    with pytest.raises(KnowledgeError) as told:
        read_library(shelves)
    assert str(told.value).splitlines() == [str(one) for one in told.value.faults]
    return [str(one) for one in told.value.faults]


def test_the_shipped_shelves_are_without_fault(library: Library) -> None:
    assert library.entries.keys() >= {"97110", "97112", "97113", "97116", "97140", "97150", "97530"}
    assert library.topics
    assert library.contrasts
    assert library.limits
    assert library.retired
    assert library.sources


def test_a_new_file_without_fault_is_on_the_shelf(shelves: Path) -> None:
    entry = read_library(shelves).entries["99998"]

    assert entry.title == "A spare entry"
    assert entry.not_when[0].instead == ("97110",)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        pytest.param(
            'code = "99998"',
            'code = "99998',
            f"{SPARE}: is no TOML: Illegal character '\\n' (at line 1, column 14); mend that line",
            id="no TOML",
        ),
        pytest.param('title = "A spare entry"\n', "", f"{SPARE}: title: is missing; add it", id="a missing key"),
        pytest.param(
            "[plain]\ntext",
            "[plain]\ntxet = 1\ntext",
            f"{SPARE}: plain.txet: is no known key; take it out, or spell it as the other files do",
            id="an unknown key",
        ),
        pytest.param(
            'code = "99998"',
            "code = 99998",
            f'{SPARE}: code: is 99998, not text; write it in quotes, "99998"',
            id="a code without quotes",
        ),
        pytest.param(
            'instead = ["97110"]',
            "instead = [97110]",
            f'{SPARE}: not_when.0.instead.0: is 97110, not text; write it in quotes, "97110"',
            id="a code without quotes in a list",
        ),
        pytest.param(
            'code = "99998"',
            'code = "99997"',
            f"{SPARE}: code: says '99997'; name the file by it, or mend the key",
            id="a file named by another code",
        ),
        pytest.param(
            "sources = []",
            'sources = ["NOWHERE"]',
            f"{SPARE}: medicare.sources: names the source NOWHERE, which sources.toml lacks; add it there, or mend it",
            id="an unknown source",
        ),
        pytest.param(
            'instead = ["97110"]',
            'instead = ["97110", "99997"]',
            f"{SPARE}: not_when.0.instead: names 99997, which has no entry; add the entry, or name another code",
            id="an unknown code",
        ),
        pytest.param(
            'toward = ["water"]',
            'toward = ["watr"]',
            f"{SPARE}: toward: names the circumstance watr, which words.toml lacks; "
            "add it to [circumstances] in words.toml, or mend it",
            id="an unknown circumstance",
        ),
        pytest.param(
            "A test needs an entry.",
            "A test needs an entry" + ", and one more" * 22 + ".",
            f"{SPARE}: use_when.0: has 330 characters; say it in 320 or make two of it",
            id="a sentence too long for a phone",
        ),
        pytest.param(
            "A test needs an entry.",
            "A test needs an entry" + ", and one more" * 30 + ".",
            f"{SPARE}: use_when.0.text: is too long: String should have at most 400 characters; say it in fewer words",
            id="a text too long for any reader",
        ),
        pytest.param(
            "A test needs an entry.",
            "A test needs an entry",
            f"{SPARE}: use_when.0: does not end as a sentence does; end it with a full stop",
            id="no full stop",
        ),
        pytest.param(
            '"spare part"',
            '"spare part", "Spare Thing"',
            f"{SPARE}: names: has 'Spare Thing' twice; take one out",
            id="a doubled saying",
        ),
        pytest.param(
            ', "spare work", "spare part"',
            "",
            f"{SPARE}: names: has too few: Tuple should have at least 3 items after validation, not 1; "
            "add what is missing",
            id="too few sayings",
        ),
        pytest.param(
            'letter = "A"',
            'letter = "Z"',
            f"{SPARE}: medicare.letter: is 'Z'; write one of 'A', 'B', 'C', 'I', 'N', 'R' or 'X'",
            id="a value that is none of those known",
        ),
        pytest.param(
            "year = 2026",
            "year = 1999",
            f"{SPARE}: medicare.year: is 1999: Input should be greater than or equal to 2015; mend the value",
            id="a value out of its range",
        ),
    ],
)
def test_a_fault_is_told_with_its_file_its_key_what_it_is_and_how_to_mend_it(
    shelves: Path, old: str, new: str, told: str
) -> None:
    change(shelves, SPARE, old, new)

    assert faults_of(shelves) == [told]


def test_a_file_that_is_no_utf8_is_told_with_the_place_of_the_first_bad_byte(shelves: Path) -> None:
    (shelves / SPARE).write_bytes(SPARE_ENTRY.encode("utf-16"))

    assert faults_of(shelves) == [f"{SPARE}: is no UTF-8 at byte 0; save it as UTF-8"]


@pytest.mark.parametrize("file", ["words.toml", "sources.toml", "retired.toml"])
def test_a_missing_file_is_one_fault_and_not_one_for_each_place_that_needed_it(shelves: Path, file: str) -> None:
    (shelves / file).unlink()

    assert faults_of(shelves) == [f"{file}: is missing; put it back"]


def test_an_entry_that_others_name_is_one_fault_where_it_cannot_be_read(shelves: Path) -> None:
    """97110 is named by dozens of files: none of them is at fault, and none is told to add the entry that is there."""
    change(shelves, "entries/97110.toml", 'code = "97110"', "code = 97110")

    assert faults_of(shelves) == ['entries/97110.toml: code: is 97110, not text; write it in quotes, "97110"']


def test_a_source_that_others_name_is_one_fault_where_it_cannot_be_read(shelves: Path, library: Library) -> None:
    key = max(library.sources, key=lambda one: sum(one in str(entry) for entry in library.entries.values()))
    change(shelves, "sources.toml", f"[{key}]", f"[{key}]\npages = 7")

    assert faults_of(shelves) == [
        f"sources.toml: {key}.pages: is no known key; take it out, or spell it as the other files do"
    ]


def test_a_number_that_is_no_code_is_told_by_that_number(shelves: Path) -> None:
    (shelves / "retired.toml").write_text(
        '["97001"]\nwhat = "retired"\ninstead = ["99997"]\nstatement.text = "It ended"\n'
        '["97002"]\ncode = "97003"\nwhat = "misprint"\ninstead = []\nstatement.text = "It never was."\n',
        encoding="utf-8",
    )

    assert faults_of(shelves) == [
        "retired.toml: 97001.instead: names 99997, which has no entry; add the entry, or name another code",
        "retired.toml: 97001.statement: does not end as a sentence does; end it with a full stop",
        "retired.toml: 97002.code: says '97003'; take it out: the key in brackets says it",
    ]


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("synonyms = [", 'synonyms = [\n  ["alone"],', "synonyms.0"),
        ("synonyms = [", "synonyms = [\n  [],", "synonyms.0"),
        ("water = [", 'water = ["!!", ', "circumstances.water.0"),
        ("water = [", 'Water = ["lake"]\nwater = [', "circumstances.Water.[key]"),
        ("[abbreviations]", "[abbreviations]\nzz = 5", "abbreviations.zz"),
        ('of = "', 'of = "un', "counted.three_or_more.of"),
        ("[services]", '[services]\nzz = "99997"', "services.zz"),
    ],
)
def test_a_vocabulary_that_could_not_be_read_with_is_a_fault_of_its_file(
    shelves: Path, old: str, new: str, key: str
) -> None:
    change(shelves, "words.toml", old, new)

    (told,) = faults_of(shelves)
    assert told.startswith(f"words.toml: {key}: ")


def test_all_faults_of_all_files_are_told_in_one_run(shelves: Path, library: Library) -> None:
    """Three in one file, one in another of the same folder, one in each other folder, one in each single file."""
    change(shelves, SPARE, 'title = "A spare entry"', "titel = 5")
    change(shelves, SPARE, 'family = "unlisted"', 'family = "unheard"')
    change(shelves, "entries/97110.toml", 'code = "97110"', 'code = "97110')
    for folder in ("topics", "contrasts", "limits"):
        name = next(iter(getattr(library, folder)))
        change(shelves, f"{folder}/{name}.toml", f'name = "{name}"', 'name = "renamed"')
    change(shelves, "words.toml", "[abbreviations]", "[abbreviations]\nzz = 5")
    change(
        shelves,
        "sources.toml",
        "[",
        "[[",
    )
    (shelves / "retired.toml").write_bytes(b"\xff")

    told = faults_of(shelves)

    assert sorted({one.split(": ")[0] for one in told}) == sorted(
        [
            "entries/97110.toml",
            SPARE,
            *(f"{folder}/{next(iter(getattr(library, folder)))}.toml" for folder in ("topics", "contrasts", "limits")),
            "words.toml",
            "sources.toml",
            "retired.toml",
        ]
    )
    assert [one.split(": ")[1] for one in told if one.startswith(SPARE)] == ["family", "titel", "title"]
    assert told == sorted(told)


def test_faults_of_one_file_do_not_hide_what_another_file_names_wrongly(shelves: Path) -> None:
    change(shelves, SPARE, 'instead = ["97110"]', 'instead = ["99997"]')
    change(shelves, "entries/97112.toml", 'code = "97112"', "code = 97112")

    assert faults_of(shelves) == [
        'entries/97112.toml: code: is 97112, not text; write it in quotes, "97112"',
        f"{SPARE}: not_when.0.instead: names 99997, which has no entry; add the entry, or name another code",
    ]


def test_a_fault_of_a_whole_file_names_no_key() -> None:
    assert str(Fault("words.toml", "", "is missing", "put it back")) == "words.toml: is missing; put it back"


def test_the_same_files_give_the_same_digest_and_a_changed_word_another(shelves: Path) -> None:
    before = read_library(shelves).digest
    assert read_library(shelves).digest == before

    change(shelves, SPARE, "A test needs an entry.", "A test needs an entry!")

    assert read_library(shelves).digest != before


@pytest.mark.parametrize("shelf", [one.name for one in dataclasses.fields(Library) if one.name != "words"])
def test_the_digest_covers_every_shelf(library: Library, shelf: str) -> None:
    one_less = MappingProxyType(dict(list(getattr(library, shelf).items())[1:]))
    changed: dict[str, Any] = {shelf: one_less}

    assert dataclasses.replace(library, **changed).digest != library.digest


def test_the_digest_covers_the_vocabulary(library: Library) -> None:
    words = library.words.model_copy(update={"silent": ("the",)})

    assert dataclasses.replace(library, words=words).digest != library.digest


def test_a_library_cannot_be_changed_by_those_who_read_it(library: Library) -> None:
    with pytest.raises(TypeError):
        library.entries["97110"] = library.entries["97112"]  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        library.words = library.words  # type: ignore[misc]


def test_whatever_the_reader_lets_pass_can_be_searched(shelves: Path) -> None:
    library = read_library(shelves)

    assert Index(library).find(Language(library.words, ()).read("spare thing"))[0].key == "99998"
