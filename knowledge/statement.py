"""What every file of the shelves is made of: strict records and sourced statements."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

Text = Annotated[str, StringConstraints(min_length=2, max_length=400, strip_whitespace=True)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_]*$")]
Saying = Annotated[str, StringConstraints(min_length=2, max_length=80, pattern=r"[A-Za-z0-9]")]
Code = Annotated[str, StringConstraints(pattern=r"^(\d{4}[0-9TU]|[A-Z]\d{4})$")]
SourceKey = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]*$")]
Caution = Literal["recalled", "unverified", "disputed"]


class Record(BaseModel):
    """A frozen record read strictly: a wrong type or an unknown key is a fault of the file."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    def model_post_init(self, _: object) -> None:
        """Share the set of the keys that were given with all records that have the same: it is larger than the rest."""
        given = self.model_fields_set
        object.__setattr__(self, "__pydantic_fields_set__", _GIVEN.setdefault(frozenset(given), given))


_GIVEN: dict[frozenset[str], set[str]] = {}


class Statement(Record):
    """One fact in one sentence, with the keys of the sources that support it.

    No sources means that it is our own wording or judgement, and the reply marks it so.
    `caution` marks what was recalled and not opened, what nobody could verify, and where authorities disagree.
    """

    text: Text
    sources: tuple[SourceKey, ...] = ()
    caution: Caution | None = None


class Review(Record):
    """Who may rely on a file: a draft says so in its reply until somebody of the clinic has reviewed it."""

    status: Literal["draft", "reviewed"]
    on: date


class Source(Record):
    """Where facts come from: a short name for the reply, the place, and how old it is.

    `dated` is the date of the material ("2026-07", "effective 2024-07-01") or when it was read ("read 2026-11").
    """

    key: SourceKey
    title: Text
    where: Text
    dated: Text
    trust: Literal["high", "medium", "low"]
