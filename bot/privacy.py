"""The gate: patient details leave the text before anything is stored, searched or logged."""

from dataclasses import dataclass

from bot.addresses import without_addresses
from bot.identifiers import Detail, identifiers_in, without_ages, without_dates
from bot.person_names import name_spans

MOST_PASSES = 4  # what a detail hid may show when it is gone; two passes are the rule

__all__ = ["Detail", "Scrubbed", "scrub"]

_OF_A_PERSON: frozenset[Detail] = frozenset(
    ("name", "ssn", "record number", "medicare number", "phone", "e-mail", "address")
)


@dataclass(frozen=True)
class Scrubbed:
    """A text that may be kept, and the kinds of detail that were taken out of it."""

    text: str
    removed: tuple[Detail, ...] = ()


def scrub(text: str) -> Scrubbed:
    """The text without what identifies a patient. Codes, modifiers, minutes, years and days of service stay.

    >>> scrub("pt DOB 4/12/1951, 97110 x2 in 2026?")
    Scrubbed(text='pt [date], 97110 x2 in 2026?', removed=('date',))
    >>> scrub("97110 for Maria Lopez's gait, McKenzie exercises on DOS 4/12/2026").text
    "97110 for [name]'s gait, McKenzie exercises on DOS 2026"
    """
    removed: list[Detail] = []
    for _ in range(MOST_PASSES):
        before = text
        text = _without_details(text, removed)
        if text == before:
            break
    return Scrubbed(text, tuple(dict.fromkeys(removed)))


def _without_details(text: str, removed: list[Detail]) -> str:
    """One pass: what has a firm shape goes before what has a loose one, and dates when it is known who is there."""
    days_before = removed.count("date")
    text = identifiers_in(text, removed)
    has_birth = removed.count("date") > days_before
    text = _without_names(without_ages(without_addresses(text, removed), removed), removed)
    is_of_a_person = not _OF_A_PERSON.isdisjoint(removed)
    return without_dates(text, removed, beside_a_person=is_of_a_person, beside_a_birth=has_birth)


def _without_names(text: str, removed: list[Detail]) -> str:
    for start, end in reversed(name_spans(text)):
        text = f"{text[:start]}[name]{text[end:]}"
        removed.append("name")
    return text
