"""A vocabulary as small as a test needs."""

from typing import Any

from knowledge.library import read_library
from knowledge.words import Words


def small_words(**given: Any) -> Words:
    """A vocabulary that has what is given, and is empty in all else."""
    shipped = read_library().words
    empty = {name: type(getattr(shipped, name))() for name in Words.model_fields}
    return shipped.model_copy(update=empty | given)
