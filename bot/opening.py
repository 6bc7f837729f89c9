"""Opens a bot: database ready, knowledge loaded, log writing."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy import Engine

from bot.bot import Bot
from bot.clinics import Clinics
from bot.curators import Curators
from bot.database import ready_engine, transaction
from bot.imported import Overlaid, overlay
from bot.question_log import QuestionLog
from bot.reply import Writer
from bot.settings import Settings
from bot.spool import Spool, mark_of
from knowledge.library import SHELVES, KnowledgeError, Library, files_digest, read_library
from knowledge.search import Index
from knowledge.tables import fetch_library, fetch_library_of, load_library


@dataclass(frozen=True)
class Opened:
    """A bot that is ready, and the database behind it."""

    bot: Bot
    engine: Engine


@contextmanager
def open_bot(settings: Settings) -> Iterator[Opened]:
    """A bot for the time of a `with` block; the log is written out at its end.

    Raises DatabaseError, or KnowledgeError where the files are faulty and no older knowledge stands in the tables.
    """
    engine = ready_engine(settings.database_url)
    with _collecting_nothing():
        overlaid = overlaid_library(engine)
        index = Index(overlaid.library, overlaid.pair_tables)
    log = QuestionLog(engine, Spool(settings.spool_folder, mark_of(settings.database_url)))
    writer = Writer(overlaid.library.sources, settings.templates_dir)
    clinics = Clinics(engine, index)
    clinics.watch()
    try:
        yield Opened(Bot(index, writer, log, clinics, Curators(settings.curators)), engine)
    finally:
        clinics.close()
        log.close()
        engine.dispose()


@contextmanager
def _collecting_nothing() -> Iterator[None]:
    """Nothing that is read of the shelves is garbage, now or later: a look through all of it takes 0.1 s each time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()


def overlaid_library(engine: Engine) -> Overlaid:
    """The library that serves: the current one with what was imported from CMS's files laid over it."""
    library = current_library(engine)
    with transaction(engine) as session:
        return overlay(library, session)


def current_library(engine: Engine, shelves: Path = SHELVES) -> Library:
    """The library of the files, loaded into the tables; where they are faulty, the one that stands there already."""
    files = files_digest(shelves)
    with transaction(engine) as session:
        read_before = fetch_library_of(session, files)
    if read_before:
        return read_before
    try:
        library = read_library(shelves)
    except KnowledgeError as error:
        with transaction(engine) as session:
            standing = fetch_library(session)
        if standing is None:
            raise
        structlog.get_logger().error(
            "the knowledge files are faulty; the knowledge loaded before goes on serving",
            faults=[str(one) for one in error.faults],
        )
        return standing
    with transaction(engine) as session:
        load_library(session, library, files)
    return library
