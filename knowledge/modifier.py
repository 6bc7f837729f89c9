"""A modifier: two characters behind a code that tell the payer something about the line."""

from typing import Annotated

from pydantic import Field, StringConstraints

from knowledge.statement import Record, Statement, Text

ModifierCode = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{2}$")]


class Modifier(Record):
    """What a modifier says, when it belongs on a line and when it does not. Each statement has its own sources."""

    modifier: ModifierCode
    title: Text
    meaning: Statement
    use_when: tuple[Statement, ...] = ()
    not_when: tuple[Statement, ...] = Field(min_length=1)
