"""How a clinic's knowledge grows: a change is tried on the stored questions first, and published when confirmed."""

from collections.abc import Callable

from sqlalchemy import Engine
from sqlmodel import Session

from bot.clinic_tables import publish, read_own
from bot.clinics import Clinic, Clinics, clinic_with
from bot.own_knowledge import OwnKnowledge
from bot.replay import Asked, Replayed, outcome_at, replay, stored_questions

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
        shipped, own = self._clinics.shipped.index, self.own(workspace)
        before, after = clinic_with(shipped, own), clinic_with(shipped, change(own))
        with Session(self._engine) as session:
            asked = stored_questions(session, workspace)
        return replay(asked, outcome_at(before), outcome_at(after), _may_change(before, after))

    def publish(self, workspace: str, change: OwnChange) -> OwnKnowledge:
        """Make a change. It is live here at once, and in other processes at their next look."""
        published = publish(self._engine, workspace, change)
        self._clinics.refresh()
        return published.own


def _may_change(before: Clinic, after: Clinic) -> Callable[[Asked], bool]:
    """Where only sayings differ, a question without any of their words is answered as before."""
    if (before.own.rules, before.own.topics) != (after.own.rules, after.own.topics):
        return lambda _: True
    stems = {
        stem
        for saying in {*before.own.sayings} ^ {*after.own.sayings}
        for stem in after.index.language.stems(saying.text)
    }
    languages = (before.index.language, after.index.language)  # misspelt words may be read otherwise

    def has_a_word(asked: Asked) -> bool:
        read = (one.read(asked.text) for one in languages)
        return any(token.stem in stems for said in read for token in said.tokens)

    return has_a_word
