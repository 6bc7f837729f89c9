"""Answers put into words: safe for Slack whatever was asked, sourced, and a clinic's own templates in front."""

import importlib
import pkgutil
import re
from pathlib import Path

import pytest
from structlog.testing import capture_logs

import bot.answers
from bot.answers.answer import Answer
from bot.answers.described import Described
from bot.answers.helped import Helped
from bot.answers.no_such_code import NoSuchCode
from bot.bot import Bot
from bot.cases import read_cases
from bot.question import Question
from bot.reply import OUR_WORDING, Footnotes, Writer, _own_environment, escape_for_slack
from knowledge.library import Library
from knowledge.statement import Source, Statement

HOSTILE = "<!channel> & <@U123> <https://evil.example|click>"
HARMLESS = "&lt;!channel&gt; &amp; &lt;@U123&gt; &lt;https://evil.example|click&gt;"
CASES = sorted((Path(__file__).parents[1] / "questions").glob("*.jsonl"))
MARKS = re.compile(r" ?(?:(?:\[\d+\])+|°)|\*")
REPLIES = Path(bot.answers.__file__).parent.parent / "replies"


def not_known(number: str = "97119") -> NoSuchCode:
    """An answer that says back what was typed."""
    return NoSuchCode(number=number, retired=None, meant=(), elsewhere=True)


@pytest.fixture
def writer(library: Library) -> Writer:
    return Writer(library.sources)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A clinic's folder of templates."""
    folder = tmp_path / "templates"
    folder.mkdir()
    return folder


@pytest.mark.parametrize(
    ("question", "gist"),
    [
        (
            "what code for stair training?",
            "Stairs: 97116 or 97530? What was the aim: how the person walks the stairs, or getting a whole task done?",
        ),
        ("units: 20 min 97110, 15 min 97140", "Medicare: 97110 ×1 · 97140 ×1"),
        (
            "97150 and 97110 same day?",
            "97150 + 97110: yes, with a modifier – 97150 is column one and paid. 97110 needs 59 (or XU) on its line, "
            "and minutes of its own (indicator 1).",
        ),
        (
            "59 modifier for 97140 and 97530?",
            "97140 + 97530: yes, without a modifier – Medicare has no edit between them.",
        ),
        ("they've used 2,500 of PT money, need KX?", "Yes: KX, beside GP"),
        ("modifier for PTA doing 97110", "GP CQ on 97110"),
        ("do I need CQ if the PTA did 97110", "Yes: CQ on 97110, beside GP"),
        (
            "squats",
            "Squats and lunges: 97110, 97530 or 97112? Was the aim stronger legs, a whole task such as lifting, or "
            "control of the movement?",
        ),
        (
            "is 97542 timed",
            "97542 · Wheelchair management – Timed: 15-minute units (recalled, not checked) · one-on-one",
        ),
        (
            "does 97010 pay anything on medicare",
            "97010 · Hot or cold pack – Medicare 2026: status B, bundled: never paid on its own",
        ),
        (
            "what is the MUE of 97112",
            "97112 · Neuromuscular re-education – Most units a day that Medicare takes without question: 4 (as of "
            "2024-07-01)",
        ),
        ("can OT use 97116", "97116 · Gait training – Billed by PT, OT"),
        ("how much does medicare pay for 97010", "Medicare 2026: 97010 never paid on its own"),
        ("kx threshold 2026", "KX threshold 2026: $2,480"),
        ("thanks", "You're welcome. Ask any time."),
    ],
)
def test_the_gist_of_a_reply_reads_well_in_one_line(answering: Bot, question: str, gist: str) -> None:
    assert answering.answer(question).reply.gist == gist


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_no_sentence_stands_twice_under_each_other_and_one_is_no_plural(answering: Bot, file: Path) -> None:
    """What two codes have in common may stand under each of them, a paragraph or more apart."""
    for case in read_cases(file):
        for section in answering.answer(case.question).reply.sections:
            said = [one.strip("• ") for one in re.split(r"(?<=[.?])\s+|\n", MARKS.sub("", section))]
            long = [one for one in said if len(one) > 25 and "=" not in one]
            assert len(long) == len(set(long)), (case.question, section)
            assert not re.search(r"\b1 (?:units|minutes|codes)\b|\bNone\b|\(\)", section), (case.question, section)


def test_a_code_that_is_added_to_another_is_no_choice_against_it(answering: Bot) -> None:
    said = answering.answer("97545 and 97546 difference").reply.text
    assert "97546 comes on top of 97545, and is never billed without it." in said
    assert "Not both for the same minutes" not in said


def test_codes_whose_minutes_do_not_count_are_not_parted_by_minutes(answering: Bot) -> None:
    assert "Only one of them." in answering.answer("97161 vs 97162").reply.text
    assert "Not both for the same minutes." in answering.answer("97110 vs 97530").reply.text


def test_what_many_codes_have_in_common_stands_once(answering: Bot) -> None:
    splints = answering.answer("splint").reply
    assert splints.title == "Splint, brace, orthosis: which code?"
    assert splints.text.count("Injury, joints held") == 1
    assert splints.text.count("Timing and note as for 29125.") == 6
    needling = answering.answer("20560 vs 20561").reply.text
    assert needling.count("Each muscle needled") == 1
    assert "Timing and note as for 20560." in needling


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("fluido wrist 15 min", "15 min: *1 unit*"),
        ("what is 97530 for aetna", "Other payers need not follow Medicare"),
        ("what is 97530 for aetna", "several payers deny the pair"),
        ("what is 97140 for medicare advantage", "Ask the plan before you bill"),
        ("20 min TE, 15 min blorp", "*Not counted*: 15 min “blorp”"),
        ("20 min TE, 15 min foam beam", "“foam beam” was taken as 97112."),
        ("is 38 min enough for 3 units", "Yes: 38 timed minutes are 3 units"),
        ("3 units 97110 and 1 97140 for 50 min ok?", "No: 50 timed minutes are 3 units at most"),
        ("20 min TE, ultrasond to the supraspinatus 8 min", "• 97035 Ultrasound"),
        ("45 mins", "Of one 15-minute code they are 3 units"),
    ],
)
def test_what_a_question_tells_besides_is_answered_too(answering: Bot, question: str, said: str) -> None:
    assert said in answering.answer(question).reply.text


def test_a_plain_name_in_a_visit_is_no_guess(answering: Bot) -> None:
    assert "was taken as" not in answering.answer("20 min TE, ultrasond to the supraspinatus 8 min").reply.text


def test_where_there_is_nothing_to_copy_it_is_said(answering: Bot) -> None:
    said = answering.answer("5 min 97110, 2 min 97140").reply.text
    assert "By both: nothing" in said
    assert "there is nothing to bill to Medicare" in said


def test_a_typed_value_is_escaped_in_the_shipped_templates(writer: Writer) -> None:
    reply = writer.render(not_known(HOSTILE))

    assert reply.title == f"I do not know {HARMLESS}"
    assert "<" not in reply.text


@pytest.mark.parametrize(
    "template",
    [
        "{{ number }}",
        "{{ number | safe }}",
        "{{ '' ~ number }}",
        "{{ number | replace('x', 'y') | safe }}",
        "{{ [number] | join }}",
        "{% set typed = number %}{{ typed }}",
        "{% set typed %}{{ number }}{% endset %}{{ typed }}",
        "{% macro shout(value) %}{{ value }}{% endmacro %}{{ shout(number) }}",
        "{% filter trim %}{{ number }}{% endfilter %}",
        "{% filter replace('&lt;', '<') | replace('&gt;', '>') %}{{ number }}{% endfilter %}",
        "{% autoescape false %}{{ number }}{% endautoescape %}",
        "{{ '<!channel>' }}",
        "{{ '<' ~ '!channel>' }}",
        "{{ '<' }}!channel{{ '>' }}",
        "{{ '%s' | format(number) }}",
        "<!channel> <!here> <!everyone> <!subteam^S1> written by the clinic itself",
    ],
)
def test_no_question_and_no_template_can_make_the_bot_call_a_channel(
    library: Library, own: Path, template: str
) -> None:
    (own / "no_such_code.j2").write_text(template, encoding="utf-8")

    with capture_logs() as logs:
        reply = Writer(library.sources, own).render(not_known(HOSTILE))

    assert logs == []
    assert "<!" not in reply.text


async def test_a_hostile_question_gets_a_reply_without_a_mention_a_link_or_a_call(bot: Bot) -> None:
    for typed in (
        "<!channel> 97110",
        "&lt;!channel&gt; 97110-59",
        "&lt;!channel&gt; what code for gait training",
        "97119 &lt;!here&gt;",
        "{{ 7 * 7 }} 97110 {% raw %}",
        "&lt;https://evil.example|97110&gt; vs 97112",
    ):
        reply = await bot.ask(Question(text=typed, door="mention"))
        assert reply is not None
        assert "<" not in reply.text
        assert "49" not in reply.title


@pytest.mark.parametrize(
    ("value", "escaped"),
    [("a < b", "a &lt; b"), ("&lt;", "&amp;lt;"), ("<!here>", "&lt;!here&gt;"), (12, "12"), (None, "None")],
)
def test_the_three_characters_that_slack_acts_upon_are_escaped(value: object, escaped: str) -> None:
    assert escape_for_slack(value) == escaped


def test_every_kind_of_answer_has_its_template_and_every_template_its_kind() -> None:
    for module in pkgutil.iter_modules(bot.answers.__path__):
        importlib.import_module(f"bot.answers.{module.name}")

    kinds = {kind.kind for kind in Answer.__subclasses__()}
    templates = {path.stem for path in REPLIES.glob("*.j2") if not path.stem.startswith("_")}
    assert kinds == templates


def test_every_shipped_template_compiles_in_the_sandbox() -> None:
    environment = _own_environment(REPLIES)

    for path in REPLIES.glob("*.j2"):
        environment.get_template(path.name)


def test_the_shipped_templates_say_nothing_of_their_own_that_would_be_escaped() -> None:
    """What they say is escaped as a whole, and a clinic's templates, which may have markup, value by value."""
    environment = _own_environment(REPLIES)
    for file in REPLIES.glob("*.j2"):
        said = [text for _, kind, text in environment.lex(file.read_text("utf-8")) if kind == "data"]
        assert [text for text in said if escape_for_slack(text) != text] == [], file.name


def test_the_shipped_templates_say_the_same_in_the_sandbox(library: Library, answering: Bot, writer: Writer) -> None:
    """There they are rendered as Jinja does it by itself: their pieces included, each value escaped."""
    in_sandbox = Writer(library.sources, REPLIES)
    asked = [case.question for file in CASES for case in read_cases(file)][::9]
    for answer in [answering.answer(one).answer for one in (*asked, "97119 & <!channel>", "is <b> & 97110 ok?")]:
        assert in_sandbox.render(answer) == writer.render(answer), answer


def test_every_entry_can_be_described(library: Library, writer: Writer) -> None:
    for code, entry in library.entries.items():
        reply = writer.render(Described(entry=entry, modifiers_typed=("59",), codes=(code,)))
        assert reply.title.startswith(code)
        assert reply.small


@pytest.mark.parametrize(
    "name", ["{{ nothing }}", "{{ number.nothing }}", "{% if nothing %}{% endif %}", "{{ nothing.more }}"]
)
def test_a_name_that_an_answer_lacks_is_an_error_and_no_empty_word(library: Library, own: Path, name: str) -> None:
    (own / "no_such_code.j2").write_text(f"Sure: {name}", encoding="utf-8")

    with capture_logs() as logs:
        reply = Writer(library.sources, own).render(not_known())

    assert "Sure" not in reply.text
    assert [one["fault"] for one in logs] == ["UndefinedError"]


@pytest.mark.parametrize(
    "trick",
    [
        "{{ ''.__class__ }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ '' | attr('__class__') }}",
        "{{ ''['__class__'] }}",
        "{{ '{0.__class__}'.format('') }}",
        "{{ '{x.__class__}'.format_map({'x': 1}) }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ self.__init__ }}",
        "{{ say.__globals__ }}",
        "{{ notes.say.__func__ }}",
        "{{ notes.cited.append('x') }}",
        "{{ notes.__dict__ }}",
    ],
)
def test_the_sandbox_refuses_what_leads_out_of_it(library: Library, own: Path, writer: Writer, trick: str) -> None:
    (own / "no_such_code.j2").write_text(f"leaked: {trick}", encoding="utf-8")

    with capture_logs() as logs:
        reply = Writer(library.sources, own).render(not_known())

    assert reply == writer.render(not_known())
    assert [one["fault"] for one in logs] == ["SecurityError"]


@pytest.mark.parametrize("place", ["../../pyproject.toml", "/etc/passwd", "..\\secrets.j2", "../templates/own.j2"])
def test_a_template_reads_nothing_outside_its_folder(library: Library, own: Path, writer: Writer, place: str) -> None:
    (own / "own.j2").write_text("inside", encoding="utf-8")
    (own / "no_such_code.j2").write_text(f"{{% include {place!r} %}}", encoding="utf-8")

    with capture_logs() as logs:
        assert Writer(library.sources, own).render(not_known()) == writer.render(not_known())
    assert logs[0]["fault"] == "TemplateNotFound"


def test_a_clinics_own_template_stands_in_front_of_the_shipped_one(library: Library, own: Path) -> None:
    (own / "no_such_code.j2").write_text("# Ask Kim about {{ number }}\n\n~ our own words\n", encoding="utf-8")

    reply = Writer(library.sources, own).render(not_known("97119"))

    assert (reply.title, reply.sections, reply.small) == ("Ask Kim about 97119", (), ("our own words",))


def test_kinds_that_a_clinic_left_alone_are_told_in_the_shipped_words(
    library: Library, own: Path, writer: Writer
) -> None:
    (own / "no_such_code.j2").write_text("# Ask Kim\n", encoding="utf-8")

    assert Writer(library.sources, own).render(Helped()) == writer.render(Helped())


def test_a_clinics_template_may_include_the_shipped_pieces(library: Library, own: Path) -> None:
    (own / "described.j2").write_text(
        '# {{ entry.code }}\n{{ say(entry.plain) }}\n{% include "_sources.j2" %}', "utf-8"
    )
    entry = library.entries["97110"]

    reply = Writer(library.sources, own).render(Described(entry=entry, modifiers_typed=(), codes=("97110",)))

    assert reply.title == "97110"
    assert reply.small[0].startswith("[1] ")


@pytest.mark.parametrize(
    ("faulty", "fault"),
    [
        (b"{% for", "TemplateSyntaxError"),
        (b"{{ no_such_name }}", "UndefinedError"),
        (b"{{ number.no_such_part }}", "UndefinedError"),
        (b"{{ number | no_such_filter }}", "TemplateAssertionError"),
        (b"{{ 1 / 0 }}", "ZeroDivisionError"),
        (b"{{ say(5) }}", "AttributeError"),
        (b"{{ mark('NO_SUCH_SOURCE') }}{{ notes.lines }}", "KeyError"),
        (b"{% include 'no_such_code.j2' %}", "RecursionError"),
        (b"{% include 'no_such_file.j2' %}", "TemplateNotFound"),
        (b"{{ range(1000000000) | list }}", "OverflowError"),
        (b"\xff\xfe", "UnicodeDecodeError"),
        (b"", "TemplateRuntimeError"),
    ],
)
def test_a_faulty_template_falls_back_to_the_shipped_one_and_is_logged_without_the_text(
    library: Library, own: Path, writer: Writer, faulty: bytes, fault: str
) -> None:
    (own / "no_such_code.j2").write_bytes(faulty)

    with capture_logs() as logs:
        reply = Writer(library.sources, own).render(not_known("s3cret words"))

    assert reply == writer.render(not_known("s3cret words"))
    (told,) = logs
    assert (told["log_level"], told["template"], told["fault"]) == ("error", "no_such_code.j2", fault)
    assert "s3cret" not in str(logs)


def test_the_line_of_a_syntax_error_is_told(library: Library, own: Path) -> None:
    (own / "no_such_code.j2").write_text("# fine\nfine\n{% endfor %}\n", encoding="utf-8")

    with capture_logs() as logs:
        Writer(library.sources, own).render(not_known())

    assert logs[0]["line"] == 3


SOURCES = {
    "FIRST": Source(key="FIRST", title="The first, 2024", where="here", dated="2024-07", trust="high"),
    "SECOND": Source(key="SECOND", title="The second", where="there", dated="2025-01", trust="high"),
}


def test_sources_are_numbered_as_they_are_cited_and_keep_their_number() -> None:
    notes = Footnotes(SOURCES)

    assert notes.say(Statement(text="One.", sources=("SECOND",))) == "One. [1]"
    assert notes.say(Statement(text="Two.", sources=("FIRST", "SECOND"))) == "Two. [2][1]"
    assert notes.mark("FIRST") == " [2]"
    assert notes.lines == ("[1] The second (2025-01)", "[2] The first, 2024")


def test_a_sentence_without_a_source_is_marked_as_our_wording() -> None:
    notes = Footnotes(SOURCES)

    assert notes.say(Statement(text="We think so.")) == "We think so. °"
    assert notes.lines == (f"° {OUR_WORDING}",)


def test_nothing_is_said_of_our_wording_where_every_sentence_has_a_source() -> None:
    notes = Footnotes(SOURCES)
    notes.say(Statement(text="One.", sources=("FIRST",)))

    assert notes.lines == ("[1] The first, 2024",)


@pytest.mark.parametrize(
    ("caution", "words"),
    [("recalled", "recalled, not checked"), ("unverified", "not verified"), ("disputed", "authorities disagree")],
)
def test_a_caution_stands_behind_the_sentence(caution: str, words: str) -> None:
    statement = Statement.model_validate({"text": "So.", "sources": ("FIRST",), "caution": caution})

    assert Footnotes(SOURCES).say(statement) == f"So. [1] ({words})"


async def test_each_mark_in_a_reply_is_explained_below_it_and_each_note_is_marked(bot: Bot) -> None:
    for typed in ("97110", "what code for stair training", "97110 or 97530", "what to document for 97140"):
        reply = await bot.ask(Question(text=typed, door="terminal"))
        assert reply is not None
        said, small = "\n".join((reply.title, *reply.sections)), "\n".join(reply.small)
        for number in range(1, 30):
            assert (f"[{number}]" in said) == (f"[{number}] " in small)
        assert (" °" in said) == (f"° {OUR_WORDING}" in small)


def test_a_reply_is_a_title_its_sections_and_its_small_print(library: Library, own: Path) -> None:
    (own / "helped.j2").write_text("# Title\nright below\n\nfirst\nstill first\n\n\n\nsecond\n\n~ small\n", "utf-8")

    reply = Writer(library.sources, own).render(Helped())

    assert reply.title == "Title"
    assert reply.sections == ("right below", "first\nstill first", "second")
    assert reply.small == ("small",)
    assert reply.text == "Title\n\nright below\n\nfirst\nstill first\n\nsecond\n\nsmall"
