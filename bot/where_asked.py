"""Where the asker of an earlier question can be told something more."""

from dataclasses import dataclass

from bot.question_row import QuestionRow


@dataclass(frozen=True)
class Place:
    """A channel and, in it, a thread. A direct message is opened by the person's id."""

    channel: str
    thread: str | None = None


def where_to_tell(row: QuestionRow) -> Place | None:
    """Where the question was asked; where its answer was seen by the asker alone, a direct message.

    None where nobody can be reached: in the terminal.
    """
    if row.door == "terminal":
        return None
    if row.door == "mention":
        return Place(row.place, row.thread or row.delivery.rpartition(":")[2])
    if row.door == "direct_message":
        return Place(row.place, row.thread)
    return Place(row.asker)


def is_reached(row: QuestionRow) -> bool:
    """Can the asker be told something more?"""
    return where_to_tell(row) is not None
