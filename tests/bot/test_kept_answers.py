"""What was answered before is found again without a search, and only where it is the same in all that matters."""

import asyncio
from datetime import UTC, date, datetime

from sqlmodel import Session

from bot.answers.answer import Answer
from bot.answers.unknown import Unknown
from bot.bot import Bot
from bot.clinics import Clinic
from bot.kept_answers import KeptAnswers
from bot.privacy import scrub
from bot.question import Question
from bot.question_log import QuestionFilter, read_questions

DAY = date(2026, 3, 2)


class Shelves:
    """What answers are found on."""


class Finder:
    """Counts how often an answer was looked for."""

    def __init__(self) -> None:
        self.found = 0

    def __call__(self) -> Answer:
        self.found += 1
        return Unknown(nearest=())


def test_the_same_question_on_the_same_day_and_shelves_is_not_searched_again() -> None:
    kept, find, shelves = KeptAnswers(), Finder(), Shelves()
    first = kept.find("stairs", DAY, shelves, find)
    assert kept.find("stairs", DAY, shelves, find) is first
    assert find.found == 1


def test_another_text_day_or_shelf_is_searched_anew() -> None:
    kept, find, shelves = KeptAnswers(), Finder(), Shelves()
    for text, day, where in (
        ("stairs", DAY, shelves),
        ("stair", DAY, shelves),
        ("stairs", date(2026, 3, 3), shelves),
        ("stairs", DAY, Shelves()),
    ):
        kept.find(text, day, where, find)
    assert find.found == 4


def test_the_answer_asked_for_longest_ago_makes_room() -> None:
    kept, find, shelves = KeptAnswers(most=2), Finder(), Shelves()
    for text in ("a", "b", "a", "c", "a", "b"):
        kept.find(text, DAY, shelves, find)
    assert find.found == 4


def test_shelves_that_are_gone_are_not_kept_alive() -> None:
    kept, shelves = KeptAnswers(), Shelves()
    kept.find("stairs", DAY, shelves, Finder())
    key = next(iter(kept._answers))
    del shelves
    assert key[0]() is None


def test_only_text_that_the_gate_left_alone_is_kept() -> None:
    kept = KeptAnswers()
    for text in ("what is 97110", "97110 for Maria Lopez, DOB 4/12/1951", "what is 97110"):
        assert kept.scrub(text) == scrub(text)
    assert list(kept._clean) == ["what is 97110"]


async def test_a_repeated_question_has_the_same_words_and_its_own_row(bot: Bot) -> None:
    asked = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    texts = ["20 min stairs, 15 min manual", "97110 for Maria Lopez, DOB 4/12/1951"] * 2
    told = [await bot.tell(Question(text=text, door="terminal", asked_at=asked)) for text in texts]
    assert told[0] is not None
    assert told[1] is not None
    assert [one and one.reply for one in told] == [told[0].reply, told[1].reply] * 2
    assert told[1].removed == ("date", "name")
    with Session(bot.log.engine) as session:
        assert len(list(read_questions(session, QuestionFilter()))) == 4


class Watched(Bot):
    """Knows in which turn of the event loop each question was understood."""

    turn = 0

    def __init__(self, bot: Bot) -> None:
        super().__init__(bot.index, bot._writer, bot.log)
        self.turns: list[int] = []

    def clinic(self, workspace: str) -> Clinic:
        self.turns.append(self.turn)
        return super().clinic(workspace)

    async def ask_at_once(self, texts: list[str]) -> list[int]:
        """The turns in which the questions were understood, asked all at once."""
        self.turns = []
        counting = asyncio.create_task(self._count())
        await asyncio.gather(*(self.ask(Question(text=text, door="terminal")) for text in texts))
        counting.cancel()
        return self.turns

    async def _count(self) -> None:
        while True:
            await asyncio.sleep(0)
            self.turn += 1


async def test_new_questions_leave_the_event_loop_a_turn_between_them_and_known_ones_need_none(bot: Bot) -> None:
    watched, texts = Watched(bot), [f"{minutes} min gait" for minutes in range(8, 28)]
    assert len(set(await watched.ask_at_once(texts))) == len(texts)
    assert len(set(await watched.ask_at_once(texts))) == 1
