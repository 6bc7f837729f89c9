"""Where somebody lives: streets, doors, post boxes, towns with their state and ZIP code."""

import re

from bot.identifiers import DIGIT, Detail
from bot.name_words import COMMON, LISTED, trait_of, words_of

_A_YEAR = r"(?:(?:19|20)\d\d(?!\d))"
_IS = r"\W{0,3}(?:(?:is|was|of)\W{1,3})?"

# A street's own name, of words that neither count something nor bind a sentence: "30 min of ST" is no address.
_NO_STREET_WORD = (
    r"(?:a|an|the|this|that|and|or|of|for|to|in|into|on|at|by|with|w|from|per|as|than|then|vs|if|not|no|is|are|be|was"
    r"|can|do|did|codes?|coded|bill|billed|billing|billable|charged?|charges|right|best|only|same|each|every|more|most"
    r"|less|other|another|better|wrong|different|good|one|two|new|min|mins|minutes?|hours?|hrs?|seconds?|secs?|days?"
    r"|weeks?|wks?|months?|years?|yrs?|yo|units?|sessions?|visits?|times?|x|reps?|sets?|feet|foot|ft|meters?|m|yards?"
    r"|blocks?|miles?|steps?|stairs?|laps?|trips?|degrees?|lbs?|pounds?|kg|cm|sq|percent|patients?|pts?|people|kids?"
    r"|muscles?|joints?|areas?|regions?|body|needles?|evals?|evaluations?|therapy|therapists?|tx|treatments?|pt|ot"
    r"|st(?!\.)|slp|pta|cota|group|individual|medicare|total|timed|untimed|additional|extra|down|up|across|around)"
)
_STREET_WORD = rf"(?!{_NO_STREET_WORD}\b)(?:[a-z][\w'’-]*\.?|\d{{1,3}}(?:st|nd|rd|th))"
_STREET_NAME = rf"(?:[nsew]\.?\s+|(?:north|south|east|west)\s+)?(?:{_STREET_WORD}\s+){{1,3}}"
_CLEAR_STREET = r"(?:street|avenue|ave|boulevard|blvd|road|rd|lane|ln|highway|hwy|parkway|pkwy)"
_SHORT_STREET = r"(?:st|dr|ct|pl|ter|cir)"
_ANY_STREET = rf"(?:{_CLEAR_STREET}|{_SHORT_STREET}|drive|court|way|place|terrace|circle)"
_WRITTEN_STREET = r"(?-i:St|Dr|Drive|Ct|Court|Way|Pl|Place|Ter|Terrace|Cir|Circle|Street|Avenue|Ave|Road|Rd|Lane|Ln)"
_WRITTEN_NAME = (
    rf"(?-i:(?:[NSEW]\.?\s+)?(?:(?!(?i:{_NO_STREET_WORD})\b)(?:[A-Z][a-z][\w'’-]*\.?|\d{{1,3}}(?:st|nd|rd|th))\s+){{1,3}}"
    rf"{_WRITTEN_STREET})"
)
_DOOR_WORD = r"(?:apt|apartment|unit|suite|ste|#)"
_DOOR = rf"\b\.?(?:,?\s*{_DOOR_WORD}\.?\s*#?\w*\d\w*)?"
_STATE_LETTERS = (
    r"(?:al|ak|az|ar|ca|co|ct|de|dc|fl|ga|hi|id|il|in|ia|ks|ky|la|me|md|ma|mi|mn|ms|mo|mt|ne|nv|nh|nj|nm|ny|nc|nd|oh|ok|or|pa"
    r"|ri|sc|sd|tn|tx|ut|vt|va|wa|wv|wi|wy|pr|vi|gu|as|mp|aa|ae|ap|fm|mh|pw)"
)
_STATE_NAME = (
    r"(?:alabama|alaska|arizona|arkansas|california|colorado|connecticut|delaware|florida|georgia|hawaii|idaho|illinois"
    r"|indiana|iowa|kansas|kentucky|louisiana|maine|maryland|massachusetts|michigan|minnesota|mississippi|missouri|montana"
    r"|nebraska|nevada|new hampshire|new jersey|new mexico|new york|north carolina|north dakota|ohio|oklahoma|oregon"
    r"|pennsylvania|rhode island|south carolina|south dakota|tennessee|texas|utah|vermont|virginia|washington"
    r"|west virginia|wisconsin|wyoming)"
)
_ZIP = r"\d{5}(?:-\d{4})?(?![\w-])"
_TOWN = r"[a-z][a-z.'’-]{1,24}(?:\s[a-z][a-z.'’-]{1,24}){0,2}"
_WRITTEN_TOWN = r"(?-i:[A-Z][a-z.'’-]{1,24}(?:\s[A-Z][a-z.'’-]{1,24}){0,2})"
_LIVES = r"(?:liv(?:es|ing|ed) (?:at|on)|resid(?:es|ing) (?:at|on)|address|addr|home at|house at)"


def _compiled(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


# What an address looks like, and the signs of which one must stand in the text.
_STREETS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(expression, re.IGNORECASE), signs)
    for expression, signs in (
        (r"\bp\.?\s?o\.?\s?box\s+#?\d+", ("box",)),
        (r"\b(?:psc|cmr|unit)\s\d{2,5},?\sbox\s\d{2,6}(?:,?\s(?:apo|fpo|dpo)\s(?:aa|ae|ap)\s\d{5})?", ("box",)),
        (
            r"\b(?:(?:usns|uss|usnv|usnv|uscgc)\s\w+,?\s)?(?:apo|fpo|dpo),?\s(?:aa|ae|ap)\s\d{5}(?:-\d{4})?",
            ("apo", "fpo", "dpo"),
        ),
        (
            rf"\b{_LIVES}{_IS}\d{{1,6}}[a-z]?\s+(?:[\w'’.-]+\s+){{1,4}}?{_ANY_STREET}{_DOOR}",
            ("liv", "resid", "addr", "home at", "house at"),
        ),
        (
            rf"\b\d{{1,6}}[a-z]?\s+(?:{_STREET_WORD}\s+){{1,3}}(?:apt|apartment|suite|ste)\.?\s*#?\d\w*",
            ("apt", "apartment", "suite", "ste"),
        ),
        (
            rf"\b\d{{1,4}}[a-z]?\s+{_STREET_NAME}{_CLEAR_STREET}{_DOOR}",
            ("street", "ave", "boulevard", "blvd", "rd", "road", "ln", "lane", "highway", "hwy", "parkway", "pkwy"),
        ),
    )
)
_STREET_SIGNS = frozenset(sign for _, signs in _STREETS for sign in signs)
_SHORT_STREETS = tuple(  # what is short for a street is short for much else: its sign is a whole word
    (re.compile(expression, re.IGNORECASE), re.compile(rf"\s{end}\b", re.IGNORECASE))
    for expression, end in (
        (rf"\b(?!{_A_YEAR})\d{{1,4}}[a-z]?\s+{_STREET_NAME}{_SHORT_STREET}{_DOOR}", _SHORT_STREET),
        (rf"\b\d{{1,5}}[a-z]?\s+{_WRITTEN_NAME}{_DOOR}", _WRITTEN_STREET),
    )
)
_TOWNS = _compiled(
    rf"\[address\],?\s+(?:(?:in|of)\s)?{_TOWN},?\s+(?:{_STATE_LETTERS}|{_STATE_NAME})\.?,?\s+{_ZIP}",
    rf"\[address\],\s*{_TOWN},\s*(?:{_STATE_LETTERS}|{_STATE_NAME})\b",
    rf"\[address\],\s*{_WRITTEN_TOWN}\s(?-i:{_STATE_LETTERS.upper()})\b",
    rf"\[address\],?\s+(?:{_STATE_LETTERS}\s+|(?!9\d{{4}})){_ZIP}",
    rf"\b(?:lives?|living|resides?|residing)\s(?:on|at)\s{_WRITTEN_NAME}",
    rf"(?<=\bfrom\s){_WRITTEN_TOWN},?\s(?-i:[A-Z]{{2}})\s(?!9){_ZIP}",
    r"\b\d{5}(?=\szip\b)",
    r"\bzip(?:\s?code)?\W{0,3}(?:(?:is|of)\W)?\d{5}(?:-\d{4})?(?!\d)",
    rf"(?<![\w.-]){_WRITTEN_TOWN},\s(?-i:[A-Z]{{2}})\s{_ZIP}",
    rf"\b(?:lives?|living|resides?|residing|resident|moved|home|house)\s(?:in|from|of|to)\s{_WRITTEN_TOWN}"
    rf"(?:,?\s(?:{_STATE_LETTERS}|{_STATE_NAME})\b)?(?:\s{_ZIP})?",
    rf"\b(?:lives?|living|resides?|residing)\sin\s{_TOWN},\s?(?:{_STATE_LETTERS}|{_STATE_NAME})\b(?:\s{_ZIP})?",
    r"(?<![\w.$-])\d{5}-\d{4}(?![\w-])",
)
_WORDS_OF_ADDRESSES = ("apt", "suite", "ste", "street", "box", "po ", "p.o", "zip", "apo", "dpo", "fpo")
_HOUSE = re.compile(r"\b\d{1,6}[a-z]?\s+(?=[a-z])", re.IGNORECASE)
_HOUSE_AND_WORDS = re.compile(r"(?<![\w.$/-])(\d{1,6}[a-z]?)((?:\s+[a-z][a-z'’.-]{1,24}){2,4})", re.IGNORECASE)
_LETTERS = re.compile(r"[a-z]+")
_DOOR_OF_ADDRESS = re.compile(rf"\[address\],?\s*{_DOOR_WORD}\.?\s*#?\w*\d\w*", re.IGNORECASE)

# Words that end a street's name, by the list of the US Postal Service, in one and several.
_STREET_ENDS = words_of(
    "alley annex arcade avenue ave bayou beach bend bluff bluffs bottom boulevard blvd branch bridge brook brooks "
    "burg burgs bypass camp canyon cape causeway center centers circle circles cliff cliffs club common commons "
    "corner corners course court courts cove coves creek crescent crest crossing crossroad crossroads curve dale "
    "dam divide drive drives estate estates expressway extension extensions fall falls ferry field fields flat "
    "flats ford fords forest forge forges fork forks fort freeway garden gardens gateway glen glens green greens "
    "grove groves harbor harbors haven heights highway hill hills hollow inlet island islands isle junction "
    "junctions key keys knoll knolls lake lakes land landing lane light lights loaf lock locks lodge loop mall "
    "manor manors meadow meadows mews mill mills mission motorway mount mountain mountains neck orchard oval "
    "overpass park parks parkway parkways pass passage path pike pine pines place plain plains plaza point points "
    "port ports prairie radial ramp ranch rapid rapids rest ridge ridges river road roads route row rue run shoal "
    "shoals shore shores skyway spring springs spur spurs square squares station stravenue stream street streets "
    "summit terrace throughway trace track trafficway trail tunnel turnpike underpass union unions valley valleys "
    "via viaduct view views village villages ville vista walk walks wall way ways well wells"
)
_A_CODE = re.compile(r"9\d{4}")


def without_addresses(text: str, removed: list[Detail]) -> str:
    """The text without where somebody lives; `removed` gains an "address" for each."""
    if DIGIT.search(text):
        text = _without_streets(text, removed)
    if "[address]" in text or _ZIP_SIGN.search(text) or _tells_of_a_home(text):
        for shape in _TOWNS:
            text, count = shape.subn(_lived_in, text)
            removed.extend(["address"] * count)
    return text


def _without_streets(text: str, removed: list[Detail]) -> str:
    """The text without what has a house's number in it."""
    low = text.lower()
    if not _HOUSE.search(text) and not any(map(low.__contains__, _WORDS_OF_ADDRESSES)):
        return text
    if any(map(low.__contains__, _STREET_SIGNS)):
        for shape, signs in _STREETS:
            if any(map(low.__contains__, signs)):
                text, count = shape.subn("[address]", text)
                low = text.lower()
                removed.extend(["address"] * count)
    for shape, sign in _SHORT_STREETS:
        if sign.search(text):
            text, count = shape.subn("[address]", text)
            removed.extend(["address"] * count)
    if _may_end_a_street(text):
        text = _HOUSE_AND_WORDS.sub(lambda found: _without_a_named_street(found, removed), text)
    return _DOOR_OF_ADDRESS.sub("[address]", text) if "[address]" in text.lower() else text


def _may_end_a_street(text: str) -> bool:
    return not _STREET_ENDS.isdisjoint(_LETTERS.findall(text.lower()))


def _tells_of_a_home(text: str) -> bool:
    return any(map(text.__contains__, _HOME_SIGNS)) and _HOME_SIGN.search(text) is not None


_ZIP_SIGN = re.compile(r"\d{5}(?:-\d{4}|(?<=\s[A-Z]{2}\s\d{5}))")
_HOME_SIGNS = ("zip", "liv", "resid", "moved", "home", "house")
_HOME_SIGN = re.compile(r"\b(?:zip|liv(?:e|ing)|resid|moved|ho(?:me|use)\s)")
_LIVED_WORDS = re.compile(r"(?:\w+\s(?:in|from|of|to|on|at)\s|zip(?:\s?code)?\W{0,3}(?:(?:is|of)\W)?)", re.IGNORECASE)


def _lived_in(found: re.Match[str]) -> str:
    """The placeholder, behind the words that say that somebody lives there."""
    kept = _LIVED_WORDS.match(found[0])
    return f"{kept[0] if kept else ''}[address]"


def _without_a_named_street(found: re.Match[str], removed: list[Detail]) -> str:
    """A house number, a name and a street's last word ("371 Phillips Parks") taken out; anything else as it was."""
    words = list(re.finditer(r"[a-z][a-z'’.-]*", found[2], re.IGNORECASE))
    for at in range(1, len(words)):
        if words[at][0].rstrip(".").lower() not in _STREET_ENDS:
            continue
        is_told = _LIVED_BEFORE.search(found.string[max(0, found.start() - 24) : found.start()]) is not None
        if _names_a_street(found[1], [one[0] for one in words[:at]], words[at][0], is_told=is_told):
            removed.append("address")
            return f"[address]{found[2][words[at].end() :]}"
    return found[0]


_LIVED_BEFORE = re.compile(
    rf"(?:{_LIVES}|visits? (?:at|to)|moved to|address of|from)\W{{0,3}}(?:is\s)?$", re.IGNORECASE
)
_SURE_ENDS = words_of("street avenue ave boulevard blvd road rd lane highway parkway court drive terrace")


def _names_a_street(house: str, words: list[str], last: str, *, is_told: bool) -> bool:
    """Do words before a street's last word name it: a person's name, or one that the clinic does not know?"""
    traits = [trait_of(word.rstrip(".").lower()) for word in words]
    is_clear = any(trait & LISTED and not trait & COMMON for trait in traits)
    if is_told:
        return is_clear or all(trait & LISTED or not trait for trait in traits)
    if all(word[0].isupper() for word in (*words, last)):
        could_be = all(trait & LISTED or not trait & COMMON for trait in traits)
        return is_clear or (could_be and not _A_CODE.fullmatch(house) and not (last.isupper() and len(last) > 1))
    return is_clear and len(words) == 1 and (not _A_CODE.fullmatch(house) or last.lower() in _SURE_ENDS)
