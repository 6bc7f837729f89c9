"""How a clinic's knowledge grows: a change is tried on the stored questions first, and published when confirmed."""

from collections.abc import Callable

from sqlalchemy import Engine
from sqlmodel import Session

from bot.clinic_tables import publish, read_own
from bot.clinics import Clinics, clinic_with
from bot.own_knowledge import OwnKnowledge
from bot.replay import Replayed, outcome_at, replay, stored_questions

OwnChange = Callable[[OwnKnowledge], OwnKnowledge]


class Teacher:
    """Changes what clinics add. Every call takes a while and is for a thread of its own."""

    def __init__(self, engine: Engine, clinics: Clinics) -> None:
        """Made anew whenever needed: all it has is shared."""
        self._engine = engine
        self._clinics = clinics

    def own(self, workspace: str) -> OwnKnowledge:
        """What a clinic added so far."""
        with Session(self._engine) as session:
            return read_own(session, workspace)

    def try_out(self, workspace: str, change: OwnChange) -> Replayed:
        """What a change would do to the stored questions of the workspace; nothing is published."""
        self._clinics.refresh()
        before = self._clinics.of(workspace)
        after = clinic_with(self._clinics.shipped.index, change(self.own(workspace)))
        with Session(self._engine) as session:
            asked = stored_questions(session, workspace)
        return replay(asked, outcome_at(before), outcome_at(after))

    def publish(self, workspace: str, change: OwnChange) -> OwnKnowledge:
        """Make a change. It is live here at once, and in other processes at their next look."""
        published = publish(self._engine, workspace, change)
        self._clinics.refresh()
        return published.own
