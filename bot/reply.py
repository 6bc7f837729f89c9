"""Puts an answer into words: sections of text and named buttons, in Slack's light markup and no Block Kit."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import structlog
from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    StrictUndefined,
    TemplateRuntimeError,
    Undefined,
)
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.answers.answer import Answer
from bot.buttons import Button, buttons_of
from bot.own_knowledge import CLINIC, HouseRule
from knowledge.entry import Entry
from knowledge.statement import Source, Statement

LONGEST_GIST = 150  # characters; about what a phone shows of a notification
OUR_WORDING = "our wording, not yet reviewed"
_CAUTIONS = {"recalled": "recalled, not checked", "unverified": "not verified", "disputed": "authorities disagree"}
_TIMING = {
    "timed_15": "Timed: 15-minute units",
    "timed_15_first": "Timed: the first 15 minutes of the day",
    "timed_15_addon": "Timed: each further 15 minutes",
    "untimed": "Untimed: one unit whatever the minutes",
    "first_30": "Timed: the first 30 minutes",
    "per_30_addon": "Timed: each further 30 minutes",
    "first_60": "Timed: the first hour",
    "per_60": "Timed: by the hour",
    "per_60_addon": "Timed: each further hour",
    "first_2_hours": "Timed: the first 2 hours",
    "first_20_sqcm": "By area: the first 20 sq cm",
    "per_20_sqcm_addon": "By area: each further 20 sq cm",
    "per_extremity_or_section": "By limb or section of the trunk",
    "per_hand": "By hand",
    "once_per_episode": "Once per episode",
    "per_30_days": "Once per 30 days",
    "per_month_first_10": "By calendar month: the first 10 minutes (10 to 19)",
    "per_month_first_20": "By calendar month: the first 20 minutes",
    "per_month_20_addon": "By calendar month: each further 20 minutes",
    "per_call_band": "By the minutes of the call",
    "per_7_days_band": "By the minutes over 7 days",
    "by_report": "By report: say what was done and how long",
}
_ONE_ON_ONE = {
    "required": "one-on-one",
    "not required": "one-on-one not required",
    "unverified": "one-on-one or not: not verified",
}
_MEDICARE = {
    "A": "active, which is no promise of coverage",
    "B": "bundled: never paid on its own",
    "C": "priced by the contractor",
    "I": "not valid for Medicare: another code is used",
    "N": "not covered",
    "R": "restricted coverage",
    "X": "excluded by law",
}

_MARKS = re.compile(r" (?:(?:\[\d+\])+|°)")  # of sources, which stand at a notification's end for nothing
_BROADCAST = re.compile(r"<!(?!date\^)")  # what calls a whole channel; not even a template's own text may


@dataclass(frozen=True)
class Reply:
    """Words for any door: a title, sections, small print, and buttons. Values in it are escaped for Slack."""

    title: str
    sections: tuple[str, ...]
    small: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()

    def __hash__(self) -> int:
        """Worked out once: kept messages are found by it."""
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.title, self.sections, self.small, self.buttons))

    @property
    def text(self) -> str:
        """The whole reply as one text."""
        return "\n\n".join(part for part in (self.title, *self.sections, *self.small) if part)

    @property
    def gist(self) -> str:
        """The reply in one line, as a notification shows it: its title, and the line under it unless that is a list."""
        under = self.sections[0].partition("\n")[0] if self.sections else ""
        under = "" if self.title and under.startswith(("•", "*")) else _MARKS.sub("", under).replace("*", "")
        joint = " " if self.title.endswith("?") else " – "
        return shortened(joint.join(part for part in (self.title, under) if part), LONGEST_GIST)


def shortened(text: str, limit: int) -> str:
    """A text of at most `limit` characters, cut at a word, which an ellipsis tells.

    >>> shortened("stair training today", 15)
    'stair training…'
    """
    if len(text) <= limit:
        return text
    return (text[:limit].rsplit(" ", 1)[0][: limit - 1]).rstrip(" ,;:·") + "…"


def escape_for_slack(value: object) -> str:
    """A value as text in which Slack finds nothing to act upon: no mention, no link, no channel call.

    >>> escape_for_slack("<!channel> & co")
    '&lt;!channel&gt; &amp; co'
    """
    return str(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _finalize(value: object) -> object:
    return value if isinstance(value, Undefined) else escape_for_slack(value)


@dataclass
class Footnotes:
    """Numbers the sources of one reply as its statements cite them."""

    sources: Mapping[str, Source]
    cited: list[str] = field(default_factory=list)
    has_our_wording: bool = False

    def say(self, statement: Statement) -> str:
        """The statement's text with the marks of its sources, or ° where it is our own wording."""
        said = f"{statement.text}{self._marks(statement.sources)}"
        return f"{said} ({_CAUTIONS[statement.caution]})" if statement.caution else said

    def listed(self, statements: Iterable[Statement]) -> str:
        """Statements in lines of their own."""
        return "\n".join([f"• {self.say(one)}" for one in statements])

    def mark(self, *keys: str) -> str:
        """The marks of these sources."""
        return self._marks(keys)

    @property
    def lines(self) -> tuple[str, ...]:
        """What the marks mean, in their order."""
        named = [
            f"[{number}] {source.title}" + ("" if _is_dated(source) else f" ({source.dated})")
            for number, key in enumerate(self.cited, start=1)
            for source in (self.sources[key],)
        ]
        return (*named, f"° {OUR_WORDING}") if self.has_our_wording else tuple(named)

    def _marks(self, keys: tuple[str, ...]) -> str:
        if not keys:
            self.has_our_wording = True
            return " °"
        for key in keys:
            if key not in self.cited:
                self.cited.append(key)
        return " " + "".join([f"[{self.cited.index(key) + 1}]" for key in keys])


def _is_dated(source: Source) -> bool:
    """Does the title say the year already?"""
    return source.dated[:4].isdigit() and source.dated[:4] in source.title


def timing_words(entry: Entry) -> str:
    """How the code counts, and whether the minutes are one-on-one."""
    timing = _TIMING[entry.timing.value] + (f" ({_CAUTIONS[entry.timing.caution]})" if entry.timing.caution else "")
    one = _ONE_ON_ONE[entry.one_on_one.value]
    known = entry.one_on_one.caution and entry.one_on_one.value != "unverified"
    return f"{timing} · {one}" + (
        f" ({_CAUTIONS[entry.one_on_one.caution]})" if known and entry.one_on_one.caution else ""
    )


def medicare_words(entry: Entry) -> str:
    """The fee schedule's status letter in words, with its year."""
    return f"Medicare {entry.medicare.year}: status {entry.medicare.letter}, {_MEDICARE[entry.medicare.letter]}"


def either(names: Iterable[str]) -> str:
    """Names among which one is right.

    >>> either(["97110", "97112", "97530"])
    '97110, 97112 or 97530'
    """
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last


def any_timed(entries: Iterable[Entry]) -> bool:
    """Do the minutes of one of these codes count?"""
    return any("untimed" not in entry.timing.value for entry in entries)


class Writer:
    """Renders answers. A clinic's own folder of templates, if given, stands in front of the shipped ones."""

    def __init__(self, sources: Mapping[str, Source], templates: Path | None = None) -> None:
        """Templates are compiled when first used and kept."""
        self._sources = {**sources, CLINIC.key: CLINIC}
        self._shipped = _environment()
        self._own = _own_environment(templates) if templates else None

    def render(self, answer: Answer) -> Reply:
        """The answer in words. A fault in a clinic's own template falls back to the shipped one and is logged."""
        if self._own is not None:
            try:
                return self._with(self._own, answer)
            except Exception as error:  # noqa: BLE001  # a clinic's template may raise anything: 1 / 0, a bad include
                structlog.get_logger().error(
                    "a template of TEMPLATES_DIR failed, the shipped one was used",
                    template=f"{answer.kind}.j2",
                    fault=type(error).__name__,
                    line=getattr(error, "lineno", None),
                )
        return self._with(self._shipped, answer)

    def _with(self, environment: Environment, answer: Answer) -> Reply:
        notes = Footnotes(self._sources)
        facts = {**_WORDS, **vars(answer), "answer": answer, "notes": notes}
        facts |= {"say": notes.say, "listed": notes.listed, "mark": notes.mark}
        text = environment.get_template(f"{answer.kind}.j2").render(facts)
        text = escape_for_slack(text) if environment is self._shipped else _BROADCAST.sub("&lt;!", text)
        title, sections, small = _read_sections(text)
        if not (title or sections or small):
            raise TemplateRuntimeError("the template says nothing")
        return Reply(title, _with_house_rules(sections, answer.house_rules), small, buttons_of(answer))


def _with_house_rules(sections: tuple[str, ...], rules: Sequence[HouseRule]) -> tuple[str, ...]:
    """The clinic's own rules stand right behind the first section, whatever the template."""
    if not rules:
        return sections
    said = "\n".join(f"*House rule* ({escape_for_slack(one.about)}): {escape_for_slack(one.text)}" for one in rules)
    return (*sections[:1], said, *sections[1:])


_WORDS = {"timing": timing_words, "medicare": medicare_words, "either": either, "any_timed": any_timed}
_SHIPPED = PackageLoader("bot", "replies")
_SETTINGS: dict[str, Any] = {
    "undefined": StrictUndefined,
    "trim_blocks": True,
    "lstrip_blocks": True,
    "auto_reload": False,
    "cache_size": -1,  # all stay, and none is moved to the front
}


class _InOnePiece(BaseLoader):
    """The shipped templates, each with what it includes written out: a template of its own costs as much as a page."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, None]:
        source, file, _ = _SHIPPED.get_source(environment, template)
        return _INCLUDED.sub(lambda found: self.get_source(environment, found[1])[0], source), file, None


_INCLUDED = re.compile(r'{% include "(\w+\.j2)" %}\n')


class _PlainCalls(Context):
    """Calls what a template calls as it stands: nothing that ours call asks for the template's own context."""

    def call(
        self,
        called: Callable[..., Any],
        *args: object,
        _loop_vars: object = None,
        _block_vars: object = None,
        **named: object,
    ) -> Any:  # noqa: ANN401  # whatever it gives back
        return called(*args, **named)


def _environment() -> Environment:
    """The shipped templates have no markup in which Slack finds something to act upon: all that they say is escaped."""
    environment = Environment(loader=_InOnePiece(), **_SETTINGS)  # noqa: S701  # no HTML; escaped for Slack as a whole
    environment.context_class = _PlainCalls
    environment.globals = {}  # Jinja's own names, of which ours need none, would be copied for each reply
    environment.getattr = getattr  # type: ignore[assignment,method-assign]  # what is not there is an error all the same
    return environment


def _own_environment(templates: Path) -> Environment:
    """A clinic's templates may do no more than read what they are given, which costs them half their speed.

    Their own words may have Slack's markup in them, and only the values are escaped.
    """
    loader = ChoiceLoader([FileSystemLoader(templates), _SHIPPED])
    return ImmutableSandboxedEnvironment(loader=loader, finalize=_finalize, **_SETTINGS)


def _read_sections(text: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """A rendered template's title, sections and small print: "# " is the title, "~ " small print, the rest sections."""
    title, sections, small = "", [], []
    for paragraph in map(str.strip, text.split("\n\n")):
        kind = paragraph[:2]
        if kind == "# ":
            title, _, rest = paragraph[2:].partition("\n")
            sections.extend([rest] if rest else [])
        elif kind == "~ ":
            small.append(paragraph[2:])
        elif paragraph:
            sections.append(paragraph)
    return title, tuple(sections), tuple(small)
