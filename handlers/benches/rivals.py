"""Our search beside engines that exist, on the same entries and questions: which finds the code, and how fast."""

import importlib
import re
import sqlite3
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text

from bot.answers import find_answer
from bot.cases import Case
from bot.query import understand
from handlers.benches.tables import left_then_right
from knowledge.entry import Entry
from knowledge.library import Library
from knowledge.search import Index

MOST = 5  # codes that each engine gives
FEW = 3
INSTALL = "not installed: pip install -e '.[rivals]'"
Search = Callable[[str], Sequence[str]]  # a question, and the codes found for it, best first


@dataclass(frozen=True)
class _Measured:
    first: float
    few: float
    ms: list[float]


def rivals_table(index: Index, cases: Sequence[Case]) -> Table:
    """A row for each engine, over the cases that look a code up."""
    asked = [case for case in cases if case.kind == "lookup"]
    table = left_then_right(
        f"{len(asked):,} lookups in {len(index.library.entries)} entries",
        *("right first", f"among the first {FEW}", "p50 ms", "p95 ms", "p50 to ours"),
    )
    ours = None
    for name, make in _engines(index).items():
        try:
            search = make(index.library)
        except ImportError:
            table.add_row(name, Text(INSTALL))
            continue
        measured = _measure(search, asked)
        p50, p95 = statistics.median(measured.ms), sorted(measured.ms)[int(0.95 * len(measured.ms))]
        ours = ours or p50
        shares = (f"{measured.first:.1%}", f"{measured.few:.1%}")
        table.add_row(name, *shares, f"{p50:.3f}", f"{p95:.3f}", f"{p50 / ours:.2f}")
    return table


def document(entry: Entry) -> str:
    """An entry as any engine would be given it: its title, what people call it, what it is and when to use it."""
    return " . ".join((entry.title, *entry.names, entry.plain.text, *(one.text for one in entry.use_when)))


def _engines(index: Index) -> Mapping[str, Callable[[Library], Search]]:
    return {
        "Coding Helper, search alone": lambda _: _searched(index),
        "Coding Helper, the whole answer": lambda _: _answered(index),
        "SQLite FTS5, Porter stems": with_fts5,
        "bm25s, Snowball stems and stop words": _with_bm25s,
        "tantivy, Snowball stems": _with_tantivy,
    }


def _measure(search: Search, asked: Sequence[Case]) -> _Measured:
    for case in asked[:MOST]:  # what is read when first needed is read now
        search(case.question)
    found, ms = [], []
    for case in asked:
        begun = time.perf_counter()
        found.append(search(case.question))
        ms.append((time.perf_counter() - begun) * 1000)
    pairs = list(zip(found, asked, strict=True))

    def share(most: int) -> float:
        return sum(bool(set(codes[:most]) & set(case.expect)) for codes, case in pairs) / max(1, len(pairs))

    return _Measured(share(1), share(FEW), ms)


def _searched(index: Index) -> Search:
    def search(question: str) -> Sequence[str]:
        return [hit.key for hit in index.find(understand(question, index).said) if hit.shelf == "entries"]

    return search


def _answered(index: Index) -> Search:
    def search(question: str) -> Sequence[str]:
        answer = find_answer(understand(question, index))
        return [*answer.codes, *answer.also]

    return search


def with_fts5(library: Library) -> Search:
    """SQLite's own full-text search, any of the words, ranked by its bm25."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE entry USING fts5(code UNINDEXED, text, tokenize = 'porter unicode61')")
    rows = [(entry.code, document(entry)) for entry in library.entries.values()]
    connection.executemany("INSERT INTO entry VALUES (?, ?)", rows)
    statement = f"SELECT code FROM entry WHERE entry MATCH ? ORDER BY rank LIMIT {MOST}"  # noqa: S608  # our own number

    def search(question: str) -> Sequence[str]:
        words = " OR ".join(f'"{word}"' for word in _words(question))
        return [code for (code,) in connection.execute(statement, (words,))] if words else []

    return search


def _with_bm25s(library: Library) -> Search:
    bm25s, stemmer = importlib.import_module("bm25s"), importlib.import_module("Stemmer").Stemmer("english")
    codes = list(library.entries)

    def tokens(texts: Sequence[str]) -> object:
        return bm25s.tokenize(texts, stopwords="en", stemmer=stemmer, show_progress=False)

    retriever = bm25s.BM25()
    retriever.index(tokens([document(entry) for entry in library.entries.values()]), show_progress=False)

    def search(question: str) -> Sequence[str]:
        found, scores = retriever.retrieve(tokens([question]), corpus=codes, k=MOST, show_progress=False)
        return [str(code) for code, score in zip(found[0], scores[0], strict=True) if score > 0]

    return search


def _with_tantivy(library: Library) -> Search:
    tantivy = importlib.import_module("tantivy")
    schema = tantivy.SchemaBuilder()
    schema.add_text_field("code", stored=True, tokenizer_name="raw")
    schema.add_text_field("text", tokenizer_name="en_stem")
    index = tantivy.Index(schema.build())
    writer = index.writer()
    for entry in library.entries.values():
        writer.add_document(tantivy.Document(code=entry.code, text=document(entry)))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def search(question: str) -> Sequence[str]:
        query = index.parse_query(" ".join(_words(question)).lower(), ["text"])
        return [searcher.doc(address)["code"][0] for _, address in searcher.search(query, MOST).hits]

    return search


def _words(text: str) -> Sequence[str]:
    return re.findall(r"\w+", text)
