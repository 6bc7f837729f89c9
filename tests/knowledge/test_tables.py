"""The knowledge base in the database: loaded once, changed as the files change, serving on when they are broken."""

import dataclasses
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier
from types import MappingProxyType
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select
from structlog.testing import capture_logs

from bot.database import transaction
from bot.opening import current_library
from knowledge.entry import Entry
from knowledge.library import SHELVES, KnowledgeError, Library, files_digest
from knowledge.tables import (
    CodeEntryRow,
    KnowledgeLoadRow,
    Load,
    ShelfRow,
    fetch_library,
    fetch_library_of,
    load_library,
)


def load(engine: Engine, library: Library) -> Load:
    with transaction(engine) as session:
        return load_library(session, library)


def fetch(engine: Engine) -> Library | None:
    with transaction(engine) as session:
        return fetch_library(session)


def rows(engine: Engine) -> dict[tuple[str, ...], dict[str, Any]]:
    """All rows of the knowledge base, by table and key."""
    with Session(engine) as session:
        return {
            **{("entry", row.code): row.model_dump() for row in session.exec(select(CodeEntryRow))},
            **{(row.shelf, row.key): row.model_dump() for row in session.exec(select(ShelfRow))},
            **{("load", str(row.id)): row.model_dump() for row in session.exec(select(KnowledgeLoadRow))},
        }


def with_entries(library: Library, entries: Mapping[str, Entry]) -> Library:
    return dataclasses.replace(library, entries=MappingProxyType(dict(entries)))


@pytest.fixture
def renamed(library: Library) -> Library:
    """The library with another title for one code."""
    entry = library.entries["97110"].model_copy(update={"title": "Exercise under another name"})
    return with_entries(library, {**library.entries, "97110": entry})


def test_a_database_that_was_never_loaded_has_no_library(engine: Engine) -> None:
    assert fetch(engine) is None


def test_the_first_load_adds_every_code(engine: Engine, library: Library) -> None:
    assert load(engine, library) == Load(changed=True, added=tuple(sorted(library.entries)))


def test_what_was_loaded_comes_back_equal_and_by_the_same_digest(engine: Engine, library: Library) -> None:
    load(engine, library)

    again = fetch(engine)

    assert again == library
    assert again is not None
    assert again.digest == library.digest


def test_loading_the_same_again_changes_nothing_not_even_the_time_of_loading(engine: Engine, library: Library) -> None:
    load(engine, library)
    before = rows(engine)

    assert load(engine, library) == Load(changed=False)
    assert rows(engine) == before


def test_the_time_of_loading_is_kept_with_its_zone(engine: Engine, library: Library) -> None:
    load(engine, library)

    with Session(engine) as session:
        loaded_at = session.exec(select(KnowledgeLoadRow.loaded_at)).one()
    assert abs(datetime.now(UTC) - loaded_at) < timedelta(minutes=1)


def test_a_changed_entry_replaces_itself_and_no_other(engine: Engine, library: Library, renamed: Library) -> None:
    load(engine, library)
    before = rows(engine)

    assert load(engine, renamed) == Load(changed=True, replaced=("97110",))

    after = rows(engine)
    assert {key for key in after if after[key] != before[key]} == {("entry", "97110"), ("load", "1")}
    assert after["entry", "97110"]["title"] == "Exercise under another name"


def test_entries_that_came_and_went_are_told(engine: Engine, library: Library) -> None:
    load(engine, with_entries(library, {code: library.entries[code] for code in ("97110", "97112")}))

    changed = load(engine, with_entries(library, {code: library.entries[code] for code in ("97112", "97530")}))

    assert changed == Load(changed=True, added=("97530",), removed=("97110",))
    assert [key[1] for key in rows(engine) if key[0] == "entry"] == ["97112", "97530"]


def test_a_changed_vocabulary_is_loaded_though_no_entry_changed(engine: Engine, library: Library) -> None:
    load(engine, library)
    changed = dataclasses.replace(library, words=library.words.model_copy(update={"silent": ("the",)}))

    assert load(engine, changed) == Load(changed=True)
    assert fetch(engine) == changed


def test_who_looks_with_sql_finds_the_facts_in_columns(engine: Engine, library: Library) -> None:
    load(engine, library)

    row, entry = rows(engine)["entry", "97110"], library.entries["97110"]
    assert (row["family"], row["timing"], row["one_on_one"]) == ("therapeutic_procedure", "timed_15", "required")
    assert (row["medicare_status"], row["review"]) == (entry.medicare.letter, entry.review.status)


def test_a_load_that_fails_half_way_leaves_the_old_knowledge(
    engine: Engine, library: Library, renamed: Library
) -> None:
    load(engine, library)
    before = rows(engine)

    def load_and_fail() -> None:
        with transaction(engine) as session:
            load_library(session, renamed)
            raise InterruptedError

    with pytest.raises(InterruptedError):
        load_and_fail()
    assert rows(engine) == before


def test_processes_that_start_together_load_one_library(engine: Engine, library: Library) -> None:
    together = Barrier(4)

    def start() -> Load:
        together.wait()
        return load(engine, library)

    with ThreadPoolExecutor(4) as pool:
        loads = [one.result() for one in [pool.submit(start) for _ in range(4)]]

    assert any(one.changed for one in loads)
    assert fetch(engine) == library


@pytest.fixture
def shelves(tmp_path: Path) -> Path:
    copy = tmp_path / "shelves"
    shutil.copytree(SHELVES, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__", "rules"))
    return copy


def change(shelves: Path, file: str, old: str, new: str) -> None:
    text = (shelves / file).read_text(encoding="utf-8")
    assert old in text
    (shelves / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_broken_file_leaves_the_old_knowledge_serving_and_all_faults_in_the_log(
    engine: Engine, shelves: Path
) -> None:
    good = current_library(engine, shelves)
    before = rows(engine)
    change(shelves, "entries/97110.toml", 'code = "97110"', "code = 97110")
    change(shelves, "entries/97112.toml", 'code = "97112"', 'code = "97113"')

    with capture_logs() as logs:
        serving = current_library(engine, shelves)

    assert serving == good
    assert rows(engine) == before
    (told,) = logs
    assert told["log_level"] == "error"
    assert told["faults"] == [
        'entries/97110.toml: code: is 97110, not text; write it in quotes, "97110"',
        "entries/97112.toml: code: says '97113'; name the file by it, or mend the key",
    ]


def test_a_mended_file_serves_at_the_next_start(engine: Engine, shelves: Path) -> None:
    current_library(engine, shelves)
    change(shelves, "entries/97110.toml", 'title = "', 'title = "Mended: ')

    assert current_library(engine, shelves).entries["97110"].title.startswith("Mended: ")
    stored = fetch(engine)
    assert stored is not None
    assert stored.entries["97110"].title.startswith("Mended: ")


def test_broken_files_stop_the_start_where_no_older_knowledge_stands(engine: Engine, shelves: Path) -> None:
    change(shelves, "entries/97110.toml", 'code = "97110"', "code = 97110")

    with pytest.raises(KnowledgeError, match=r"entries/97110\.toml: code"):
        current_library(engine, shelves)
    assert fetch(engine) is None


def test_files_that_were_read_before_are_fetched_from_the_tables_in_the_order_of_the_files(
    engine: Engine, shelves: Path
) -> None:
    read = current_library(engine, shelves)
    with transaction(engine) as session:
        fetched = fetch_library_of(session, files_digest(shelves))

    assert fetched == read
    assert fetched is not None
    for name, records in read.shelves.items():
        assert list(fetched.shelves[name]) == list(records), name
    assert current_library(engine, shelves) == read


def test_what_was_changed_in_the_tables_by_hand_does_not_serve(engine: Engine, shelves: Path) -> None:
    read = current_library(engine, shelves)
    with transaction(engine) as session:
        row = session.get_one(CodeEntryRow, "97110")
        row.body = row.body.replace(read.entries["97110"].title, "Changed by hand")

    assert current_library(engine, shelves) == read


def test_other_files_with_the_same_knowledge_are_known_by_their_own_digest(engine: Engine, shelves: Path) -> None:
    read = current_library(engine, shelves)
    (shelves / "words.toml").write_text(f"# again\n{(shelves / 'words.toml').read_text(encoding='utf-8')}")
    with transaction(engine) as session:
        assert fetch_library_of(session, files_digest(shelves)) is None

    assert current_library(engine, shelves) == read
    with transaction(engine) as session:
        assert fetch_library_of(session, files_digest(shelves)) == read
