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
_TOGETHER = re.compile(
    r"\b(?:together|at the same time|simultaneously|both hands on|side by side|co[- ]?treat\w*)\b", re.IGNORECASE
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
    return text if re.search(r"eval|screen", text, re.IGNORECASE) else GIVER.sub(" ", text)


def parted(text: str) -> str:
    """The text with the assistant's part of a service and the therapist's written out as two services.

    >>> parted("PTA did 10 of the 25 minutes of ther ex")
    'PTA 10 min of ther ex, 15 min of ther ex'
    >>> parted("the PTA and I each did 12 min of gait")
    'the PTA 12 min of gait, I 12 min of gait'
    """
    if " each " in text:
        text = _EACH_OF_THEM.sub(r"\g<one> \g<what>, \g<other> \g<what>", text)
    return _PART_OF_A_SERVICE.sub(_written_out, text)


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
    return f"{found['who']} {part} min{what}, {whole - part} min{what}"
