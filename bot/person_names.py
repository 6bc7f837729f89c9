"""People's names in a question: told by a cue, by capitals and by lists, and never by a list alone."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.name_words import (
    ABBREVIATIONS,
    CLINIC_PAIRS,
    COMMON,
    DOTTED_IN_SMALL_LETTERS,
    DOTTED_SHORT_FORMS,
    FAMILY_WORDS,
    LINKS,
    LISTED,
    MEDICAL_NOUNS,
    MEETINGS,
    MONTHS,
    NEXT_WORDS,
    NO_DEEDS,
    NO_TRAIT,
    NOUNS_BEHIND_EPONYMS,
    NURSES,
    PARTICLES,
    PATIENT_WORDS,
    POSSESSED,
    PREPOSITIONS,
    SHORT_WORDS,
    SUFFIXES,
    TITLES,
    VERBS,
    Trait,
    trait_of,
)

PLACEHOLDER = r"\[[a-z][a-z -]{2,18}\]"  # what stands where a detail stood


_TOKEN = re.compile(
    rf"(?P<gap>{PLACEHOLDER})|(?P<initials>\b(?:[A-Za-z]\.\s?){{1,2}}[A-Za-z]\.(?!\w))"
    r"|(?P<word>[^\W\d_]+(?:['’‐‑-][^\W\d_]+)*)|(?P<number>\d[\w./’'-]*)|(?P<mark>[^\w\s]|_)"
)
_AGE = (
    r"(?:yo|y/o|y\.o\.?|yrs?(?:[\s-]old)?|years?[\s-]old|y|(?:mo|month|wk|week)s?[\s-]old|m/o|yom|yof|year|years)"
    r"(?![a-z])"
)
_AGE_AFTER = re.compile(
    rf"[\s,(:;-]{{0,4}}(?:is\s)?(?:age[d:]?\s{{0,2}}|an?\s)?(?:\d{{1,3}}\s?-?{_AGE}|\d{{1,2}}(?-i:[MF])\b|age[d:]?\s\d|\[age\])"
    r"|\s\((?:[mf],?\s?\d{1,2}|\d{1,2},?\s?[mf])\)",
    re.I,
)
_AGE_BEFORE = re.compile(
    rf"(?:\d{{1,3}}\s?-?{_AGE}|\d{{1,2}}(?-i:[MF])|\[age\])(?:\s(?:male|female|m|f|boy|girl|man|woman|lady|kid|pt|patient))?[\s,:(-]{{1,3}}$",
    re.I,
)
_RELATION_AFTER = re.compile(
    r",\s(?:the|his|her|their|my|a)\s(?:pt'?s?\s|patient'?s?\s)?"
    r"(?:daughter|son|wife|husband|mom|mother|dad|father|sister|brother|aunt|uncle|aide|caregiver|spouse)\b"
    r"|\s?\((?:pt|patient|client)\)",
    re.I,
)
_PARTED_SURNAME = re.compile(r"(?:O|D)['’][A-Z]|Ma?c[A-Z]")
_BARE_AGE_AFTER = re.compile(r"\s\(\d{1,2}\s?[mf]?\)|,\s\d{1,2}[mf]?,", re.I)
_OLDEST_LOOK = 28  # characters before a name in which its age stands
_FLAT_SHARE = 0.75  # from this share of capitals on, capitals say nothing
_FLAT_WORDS = 5
_MOST_PARTS = 4
_MOST_TITLED = 4


@dataclass(slots=True)
class _Token:
    start: int
    end: int
    kind: str
    text: str
    key: str
    owns: bool
    trait: int

    @property
    def is_clear(self) -> bool:
        return not self.trait & COMMON


def _tokens(text: str) -> Iterator[_Token]:
    for found in _TOKEN.finditer(text):
        kind, typed, end = str(found.lastgroup), found[0], found.end()
        key, owns = typed.lower(), False
        if kind == "word":
            if len(key) > 2 and key[-2:] in ("'s", "’s"):  # noqa: PLR2004
                key, owns, end, typed = key[:-2], True, end - 2, typed[:-2]
            yield _Token(found.start(), end, kind, typed, key, owns, trait_of(key))
        else:
            yield _Token(found.start(), end, kind, typed, key, owns, NO_TRAIT)


@dataclass(slots=True)
class _Name:
    """A run of tokens that may be a name. `roles`, a letter a part: F/f first, S/s last, U unknown, i initial.

    A small letter stands for a word that is also something else.
    """

    first: int
    end: int
    roles: str
    capital: bool


class _Text:
    """A question's tokens, and what may be told of them."""

    def __init__(self, text: str, tokens: list[_Token]) -> None:
        self.text = text
        self.tokens = tokens
        words = [one for one in tokens if one.kind == "word" and len(one.text) > 1]
        capitals = sum(one.text[0].isupper() for one in words)
        self.is_flat = (
            text.isupper() or text.islower() or (len(words) >= _FLAT_WORDS and capitals >= _FLAT_SHARE * len(words))
        )
        self.guarded = {
            at + step
            for at, (one, after) in enumerate(itertools.pairwise(tokens))
            if (one.key, after.key) in CLINIC_PAIRS
            for step in (0, 1)
        }

    def spans(self) -> list[tuple[int, int]]:
        """Where the names stand, the later ones of a name told once too."""
        taken: set[int] = set()
        at = 0
        while at < len(self.tokens):
            end = self._name_ends(at)
            start = at - 1 if end > at and at - 1 not in taken and self._is_surname_before(at) else at
            taken.update(range(start, end))
            at = max(end, at + 1)
        keys = {self.tokens[one].key for one in taken if self._is_telling(one)}
        taken.update(at for at, one in enumerate(self.tokens) if one.key in keys and self._is_telling(at))
        return _merged(self.text, [self.tokens[at] for at in sorted(taken)])

    def _is_surname_before(self, at: int) -> bool:
        """Does a surname and nothing else stand before a name ("chen wei")?"""
        if not at or not self._joined(at) or at - 1 in self.guarded:
            return False
        one = self.tokens[at - 1]
        return one.kind == "word" and bool(one.trait & Trait.LAST) and one.is_clear and len(one.key) > 3  # noqa: PLR2004

    def _is_telling(self, at: int) -> bool:
        """Is this word, elsewhere in the question too, the person and nothing else?"""
        one = self.tokens[at]
        return one.kind == "word" and len(one.key) > 2 and one.is_clear and at not in self.guarded  # noqa: PLR2004

    def _name_ends(self, at: int) -> int:
        """Behind the name that begins at a token; the same token where none does."""
        one = self.tokens[at]
        if one.kind == "initials" or (one.kind == "word" and one.text.isupper() and len(one.text) in (2, 3)):
            if self._is_initials(at):
                return at + 1
            if one.kind == "initials":
                return at
        if one.kind != "word" or at in self.guarded:
            return at
        if self._is_a_family(at):
            return at + 1
        title = self._title_before(at)
        if title:
            end = self._titled_end(at, title)
            if end > at:
                return end
        name = self._run(at)
        if name and self._is_turned_round(name):
            return name.end + 2
        return name.end if name and self._is_a_name(name) else at

    # -- cues

    def _key(self, at: int) -> str:
        return self.tokens[at].key if 0 <= at < len(self.tokens) else ""

    def _before(self, at: int, marks: str) -> int:
        """The token before, over at most two of these marks."""
        back = at - 1
        while back >= 0 and back > at - 3 and self.tokens[back].text in marks:
            back -= 1
        return back

    def _title_before(self, at: int) -> str:
        back = self._before(at, ".")
        key = self._key(back)
        if key not in TITLES or at - back > 2:  # noqa: PLR2004
            return ""
        typed = self.tokens[back].text
        if key == "ms" and at - back == 1 and (typed.isupper() or self.is_flat or typed.islower()):
            return "weak"  # multiple sclerosis
        return "weak" if key in ("dr", "miss") and (self.is_flat or typed.islower()) else "strong"

    def _titled_end(self, at: int, title: str) -> int:
        """Behind the name that stands after Mr., Mrs., Ms. or Dr.; the same place where none does."""
        end = at
        while end < len(self.tokens) and end < at + _MOST_TITLED:
            one = self.tokens[end]
            if end > at and not self._joined(end) and not (one.text == "." and self._is_lone_letter(end - 1, at)):
                break
            is_dot = one.text == "." and self._is_lone_letter(end - 1, at)
            fits = self._follows_a_title(end, title) if end == at else is_dot or self._goes_on_behind_a_title(end)
            if end in self.guarded or not (fits or (one.key in PARTICLES and self._starts_a_name(end + 1))):
                break
            end += 1
            if one.owns:
                break
        return end

    def _is_lone_letter(self, at: int, first: int) -> bool:
        return at >= first and len(self.tokens[at].key) == 1

    def _follows_a_title(self, at: int, title: str) -> bool:
        one = self.tokens[at]
        if one.kind != "word" or (one.key in SHORT_WORDS and len(one.key) > 1):
            return False
        if len(one.key) == 1:
            return self._is_capital(one) and (title == "strong" or self.text[one.end : one.end + 1] == ".")
        if title == "weak" and not self._is_capital(one):
            is_doing = one.owns or self._key(at + 1) in VERBS - PREPOSITIONS
            may_be_named = bool(one.trait & Trait.LAST) or (not one.trait and self._key(at - 1) in ("dr", "."))
            return bool(one.trait & LISTED and one.is_clear) or (may_be_named and is_doing)
        is_named = bool(one.trait & Trait.LAST) or (bool(one.trait & Trait.FIRST) and one.is_clear)
        is_unknown = not one.trait and (self._is_capital(one) or not one.key.endswith("ed"))  # "Dr reccomended"
        return is_named or is_unknown or (self._is_capital(one) and one.is_clear)

    def _goes_on_behind_a_title(self, at: int) -> bool:
        one = self.tokens[at]
        if one.kind != "word":
            return False
        if self._is_capital(one):
            return len(one.key) == 1 or not one.trait or bool(one.trait & LISTED)
        return bool(one.trait & LISTED and one.is_clear) or self._may_follow(at)

    def _starts_a_name(self, at: int) -> bool:
        if not 0 < at < len(self.tokens) or not self._joined(at):
            return False
        one = self.tokens[at]
        return one.kind == "word" and (
            one.key in PARTICLES or bool(one.trait & LISTED) or (self._is_capital(one) and not one.trait)
        )

    def _cue_before(self, at: int) -> str:
        """named, patient, link or nothing."""
        back = self._before(at, ".:,(-–=#\"“'’/")
        key = self._key(back)
        marks = at - 1 - back
        if key == "named" or (key in ("is", "was") and self._key(back - 1) == "name"):
            return "named"
        if key in PATIENT_WORDS or (key in ("is", "was") and self._key(back - 1) == "who"):
            return "patient"
        is_with = key == "w" and self.text[self.tokens[back].end : self.tokens[at].start].strip() == "/"
        return "link" if key in LINKS and (not marks or key == "re" or is_with) else ""

    def _cue_after(self, name: _Name) -> str:
        """age, owns, verb, edge or nothing."""
        last = self.tokens[name.end - 1]
        if _AGE_AFTER.match(self.text, last.end):
            return "age"
        start = self.tokens[name.first].start
        if _AGE_BEFORE.search(self.text[max(0, start - _OLDEST_LOOK) : start]):
            return "age"
        if _RELATION_AFTER.match(self.text, last.end):
            return "age"
        if last.owns or self.text[last.end : last.end + 1] in ("'", "’"):
            return "owns"
        if self._key(name.end) in VERBS or _BARE_AGE_AFTER.match(self.text, last.end):
            return "verb"
        after = self.tokens[name.end] if name.end < len(self.tokens) else None
        before = self.tokens[name.first - 1] if name.first else None
        is_edge = any(one is None or one.kind != "word" for one in (before, after))
        return "edge" if is_edge else ""

    # -- runs

    def _joined(self, at: int) -> bool:
        """Does only white space part this token from the one before, and no possessive?"""
        one, before = self.tokens[at], self.tokens[at - 1]
        return not before.owns and self.text[before.end : one.start].isspace()

    def _is_capital(self, one: _Token) -> bool:
        typed = one.text
        return not self.is_flat and typed[0].isupper() and not (len(typed) > 1 and typed.isupper())

    def _role(self, at: int, so_far: str) -> str:
        one = self.tokens[at]
        if one.kind != "word" or at in self.guarded or self._is_another_word(at, so_far):
            return ""
        trait, capital = one.trait, self._is_capital(one)
        if len(one.key) == 1:
            return self._initial_role(at, so_far)
        if trait & LISTED and one.is_clear:
            return "F" if trait & Trait.FIRST and not (so_far and trait & Trait.LAST) else "S"
        if trait & LISTED and (capital or (self._wants_a_surname(at, so_far) and self._may_follow(at))):
            return "f" if trait & Trait.FIRST and not so_far else "s"
        if trait & Trait.FIRST and not so_far and self._leads_a_surname(at):
            return "f"
        if not trait and capital and len(one.key) > 2 and not one.text.isupper():  # noqa: PLR2004
            return "U"
        if not trait and so_far and set(so_far) <= {"F", "i"} and one.key.endswith("s"):
            return "S" if trait_of(one.key[:-1]) & Trait.LAST else ""
        return ""

    def _is_another_word(self, at: int, so_far: str) -> bool:
        """Is it a month with its day, or a common word in small letters behind a name in capitals ("Holly hill")?"""
        one = self.tokens[at]
        if one.key in MONTHS and at + 1 < len(self.tokens) and self.tokens[at + 1].kind == "number":
            return True
        return bool(so_far) and self._is_capital(self.tokens[at - 1]) and one.text.islower() and not one.is_clear

    def _leads_a_surname(self, at: int) -> bool:
        """Does a surname and nothing else stand behind a first name that is a common word too ("mark arnold")?"""
        if at + 1 >= len(self.tokens) or not self._joined(at + 1):
            return False
        after = self.tokens[at + 1]
        return bool(after.trait & Trait.LAST) and after.is_clear and len(after.key) > 3  # noqa: PLR2004

    def _leads_a_clear_surname(self, at: int) -> bool:
        after = self.tokens[at + 1] if at + 1 < len(self.tokens) else None
        return after is not None and bool(after.trait & Trait.LAST) and after.is_clear

    def _wants_a_surname(self, at: int, so_far: str) -> bool:
        """Is what went before one or two first names?"""
        return so_far in ("F", "Fi", "FF") or (so_far == "FS" and bool(self.tokens[at - 1].trait & Trait.FIRST))

    def _may_follow(self, at: int) -> bool:
        """May a common word in lower case be the surname behind a first name?"""
        one = self.tokens[at]
        is_noun = self._key(at + 1) in MEDICAL_NOUNS and bool(one.trait & Trait.CLINIC)
        ends = (
            one.owns or at + 1 >= len(self.tokens) or self.tokens[at + 1].kind != "word" or self._key(at + 1) in VERBS
        )
        is_next_word = one.key in VERBS or one.key in LINKS or one.key in MEDICAL_NOUNS
        return bool(one.trait & Trait.LAST) and (ends or one.key not in NEXT_WORDS) and not is_next_word and not is_noun

    def _initial_role(self, at: int, so_far: str) -> str:
        one = self.tokens[at]
        is_dotted = self.text[one.end : one.end + 1] == "."
        if not so_far:
            is_led = (
                self._cue_before(at) in ("patient", "named")
                and one.key not in "aiwx"
                and self._leads_a_clear_surname(at)
            )
            return "i" if (is_dotted and one.text.isupper()) or is_led else ""
        after = self._key(at + 1)
        ends = is_dotted or one.owns or after == "," or bool(_AGE_AFTER.match(self.text, one.end)) or after in VERBS
        leads = self._leads_a_clear_surname(at)
        ends = is_dotted if "F" not in so_far and "S" not in so_far else ends
        is_small = so_far == "F" and after in VERBS and one.key not in "aiyox"
        return "i" if (ends or leads) and (one.text.isupper() or self.is_flat or is_small) else ""

    def _run(self, at: int) -> _Name | None:
        """The longest run of parts of a name from here."""
        roles, end, here = "", at, at
        while here < len(self.tokens) and len(roles) < _MOST_PARTS:
            one = self.tokens[here]
            if roles and not self._joined(here):
                break
            role = self._role(here, roles)
            if not role and roles and one.key in PARTICLES and self._starts_a_name(here + 1):
                here += 1
                continue
            if not role:
                break
            roles += role
            here += 1
            if role == "i" and here < len(self.tokens) and self.tokens[here].text == "." and not one.owns:
                here += 1
            end = here
        if not roles or roles.strip("i") == "":
            return None
        if end < len(self.tokens) and self._key(end) in SUFFIXES and self._joined(end):
            end += 1
        return _Name(at, end, roles, self._is_capital(self.tokens[at]))

    # -- decisions

    def _is_a_name(self, name: _Name) -> bool:
        roles, parts = name.roles, name.roles.replace("i", "")
        after = self._cue_after(name)
        noun = self._key(name.end) in (MEDICAL_NOUNS if after == "owns" else NOUNS_BEHIND_EPONYMS)
        is_sure_pair = len(parts) > 1 and parts[0] in "Ff" and any(role in "FS" for role in parts)
        is_a_patient = parts == "F" and self._cue_before(name.first) in ("patient", "named")
        if noun and not (is_sure_pair or is_a_patient):
            return False
        if name.capital:
            return self._is_a_written_name(name, roles, after)
        return self._is_a_typed_name(name, roles, after)

    def _is_a_written_name(self, name: _Name, roles: str, after: str) -> bool:
        """A name with its capitals."""
        before = self._cue_before(name.first)
        parts = roles.replace("i", "")
        if len(roles) > 1 and (parts[0] in "F" or (parts[0] == "f" and any(one in "FS" for one in parts[1:]))):
            return len(parts) > 1 or "." in self.text[self.tokens[name.first].end :][:4] or bool(before or after)
        if roles[0] == "i":
            return any(one in "SFU" for one in parts) and (parts[0] in "SF" or bool(before))
        if len(parts) > 1:
            does = after == "verb" and parts[0] != "s" and self._key(name.end) not in NO_DEEDS
            told = bool(before) or does or after in ("age", "owns")
            return told and (any(one in "FSU" for one in parts) or self._is_first_and_last(name))
        return self._is_a_single_name(name, parts, before, after)

    def _ends_an_eponym(self, name: _Name) -> bool:
        """Does a word stand before it that only the clinic uses ("Jebsen Taylor")?"""
        before = self.tokens[name.first - 1] if name.first and self._joined(name.first) else None
        return before is not None and self._is_capital(before) and before.trait == Trait.CLINIC and len(before.key) > 3  # noqa: PLR2004

    def _is_first_and_last(self, name: _Name) -> bool:
        """Are two words that mean something else too a first name and a surname ("Chase Hardy")?"""
        one, after = self.tokens[name.first], self.tokens[name.first + 1]
        is_eponym = bool(one.trait & Trait.CLINIC and after.trait & Trait.CLINIC)
        return name.roles == "fs" and not is_eponym and bool(one.trait & Trait.FIRST) and bool(after.trait & Trait.LAST)

    def _is_a_single_name(self, name: _Name, part: str, before: str, after: str) -> bool:
        if self._ends_an_eponym(name) and after != "age":
            return False
        does = after in ("age", "owns") or (after == "verb" and self._key(name.end) not in NO_DEEDS)
        if after == "owns" and self._key(name.end) in PATIENT_WORDS:
            return part in "FfSU"
        if before == "named" and part in "FSU":
            return True
        if part == "F":
            is_headed = name.first == 0 and self._key(name.end) == ":"  # "Darnell: 20 min"
            return bool(before) or is_headed or after in ("age", "owns", "verb")
        if part in "SU":
            is_told = before in ("patient", "named") or self._key(name.first - 1) in MEETINGS - {"for", "with"} | NURSES
            is_owner = after == "owns" and self._key(name.end) in POSSESSED
            is_parted = _PARTED_SURNAME.match(self.tokens[name.first].text) is not None
            is_known = part == "S" and (is_told or is_owner or (is_parted and bool(before)))
            return after == "age" or is_known or (does and bool(before))
        is_alone = before in ("patient", "named") or not name.first or self.tokens[name.first - 1].kind != "word"
        return is_alone and ((part == "f" and after == "age") or (does and before in ("patient", "named")))

    def _is_a_typed_name(self, name: _Name, roles: str, after: str) -> bool:
        """A name in lower case, or where capitals say nothing: only beside a cue."""
        before = self._cue_before(name.first)
        parts = roles.replace("i", "")
        if len(parts) > 1:
            return (parts[0] == "F" or parts[:2] in ("fS", "fF")) and bool(before or after)
        if parts == "F":
            if len(roles) > 1:
                return bool(before) or after in ("age", "owns", "verb")
            told = before in ("patient", "named") or after in ("age", "owns") or (after == "verb" and not name.first)
            is_met = self._key(self._before(name.first, "/")) in MEETINGS | {"w"} and before == "link"
            return told or is_met
        is_long = any(len(one.key) > 3 for one in self.tokens[name.first : name.end])  # noqa: PLR2004
        return parts == "S" and is_long and (before in ("patient", "named") or after == "age")

    def _is_turned_round(self, name: _Name) -> bool:
        """Is it a surname with a comma and a first name behind it ("Lopez, Maria")?"""
        at = name.end
        if self._key(at) != "," or name.roles not in ("S", "s", "U", "F") or at + 1 >= len(self.tokens):
            return False
        after, one = self.tokens[at + 1], self.tokens[name.first]
        if name.capital:
            is_first = (
                bool(after.trait & Trait.FIRST) and self._is_capital(after) and (after.is_clear or name.roles in "SF")
            )
            return is_first and (name.roles != "F" or bool(one.trait & Trait.LAST))
        end = at + 3 if len(self._key(at + 2)) == 1 else at + 2  # a middle initial
        is_alone = end >= len(self.tokens) or self.tokens[end].kind != "word" or self._key(end) in VERBS
        leads = not name.first or self.tokens[name.first - 1].kind != "word" or self._cue_before(name.first) != ""
        is_pair = bool(one.trait & Trait.LAST and after.trait & Trait.FIRST) and after.is_clear
        return is_pair and leads and is_alone and one.is_clear

    def _is_a_family(self, at: int) -> bool:
        """Is it "the Johnson kid", "the lopez family"?"""
        one = self.tokens[at]
        leads = at == 0 and self._is_capital(one) and one.is_clear
        if self._key(at + 1) not in FAMILY_WORDS or not (leads or self._key(at - 1) in ("the", "this")):
            return False
        return bool(one.trait & LISTED) and (self._is_capital(one) or not one.trait & Trait.ORDINARY)

    def _is_initials(self, at: int) -> bool:
        """Are these a person's initials: "J.S. 45yo", "JS, 45 yo", "pt J.S."?"""
        one = self.tokens[at]
        letters = re.sub(r"[.\s]", "", one.key)
        if one.kind == "initials" and letters in (
            DOTTED_SHORT_FORMS | DOTTED_IN_SMALL_LETTERS if one.text.islower() else DOTTED_SHORT_FORMS
        ):
            return False
        is_short_form = letters in ABBREVIATIONS or bool(trait_of(letters) & COMMON) or self.is_flat
        if one.kind == "word" and is_short_form:
            return False
        name = _Name(at, at + 1, "i", capital=True)
        after = self._cue_after(name)
        before = self._cue_before(at)
        if after == "age" or self._key(at - 1) == "initials":
            return True
        if one.kind == "word" and len(letters) == 2 and before in ("patient", "named"):  # noqa: PLR2004
            return after == "verb" and self._key(at + 1) not in NO_DEEDS
        return one.kind == "initials" and (
            before in ("patient", "named") or after == "owns" or bool(self._title_before(at))
        )


def _merged(text: str, tokens: Sequence[_Token]) -> list[tuple[int, int]]:
    """The places of tokens, those of one name as one place."""
    spans: list[tuple[int, int]] = []
    for one in tokens:
        if spans and re.fullmatch(r"[\s,.]{0,3}", text[spans[-1][1] : one.start]):
            spans[-1] = (spans[-1][0], one.end)
        else:
            spans.append((one.start, one.end))
    return spans


_WORD = re.compile(r"[A-Za-z]+(?:['-][A-Za-z]+)*")  # as a token, in plain letters
_DOTTED_LETTER = re.compile(r"(?<![A-Za-z])[A-Za-z]\.")


def _may_name(text: str) -> bool:
    """Is something in a text that no name can do without? Most questions have nothing of it, and are not read further.

    It is a listed name that is no ordinary word too, or that is written as a name; an unknown word that is written as
    one; initials; or a title.
    """
    if not text.isascii() or ("." in text and _DOTTED_LETTER.search(text)):
        return True
    for found in _WORD.findall(text):
        typed = found[:-2] if found.endswith(("'s", "'S")) else found
        key = typed.lower()
        if key in TITLES:
            return True
        if key == typed and key in SHORT_WORDS:
            continue  # all of them are ordinary
        trait = trait_of(key)
        if trait & LISTED and not trait & Trait.ORDINARY:
            return True
        if typed.isupper():
            if len(key) in (2, 3) and not trait & COMMON and key not in ABBREVIATIONS:
                return True
        elif typed[0].isupper() and (trait & LISTED or (not trait and len(key) > 2)):  # noqa: PLR2004
            return True
    return False


def name_spans(text: str) -> list[tuple[int, int]]:
    """Where people's names stand in a text, in order.

    >>> [text[a:b] for text in ["97110 for Maria Lopez's gait, McKenzie exercises"] for a, b in name_spans(text)]
    ['Maria Lopez']
    """
    return _Text(text, list(_tokens(text))).spans() if _may_name(text) else []
