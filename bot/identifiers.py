"""Numbers, dates, ages and addresses on the net that tell who somebody is, by their shape or by a word before them."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

Detail = Literal[
    "name",
    "date",
    "age",
    "ssn",
    "record number",
    "medicare number",
    "serial number",
    "phone",
    "e-mail",
    "address",
    "link",
]

DIGIT = re.compile(r"\d")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"  # a month, too: both orders are written
_YEAR = r"(?:\d{4}|\d{2})"
_TH = r"(?:st|nd|rd|th)?"
_AMOUNT = r"(?:min|mins|minutes?|secs?|seconds?|units?|reps?|sets?|x)\b"
_NUMBERS_DATE = (
    rf"(?:{_DAY}[/.-]{_DAY}[/.-]{_YEAR}|{_DAY} ?/ ?{_DAY} ?/ ?{_YEAR}|{_DAY} - {_DAY} - \d{{4}}"
    rf"|{_DAY}\\{_DAY}\\{_YEAR}|\d{{4}}[/.-]{_DAY}[/.-]{_DAY})"
    rf"(?!\s*{_AMOUNT}|/?\d)"  # "10-20-30 min" is no day
)
_DATE = (
    rf"(?:{_NUMBERS_DATE}"
    rf"|{_MONTH}\.?\s+\d{{1,2}}{_TH},?\s+(?:of\s+)?(?:\d{{4}}|['’]\d{{2}})"
    rf"|\d{{1,2}}{_TH}(?:[\s-]|\sof\s){_MONTH}\.?,?[\s-](?:\d{{4}}|['’]\d{{2}})"
    rf"|\d{{4}}\s{_MONTH}\s\d{{1,2}}{_TH}"
    rf"|\d{{1,2}}-{_MONTH}-\d{{2}}|\d{{1,2}}{_MONTH}\d{{4}})(?!\d)"
)
_LOOSE_DATE = (
    rf"(?:{_DATE}|\d{{1,2}}{_TH}\s+(?:of\s+)?{_MONTH}\.?\s+\d{{2}}\b|{_MONTH}\.?\s+\d{{1,2}}{_TH},?\s+\d{{2}}\b"
    rf"|\d{{1,2}} \d{{1,2}} (?:19|20)?\d\d\b(?!\s*{_AMOUNT}))"
)
_MONTH_AND_DAY = (
    rf"(?:{_MONTH}\.?\s+(?:\d{{1,2}}{_TH}(?!\d|\s*{_AMOUNT})(?:,?\s+\d{{4}}(?!\d))?|(?:19|20)\d\d\b)"
    rf"|(?:the\s)?\d{{1,2}}{_TH}\s(?:of\s)?{_MONTH}\b|{_DAY}[/-](?:{_DAY}(?![\d/])|(?:19|20)\d\d(?!\d)))"
)
_A_CODE = r"(?:(?:\d{4}[0-9TU]|[A-Z]\d{4})(?![A-WYZ\d]|-\d{4}))"  # "97110", "97110x2", "97110-59"
_OUR_CODE = (
    r"(?:9\d{4}|(?:110|160|205|29\d|64\d)\d\d|\d{4}[TU]|[A-Z]\d{4})(?![A-WYZ\d]|-\d{3,4}(?!\d))"  # no number of a chart
)
_A_YEAR = r"(?:(?:19|20)\d\d(?!\d))"
_IS = r"\W{0,3}(?:(?:is|was|of|are|ends? in|ending(?: in)?)\W{1,3})?"
_NUMBER_WORD = r"(?:number|no|num|nr|nbr|id|#)"
_BIRTH = (
    r"(?:dob|d\.o\.b\.?|d\.?o\.?b|d/o/b|b/d|bday|b-day|born(?: on)?|birth ?dates?|dates? of birth|birth ?days?)"
    r"(?:\s(?:on|in))?"
)
_BIRTHS = ("dob", "d.o.b", "d.ob", "do.b", "d/o/b", "b/d", "bday", "b-day", "born", "birth")  # the signs of those words

# Medicare beneficiary identifier: 11 characters, positions by CMS's published format, with or without dashes.
_MBI = (
    r"[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d[-–. ]?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d[-–. ]?"
    r"[AC-HJKMNP-RT-Y]{2}\d{2}"
)
_MEDICARE = r"(?:mbi|hicn?|(?:medicare|mcr|mcare|beneficiary)\s?(?:beneficiary\s)?(?:number|no\.?|num|id|#|identifier))"
_ACCOUNT = "chart|acct|account|member|mbr|policy|subscriber"
_NAMED_NUMBER = (
    "claim|auth|authorization|ref|reference|encounter|case|record|rec|file|group|grp|medicaid|insurance|ins|referral|certificate|cert"
    "|license|licence|driver'?s licen[sc]e|dl|passport|vehicle|vin|invoice|customer|client|visit|confirmation|rx"
)
_LONG_NUMBER = r"(?=[\w-]*\d)[a-z]{0,4}-?\d[\w-]{3,}"
_PARTED_NUMBER = rf"(?:{_LONG_NUMBER}|\d{{2,3}}(?:[ -]\d{{2,3}}){{1,4}}(?![\d\w]))"
_MIXED_NUMBER = r"(?=[a-z0-9-]*\d[a-z0-9-]*\d[a-z0-9-]*\d)[a-z0-9][a-z0-9-]{4,24}"
_DOMAIN_END = r"(?:com|org|net|edu|gov|us|co|io|info|biz|health|care|me|app|dev|mil|uk|ca)"
_SPOKEN_DIGITS = ("zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_SPOKEN_DIGIT = rf"(?:{'|'.join(_SPOKEN_DIGITS)})"
_AREA_AND_NUMBER = r"(?:(?:\+|00)?1[\s.-]?)?(?:\(\d{3}\)[\s.-]{0,2}|\d{3}[\s./–-]{1,3})\d{3}[\s.–-]{1,3}\d{4}"
_EXTENSION = r"(?:\s?(?:x|ext\.?|extension)\s?\d{1,6})?(?!\d)"


@dataclass(frozen=True)
class _Shape:
    """What a detail looks like, and without what it need not be looked for: some digits, and any one of its signs.

    In a sign 0 stands for any digit.
    """

    detail: Detail
    digits: int
    expression: str
    signs: tuple[str, ...]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The expression, made ready when its signs are first met."""
        return re.compile(self.expression, re.IGNORECASE)


def _shape(detail: Detail, digits: int, expression: str, *signs: str) -> _Shape:
    return _Shape(detail, digits, expression, signs)


# In this order: what has a firm shape comes before what has a loose one.
_SHAPES = (
    _shape("e-mail", 0, r"(?<![\w.+-])[\w.+-]{1,64}\s?@\s?(?:[\w-]{1,63}\.){1,5}[a-z]{2,}\b", "@"),
    _shape(
        "e-mail",
        0,
        r"(?<![\w.+-])[\w.+-]{1,64}(?:\s(?:dot|underscore|dash)\s[\w+-]{1,64}){0,3}\s?(?:\(at\)|\[at\]|\bat\b|@)\s?[\w-]{1,63}"
        rf"(?:(?:\s?(?:\(dot\)|\[dot\])\s?|\s(?:dot|point)\s|\.)[\w-]{{1,63}}){{0,3}}"
        rf"(?:\s?(?:\(dot\)|\[dot\])\s?|\s(?:dot|point)\s|\.){_DOMAIN_END}\b",
        *(" at ", "(at)", "[at]", "@"),
    ),
    _shape("e-mail", 0, r"(?<![\w.+-])[\w.+-]{2,64}@(?:gmail|yahoo|hotmail|outlook|aol|icloud|msn|comcast)\b", "@"),
    _shape("link", 0, r"\b(?:https?://|www\.)\S*[^\s.,;:!?)\]]", "://", "www."),
    _shape("link", 0, rf"(?<![\w.@-])(?:[a-z0-9-]{{1,63}}\.){{1,5}}{_DOMAIN_END}/\S*[^\s.,;:!?)\]]", "/"),
    _shape("link", 4, r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)", "."),
    _shape(
        "link",
        0,
        r"\b(?:user ?name|login|user id|portal id|instagram|facebook|twitter|insta)\W{1,3}(?:(?:is|name)\W{1,2})?@?"
        r"(?=\w*[\d_])\w[\w.-]{3,40}",
        *("user", "login", "portal id", "insta", "facebook", "twitter"),
    ),
    _shape("serial number", 1, r"(?<![\w:-])(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}(?![\w:-])", ":", "-"),
    _shape(
        "serial number",
        3,
        r"\b(?:(?:device |serial |pump |implant |pacemaker |stimulator |model )+(?:serial )?(?:number|no|num|id|#)\.?"
        rf"|serial|s/n|sn|udi|imei|device identifier){_IS}#?\s?(?!{_A_CODE})(?:\(\d\d\)\s?)?{_MIXED_NUMBER}",
        *("serial", "device", "s/n", "sn", "udi", "imei", "pump", "implant", "pacemaker", "stimulator", "model"),
    ),
    _shape("medicare number", 5, rf"\b(?:{_MEDICARE}{_IS})?{_MBI}\b", "0"),
    _shape(
        "medicare number",
        3,
        rf"\b{_MEDICARE}{_IS}(?=[\w-]*\d[\w-]*\d[\w-]*\d)[\w-]{{9,14}}\b",
        *("mbi", "hic", "medicare", "mcr", "mcare", "beneficiary"),
    ),
    _shape("ssn", 4, r"(?<!\w)[x#]{3}-?[x#]{2}-?\d{4}\b", "xx", "##"),
    _shape(
        "ssn",
        4,
        rf"\b(?:ssn|ss(?=\s?#|\s(?:number|no)\b)|soc(?:ial)?(?: sec(?:urity)?)?)(?:\s?(?:number|no|num|#))?\.?{_IS}"
        r"\d{3}[\W_]?\d{2}[\W_]?\d{4}\b"
        r"|\bssn\W{1,8}\d{4}\b(?!\s*(?:visits?|min|units?))"
        r"|\b(?:ssn|social)(?:\s(?:number|#))?\W{0,3}(?:(?:is|last|four|4|digits|ends?|ending|in|of|with)\W{1,3}){1,5}\d{4}\b"
        r"|\blast\s(?:four|4)(?:\sdigits)?(?:\sof)?(?:\s(?:the|his|her|their|pt|patient))?(?:\s(?:ssn|social|ss#?))?"
        r"(?:\s(?:is|are))?\W{1,3}\d{4}\b(?!\s*(?:visits?|min|units?))",
        *("ss", "soc", "last"),
    ),
    _shape("ssn", 9, r"(?<![\w-])\d{3}([- .–—‑]|\s-\s)\d{2}\1\d{4}(?![\w-])", "0000"),
    _shape(
        "record number",
        1,
        rf"\b(?:mrn?|mr#|emr|ehr|med(?:ical)? rec(?:ord)?s?)\s*{_NUMBER_WORD}?\.?{_IS}#?\s*{_PARTED_NUMBER}"
        rf"|\b(?:patient|pt)\s?(?:id|number|num|no\.?|#){_IS}(?!{_A_CODE}){_PARTED_NUMBER}",
        *("mr", "med", "emr", "ehr", "patient", "pt"),
    ),
    _shape(
        "record number",
        1,
        rf"\b(?:{_ACCOUNT})\s*(?:{_NUMBER_WORD}\b\.?|#|:)\s*{_IS}#?\s*{_PARTED_NUMBER}"
        rf"|\b(?:{_ACCOUNT})\s+(?!{_OUR_CODE}|{_A_YEAR}){_LONG_NUMBER}"
        rf"|\b(?:{_ACCOUNT})(?:\s?id)?\W{{1,3}}[a-z]{{2,4}}(?:[ -]\d{{2,4}}){{2,4}}\b",
        *("chart", "acct", "account", "member", "mbr", "policy", "subscriber"),
    ),
    _shape(
        "record number",
        1,
        rf"\b(?:{_NAMED_NUMBER})\s*(?:{_NUMBER_WORD}\b\.?|#)\s*#?{_IS}#?\s*(?!{_A_CODE}|{_A_YEAR}){_MIXED_NUMBER}"
        rf"|\b(?:medicaid|vin|passport|licen[sc]e plate|dl|dea|driver'?s licen[sc]e){_IS}(?!{_A_CODE}|{_A_YEAR})"
        r"(?=[a-z0-9-]*\d)[a-z0-9-]{5,20}",
        *(
            "#",
            "number",
            " no",
            " id",
            "num",
            "nbr",
            "nr",
            "medicaid",
            "vin",
            "passport",
            "plate",
            "dl",
            "dea",
            "driver",
        ),
    ),
    _shape(
        "record number",
        1,
        r"\b(?:licen[sc]e\splates?|(?:car\s)?plates?\s?(?:number|no\.?|#|is))(?:\s(?:number|no|#))?\W{0,3}(?:is\s)?"
        r"(?=[a-z0-9 -]{0,8}\d)[a-z0-9]{1,4}[ -]?[a-z0-9]{2,6}\b",
        "plate",
    ),
    _shape("date", 3, rf"\b{_BIRTH}{_IS}(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s)?{_LOOSE_DATE}", *_BIRTHS),
    _shape("date", 1, rf"\b{_BIRTH}{_IS}{_MONTH_AND_DAY}", *_BIRTHS),
    _shape(
        "date",
        1,
        rf"\b(?:dob|d\.o\.b\.?|birth ?date|date of birth){_IS}(?!{_A_CODE})\d[\d/.-]{{1,10}}",
        *("dob", "d.o.b", "birth"),
    ),
    _shape("date", 4, rf"\bborn(?: on| in| back in)?{_IS}{_A_YEAR}", "born"),
    _shape("phone", 10, rf"(?<![\w-]){_AREA_AND_NUMBER}{_EXTENSION}", "0000"),
    _shape(  # but no two codes run together
        "phone",
        10,
        r"(?<![\w.-])(?!9[0256789]\d{3}9[0256789]\d{3}(?!\d))(?:\+?1)?[2-9]\d{9}(?:\s?(?:x|ext\.?)\s?\d{1,6})?(?![\w-])",
        "0" * 10,
    ),
    _shape("phone", 7, r"(?<![\w.$/-])[2-9]\d{2}-(?:\d{3})?\d{4}(?![\w-])", "000-0000"),
    _shape(
        "phone",
        7,
        r"\b(?:(?:tele)?phone|ph|tel|cell|mobile|fax|pager|(?:call|text|reach)(?: \w+)?(?: at)?)\W{0,3}"
        r"(?:(?:number|no|is|at|#)\W{1,3}){0,2}"
        r"(?:\+?1[\s.-]?)?(?:\(?\d{3}\)?[\s.-]?)?\d{3}[\s.-]?\d{4}(?![\w-])",
        *("ph", "tel", "cell", "mobile", "fax", "pager", "call", "text", "reach"),
    ),
    _shape("phone", 0, rf"\b(?:{_SPOKEN_DIGIT}[\s,.-]{{1,3}}){{6,10}}{_SPOKEN_DIGIT}\b", *_SPOKEN_DIGITS),
    _shape("ssn", 9, r"(?<![\w.$-])\d{9}(?![\w-]|\.\d)", "0" * 9),
    _shape("phone", 5, r"(?<![\w+])\+[2-9]\d{0,2}(?:[\s-]?\d{2,5}){2,4}(?!\w)", "+"),
    _shape("record number", 6, r"\bid(?:\s?(?:#|no\.?|number))?\W{0,3}(?:is\s)?[a-z]{0,3}\d{6,12}\b", "id"),
    _shape(  # glued to a word too, but no codes glued to one
        "record number",
        7,
        r"\b[a-z]{1,20}(?!9[0256789]\d{3}(?:\d\d|(?:9[0256789]\d{3})+)(?!\d))\d{7,14}\b",
        "0" * 7,
    ),
    _shape("record number", 3, r"\bplate\s[a-z]{2,3}[ -]?(?!9\d{4})\d{3,5}\b", "plate"),
    _shape("record number", 10, r"(?<![\w.$-])(?!(?:9[0256789]\d{3}){2,}(?!\d))\d{10,20}(?![\w-]|\.\d)", "0" * 10),
)


_MOST_DIGITS = max(shape.digits for shape in _SHAPES)
_SHAPES_WITHIN = [  # what a text with so many digits may hold
    [shape for shape in _SHAPES if shape.digits <= digits] for digits in range(_MOST_DIGITS + 1)
]
_ANY_DIGIT = str.maketrans("123456789", "0" * 9)


def identifiers_in(text: str, removed: list[Detail]) -> str:
    """The text without numbers and addresses on the net that are somebody's own; `removed` gains their kinds."""
    low = text.lower()
    low = low.translate(_ANY_DIGIT) if low.isascii() else re.sub(r"\d", "0", low)
    for shape in _SHAPES_WITHIN[min(low.count("0"), _MOST_DIGITS)]:
        for sign in shape.signs:
            if sign in low:
                text, count = shape.pattern.subn(f"[{shape.detail}]", text)
                removed.extend([shape.detail] * count)
                break
    return text


_OLD = r"(?:9\d|1[01]\d)"  # 90 and more: HIPAA's Safe Harbor puts these ages together
_OLD_AGE = re.compile(r"9(?<!\d9)\d(?!\d)|1(?<!\d1)[01]\d(?!\d)")
_UNIT_OF_AGE = (
    r"(?:y/?o\b|yo[mf]\b|y\.\s?o\.?|y/o|years?[\s-]{1,2}(?:old|of age|young)|yrs?\.?[\s-]{1,2}(?:old|of age|young)"
    r"|(?:years?|yrs?|y)\s(?=(?:m|f|male|female|man|woman|lady|gentleman|pt|patient|grandm\w+|grandf\w+|veteran)\b)|y(?=[mf]\b))"
)
_AGES = re.compile(
    rf"(?<![\w.$/-]){_OLD}\+?\s?-?{_UNIT_OF_AGE}"
    rf"|\baged?\W{{1,3}}(?:is\W)?{_OLD}(?![\w%/°'.-]|\s?(?:min|day|degree|deg|visit|unit|lb|%))"
    rf"|(?<=\bturned\s){_OLD}(?!\w|\s?(?:deg|°|to\b|min))"
    rf"|\b(?:(?:she|he|pt|patient|mom|dad|who|grand\w{{2,8}})(?:'s|’s|\sis))\s{_OLD}"
    r"(?=\s(?:and|with|w/|but|now|so)\b|[,.;:!?)]|\s?$|\s-\s)"
    rf"|(?<=\bpt\s){_OLD}\s?[mf]\b|(?<=\bpatient\s){_OLD}\s?[mf]\b"
    r"|\b(?:ninety|(?:a|one)\shundred)(?:[\s-](?:and\s)?(?:one|two|three|four|five|six|seven|eight|nine))?[\s-](?:years?|yrs?)[\s-]old",
    re.IGNORECASE,
)
_KEEPS_A_SUBJECT = re.compile(
    r"^(?:she|he|pt|patient|mom|dad|who|grand\w+)(?:'s|’s|\sis)\s|^aged?\W{1,3}(?:is\W)?", re.IGNORECASE
)


def without_ages(text: str, removed: list[Detail]) -> str:
    """The text without ages over 89; younger ones may stay."""
    low = text.lower()
    if not _OLD_AGE.search(text) and "nety" not in low and "hundred" not in low:
        return text

    def take_out(found: re.Match[str]) -> str:
        removed.append("age")
        kept = _KEEPS_A_SUBJECT.match(found[0])
        return f"{kept[0] if kept else ''}[age]"

    return _AGES.sub(take_out, text)


_BARE_DATE = re.compile(rf"(?<!\w)(?<!\d[/.-]){_DATE}", re.IGNORECASE)
_DATE_SIGN = re.compile(r"\d\s?[/.\\-]\s?\d")
_MONTH_SIGNS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_OPERATION = r"[tr]?tka|[tr]?tha|aclr?|rcr|tsa|orif|cabg|thr|tkr|amputation|replacement|repair"
_HAPPENED = (
    r"admit(?:ted)?|admission|adm|discharged?|d/?c'?d?|died|deceased|death|passed(?: away)?|expired"
    r"|hospitali[sz]ed|doi|doa|dod|dol|injur(?:y|ed)|onset|accident|mva|surger(?:y|ies)|operated|operation|fell|fall|fractured?|stroke"
    r"|cva|soc|start of care|surgery date|date of (?:injury|onset|surgery|admission|discharge|death|accident|loss)"
    rf"|turns \d{{1,2}}|married|s/p(?: [a-z]\w*){{1,3}}|{_OPERATION}"
)
_EVENT = re.compile(
    rf"\b(?:{_HAPPENED})(?:\s?(?:date|day))?"
    r"(?:\W{1,3}(?:on|was|is|since|in|date|of|from|back in|the)\b){0,3}\W{1,3}"
    rf"(?P<day>{_DATE}|{_MONTH_AND_DAY})(?<!\s2/2)",  # "2/2" is short for "secondary to"
    re.IGNORECASE,
)

_NEXT_EVENT = re.compile(  # "admitted [date] to 11/9"
    rf"(?<=\[date\])\W{{1,3}}(?:(?:and|to|through|thru|until|again|then|or|on)\W{{1,2}}){{1,3}}(?P<day>{_MONTH_AND_DAY})",
    re.IGNORECASE,
)

_AND_MORE_DAYS = rf"(?:{_DATE}\W{{0,3}}(?:(?:and|to|through|thru|or)\W{{1,3}})?){{0,12}}$"
_SERVICE_DAY = re.compile(
    r"(?:\bdos|dates? of service|service dates?|\bvisits? (?:on|of|from)|\bseen on|\bservices? on"
    r"|\b(?:poc|plan of care|(?:re)?cert(?:ification)?)(?:\s(?:periods?|dates?))?(?:\s(?:from|of|is|was|on))?)\W{0,3}"
    + _AND_MORE_DAYS,
    re.IGNORECASE,
)
_DEED = (
    r"(?:treated|treats?|treatments?|tx|billed|bill|charged|coded|rendered|performed|provided|furnished|submitted|denied"
    r"|paid|services?|sessions?|claims?|evals?|evaluated|evaluations?|eval'd|appointments?|notes?)"
)
_DONE = (
    r"(?:\s(?:x\s?\d|\d|units?|g[pon]|c[qo]|kx|59|x[eupsd]|by|an?|the|this|her|his|my|our|their|was|were|done|and|with|pts?"
    r"|patients?|ptas?|cotas?|ots?|slps?|assistants?|therapists?|twice|once|billed|treated|given|provided|performed))"
)
_TREATED_DAY = re.compile(
    rf"(?:\b{_DEED}(?:\s{_A_CODE})?|\b{_A_CODE}(?:-\w\w)?){_DONE}{{0,4}}"
    rf"\s(?:on|for|from|of|dated)\W{{1,2}}{_AND_MORE_DAYS}",
    re.IGNORECASE,
)
_CODE_BEFORE = re.compile(rf"\b{_A_CODE}\W{{1,3}}$")
_CODE_AFTER = re.compile(rf"\W{{1,3}}{_A_CODE}")
_OUR_TIMES = range(2010, 2036)  # years that are billed or asked about; births told with two digits fall out
_RULE_WORD = re.compile(
    r"(?:\b(?:effective|eff|as of|valid|expires?|sunsets?|rule|rules|fee schedule|in force|deadline|changed? (?:on|at)"
    r"|starting|beginning|since|after|before|until|till|from|by|on|to|for|through|thru|ends?(?: on)?)\.?)"
    r"\W{0,3}(?:on\s)?$",
    re.IGNORECASE,
)
_CLEAR_RULE_WORD = re.compile(
    r"\b(?:effective|eff|as of|in force|sunsets?|deadline)\.?\W{0,3}(?:on\s)?$", re.IGNORECASE
)
_TURN_OF_A_PERIOD = re.compile(  # days on which rules of payment begin or end
    r"(?:0?1|0?4|0?7|10)[/.-]0?1[/.-](?:20)?[0-4]\d|(?:20)[0-4]\d-(?:01|04|07|10)-01"
    r"|(?:12|0?3)[/.-]31[/.-](?:20)?[0-4]\d|(?:0?6|0?9)[/.-]30[/.-](?:20)?[0-4]\d|0?1[/.-]30[/.-](?:20)?[0-4]\d|20[0-4]\d-12-31"
    r"|(?:jan|apr|jul|oct)\w*\.?\s0?1(?:st)?,?\s20[0-4]\d|(?:dec)\w*\.?\s31(?:st)?,?\s20[0-4]\d",
    re.IGNORECASE,
)
_MAY_BE_A_GRADE = re.compile(r"\s\d/(?:5|10)$")  # strength and pain, after an operation
_CLEAR_EVENT = re.compile(r"ad|dis|d/?c|do|date|hosp|inj|ons|acc|mva", re.IGNORECASE)
_LOOKED_BACK = 240  # characters before a day in which it may be called a day of service
_ITS_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d|\d\d$|^\d{4}")  # the last may be a time: "1430 may 4th"


def without_dates(text: str, removed: list[Detail], *, beside_a_person: bool, beside_a_birth: bool = False) -> str:
    """The text without days of a person's own life.

    Days that are called days of service stay, beside a person as their year alone. Where the text tells neither who nor
    when somebody was born, days on which something was treated or billed stay too, and of a day beside a code its year.
    """
    if not DIGIT.search(text) or not (_DATE_SIGN.search(text) or any(map(text.lower().__contains__, _MONTH_SIGNS))):
        return text

    def take_out(found: re.Match[str]) -> str:
        before = found.string[max(0, found.start() - _LOOKED_BACK) : found.start()]
        if _is_of_a_rule(before, found[0]):
            return found[0]
        is_of_service = _SERVICE_DAY.search(before) is not None
        may_be_of_service = not (beside_a_person or beside_a_birth) and int(_year_of(found[0])) in _OUR_TIMES
        if (is_of_service and not beside_a_person) or (may_be_of_service and _TREATED_DAY.search(before)):
            return found[0]
        removed.append("date")
        is_beside_a_code = bool(_CODE_BEFORE.search(before) or _CODE_AFTER.match(found.string, found.end()))
        return _year_of(found[0]) if is_of_service or (may_be_of_service and is_beside_a_code) else "[date]"

    def take_out_event(found: re.Match[str]) -> str:
        if _MAY_BE_A_GRADE.search(found[0]) and not _CLEAR_EVENT.match(found[0]):
            return found[0]
        removed.append("date")
        return f"{found[0][: found.start('day') - found.start()]}[date]"

    return _BARE_DATE.sub(take_out, _NEXT_EVENT.sub(take_out_event, _EVENT.sub(take_out_event, text)))


def _is_of_a_rule(before: str, day: str) -> bool:
    if _CLEAR_RULE_WORD.search(before):
        return True
    return bool(_TURN_OF_A_PERIOD.fullmatch(day) and _RULE_WORD.search(before))


def _year_of(day: str) -> str:
    found = _ITS_YEAR.search(day)
    assert found is not None  # noqa: S101  # all that is a date has one
    return found[0] if len(found[0]) == len("2026") else f"20{found[0]}"
