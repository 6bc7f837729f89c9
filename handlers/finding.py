"""What was found of one thing that was looked at, in one plain line."""

from dataclasses import dataclass

MARKS = {True: "ok", False: "NO", None: "--"}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: is it well, and what to say of it. None: nobody can tell from here."""

    what: str
    is_well: bool | None
    told: str

    @property
    def line(self) -> str:
        """As a person reads it."""
        return f"{MARKS[self.is_well]} {self.what}: {self.told}"
