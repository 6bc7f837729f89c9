"""Who gave which minutes, where a question parts one service between an assistant and a therapist."""

import re

ASSISTANTS = r"ptas?|cotas?|otas?|assistants?|asst"  # what they are called, as alternatives of a pattern
ASSISTANT = re.compile(rf"\b(?:{ASSISTANTS})\b", re.IGNORECASE)
THERAPIST = re.compile(r"\b(?:pts?|otr?s?|slps?|therapists?|i|me|myself)\b", re.IGNORECASE)
GIVER = re.compile(
    rf"\b(?:(?:the|my|our|her|his) )?(?:{ASSISTANTS}|pts?|otr?s?|slps?|therapists?|i|me|myself)\b"
    r"(?: (?:did|gave|spent|had|treated|took|for|helped|saw|ran|with))*",
    re.IGNORECASE,
)
_PART_OF_A_SERVICE = re.compile(
    rf"\b(?P<who>{ASSISTANTS})\b[^.,;\d]{{0,24}}?"
    r"\b(?P<part>\d{1,3}|half)\s*(?:min\w*|m\b)?\s*(?:out )?of (?:(?:the|her|his|my|a|an|that|whole|total) )*"
    r"(?P<whole>\d{1,3})\s*-?\s*(?:min\w*|m\b)(?P<what>[^.,;?]*)",
    re.IGNORECASE,
)
_EACH_OF_THEM = re.compile(
    rf"\b(?P<one>(?:{ASSISTANTS})|i|pts?|ots?|therapist) and (?:the )?(?P<other>(?:{ASSISTANTS})|i|pts?|ots?|therapist)"
    r" each (?:did|gave|spent|had|treated)? ?(?P<what>\d{1,3} ?(?:min\w*|m\b)[^.,;]*)",
    re.IGNORECASE,
)
PART = "⟪"  # stands before an assistant's part of what was told before it; nobody types it
_MINUTES = r"\s*(?:min(?:ute)?s?|m)?\b"
_OF_THAT = r"of (?:it|that|those|them|these|this|which|the (?:\d{1,3}|time|minutes|session|service))(?: min\w*)?"
_ENDS = (
    r"(?=\s*(?:$|[.,;:?!)]|(?:and|how|what|whats|which|so|do|does|is|medicare|modifiers?|units?|cq|co|i|pt|the pt)\b))"
)
_PART_AFTER_THE_WHOLE = re.compile(  # "45 min of gait, PTA did 20 of it", "..., 20 of that by the PTA"
    rf"(?P<apart>[,;(.])?\s*\b(?:(?:and|but|with) )?(?:(?:the |my |our )?(?P<who>{ASSISTANTS})"
    r"(?: (?:did|gave|took|had|covered|provided|handled|treated|for|about|only|just|her|him|them))+"
    rf"(?: the (?:last|first))? (?P<part>\d{{1,3}}){_MINUTES}(?: (?P<of_it>{_OF_THAT}))?{_ENDS}"
    rf"|(?:(?P<of_which>of which|including) )?(?:the )?(?P<given>\d{{1,3}}){_MINUTES}"
    rf"(?P<of_that> {_OF_THAT})?(?: (?P<were>was|were|are|is|being))?(?: (?:done|given|spent))?"
    rf"(?: (?:by|with|from)|(?<=was)|(?<=were)) (?:the |my |our |a )?(?P<by>{ASSISTANTS})\b{_ENDS})\)?",
    re.IGNORECASE,
)
_GAVE = r"(?:did|gave|took|had)"
_PART_OF_TIME = r"(?:the (?:first|last) )"
_THERAPISTS = (
    rf"(?:(?:i|(?:the )?(?:pt|ot|therapist)) {_GAVE} {_PART_OF_TIME}?(?P<DID>\d{{1,3}})"
    r"|(?P<WAS>\d{1,3}) was (?:me|mine))"
)
_ASSISTANTS = (
    rf"(?:(?:the |my )?(?:{ASSISTANTS}) (?:{_GAVE} {_PART_OF_TIME}?|{_PART_OF_TIME})\d{{1,3}}"
    rf"|\d{{1,3}} was (?:the )?(?:{ASSISTANTS}))"
)
_AND = rf"(?: min\w*)?(?: {_OF_THAT}| (?P<NAME>of the \w[\w ]{{1,20}}?))?(?:,? and|,) "
_TWO_GAVE = re.compile(  # "i did 20 and the pta did 10", "25 was me, 15 was the PTA", and the other way round
    rf"\b{_THERAPISTS.replace('DID', 'own').replace('WAS', 'mine')}{_AND.replace('NAME', 'of_what')}"
    rf"(?P<one>{_ASSISTANTS})\b"
    rf"|\b(?P<other>{_ASSISTANTS}){_AND.replace('NAME', 'what')}"
    rf"{_THERAPISTS.replace('DID', 'rest').replace('WAS', 'left')}\b(?: min\w*)?",
    re.IGNORECASE,
)
_TOTAL = re.compile(r"\b(?:total|in all|altogether)\b", re.IGNORECASE)
_PART_BEFORE_WHO = re.compile(  # "20 of the 45 minutes of 97110 were by the PTA"
    rf"\b(?P<part>\d{{1,3}}){_MINUTES} (?:out )?of (?:the|her|his|my|a) (?P<whole>\d{{1,3}})\s*(?:min\w*|m\b)"
    rf"(?P<what>[^.,;?]*?) (?:was|were) (?:(?:done|given) )?(?:by|with|from) (?:the |my )?(?P<who>{ASSISTANTS})\b",
    re.IGNORECASE,
)
_TOGETHER = re.compile(
    r"\b(?:together|at the same time|simultaneously|both hands on|side by side|co[- ]?treat\w*)\b", re.IGNORECASE
)
_SIDE_BY_SIDE = re.compile(  # "PTA and PT together": who gave one service, and no two clauses
    rf"\b(?P<one>{ASSISTANTS}|pts?|ots?|therapist|i) ?(?:and|&|\+|/) ?(?:the )?"
    rf"(?P<other>{ASSISTANTS}|pts?|ots?|therapist|i|me)\b"
    r"(?=[^.,;]{0,24}\b(?:together|co[- ]?treat\w*|at the same time|side by side)\b)",
    re.IGNORECASE,
)
_NOT_TOGETHER = re.compile(r"\bnot (?:\w+ )?together\b", re.IGNORECASE)


def worked_together(text: str) -> bool:
    """Did an assistant and a therapist give the same minutes together? Those count as the therapist's.

    >>> worked_together("PT and PTA together"), worked_together("PTA and PT, not working together")
    (True, False)
    """
    is_both = bool(ASSISTANT.search(text)) and bool(_TOGETHER.search(text))
    return is_both and not _NOT_TOGETHER.search(text)


def without_givers(text: str) -> str:
    """The text without who gave the service; an evaluation keeps its discipline.

    >>> without_givers("OT dressing").strip(), without_givers("OT eval")
    ('dressing', 'OT eval')
    """
    low = text.lower()
    if "eval" in low or "screen" in low:
        return text
    return GIVER.sub(" ", _TOGETHER.sub(" ", text) if worked_together(text) else text)


def parted(text: str) -> str:
    """The text with the assistant's part of a service and the therapist's written out as two services.

    >>> parted("PTA did 10 of the 25 minutes of ther ex")
    'PTA 10 min of ther ex, 15 min of ther ex'
    >>> parted("the PTA and I each did 12 min of gait")
    'the PTA 12 min of gait, I 12 min of gait'
    >>> parted("20 of the 45 min of gait were by the PTA")
    'PTA 20 min of gait, 25 min of gait'
    >>> parted("45 min of gait, PTA did 20 of it").replace(PART, "(part)")
    '45 min of gait; (part) PTA 20 min of it;'
    """
    if " each " in text:
        text = _EACH_OF_THEM.sub(r"\g<one> \g<what>, \g<other> \g<what>", text)
    if not ASSISTANT.search(text):
        return text
    text = _SIDE_BY_SIDE.sub(r"\g<one> with \g<other>", text)
    text = _TWO_GAVE.sub(_assistants_alone, text)
    text = _PART_BEFORE_WHO.sub(_written_out, _PART_OF_A_SERVICE.sub(_written_out, text))
    return _PART_AFTER_THE_WHOLE.sub(_marked, text)


def _assistants_alone(found: re.Match[str]) -> str:
    """What the assistant gave, where it makes up a service told before together with what the therapist gave."""
    assistants, what = found["one"] or found["other"], found["of_what"] or found["what"]
    own = int(found["own"] or found["mine"] or found["rest"] or found["left"])
    given = int(re.findall(r"\d+", assistants)[0])
    who = ASSISTANT.findall(assistants)[0]
    if what:
        return f"{who} did {given} min {what}" if _is_told(own + given, found) else found[0]
    if not _is_told(own + given, found) or _TOTAL.search(found.string):
        return f"i did {own} min, {who} did {given} min"
    return assistants


def _is_told(minutes: int, found: re.Match[str]) -> bool:
    return re.search(rf"\b{minutes}\b", found.string[: found.start()]) is not None


def _marked(found: re.Match[str]) -> str:
    """A part as a clause of its own; as it was, where it may as well be the whole ("manual 15 min by the PTA")."""
    who, minutes = found["who"] or found["by"], found["part"] or found["given"]
    is_of_it = found["of_it"] or found["of_which"] or found["of_that"]
    is_part = is_of_it or found["who"] or (found["were"] and found["apart"])
    return _as_part(who, minutes, of_it=bool(is_of_it)) if is_part else found[0]


def _as_part(who: str, minutes: int | str, *, of_it: bool) -> str:
    """An assistant's part as a clause of its own; `of_it`: it was said to be one."""
    return f"; {PART} {who} {minutes} min{' of it' if of_it else ''};"


def is_only_a_giver(text: str) -> bool:
    """Does a text name who gave a service, and no service?

    >>> is_only_a_giver("the PTA did"), is_only_a_giver("PTA gait")
    (True, False)
    """
    return bool(GIVER.search(text)) and not re.search(r"\w", GIVER.sub(" ", text))


def _written_out(found: re.Match[str]) -> str:
    whole = int(found["whole"])
    part = whole // 2 if found["part"].lower() == "half" else int(found["part"])
    if not 0 < part < whole:
        return found[0]
    what = found["what"].rstrip()
    if _is_told(whole, found):
        named = what.removeprefix(" of").strip()
        return f"{found['who']} {part} min of the {named}" if named else _as_part(found["who"], part, of_it=True)
    return f"{found['who']} {part} min{what}, {whole - part} min{what}"
