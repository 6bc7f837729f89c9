"""What goes on from the question before it in the same conversation: "and for OT?", "make the manual 18", "why?"."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

CORRECTION = "⟫"  # stands before what replaces minutes told earlier; nobody types it
MOST_WORDS = 12  # a longer text is a question of its own


@dataclass(frozen=True)
class Before:
    """The question before: as it was understood, the kind of its answer, and the codes that this left, best first.

    `codes` is the one that was picked, where one was.
    """

    text: str
    kind: str
    codes: tuple[str, ...] = ()

    @property
    def one(self) -> str | None:
        """The one code that the conversation is about."""
        return self.codes[0] if len(self.codes) == 1 else None

    @property
    def topic(self) -> str:
        """The codes, or what was asked about in words, without the words of asking."""
        return self.one or _ASKING.sub("", _trimmed(self.text))


@dataclass(frozen=True)
class _Shape:
    """How people go on. `build` gives the whole question, or None where it does not go on from what went before.

    `is_plain`: it can go on from a question only; other shapes may also be said among people.
    """

    pattern: re.Pattern[str]
    build: Callable[[Before, re.Match[str]], str | None]
    is_plain: bool = True


@lru_cache(maxsize=1_000)
def is_follow_up(text: str) -> bool:
    """May this text need the question before it to be understood?"""
    return any(True for _ in _shapes_of(text))


def is_plainly_a_follow_up(text: str) -> bool:
    """Does this text go on from a question, also where it was said to nobody in particular?"""
    return any(shape.is_plain for shape, _ in _shapes_of(text))


def joined(before: Before, text: str) -> str:
    """The text as a question of its own, with what it needs of the question before.

    >>> joined(Before("20 min stairs, 15 min manual", "units"), "make the manual 18")
    '20 min stairs, 15 min manual; ⟫ manual 18 min'
    >>> joined(Before("what is 97530", "described", ("97530",)), "how many units for 40 min?")
    'how many units is 40 min of 97530'
    """
    whole = (shape.build(before, found) for shape, found in _shapes_of(text))
    return next((one for one in whole if one), text)


def settling(before: Before, text: str) -> str | None:
    """A few words that say nothing by themselves, as what decides a choice: None where nothing was to be chosen."""
    is_open = before.kind in ("contrasted", "looked_up", "compared") and may_settle(text)
    return f"{_trimmed(before.text)}, {text}" if is_open else None


def may_settle(text: str) -> bool:
    """Is a text short enough to hang on what was asked before?"""
    return len(text.split()) <= MOST_WORDS


def is_why(text: str) -> bool:
    """Is the reason for the answer before asked for?"""
    return _WHY.fullmatch(_said(text)) is not None


def _shapes_of(text: str) -> list[tuple[_Shape, re.Match[str]]]:
    said = _said(text)
    if not said or len(said.split()) > MOST_WORDS:
        return []
    return [(shape, found) for shape in _SHAPES if (found := shape.pattern.fullmatch(said))]


def _said(text: str) -> str:
    """A text without the small words before it and the marks after it."""
    return _FILLERS.sub("", _trimmed(text)).lstrip()


def _trimmed(text: str) -> str:
    return text.strip().rstrip("?!. ")


_FILLERS = re.compile(
    r"^(?:(?:ok(?:ay)?|so|hm+|um+|uh|great|cool|thanks|thank you|thx|perfect|oh|right|alright|then|got it)[,.!]*\s+)+",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"^(?:(?:what|which)(?:'?s| is| are)?(?: the)? (?:cpt |billing )?codes?(?: do i use| fits?| is it)?(?: for)?"
    r"|(?:cpt |billing )?codes? for|how (?:do|would|should) (?:i|we|you) (?:bill|code)(?: for)?|what(?:'?s| is))\s+",
    re.IGNORECASE,
)
_LAST_NUMBER = re.compile(r"(?<![\w.])(\d{1,3})\s*$")
_CODE = re.compile(r"\b(?:\d{5}|[a-z]\d{4}|\d{4}t)\b", re.IGNORECASE)
_QUESTION = re.compile(r"(?:what|which|how|can|could|does|do|is|are|when|why|who|should|where)\b", re.IGNORECASE)
_COUNTED = ("units", "impossible")  # kinds of answers to a visit
_ADDED_TO = (*_COUNTED, "same_day", "amounts")  # kinds whose question a further service joins


def _with_minutes(before: Before, minutes: str) -> str | None:
    """The same with other minutes: of the one service of a visit, or of the one code that was asked about."""
    if before.kind in _COUNTED:
        return f"{before.text}; {CORRECTION} {minutes}"
    if before.kind in ("described", "looked_up", "contrasted", "compared", "documented"):
        return f"how many units is {minutes} of {before.topic}"
    return None


def _corrected(before: Before, found: re.Match[str]) -> str | None:
    words = re.sub(r"\b(?:to|be|into|was|were|is|should|only)\s+(?=(?:be |only )*\d)", "", found["what"])
    words = re.sub(r"^(\d{1,3}) (?=of\b)", r"\1 min ", words)
    words = _LAST_NUMBER.sub(r"\1 min", words)
    if re.fullmatch(_DURATION, words, re.IGNORECASE):
        return _with_minutes(before, words)
    return f"{before.text}; {CORRECTION} {words}" if before.kind in _COUNTED else None


def _renumbered(before: Before, found: re.Match[str]) -> str | None:
    """Other minutes of what was corrected last, or of the one service."""
    minutes = f"{found['what']} min"
    whole, mark, last = before.text.rpartition(CORRECTION)
    if before.kind in _COUNTED and mark:
        return whole + mark + re.sub(r"\d{1,3} min", minutes, last)
    return _with_minutes(before, minutes)


def _left_out(before: Before, found: re.Match[str]) -> str | None:
    return f"{before.text}; {CORRECTION} {found['what']} 0 min" if before.kind in _COUNTED else None


def _added(before: Before, found: re.Match[str]) -> str | None:
    what = re.sub(r"^(?:with|add|for) |\s+(?:too|as well|also)$", "", found["what"], flags=re.IGNORECASE)
    if _QUESTION.match(what):
        return None
    if before.kind in _ADDED_TO:
        return f"{before.text} and {what}"
    if before.codes and (_CODE.search(what) or re.search(r"\beval|same (?:day|visit)", what, re.IGNORECASE)):
        day = "" if re.search(r"same (?:day|visit)", what, re.IGNORECASE) else " same day"
        return f"{before.codes[0]} and {what}{day}"
    return None


def _with_another(before: Before, found: re.Match[str]) -> str | None:
    """The one code, and another service on its day."""
    what = found["what"]
    return f"{before.one} and {what} same day" if before.one and not _QUESTION.match(what) else None


def _instead(before: Before, found: re.Match[str]) -> str | None:
    is_pair = before.kind == "same_day" and len(before.codes) > 1
    return f"{' and '.join(before.codes[:-1])} and {found['what']} same day" if is_pair else None


def _with_detail(before: Before, found: re.Match[str]) -> str | None:
    """The same for another payer, discipline, setting or year: in the place of the one told before."""
    what = found["what"]
    for of_a_kind in _DETAILS:
        if re.fullmatch(of_a_kind, what, re.IGNORECASE):
            what = what.upper() if len(what) < len("year") else "SLP" if what.lower() == "speech" else what
            text, count = re.subn(of_a_kind, what, before.text, flags=re.IGNORECASE)
            return text if count and of_a_kind != _DISCIPLINE else _for_discipline(before, what, of_a_kind)
    return None


def _for_discipline(before: Before, what: str, of_a_kind: str) -> str:
    """A discipline is replaced only where it names an evaluation or a plan: "pt" is mostly the patient."""
    if of_a_kind == _DISCIPLINE:
        named = rf"\b(?:{_DISCIPLINE})(?= (?:re-?)?eval)|\b(?:pt|ot|cot)(?=as?\b)"
        text, count = re.subn(named, what, before.text, flags=re.IGNORECASE)
        if count:
            return text
    return f"{before.text}, {what}"


def _by_assistant(before: Before, found: re.Match[str]) -> str | None:
    who, did = found["who"].upper(), found["did"] or ""
    did = "everything" if not did or re.fullmatch(r"it|that|this|all.*|the (?:whole|entire).*", did) else did
    if before.kind in _COUNTED:
        return f"{before.text}, {who} did {did}"
    if not before.codes or did != "everything":
        return None  # what an assistant did of a service that is named is a question of its own
    return f"which modifier for {' and '.join(before.codes)}, the {who} did all of it"


def _modifier(before: Before, _: re.Match[str]) -> str | None:
    if before.kind in ("same_day", *_COUNTED):
        return before.text  # its answer has them on the lines
    if before.kind == "explained":
        return f"{_trimmed(before.text)}, which modifier"
    return f"which modifier for {' and '.join(before.codes)}" if before.codes else None


def _about_the_code(words: str) -> Callable[[Before, re.Match[str]], str | None]:
    """A question about the one code, such as what goes in its note."""
    return lambda before, _: words.format(before.one) if before.one else None


def _by_whom(before: Before, found: re.Match[str]) -> str | None:
    return f"can {found['who']} bill {before.one}" if before.one else None


def _of_units(before: Before, found: re.Match[str]) -> str | None:
    return f"{before.text} for {found['what']}" if before.kind == "amounts" else None


def _together(before: Before, found: re.Match[str]) -> str | None:
    if _CODE.search(found[0]):
        return None  # it names its own
    return f"{' and '.join(before.codes)} same day" if len(before.codes) > 1 else None


def _against(before: Before, found: re.Match[str]) -> str | None:
    return f"{before.codes[0]} vs {found['what']}" if before.codes else None


def _difference(before: Before, _: re.Match[str]) -> str | None:
    return " vs ".join(before.codes) if len(before.codes) > 1 else None


def _one_of(before: Before, found: re.Match[str]) -> str | None:
    at = {"first": 0, "1st": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "last": -1}[found["which"].lower()]
    return f"what is {before.codes[at]}" if len(before.codes) > max(at, 1) else None


def _narrowed(before: Before, found: re.Match[str]) -> str | None:
    is_choice = len(before.codes) > 1 and before.kind in ("contrasted", "looked_up", "compared")
    if re.search(r"sq|cm2", found["what"]) and before.one:
        return f"{before.one} {found['what']}"
    return f"{before.text}, {found['what']}" if is_choice else None


def _again(before: Before, _: re.Match[str]) -> str:
    return before.text


_DURATION = r"\d{1,3}\s*(?:min(?:ute)?s?|m|hours?|hrs?)"
_PAYER = (
    r"medicare advantage|(?:not |non[- ])?medicare|medicaid|commercial|tricare|humana|aetna|cigna|bcbs|blue cross|uhc"
    r"|united|workers'? comp|self[- ]pay|cash"
)
_DISCIPLINE = r"pt|ot|slp|speech|occupational therapy|physical therapy"
_SETTING = r"(?:outpatient )?hospital|hopd|snf|home health|private practice"
_YEAR = r"20\d\d|last year|this year|next year"
_DETAILS = (_PAYER, _YEAR, _SETTING, _DISCIPLINE)
_ARTICLE = r"(?:(?:the|a|an|my|our|it|that) )?"
_AND = r"(?:(?:and|but|or|also) )?"
_SLIP = r"(?:(?:no|actually|sorry|oops|wait|i meant?)[,\s]+)+"
_WHY = re.compile(
    rf"{_AND}(?:why(?: (?:is (?:that|it)|this|that|so|not|this code|that code))?|how come|how do you know|says who"
    r"|explain(?: (?:that|this|it))?|(?:what(?:'?s| is) (?:the|your) )?sources?|why\?*"
    r"|are you (?:sure|certain)(?: about (?:that|this|it))?|(?:is|are) (?:that|this|it|those) (?:right|correct|true)"
    r"|where (?:is|does|did) (?:that|this|it) (?:come )?from|really)",
    re.IGNORECASE,
)


def _shape(pattern: str, build: Callable[[Before, re.Match[str]], str | None], *, is_plain: bool = True) -> _Shape:
    return _Shape(re.compile(pattern, re.IGNORECASE), build, is_plain)


_SHAPES = (
    _shape(
        rf"(?:(?:no|actually|sorry|oops|wait)[,\s]+)*(?:make|change|set|correct)\s+{_ARTICLE}(?P<what>.*\d.*)",
        _corrected,
    ),
    _shape(
        rf"{_SLIP}(?:it was )?(?P<what>.*{_DURATION}(?: (?:of|for) .{{2,30}})?)",
        _corrected,
        is_plain=False,
    ),
    _shape(rf"{_SLIP}(?:it was )?(?:only )?(?P<what>\d{{1,3}})", _renumbered, is_plain=False),
    _shape(
        rf"(?:{_SLIP}|(?:i )?(?:meant?|want(?:ed)?) ){_ARTICLE}(?P<what>{_DISCIPLINE})(?: (?:one|eval\w*|code))?",
        _with_detail,
        is_plain=False,
    ),
    _shape(
        r"(?:(?:can|could) you |please )?(?:redo|recount|recalculate|try) (?:it|that|this|again)(?: again)?"
        rf" (?:with|for|as) {_ARTICLE}(?P<what>.*\d.*)",
        _corrected,
        is_plain=False,
    ),
    _shape(
        rf"{_SLIP}{_ARTICLE}(?P<what>[\w' -]{{2,30}} (?:was|were|is|should be) (?:only )?\d{{1,3}}(?: min\w*)?)",
        _corrected,
        is_plain=False,
    ),
    _shape(r"(?:the )?same(?: thing| visit| one)?,?\s+(?:but|with|except)\s+(?:for )?(?P<what>.*\d.*)", _corrected),
    _shape(
        rf"{_AND}how many units?(?: (?:is|are|would|will|do|does)(?: (?:that|it|this|i|we))?(?: be| bill| get)?)?"
        rf"(?: (?:for|at|if|in))?(?: it(?:'?s| was))? (?P<what>{_DURATION})",
        _corrected,
    ),
    _shape(
        rf"{_AND}(?:(?:for|what about|how about|what if(?: it(?:'?s| was))?|if it(?:'?s| was)|at) )?"
        rf"(?P<what>{_DURATION})",
        _corrected,
        is_plain=False,
    ),
    _shape(rf"{_AND}(?:(?:for|what about|how about) )?(?P<what>\d+ units?)", _of_units, is_plain=False),
    _shape(rf"{_AND}(?:without|minus|drop|remove|take out|leave out) {_ARTICLE}(?P<what>[\w' -]+)", _left_out),
    _shape(
        rf"{_AND}(?:(?:what|how) about |what if (?:it(?:'?s| is) )?|for |with |in |(?:if )?it(?:'?s| is) "
        r"|(?:the )?(?:patient|payer|insurance|plan|he|she)(?:'?s| is) (?:on |with )?"
        r"|what would (?:that|it) be "
        r"|how (?:is|would) (?:that|it)(?: be)? )?(?:for |with )?(?:the |a |an )?"
        rf"(?P<what>{'|'.join(_DETAILS)})(?: patients?| plans?| side)?",
        _with_detail,
        is_plain=False,
    ),
    _shape(
        rf"{_AND}(?:(?:what )?if |what about (?:if )?|for |with |by )?{_ARTICLE}(?P<who>pta|cota|ota)"
        r"(?: (?:did|does|treats?|gave)(?: (?P<did>.+))?)?",
        _by_assistant,
        is_plain=False,
    ),
    _shape(
        rf"{_AND}(?:(?:which|what|any|with|with a|need a|needs a|do i need a|does (?:it|that) need a) )?"
        r"(?:modifiers?|mods?)(?: (?:do i|should i) (?:need|use|add|put)| needed| on (?:it|that|them|which))?",
        _modifier,
    ),
    _shape(r"which(?: (?:one|line|code|of them))? (?:gets|needs|takes|has) (?:the |a )?(?:59|modifier|xu)", _modifier),
    _shape(
        rf"{_AND}(?:how (?:do|should|would|to) ?(?:i|we)? ?(?:document|chart|write)(?: (?:it|that|this|up))*"
        r"|what (?:goes|has to be|must be) in(?:to)? (?:the|my|a) note"
        r"|what (?:do|should|must) i (?:document|write|put|chart)(?: in the note)?"
        r"|(?:the )?documentation(?: needed| requirements?)?)(?: for (?:it|that|this))?",
        _about_the_code("what goes in the note for {}"),
    ),
    _shape(
        rf"{_AND}(?:how much (?:does|is|do) (?:it|that|this|they) (?:pay|paid|worth|reimburse)?"
        r"|what does (?:it|that|this) pay|how much)",
        _about_the_code("how much does {} pay"),
    ),
    _shape(
        rf"{_AND}is (?:it|that|this) (?:a )?(?:timed|untimed|one[- ]on[- ]one)(?: code)?(?: or (?:un)?timed)?"
        r"|timed(?: or untimed)?",
        _about_the_code("is {} timed"),
    ),
    _shape(
        rf"{_AND}(?:does|will|would) medicare (?:pay|cover|take|allow)(?: for)? (?:it|that|this)"
        r"|is (?:it|that|this) (?:paid|covered|ok|okay|valid)(?: (?:by|for|with|under) medicare)?",
        _about_the_code("does medicare cover {}"),
        is_plain=False,
    ),
    _shape(
        rf"{_AND}(?:how many (?:units )?(?:a|per|in a) day"
        r"|what(?:'?s| is) the (?:mue|max(?:imum)?|limit)(?: units)?(?: (?:for (?:it|that)|(?:a|per) day))?|max units)",
        _about_the_code("what is the MUE of {}"),
        is_plain=False,
    ),
    _shape(
        rf"{_AND}who (?:can|may) (?:bill|use|do) (?:it|that|this)", _about_the_code("who can bill {}"), is_plain=False
    ),
    _shape(
        rf"can {_ARTICLE}(?P<who>{_DISCIPLINE}) (?:bill|use|do|code|charge) (?:it|that|this)", _by_whom, is_plain=False
    ),
    _shape(
        r"(?:(?:can|could|may|should) (?:i|we|you|they) (?:bill|use|do|charge|code|report) (?:it|that|this)"
        r"|is (?:it|that|this) (?:ok|okay|fine|allowed|billable)) (?:together |along )?(?:with|and|on top of|beside)"
        r" (?P<what>.+?)(?: (?:on )?(?:the )?same (?:day|visit|time))?",
        _with_another,
        is_plain=False,
    ),
    _shape(
        rf"{_AND}(?:(?:what|how) about|with|add) (?P<what>.+?)"
        r" (?:(?:at|on) (?:the )?same (?:day|visit|time)|(?:together )?with it)",
        _with_another,
        is_plain=False,
    ),
    _shape(rf"{_AND}(?:(?:what|how) about |with )?(?P<what>{_CODE.pattern}) instead", _instead, is_plain=False),
    _shape(
        rf"{_AND}(?:can|could|may) (?:i|we|they|these|those|both|you).*(?:together|both|same (?:day|visit|time))",
        _together,
    ),
    _shape(r"(?:and |or )?(?:vs\.?|versus|compared (?:to|with)) (?P<what>.+)", _against),
    _shape(
        r"(?:(?:and |but )?why not|(?:and )?how is (?:it|that|this) different (?:from|to|than)"
        r"|(?:and )?what(?:'?s| is) the difference (?:with|from|to|between (?:it|that|this) and))"
        rf" (?P<what>{_CODE.pattern})",
        _against,
        is_plain=False,
    ),
    _shape(rf"{_AND}what(?:'?s| is) the difference(?: between (?:them|these|the two))?", _difference),
    _shape(rf"{_ARTICLE}(?P<which>first|1st|second|2nd|third|3rd|last)(?: one| code)?", _one_of, is_plain=False),
    _shape(
        rf"{_AND}(?:(?:what|how) about |it was |it(?:'?s| is) |for |if it(?:'?s| was) )?"
        r"(?P<what>(?:low|moderate|high)(?: complexity)?|(?:un)?attended|supervised|\d{1,2} (?:or more )?[a-z]+"
        r"|\d{1,4}(?:\.\d+)? ?(?:sq\.? ?cm|cm2|square cent\w+)"
        r"|(?:first|initial|later|follow[- ]?up) (?:visit|time)|with(?:out)? (?:a )?wound)",
        _narrowed,
        is_plain=False,
    ),
    _shape(r"(?:and|plus|also|add|with) (?P<what>.+)", _added),
    _Shape(_WHY, _again, is_plain=False),
)
