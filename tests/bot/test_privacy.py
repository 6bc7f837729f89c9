"""The gate: what identifies a patient goes, in whatever spelling; what a coder needs stays, to the letter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session, select

from bot.bot import Bot
from bot.privacy import Detail, scrub
from bot.question import Question
from bot.question_log import QuestionRow

# What is typed, and what may not be left of it.
DETAILS: dict[Detail, list[str]] = {
    "date": [
        "4/12/1951",
        "04-12-1951",
        "4.12.1951",
        "4/12/51",
        "4 / 12 / 1951",
        "1951-04-12",
        "1951/4/12",
        "April 12, 1951",
        "Apr. 12th 1951",
        "apr 12 '51",
        "12 April 1951",
        "12th april 1951",
        "12-Apr-1951",
        "12-apr-51",
        "DOB 4/12/1951",
        "dob: 04-12-51",
        "D.O.B. 4/12/51",
        "dob=4/12/1951",
        "dob 04121951",
        "dob 1951",
        "dob 12 apr 51",
        "dob Apr 12 '51",
        "born 4/12/1951",
        "born on April 12, 1951",
        "born in 1951",
        "born 12-Apr-1951",
        "date of birth is 1951-04-12",
        "birthdate 4/12/1951",
        "birthday: april 12 1951",
    ],
    "ssn": [
        "123-45-6789",
        "123 45 6789",
        "SSN 123-45-6789",
        "ssn: 123456789",
        "ssn is 123456789",
        "SSN# 123 45 6789",
        "social 123-45-6789",
        "social security number 123456789",
        "social security no. 123.45.6789",
    ],
    "record number": [
        "MRN 445566",
        "mrn: 00445566",
        "MRN#12345",
        "MRN #A-12345",
        "mrn=445566",
        "mrn is 445566",
        "MRN no. 445566",
        "medical record number 8877665",
        "med rec 8877665",
        "chart 889900",
        "chart no. 12345",
        "chart #12345",
        "acct 55667788",
        "account number 5566-7788",
        "member id W123456789",
        "Member ID: XYZ123456789",
        "policy 99887766",
        "policy no 99887766",
        "subscriber id ABC1234567",
        "patient id 4455667",
        "pt # 445566",
    ],
    "medicare number": [
        "1EG4-TE5-MK73",
        "1EG4TE5MK73",
        "1eg4 te5 mk73",
        "1eg4-te5-mk73",
        "MBI 1EG4TE5MK73",
        "mbi: 1EG4-TE5-MK73",
        "mbi is 1EG4TE5MK73",
        "HIC 123456789A",
        "hicn: 123-45-6789-A",
        "Medicare number 1EG4-TE5-MK73",
        "medicare id 123456789A",
    ],
    "phone": [
        "555-123-4567",
        "(555) 123-4567",
        "(555)123-4567",
        "555.123.4567",
        "555 123 4567",
        "+1 555 123 4567",
        "1-555-123-4567",
        "5551234567",
        "phone 555-1234",
        "ph 555-1234",
        "cell: 555 1234",
        "tel. 5551234",
        "call her at 555-1234",
        "text me at 5551234",
        "phone number is 555-1234",
    ],
    "e-mail": [
        "jane.doe@example.com",
        "JANE@EXAMPLE.COM",
        "jane.doe+rehab@mail.example.co.uk",
        "jane_doe-2@example.org",
        "jane @ example.com",
    ],
    "address": [
        "12 Oak Street",
        "12 oak street",
        "12 oak st",
        "12 Oak St.",
        "1234 N. Main St",
        "1234 n main st, apt 4B",
        "123 MAIN ST",
        "400 W 34th St",
        "221B Baker Street",
        "12345 Sunset Lane",
        "77 Sunset Blvd.",
        "5 Old Mill Rd",
        "9 St. James Ct",
        "8 Elm Dr, unit 2",
        "1600 Pennsylvania Ave",
        "42 Park Place",
        "lives at 12 park place",
        "address: 97110 oak way",
        "PO Box 123",
        "P.O. Box 55",
    ],
    "link": ["https://portal.example.com/p/12345", "http://x.org/?mrn=445566", "www.portal.example.com/p/123"],
}


@pytest.mark.parametrize(
    ("detail", "typed"), [(detail, typed) for detail, spellings in DETAILS.items() for typed in spellings]
)
@pytest.mark.parametrize("question", ["{}", "pt {}, 97110 x2 for 30 min in 2026?", "97140-59 GP ({})"])
def test_a_detail_of_a_patient_is_taken_out_and_the_rest_stays(detail: Detail, typed: str, question: str) -> None:
    scrubbed = scrub(question.format(typed))

    assert detail in scrubbed.removed
    before, after = question.split("{}")
    assert scrubbed.text.startswith(before)
    assert scrubbed.text.endswith(after)
    left = scrubbed.text.removeprefix(before).removesuffix(after)
    assert not any(char.isdigit() for char in left)
    assert f"[{detail}]" in left


CLEAN = """\
what code for stair training?
97110
CPT 97530-59 GP
97110 x2, 97140 x1, 30 min total
97161/2/3
97161/62/63 which one
97161, 97162 or 97163
97110 97530 97140 97112
G0283-GP vs 97014
0552T
971110
9711097530
modifier 59 97530 97140
97140 GP KX 59
20560 vs 20561, 3 muscles
98977 16 days in 30 days
98966 11 minutes
phone 98966 98967 98968
phone call 98966-98968
call 98966, 98967 or 98968
10-20-30 min of 97110
8-22-38 minutes, how many units
2-3-20 min
10/15/20 sec
97110 for 8 to 22 min
17 minutes 97110, 13 minutes 97140, 8 minutes 97035
97110 15min 97112 15min 97140 8min
97110 @ 15.5 min
2 units @ 8.5 minutes
97112 @ bedside
97110 1:1 15 min
30 min of ST
45 min of ST and 15 min of OT
97530 and ST same day
can 92507 be billed by ST
97110 with ST on the same day
60 min: 2 units ST, 2 units PT
is 97110 the best way to bill this
97110 the right way to chart it
1 more way to bill
2 units in place of 97112
10 min CT, 20 min Dr
2 PTs and 1 Dr
how do I chart 97110
how do I chart 97110x2 and 97112?
chart 97110-59
what to chart G0283
policy 97110 needs
Medicare policy 2026
policy 2026-27 changes for 97110
CMS policy 2026 on 97750
member 97110 what plan
member services 97110
account for 97110 minutes
what is an MBI identifier
mbi requirements for 97110
MRN missing on claim 97110
no DOB, 97110
social 97150 group
McKenzie exercises
Maitland grade 3 mobs
Brunnstrom stage 4
Bobath or Rood for a stroke
Epley maneuver code
Dix-Hallpike test
Berg balance scale, 15 minutes
Tinetti and 6 min walk test
Parkinson's, LSVT BIG
Dupuytren's splint
De Quervain's orthosis L3906
Bell's palsy stim 97032
Thomas test, Ober test
Graston, 12 minutes
Erb's palsy, 8 month old
walked 200 feet on the street
walked 10 feet and march in place
5 blocks down the street with a walker
97116 crossing the street
97542 power chair on rough road
stairs 12 steps, home drive way
newborn 97110
infant born 33 weeks, 97112
pt born premature, 20 min 97530
97110 in 2026
2026 fee for 97110
conversion factor 2026 vs 2025
may 15 97110
97110 march 10 minutes
97110 may 30 min
M54.5 and 97110
ICD M54.50 with 97140
$33.50 for 97110
4 reps 3 sets 10 sec
3/10/15 reps
ROM 0-120-10
BP 120/80, grip 45/50/55
5 times sit to stand 97750
90 day recert
Pub. 100-04 chapter 5 section 20.2
pt # 3 of 4 in group
patient id'd 97110 on claim
DOS 4/12/2026 97110
DOS 4/12/26 and 4/14/26: 97110 x2
date of service 2026-11-23
dates of service 11/2/2026 to 11/20/2026
visit on 4/12/2026 97110
seen on 4/12/26, 97530""".splitlines()


def test_there_are_enough_clean_questions_to_trust_the_gate() -> None:
    assert len(set(CLEAN)) >= 60


@pytest.mark.parametrize("question", CLEAN)
def test_a_question_without_a_patient_in_it_passes_unharmed(question: str) -> None:
    assert scrub(question).text == question
    assert scrub(question).removed == ()


@pytest.mark.parametrize("question", ["97110 in 2026", "97530-59 GP", "30 min of ST"])
def test_capitals_do_not_turn_a_clean_question_into_a_patient(question: str) -> None:
    for typed in (question.upper(), question.lower(), question.title()):
        assert scrub(typed).text == typed


def test_what_the_shelves_say_would_pass_the_gate_but_for_its_whole_dates(bot: Bot) -> None:
    library = bot.index.library
    sentences = [
        statement.text
        for entry in library.entries.values()
        for statement in (entry.plain, *entry.use_when, *entry.not_when, *entry.document, *entry.pitfalls)
    ]
    names = [name for entry in library.entries.values() for name in (entry.title, *entry.names)]

    assert {detail for text in (*sentences, *names) for detail in scrub(text).removed} <= {"date"}
    assert not [name for name in names if scrub(name).removed]


def test_kinds_of_detail_are_told_once_each() -> None:
    scrubbed = scrub("DOB 4/12/1951, seen 5/1/2026 by jane@example.com and joe@example.com")

    assert sorted(scrubbed.removed) == ["date", "e-mail"]


def test_a_date_of_service_stays_beside_a_date_of_birth_that_goes() -> None:
    assert scrub("DOS 4/12/2026, DOB 4/12/1951, 97110").text == "DOS 4/12/2026, [date], 97110"


@given(st.text(max_size=400))
def test_what_went_through_the_gate_passes_it_again_unchanged(text: str) -> None:
    once = scrub(text)

    assert scrub(once.text).text == once.text


@pytest.mark.parametrize(
    "hostile", ["1 a " * 500, "lives at 1 " * 180, "1-" * 1000, "dos 1/1/26 " * 180, "a@" * 1000, "A1" * 1000]
)
def test_a_hostile_text_is_scrubbed_as_well(hostile: str) -> None:
    assert isinstance(scrub(hostile).text, str)


async def test_the_log_and_the_reply_hold_nothing_of_a_patient(bot: Bot, engine: Engine) -> None:
    typed = "Pt DOB 4/12/1951, MRN 445566, ssn 123-45-6789, jane@example.com, 12 Oak St: 97110 for stairs?"

    reply = await bot.ask(Question(text=typed, door="terminal"))

    assert reply is not None
    with Session(engine) as session:
        row = session.exec(select(QuestionRow)).one()
    assert row.text == "Pt [date], [record number], [ssn], [e-mail], [address]: 97110 for stairs?"
    assert all(kind in row.removed for kind in ("date", "record number", "ssn", "e-mail", "address"))
    everything = f"{row.model_dump()} {reply}"
    for secret in ("1951", "445566", "6789", "jane", "Oak"):
        assert secret not in everything


async def test_the_asker_is_told_that_details_were_taken_out(bot: Bot) -> None:
    reply = await bot.ask(Question(text="97110, DOB 4/12/1951", door="terminal"))

    assert reply is not None
    assert any("patient's details: date" in line for line in reply.small)


async def test_slack_markup_does_not_carry_a_detail_past_the_gate(bot: Bot, engine: Engine) -> None:
    typed = "<mailto:jane@example.com|jane@example.com> <tel:5551234567|555-123-4567> 123\u200b-45-6789 97110"

    await bot.ask(Question(text=typed, door="direct_message"))

    with Session(engine) as session:
        row = session.exec(select(QuestionRow)).one()
    assert row.text == "[e-mail] [phone] [ssn] 97110"
