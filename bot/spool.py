"""The spool: what is kept on this machine's disk while the database is away.

A small SQLite file a process, synced at every write and locked for the life of the process. The lock ends with the
process, also when it is killed; a living one then takes the file over. Only scrubbed rows ever go there.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import structlog
from sqlalchemy.engine import make_url

TRIES = 3  # a file that another process takes for a dead one's, as it is made, is made anew
DAMAGES = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)  # by their first byte; the rest says where
DAY = 86_400  # seconds
BESIDE = ("", "-wal", "-shm", "-journal")  # what SQLite puts beside a file


class SpoolError(Exception):
    """The spool cannot be written or read. The message says what the disk, or SQLite, said of it."""


class SpoolDamagedError(SpoolError):
    """The spool's file is no longer what was written. It was set aside, under the name that the error has."""

    def __init__(self, fault: str, name: str, lines: int | None) -> None:
        """What SQLite said of it, the file's new name, and how many lines waited in it, as far as that is known."""
        super().__init__(fault)
        self.name, self.lines = name, lines


class Spool:
    """Lines in the order in which they were added. May be used by several threads."""

    def __init__(self, folder: Path, mark: str) -> None:
        """A spool in this folder, for what belongs to this database. Nothing is on the disk before it is needed.

        `mark` tells the spools of different databases apart: see `mark_of`.
        """
        self.folder = folder
        self._mark = mark
        self._lock = threading.Lock()
        self._file: Path | None = None
        self._connection: sqlite3.Connection | None = None
        self._count = 0
        self._damage: SpoolDamagedError | None = None

    @property
    def waiting(self) -> int:
        """How many lines wait."""
        return self._count

    def append(self, lines: Sequence[str]) -> None:
        """Add lines, all or none; they are on the disk when this returns. Raises SpoolError."""
        with self._lock:
            try:
                self._open().executemany("INSERT INTO line (text) VALUES (?)", [(one,) for one in lines])
                self._open().commit()
            except (sqlite3.Error, OSError) as error:
                self._undo()
                raise self._fault_of(error) from None
            self._count += len(lines)

    def first(self, most: int) -> list[tuple[int, str]]:
        """The oldest lines, each with its number. Raises SpoolError."""
        with self._lock:
            if self._damage:
                raise self._damage
            if not self._count:
                return []
            try:
                return self._open().execute("SELECT id, text FROM line ORDER BY id LIMIT ?", (most,)).fetchall()
            except (sqlite3.Error, OSError) as error:
                raise self._fault_of(error) from None

    def drop(self, until: int) -> None:
        """Take out the lines up to this number. Raises SpoolError."""
        with self._lock:
            try:
                dropped = self._open().execute("DELETE FROM line WHERE id <= ?", (until,)).rowcount
                self._open().commit()
            except (sqlite3.Error, OSError) as error:
                self._undo()
                raise self._fault_of(error) from None
            self._count -= dropped

    def fault(self) -> str | None:
        """Why nothing could be written here, or None. The folder is not made: that is for whoever writes there."""
        here = self.folder.absolute()
        try:
            nearest = next(one for one in (here, *here.parents) if one.exists())
            probe = nearest / f"probe-{uuid4().hex[:12]}"
            probe.write_bytes(b"probe")
            probe.unlink()
        except OSError as error:
            return f"{type(error).__name__}: {error.strerror}"
        return None

    def forget_damaged(self, days: int) -> None:
        """Delete what was set aside so many days ago and before. What cannot be deleted is told of."""
        for file in self.folder.glob("damaged-*"):
            try:
                if time.time() - file.stat().st_mtime > days * DAY:
                    file.unlink()
            except FileNotFoundError:
                continue  # another process was here first
            except OSError as error:
                structlog.get_logger().error(
                    "what was set aside cannot be deleted: delete it by hand",
                    spool=file.name,
                    fault=type(error).__name__,
                )

    def orphans(self) -> Iterator["Spool"]:
        """The spools that processes left which live no longer. Each is this process's own until it is closed.

        Raises SpoolError where the folder cannot be looked through.
        """
        try:
            files = sorted(self.folder.glob(f"spool-{self._mark}-*.db"))
        except OSError as error:
            raise self._fault_of(error) from None
        for file in files:
            if file != self._file and (found := self._adopted(file)):
                yield found

    def close(self) -> None:
        """Let go of the file; an empty one is removed."""
        with self._lock:
            if self._connection is None or self._file is None:
                return
            if not self._count:  # before the lock is let go: nobody else may be writing to it
                with suppress(OSError):  # left behind it is found, and found empty
                    for end in BESIDE:
                        self._file.with_name(self._file.name + end).unlink(missing_ok=True)
            self._let_go()

    def _adopted(self, file: Path) -> "Spool | None":
        found = Spool(self.folder, self._mark)
        found._file = file
        try:
            found._connection = _connect(file, "rw")
            found._count = found._connection.execute("SELECT count(*) FROM line").fetchone()[0]
        except (sqlite3.Error, OSError) as error:  # its process lives, or has just been here
            fault = found._fault_of(error)
            if not isinstance(fault, SpoolDamagedError):
                found._let_go()
                return None
            found._damage = fault
        return found

    def _open(self) -> sqlite3.Connection:
        for _ in range(TRIES):
            if self._connection:
                return self._connection
            self.folder.mkdir(parents=True, exist_ok=True)
            self._file = self.folder / f"spool-{self._mark}-{uuid4().hex[:12]}.db"
            try:
                self._connection = _connect(self._file, "rwc")
            except sqlite3.OperationalError as error:
                if "locked" not in str(error):
                    raise
        raise sqlite3.OperationalError("every file was taken away at once")

    def _let_go(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def _fault_of(self, error: sqlite3.Error | OSError) -> SpoolError:
        """What to tell of an error. A damaged file is left, so that what comes goes to a new one."""
        fault = f"{type(error).__name__}: {error}"
        if self._file is None or getattr(error, "sqlite_errorcode", 0) & 0xFF not in DAMAGES:
            return SpoolError(fault)
        self._let_go()
        damaged = SpoolDamagedError(fault, self._set_aside(self._file), self._count or None)
        self._file, self._count = None, 0
        return damaged

    def _set_aside(self, file: Path) -> str:
        """Rename the file and what stands beside it, so that nobody takes it for a spool; its name from now on."""
        name = file.name.replace("spool-", "damaged-", 1)
        try:
            for end in BESIDE:
                if (one := file.with_name(file.name + end)).exists():
                    one.rename(file.with_name(name + end))
        except OSError:
            return file.name
        return name

    def _undo(self) -> None:
        with suppress(sqlite3.Error):  # what is wrong is told already
            if self._connection and self._connection.in_transaction:
                self._connection.rollback()


def _connect(file: Path, mode: str) -> sqlite3.Connection:
    """Open a spool's file and lock it for as long as it is open. Raises OperationalError where it is locked."""
    address = f"{file.absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(address, uri=True, timeout=0, check_same_thread=False)
    connection.text_factory = partial(str, encoding="utf-8", errors="replace")  # one bad byte costs no other line
    try:
        for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("CREATE TABLE IF NOT EXISTS line (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL)")
        connection.execute("BEGIN IMMEDIATE")  # the lock is held from here on, by the mode set above
        connection.commit()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def mark_of(database_url: str) -> str:
    """What tells the spools of different databases apart, in a folder that they share."""
    where = make_url(database_url)
    database = Path(where.database or "").absolute() if where.drivername == "sqlite" else where.database
    return sha256(f"{where.host} {where.port} {database}".encode()).hexdigest()[:8]
