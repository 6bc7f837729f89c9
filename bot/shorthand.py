"""Services and minutes that were typed in one piece, written apart: "te25mt15", "97110/25", "TE/MT 25/15"."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from knowledge.library import Library

# One of these stands, in lower case, in every text that has something to write apart.
_IN_ONE_PIECE = re.compile(
    r"[a-z][/:-]?\d|\d[a-z]|\d\s?/|\d-\d|[a-z]\s?/\s?[a-z]|\d(?: ?min\w*)?,? (?:and|&|\+) \d|\d[,+]\s?\d"
    r"|\d units?\b|units \d|[:=-] ?\d|\d (?!min)[a-z]+ \d|[\d'n]-[a-z\d]|\)-"
)
_DIGIT = re.compile(r"\d")
_CODE = r"(?:\d{5}|[A-Z]\d{4})(?![a-wyz\d])"
_NUMBER = r"(?:120|1[01]\d|[1-9]\d|[5-9])"
_MINUTES = rf"{_NUMBER}(?:\s?(?:min(?:ute)?s?|m|')(?![a-z]))?"
_LAST = rf"(?:{_MINUTES}|[1-4](?!\d))"  # in a list, few minutes may stand behind more
_AND = r"\s*(?:,\s*(?:and\b|&)?|\band\b|&|/|\+)\s*"
_NO_MINUTES_AFTER = r"(?![\w%]|[./:-]\d|\s*(?:reps?|sets?|x\b|lbs?|ft|feet|deg))"
_AFTER_MINUTES = re.compile(
    rf"(?:(?:^|[\s,;+&(]){_MINUTES}|/{_NUMBER}\s?(?:min(?:ute)?s?|m|'))[ ]+(?:(?:of|on)\s+)?$", re.IGNORECASE
)
_HAS_OTHER_MINUTES = re.compile(
    r"\d ?min\b.*(?:[,;&+\n]|\b(?:and|plus|then)\b)|(?:[,;&+\n]|\b(?:and|plus|then)\b).*\d ?min\b"
)
_CODE_AND_NUMBER = re.compile(rf"(?<![\w/-])(\d{{5}})([/-])({_NUMBER})(?!\d){_NO_MINUTES_AFTER}(?!\s?[/-])")
_MODIFIERS = ("51", "52", "59", "76", "77", "95", "96", "97")  # numbers that codes of therapy carry as modifiers
_RARE_MODIFIERS = ("22", "25")  # and that others do
LEAST_FOR_A_UNIT = 8  # minutes
_NEARBY = 60  # characters; further off stands nothing that a number belongs to
MOST_LISTED = 6  # services beside each other behind the first of a list
# "mfr21/te21/nmr10": words with minutes tied to them, in a row; and the other way round, where no unit is meant.
_NO_SERVICE = r"(?!(?:reps?|sets?|lbs?|kg|level|grade|weeks?|wk|phase|visits?|days?|bp|hr|age|pain|icd|mod)[:=-]?\d)"
_TIED = rf"{_NO_SERVICE}[a-z]{{2,12}}[:=-]?{_MINUTES}(?!\d)"
_TIED_BEFORE = (
    rf"{_NUMBER}(?!(?:m(?:in\w*)?|h(?:rs?)?|units?|u|lbs?|kg|ft|reps?|sets?|x|yo|cm|mm|deg|st|nd|rd|th|[mk]?hz|ma)\b)"
    r"[a-z]{2,12}"
)
_TIED_IN_A_ROW = re.compile(
    rf"(?<![\w/.$-])(?:{_TIED}(?:(?:\s*[/+,&;|-]\s*|\s){_TIED})+|{_TIED_BEFORE}(?:\s*[/+,&;|-]\s*{_TIED_BEFORE})+(?!\s[a-z]{{2,4}}\b))"
    r"(?![\w%]|[./:-]\d)",
    re.IGNORECASE,
)
_SIDE_BY_SLASHES = re.compile(
    rf"(?<![\w/.$-])[a-z][a-z ]{{1,24}}[\s:=-]{_MINUTES}(?:\s?[/+]\s?[a-z][a-z -]{{1,24}}[\s:=-]{_MINUTES})+"
    r"(?![\w%]|[./:-]\d)",
    re.IGNORECASE,
)
_TIE = re.compile(rf"([a-z][a-z -]*[a-z])[\s:=-]*({_NUMBER})|({_NUMBER})([a-z]+)", re.IGNORECASE)
_PACKS = "97010"  # hot and cold packs, whose minutes count for nothing


@dataclass(frozen=True)
class _Shapes:
    """The expressions made of the short names of services."""

    name: re.Pattern[str]
    before: re.Pattern[str]
    after: re.Pattern[str]
    item: re.Pattern[str]
    one_by_one: tuple[re.Pattern[str], ...]
    packs_first: re.Pattern[str]
    packs_last: re.Pattern[str]
    side_by_side: re.Pattern[str]
    names_first: re.Pattern[str]
    minutes_first: re.Pattern[str]
    asked_as_units: re.Pattern[str]
    pairs: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]


def written_apart(text: str, library: Library) -> str:
    """The text with a space or comma where a service and its minutes, or two services, ran together.

    What may as well be something else (a modifier, a second code, sets) stays as typed.
    """
    if not _DIGIT.search(text) or not _IN_ONE_PIECE.search(text.lower()):
        return text
    shapes = _shapes(tuple(library.words.services.items()))
    text = shapes.asked_as_units.sub(lambda found: _minutes_asked_as_units(found, library), text)
    for run, pair in shapes.pairs:
        text = run.sub(lambda found, pair=pair: _pair_by_pair(found, pair, shapes), text)  # type: ignore[misc]
    for shape in (_TIED_IN_A_ROW, _SIDE_BY_SLASHES):
        text = shape.sub(lambda found: _in_a_row(found, shapes), text)
    for shape in shapes.one_by_one:
        text = shape.sub(lambda found: _each_with_its_own(found, shapes), text)
    if "/" in text:
        text = shapes.packs_last.sub(r"\2 and \1", shapes.packs_first.sub(r"\1 and ", text))
        text = shapes.side_by_side.sub(r"\1, ", text)
    text = shapes.names_first.sub(lambda found: _names_and_minutes(found, shapes), text)
    text = shapes.minutes_first.sub(lambda found: _names_and_minutes(found, shapes), text)
    return _codes_with_minutes(text, library)


@cache
def _shapes(services: tuple[tuple[str, str], ...]) -> _Shapes:
    name = _any_of(one for one, _ in services)
    pack = _any_of(one for one, code in services if code == _PACKS)
    units = r"(?:\s?x\s?[1-9](?!\d)|\s?\([1-9]\)|\s[1-9]\s?(?:units?|u)\b)"
    item = rf"(?:[1-4]\s(?:units?\s(?:of\s)?)?)?(?:{name}(?![a-z])|{_CODE}){units}?"
    items = rf"(?<![\w/-])(?P<items>{item}(?:(?:{_AND}|\s+){item}){{1,{MOST_LISTED}}})"
    minutes = rf"(?<![\w.$/-])(?P<minutes>{_MINUTES}(?:{_AND}{_LAST}){{1,{MOST_LISTED}}})(?![\w%]|[./:-]\d|\s*units?)"
    between = (
        r"[\s:;,.(=-]*(?:\b(?:with|the|and|but|only|actual(?:ly)?|documented|charted|recorded|treatment|tx)\s+){0,3}"
        r"(?:\b(?:times?|min(?:ute)?s)\b[\s:]*)?"
        r"(?:(?:for|at|of|is|are|was|were|took|did|split(?: (?:between|across|among))?)\s+)?"
    )
    named = rf"(?P<name>{name}(?![a-z])|{_CODE})"
    pairs = (
        rf"{named}\s?(?P<sign>(?:[:=x-]|for\b)?)\s?\(?(?P<minutes>{_MINUTES})\)?(?!\d)",
        rf"(?P<minutes>{_MINUTES})(?P<sign>\s?(?:of|on)?)\s?{named}",
    )
    pieces = rf"{name}[/-]?{_MINUTES}(?!\d)"
    return _Shapes(
        name=re.compile(rf"(?<![a-z]){name}(?![a-z])", re.IGNORECASE),
        before=re.compile(
            rf"(?:(?:^|[\s,;+&(/]){_MINUTES}|\b{name}|{_CODE})[\s:=x@(-]*(?:(?:of|on|for)\s+)?$", re.IGNORECASE
        ),
        after=re.compile(rf"\s*(?:{name}(?![a-z])|{_CODE}|[:=x@(-]?\s*{_MINUTES}(?!\d))", re.IGNORECASE),
        item=re.compile(rf"({name}(?![a-z])|{_CODE})", re.IGNORECASE),
        one_by_one=(
            re.compile(rf"{items}{between}{minutes}", re.IGNORECASE),
            re.compile(rf"{minutes}{between}{items}", re.IGNORECASE),
        ),
        packs_first=re.compile(rf"\b({pack})\s?(?:/|w/)\s?(?=[a-z])", re.IGNORECASE),
        packs_last=re.compile(rf"(?<![\w/])([a-z][a-z-]*(?: stim)?)\s?/\s?({pack})\b", re.IGNORECASE),
        side_by_side=re.compile(
            rf"((?:{name}|{_CODE})[\s:=x@/-]{{0,3}}{_MINUTES})\s?/\s?(?=(?:{name}(?![a-z])|{_CODE}))", re.IGNORECASE
        ),
        names_first=re.compile(rf"(?<![\w/-])(?:{pieces})+{_NO_MINUTES_AFTER}", re.IGNORECASE),
        minutes_first=re.compile(rf"(?<![\w./$-])(?:{_MINUTES}{name})+(?![\w-])", re.IGNORECASE),
        pairs=tuple(
            (
                re.compile(
                    rf"(?<![\w/.$-]){one}(?:\s*(?:[/+,&;|-]|and\b|then\b|plus\b|w/)?\s*{one})"
                    rf"{{1,{MOST_LISTED}}}{_NO_MINUTES_AFTER}",
                    re.IGNORECASE,
                ),
                re.compile(pair, re.IGNORECASE),
            )
            for pair, one in ((pair, re.sub(r"\?P<\w+>", "?:", pair)) for pair in pairs)
        ),
        asked_as_units=re.compile(
            rf"^(?P<before>\W*(?:(?:how many units|is|are|for|of|medicare)\s+)*)(?P<name>{name}|{_CODE})[\s:-]+"
            rf"(?P<minutes>{_NUMBER})\s?(?=units?\W*(?:(?:how many|for|medicare)\W*)*$)"
            rf"|^(?P<first>\W*how many units[\s:,-]+)(?P<count>{_NUMBER})\s+(?P<what>{name}|{_CODE})(?=\W*$)",
            re.IGNORECASE,
        ),
    )


def _any_of(names: Iterable[str]) -> str:
    return rf"(?:{'|'.join(re.escape(one) for one in sorted(names, key=len, reverse=True))})"


def _minutes_asked_as_units(found: re.Match[str], library: Library) -> str:
    """ "NMR 44 units?": of a timed service nobody has so many units; the number is its minutes."""
    name, minutes = found["name"] or found["what"], found["minutes"] or found["count"]
    entry = library.entries.get(library.words.services.get(name.lower(), name.upper()))
    is_meant = entry is not None and entry.timing.value.startswith("timed_15") and int(minutes) >= LEAST_FOR_A_UNIT
    return f"{found['before'] or found['first'] or ''}{name} {minutes} min, " if is_meant else found[0]


def _pair_by_pair(found: re.Match[str], pair: re.Pattern[str], shapes: _Shapes) -> str:
    """ "TE: 20-97140: 15" as a list. As typed, where a number may be a modifier or belong to what stands around."""
    pairs = list(pair.finditer(found[0]))
    behind_codes = [
        one["minutes"]
        for one in pairs
        if one["name"][-1].isdigit() and one["sign"] in ("", "-") and pair is shapes.pairs[0][1]
    ]
    are_rare = len(behind_codes) == len(pairs) and all(one in _RARE_MODIFIERS for one in behind_codes)
    may_be_modifiers = are_rare or any(one in _MODIFIERS for one in behind_codes)
    if may_be_modifiers or _goes_on(found, shapes):
        return found[0]
    return _listed([one["name"] for one in pairs], [re.sub(r"\D", "", one["minutes"]) for one in pairs])


def _goes_on(found: re.Match[str], shapes: _Shapes) -> bool:
    """Is what was found a piece of a longer list, so that a number may belong to what stands around?"""
    before = found.string[max(0, found.start() - _NEARBY) : found.start()]
    return bool(shapes.before.search(before) or shapes.after.match(found.string[found.end() :]))


def _in_a_row(found: re.Match[str], shapes: _Shapes) -> str:
    """ "mfr21/te21/nmr10" as a list, where one of the words is a service's short name: the others have minutes too."""
    pairs = [(one[0] or one[3], one[1] or one[2]) for one in _TIE.findall(found[0])]
    return _listed(*zip(*pairs, strict=True)) if any(shapes.name.search(one) for one, _ in pairs) else found[0]


def _each_with_its_own(found: re.Match[str], shapes: _Shapes) -> str:
    """ "TE and MT, 25 and 15 min": as many services as minutes, each with its own. As typed, where there are fewer."""
    if _goes_on(found, shapes):
        return found[0]
    items = shapes.item.findall(found["items"])
    minutes = re.findall(r"\d+", found["minutes"])
    return _listed(items, minutes) if len(items) == len(minutes) else found[0]


def _names_and_minutes(found: re.Match[str], shapes: _Shapes) -> str:
    """ "te25mt15" as names with minutes; a name behind minutes of its own stands beside the next ("25 TE/15 MT")."""
    names, minutes = shapes.name.findall(re.sub(r"\d", " ", found[0])), re.findall(r"\d+", found[0])
    if "/" in found[0] and _AFTER_MINUTES.search(found.string[: found.start()]) and found[0][0].isalpha():
        return found[0].replace("/", ", ", 1)
    return _listed(names, minutes)


def _listed(names: Iterable[str], minutes: Iterable[str]) -> str:
    return ", ".join(f"{name} {count} min" for name, count in zip(names, minutes, strict=True)) + ", "


def _codes_with_minutes(text: str, library: Library) -> str:
    """ "97110/25": minutes behind a timed code, where they are no modifier and no short way to type a second code."""
    pairs = _CODE_AND_NUMBER.findall(text)
    is_list = len(pairs) > 1 and not all(number in (*_MODIFIERS, *_RARE_MODIFIERS) for _, _, number in pairs)
    is_list = is_list and not all(_completes(code, number, library) for code, _, number in pairs)
    is_list = is_list or (len(pairs) == 1 and _HAS_OTHER_MINUTES.search(text) is not None)

    def apart(found: re.Match[str]) -> str:
        code, sign, number = found.groups()
        entry = library.entries.get(code)
        is_timed = entry is not None and entry.timing.value.startswith("timed_15")
        if _AFTER_MINUTES.search(found.string[: found.start()]):
            return f"{code}, {number}"
        is_minutes = sign == "/" or number not in _RARE_MODIFIERS
        is_plain = is_list or (is_minutes and not _completes(code, number, library))
        return f"{code} {number} min," if is_timed and is_plain and number not in _MODIFIERS else found[0]

    return _CODE_AND_NUMBER.sub(apart, text) if pairs else text


def _completes(code: str, number: str, library: Library) -> bool:
    """Are these the last digits of another code?"""
    return code[: -len(number)] + number in library.entries
