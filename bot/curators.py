"""Who may teach: those named in the settings, and the admins of a workspace where Slack was asked about them."""

import time
from collections.abc import Iterable

REMEMBERED = 300.0  # seconds; who is made an admin may teach after at most so long, and who was one no longer


class Curators:
    """Knows who may teach, by opaque ids."""

    def __init__(self, named: Iterable[str] = ()) -> None:
        """Those who are named may teach in every workspace; an id is one person's alone."""
        self._named = frozenset(named)
        self._admins: dict[tuple[str, str], tuple[bool, float]] = {}

    def knows(self, workspace: str, person: str) -> bool | None:
        """May this person teach here? None where only Slack can tell."""
        if person in self._named:
            return True
        is_admin, until = self._admins.get((workspace, person), (None, 0.0))
        return is_admin if time.monotonic() < until else None

    def learn(self, workspace: str, person: str, *, is_admin: bool) -> None:
        """Remember for a while what Slack said."""
        self._admins[workspace, person] = (is_admin, time.monotonic() + REMEMBERED)
