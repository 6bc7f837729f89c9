"""Writes the log: to the database in groups, and to this machine's disk while the database is slow or away.

Two threads. One commits to the database what waits together. The other keeps watch: what waits longer than a request
may is kept in the spool, and so is all that comes, until the database has everything that was kept. A change whose
commit had no answer is kept too: written twice it is as if it was written once.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import islice

import structlog
from sqlalchemy import Engine, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot.changes import Change, commit_changes, read_change
from bot.spool import Spool, SpoolDamagedError, SpoolError

LARGEST_GROUP = 256  # changes committed together
PATIENCE = 1.0  # seconds that a change waits for its commit; Slack waits three for the answer
RETRY_EVERY = 0.5  # seconds between looks at a database that is away
LOOK_FOR_ORPHANS_EVERY = 15.0  # seconds between looks for what stopped processes have left
CLOSE_WITHIN = 10.0  # seconds that a stop waits for what is still to be written
MOST_IN_MEMORY = 50_000  # changes that are kept where the disk takes none


class LogClosedError(Exception):
    """The log takes no more questions: the process is stopping."""


class LogAwayError(Exception):
    """What was asked before cannot be looked up now: the database is slow or away."""


class ComesAgainError(LogAwayError):
    """Only the database can tell whether another process took this delivery; it comes again."""


class LogWriteError(Exception):
    """A question could not be put in the log."""


@dataclass(frozen=True)
class LogStatus:
    """How the log stands: is the database away, since when and why, and how many changes wait where.

    `in_touch_since` is when the database last came back, or the start; None while it is away, or not yet tried.
    """

    is_away: bool
    since: datetime | None
    fault: str | None
    waiting: int
    on_disk: int
    in_memory: int
    spool_fault: str | None
    in_touch_since: datetime | None


@dataclass
class _Waiting:
    change: Change
    future: Future[bool]
    since: float
    comes_again: bool


@dataclass
class _Outage:
    fault: str
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    begun: float = field(default_factory=time.monotonic)
    questions: int = 0
    spool_fault: str | None = None
    lost: int = 0


class LogWriter:
    """Takes changes, and tells of each when it is safe."""

    def __init__(
        self,
        engine: Engine,
        spool: Spool | None = None,
        patience: float = PATIENCE,
        ready: Callable[[], None] | None = None,
    ) -> None:
        """Start the two threads. `ready` raises while the database is not to be written to, though it answers."""
        self._engine, self._spool, self._patience, self._ready = engine, spool, patience, ready
        self._lock = threading.RLock()
        self._news = threading.Condition(self._lock)  # for the thread that writes to the database
        self._alarm = threading.Condition(self._lock)  # for the one that keeps watch
        self._is_at_rest = False
        self._waiting: deque[_Waiting] = deque()
        self._in_hand: list[_Waiting] = []
        self._is_keeping = False
        self._memory: deque[Change] = deque()
        self._outage: _Outage | None = None
        self._in_touch_since: datetime | None = None
        self._closed = False
        self._threads = [
            threading.Thread(target=work, name=name, daemon=True)
            for work, name in ((self._watch, "log-watch"), (self._write, "question-log"))
        ]
        for thread in self._threads:
            thread.start()

    @property
    def status(self) -> LogStatus:
        """How the log stands now."""
        with self._lock:
            outage, on_disk, in_memory = self._outage, self._on_disk, len(self._memory)
            return LogStatus(
                is_away=outage is not None,
                since=outage.since if outage else None,
                fault=outage.fault if outage else None,
                waiting=len(self._waiting) + len(self._in_hand) + on_disk + in_memory,
                on_disk=on_disk,
                in_memory=in_memory,
                spool_fault=outage.spool_fault if outage else None,
                in_touch_since=self._in_touch_since,
            )

    @property
    def is_away(self) -> bool:
        """Is the database slow or away?"""
        return self._outage is not None

    @property
    def _on_disk(self) -> int:
        return self._spool.waiting if self._spool else 0

    def put(self, change: Change, *, at_once: bool = True, comes_again: bool = False) -> Future[bool]:
        """Write a change. The result comes when it is safe: did it change anything, as far as can be told?

        What is not to be written `at_once` waits for `rouse`, and is committed with what came meanwhile. What
        `comes_again` is not kept for a database that is away: the result is a ComesAgainError then.
        """
        future: Future[bool] = Future()
        future.set_running_or_notify_cancel()  # whoever stops waiting does not take the change out
        with self._lock:
            if self._closed:
                raise LogClosedError("the question log is closed")
            self._waiting.append(_Waiting(change, future, time.monotonic(), comes_again))
        if at_once:
            self.rouse()
        return future

    def rouse(self) -> None:
        """Have what waits written."""
        with self._lock:
            if not self._outage:
                self._news.notify()
            if self._outage or self._is_at_rest:
                self._alarm.notify()

    def lose_touch(self, fault: str) -> None:
        """The database does not answer: from now on keep what comes, until it does."""
        with self._lock:
            if self._outage:
                return
            self._outage, self._in_touch_since = _Outage(fault), None
            self._alarm.notify()
            self._news.notify()
        structlog.get_logger().warning(
            "the database does not answer in time; questions are answered, and kept on this machine until it does; "
            "repeats are known in this process alone",
            fault=fault,
        )

    def close(self) -> None:
        """Write what still waits, to the database or where it is away to the disk, then stop."""
        with self._lock:
            self._closed = True
            self._news.notify()
            self._alarm.notify()
        watch, write = self._threads
        watch.join(CLOSE_WITHIN)
        write.join(self._patience if self._outage else CLOSE_WITHIN)
        if self._spool:
            self._spool.close()
        if self._memory:
            structlog.get_logger().error(
                "the database is away and the disk took nothing: questions are lost", changes=len(self._memory)
            )
            self._memory.clear()

    # The thread that writes to the database

    def _write(self) -> None:
        self._look_for_orphans()
        with self._lock:
            if not self._outage:
                self._in_touch_since = datetime.now(UTC)
        looked_at = time.monotonic()
        while True:
            with self._lock:
                if not (self._waiting or self._outage or self._closed):
                    self._news.wait(max(0.0, looked_at + LOOK_FOR_ORPHANS_EVERY - time.monotonic()))
                outage, is_due = self._outage, time.monotonic() >= looked_at + LOOK_FOR_ORPHANS_EVERY
                if self._closed and (outage or not self._waiting):
                    self._alarm.notify()
                    return
                if not (outage or is_due):
                    self._in_hand = [self._waiting.popleft() for _ in range(min(LARGEST_GROUP, len(self._waiting)))]
                group = list(self._in_hand)
            if outage:
                self._come_back(outage)
            elif is_due:  # however much there is to write
                self._look_for_orphans()
                looked_at = time.monotonic()
            elif group:
                self._commit(group)

    def _commit(self, group: Sequence[_Waiting]) -> None:
        try:
            done = commit_changes(self._engine, [one.change for one in group])
        except Exception as error:  # noqa: BLE001  # the one thread that writes outlives whatever a row does to the driver
            if is_away(error):
                self.lose_touch(type(error).__name__)  # what is in hand is kept by the other thread
                return
            if len(group) > 1:
                for one in group:  # one row may be at fault: the others are written without it
                    self._commit([one])
                return
            self._refuse(group[0], error)
        else:
            self._settle(group, done)
        with self._lock:
            self._in_hand = [one for one in self._in_hand if not one.future.done()]
            if self._closed:
                self._alarm.notify()

    def _refuse(self, one: _Waiting, error: Exception) -> None:
        fault = type(error).__name__
        _tell_of_refusal(fault)
        with self._lock:
            if not one.future.done():
                one.future.set_exception(LogWriteError(f"the question log could not be written ({fault})"))

    def _settle(self, group: Sequence[_Waiting], done: Sequence[bool]) -> None:
        with self._lock:
            for one, is_done in zip(group, done, strict=True):
                if not one.future.done():
                    one.future.set_result(is_done)

    def _come_back(self, outage: _Outage) -> None:
        """Write what was kept, oldest first; when nothing is left of it, the outage is over."""
        is_heard = False
        try:
            if self._ready:
                self._ready()
            with self._engine.connect() as connection:
                connection.execute(text("SELECT 1"))
            for changes, drop in self._kept():
                self._write_kept(changes)
                drop()
            self._take_over()
            is_heard = True
        except SpoolDamagedError as error:
            _tell_of_damage(error)
        except SpoolError as error:
            self._tell_of_spool(outage, error)
        except Exception as error:  # noqa: BLE001  # whatever it is, the next look comes
            outage.fault = type(error).__name__
        with self._lock:
            nothing_left = not (self._memory or self._in_hand or self._is_keeping or self._on_disk)
            if is_heard and nothing_left:
                self._outage, self._in_touch_since = None, datetime.now(UTC)
                _tell_of_return(outage)
            elif not self._closed and not is_heard:
                self._news.wait(RETRY_EVERY)

    def _kept(self) -> Iterator[tuple[list[Change], Callable[[], None]]]:
        """What was kept, in groups, oldest first, each with what takes it out of where it was kept."""
        if self._spool:
            yield from _lines_of(self._spool)
        while group := list(islice(self._memory, LARGEST_GROUP)):
            yield group, partial(self._forget_first, len(group))

    def _forget_first(self, count: int) -> None:
        with self._lock:
            for _ in range(count):
                self._memory.popleft()

    def _write_kept(self, changes: Sequence[Change]) -> None:
        """Write what was kept. A question that no database takes is told of and let go."""
        try:
            commit_changes(self._engine, changes)
        except Exception as error:
            if is_away(error):
                raise
            if len(changes) > 1:
                for one in changes:
                    self._write_kept([one])
                return
            structlog.get_logger().error(
                "the question log could not be written", fault=type(error).__name__, questions=1
            )

    def _look_for_orphans(self) -> None:
        """Take over what stopped processes kept; where the database does not let it, it is away."""
        try:
            self._take_over()
        except Exception as error:  # noqa: BLE001  # it stays where it is; the next look comes
            self.lose_touch(type(error).__name__)

    def _take_over(self) -> None:
        """Write what processes kept that were stopped while the database was away. Raises what the database says."""
        try:
            for orphan in self._spool.orphans() if self._spool else ():
                self._take_over_from(orphan)
        except SpoolError as error:
            structlog.get_logger().error("what stopped processes had kept cannot be looked for", fault=str(error))

    def _take_over_from(self, orphan: Spool) -> None:
        questions = 0
        try:
            for changes, drop in _lines_of(orphan):
                self._write_kept(changes)
                drop()
                questions += sum(one.is_new for one in changes)
        except SpoolDamagedError as error:
            _tell_of_damage(error)
        except SpoolError as error:
            structlog.get_logger().error("what a stopped process had kept cannot be read", fault=str(error))
        finally:
            orphan.close()
        if questions:
            structlog.get_logger().warning(
                "questions that a stopped process had kept are in the log now", questions=questions
            )

    # The thread that keeps watch

    def _watch(self) -> None:
        while True:
            try:
                with self._lock:
                    group = self._out_of_patience()
                    if group is None:
                        return
                    outage, self._is_keeping = self._outage, bool(group)
                if outage and group:
                    self._keep(outage, group)
            except Exception as error:  # noqa: BLE001  # whatever it is: without the watch, questions would wait for ever
                with suppress(Exception):
                    structlog.get_logger().error(
                        "the watch over the log failed, and goes on", fault=type(error).__name__
                    )
            finally:
                with self._lock:
                    self._is_keeping = False

    def _out_of_patience(self) -> list[_Waiting] | None:
        """What is to be kept now, after a wait; None at the end."""
        pending = [one for one in (*self._in_hand, *self._waiting) if not one.future.done()]
        if not pending and self._closed:
            return None
        if not self._outage:
            left = pending[0].since + self._patience - time.monotonic() if pending else None
            if left is None or left > 0:
                self._rest(left, until_roused=not pending)
                return []
            self.lose_touch("no answer")
        elif not pending:
            self._rest(None, until_roused=True)
            return []
        self._in_hand, self._waiting = [], deque()
        return pending

    def _rest(self, most: float | None, *, until_roused: bool) -> None:
        """Wait; with something to wait for already, what comes meanwhile is no reason to look up."""
        self._is_at_rest = until_roused
        self._alarm.wait(most)
        self._is_at_rest = False

    def _keep(self, outage: _Outage, pending: Sequence[_Waiting]) -> None:
        group = [one for one in pending if not one.comes_again]
        with self._lock:
            for one in pending:
                if one.comes_again and not one.future.done():
                    one.future.set_exception(ComesAgainError())
        changes = [one.change for one in group]
        if self._memory or not self._is_on_disk(outage, changes):
            room = max(0, MOST_IN_MEMORY - len(self._memory))
            with self._lock:
                self._memory.extend(changes[:room])
            outage.lost += len(changes[room:])
        outage.questions += sum(one.is_new for one in changes)
        self._settle(group, [True] * len(group))

    def _is_on_disk(self, outage: _Outage, changes: Sequence[Change]) -> bool:
        if self._spool is None:
            self._tell_of_spool(outage, "no spool")
            return False
        lines = [one.line() for one in changes]
        try:
            try:
                self._spool.append(lines)
            except SpoolDamagedError as error:
                _tell_of_damage(error)
                self._spool.append(lines)  # to a new file
        except SpoolError as error:
            self._tell_of_spool(outage, error)
            return False
        return True

    def _tell_of_spool(self, outage: _Outage, fault: SpoolError | str) -> None:
        """Once an outage."""
        if outage.spool_fault is None:
            outage.spool_fault = str(fault)
            structlog.get_logger().error(
                "the database is away and the disk takes nothing: questions are kept in memory, and a kill loses them",
                fault=str(fault),
                folder=str(self._spool.folder) if self._spool else None,
            )


def is_away(error: BaseException) -> bool:
    """Is it the database that does not answer, or not as it must, and not one row that it refuses?"""
    if isinstance(error, DBAPIError):
        return not isinstance(error, IntegrityError | DataError)
    return isinstance(error, PoolTimeoutError | OSError)


def _lines_of(spool: Spool) -> Iterator[tuple[list[Change], Callable[[], None]]]:
    while lines := spool.first(LARGEST_GROUP):
        yield [one for _, line in lines if (one := _read(line))], partial(spool.drop, lines[-1][0])


def _read(line: str) -> Change | None:
    try:
        return read_change(line)
    except (ValueError, TypeError) as error:
        _tell_of_refusal(type(error).__name__)
        return None


def _tell_of_refusal(fault: str) -> None:
    structlog.get_logger().error("the question log could not be written", fault=fault, questions=1)


def _tell_of_damage(error: SpoolDamagedError) -> None:
    structlog.get_logger().error(
        "what was kept on the disk is damaged and was set aside: see what sqlite3's .recover finds in it, or delete it",
        fault=str(error),
        spool=error.name,
        changes=error.lines,
    )


def _tell_of_return(outage: _Outage) -> None:
    told = {"questions": outage.questions, "seconds": round(time.monotonic() - outage.begun, 1)}
    log = structlog.get_logger()
    if outage.lost:
        log.error("the database answers again; the disk took nothing and memory was full", lost=outage.lost, **told)
    else:
        log.warning("the database answers again; what was kept is in the log", **told)
