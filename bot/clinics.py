"""The clinics that this process serves: each workspace's shelves, renewed within seconds of a change elsewhere."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from bot.clinic_tables import UnreadableClinicError, read_own, versions
from bot.own_knowledge import NOTHING_OWN, HouseRule, OwnKnowledge, as_topic
from knowledge.search import Index, Shelf

LOOK_EVERY = 2.0  # seconds; a change is live everywhere within five


@dataclass(frozen=True, eq=False)  # two are the same where they are one: answers are kept by it
class Clinic:
    """What answers a workspace's questions: the shipped shelves with what the clinic added laid over them."""

    index: Index
    own: OwnKnowledge = NOTHING_OWN
    version: int = 0

    @property
    def rules(self) -> tuple[HouseRule, ...]:
        """The clinic's house rules."""
        return self.own.rules


def clinic_with(index: Index, own: OwnKnowledge, version: int = 0) -> Clinic:
    """The shelves with what a clinic added laid over them. What names no shelf any more does nothing."""
    return Clinic(_layered(index, own), own, version)


def find_alike(before: Clinic, after: Clinic) -> bool:
    """Do two clinics' shelves find the same answers, house rules aside?"""
    return (before.own.sayings, before.own.topics) == (after.own.sayings, after.own.topics)


def _layered(index: Index, own: OwnKnowledge) -> Index:
    if own.topics:
        index = index.with_topics(as_topic(one) for one in own.topics)
    known = index.library.shelves
    extra: dict[tuple[Shelf, str], list[str]] = {}
    for one in own.sayings:
        if one.key in known[one.shelf]:
            extra.setdefault((one.shelf, one.key), []).append(one.text)
    return index.with_sayings(extra) if extra else index


class Clinics:
    """Every clinic's shelves as they stand in the database, looked at every few seconds by a thread of its own."""

    def __init__(self, engine: Engine, index: Index) -> None:
        """Read what the clinics added. `watch` begins the looking, `close` ends it. `index` is what ships."""
        self._engine = engine
        self.shipped = Clinic(index)
        self._clinics: Mapping[str, Clinic] = {}
        self._told: dict[str, int] = {}  # by workspace, the version that could not be taken up
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._watcher: threading.Thread | None = None
        self.refresh()

    def of(self, workspace: str) -> Clinic:
        """The clinic of a workspace; what ships where it added nothing."""
        return self._clinics.get(workspace, self.shipped)

    def refresh(self) -> None:
        """Take up what changed since the last look. The clinics are swapped whole: no question sees half a change.

        A clinic that cannot be read keeps what it had, until it can be; the others go on.
        """
        with self._lock:
            found = versions(self._engine)
            if found == {workspace: clinic.version for workspace, clinic in self._clinics.items()}:
                return
            renewed = {workspace: self._taken_up(workspace, version) for workspace, version in found.items()}
            self._clinics = {workspace: clinic for workspace, clinic in renewed.items() if clinic}

    def watch(self) -> None:
        """Look every two seconds from now on."""
        self._watcher = threading.Thread(target=self._look, name="clinics", daemon=True)
        self._watcher.start()

    def close(self) -> None:
        """Look no more."""
        self._stop.set()
        if self._watcher:
            self._watcher.join()

    def _taken_up(self, workspace: str, version: int) -> Clinic | None:
        """A clinic as it stands now, or if that fails as it stood; None where it did not stand."""
        try:
            renewed = self._renewed(workspace, version)
        except SQLAlchemyError:
            raise  # nothing of this clinic: the database is away
        except Exception as error:  # noqa: BLE001  # whatever is wrong with one clinic, the others have nothing of it
            if self._told.get(workspace) != version:
                reason = str(error) if isinstance(error, UnreadableClinicError) else type(error).__name__
                structlog.get_logger().error(
                    "what a clinic added cannot be taken up; it is answered as before",
                    workspace=workspace,
                    fault=reason,
                )
            self._told[workspace] = version
            return self._clinics.get(workspace)
        self._told.pop(workspace, None)
        return renewed

    def _renewed(self, workspace: str, version: int) -> Clinic:
        standing = self._clinics.get(workspace)
        if standing and standing.version == version:
            return standing
        with Session(self._engine) as session:
            own = read_own(session, workspace)
        renewed = clinic_with(self.shipped.index, own, version)
        for one in own.homeless(self.shipped.index.library):
            structlog.get_logger().warning(
                "a clinic's own saying or rule names what is no longer kept; teach it anew",
                workspace=workspace,
                names=getattr(one, "key", None) or one.code,
            )
        return renewed

    def _look(self) -> None:
        is_away = False
        while not self._stop.wait(LOOK_EVERY):
            try:
                self.refresh()
                is_away = False
            except Exception as error:  # noqa: BLE001  # the one thread that looks outlives a row that it cannot read
                if not is_away:  # told once: what stands goes on serving until the database is back
                    structlog.get_logger().error("the clinics could not be read", fault=type(error).__name__)
                is_away = True
