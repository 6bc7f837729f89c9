"""Questions as a clinic types them: with the details of invented people in them, and without any."""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from faker import Faker

from bot.cases import read_cases
from knowledge.library import Library

SEED = 20260101
QUESTIONS = Path(__file__).parents[1] / "questions"
LETTERS_OF_MBI = "ACDEFGHJKMNPQRTUVWXY"  # without S, L, O, I, B and Z, by CMS's published format

BODIES = """\
97110 x2 and 97140 x1, how many units?
what code for stair training?
30 min of 97530, Medicare
97110-59 GP with 97140 same day?
is G0283 right for unattended estim
97161 or 97162?
gait training 23 min
20 min TE + 10 min MT, units?
can I bill 97535 for tub transfers
Epley maneuver, which code
McKenzie exercises 15 minutes in 2026
Berg balance scale, do I use 97750?
M54.50 and 97140 denied, why
97597 vs 97602
orthotic fitting L3906 30 min
97116 and 97530 on DOS, KX needed?
splint L1902 and 97760
group of 3, 97150
dry needling 3 muscles 20561
92507 and 92526 same day""".splitlines()

# {name} is first and last, {first} and {last} one of them, {initial} the last name's letter, {initials} both with dots.
NAME_FRAMES = """\
pt {name} needs stair training, which code?
Patient {name} did 20 min of 97110
for {name}'s gait training what do I bill
{name} needs gait training
{name} had 20 min of 97112
Mr. {last} got 15 min manual therapy
Mrs. {last} walked 200 feet, code?
Ms. {last} had dry needling of 3 muscles
Mr {name} 97110 x2
Mrs {last}'s gait training 20 min
Dr. {last} wants dry needling for the knee
my patient {name} walked 200 ft with a walker
my pt {name}, 97530 x2
{first} {initial}., {young}yo, handwriting
{first} {initial}. {young} y/o needs feeding therapy
{first}, {young}yo, gait training
{young}yo {first} needs OT
{last}, {first}: 97110 x2
{initials} {young}yo stairs
pt {initials} did 20 min of 97110
{initials}, {young} y/o male, 97112
pt name: {name}, 97530
Patient name is {name}. 97161 or 97162?
patient is {name}, moderate eval
saw {name} for 30 min of 97110
treated {name} today, 97140 25 min
eval for {name} 97161 or 97162?
97110 x2 {name} 30 min total
can I bill 97530 for {name}
97112 for {name}, 23 min
{first}'s mom got caregiver training, 97550?
pt {first} did 15 min of stairs
my patient {first} wants dry needling
the {last} family got caregiver training
client {name} was late, 97110 8 min
resident {name}: wheelchair fitting 97542
{name}'s wheelchair fitting, 30 min
{first} {middle} {last} needs 97530
{first} {initial}. {last} did 97110
pt {first} {last}-{other} did 97110
re: {name} - 97140 denied with 97530
hi, {name} has been denied for 97140
{name} is {young} years old and got 97112
Can I bill 97116 with {name}?
{name} {young}yo 97530
evaluated {name} with 97163
discharged {name} last week, 97164?
caregiver training with {name}'s wife
worked on stairs with {name} for 20 min
97110 20 min ({name})""".splitlines()

OTHER_FRAMES: dict[str, list[str]] = {
    "date of birth": """\
DOB {it}
dob: {it}
D.O.B. {it}
date of birth {it}
date of birth is {it}
born {it}
born on {it}
birthdate {it}
birthday: {it}
pt dob={it}
(DOB {it})
DOB- {it}
bday {it}""".splitlines(),
    "other personal date": """\
admitted {it}
admitted on {it}
discharged {it}
surgery on {it}
date of injury {it}
DOI {it}
injured {it}
onset {it}
had a stroke on {it}
fell on {it}
TKA {it}""".splitlines(),
    "age over 89": """\
{it} yo
{it}yo
{it} y/o
{it} year old
{it}-year-old
{it} years old
{it} yrs old
aged {it}
age {it}
pt is {it}
age: {it}
{it} yo f""".splitlines(),
    "SSN": """\
SSN {it}
ssn: {it}
SSN# {it}
ssn is {it}
social security number {it}
social {it}
soc sec # {it}
{it}""".splitlines(),
    "MRN": """\
MRN {it}
mrn: {it}
MRN#{it}
mrn # {it}
mrn is {it}
MRN no. {it}
medical record number {it}
med rec {it}
medical record # {it}
patient id {it}""".splitlines(),
    "account or member number": """\
acct {it}
account number {it}
acct # {it}
account no. {it}
member id {it}
member # {it}
Member ID: {it}
policy number {it}
subscriber id {it}
claim # {it}
claim number {it}
auth # {it}
medicaid id {it}
group number {it}
chart #{it}""".splitlines(),
    "Medicare id": """\
MBI {it}
mbi: {it}
mbi is {it}
Medicare number {it}
medicare id {it}
Medicare # {it}
medicare beneficiary identifier {it}
{it}""".splitlines(),
    "phone or fax": """\
phone {it}
ph {it}
cell: {it}
tel. {it}
call {it}
fax {it}
fax number is {it}
text me at {it}
reach her at {it}
{it}""".splitlines(),
    "e-mail": """\
{it}
email {it}
e-mail: {it}
write to {it}
contact {it}""".splitlines(),
    "address": """\
lives at {it}
address {it}
address: {it}
home visit at {it}
from {it}
{it}""".splitlines(),
    "link": """\
{it}
see {it}
portal: {it}""".splitlines(),
    "device serial": """\
serial number {it}
serial # {it}
s/n {it}
SN: {it}
device id {it}
TENS serial no. {it}""".splitlines(),
    "licence or plate": """\
driver's license {it}
license plate {it}
DL# {it}
plate # {it}""".splitlines(),
}
KINDS_TO_LOSE_ALL = ("SSN", "MRN", "Medicare id", "phone or fax", "e-mail", "date of birth")
LOWER_NAMES = "name, in lower case"


@dataclass(frozen=True)
class Detail:
    """What was typed of a person, and which kind of detail it is."""

    kind: str
    typed: str


@dataclass(frozen=True)
class Asked:
    """A question with details in it; `frame` is what was typed around them."""

    text: str
    frame: str
    details: tuple[Detail, ...]


class Clinic:
    """Invented people, always the same ones for a seed."""

    def __init__(self, seed: int = SEED) -> None:
        self.random = random.Random(seed)  # noqa: S311  # no secret hangs on it
        self.fake = Faker("en_US")
        self.fake.seed_instance(seed)
        self._makers: dict[str, Callable[[], str]] = {
            "date of birth": lambda: self._day(1931, 2025, with_year=True),
            "other personal date": lambda: self._day(2024, 2026, with_year=self.random.random() < 0.6),
            "age over 89": lambda: str(self.random.choice([*range(90, 106), 110])),
            "SSN": self._ssn,
            "MRN": self._mrn,
            "account or member number": self._account,
            "Medicare id": self._mbi,
            "phone or fax": self.fake.phone_number,
            "e-mail": self._email,
            "address": self._address,
            "link": self._link,
            "device serial": lambda: self.fake.bothify(
                self.random.choice(["??-#####", "?#######", "########", "##?####?#"])
            ).upper(),
            "licence or plate": lambda: self.fake.bothify(
                self.random.choice(["?#######", "########", "???-####", "??######"])
            ).upper(),
        }

    def questions(self, count: int) -> Iterator[Asked]:
        """So many questions, with a name in more than half of them and every other kind in turn."""
        kinds = list(OTHER_FRAMES)
        for number in range(count):
            has_name = number % 5 != 0
            frame, details = self._named() if has_name else (self.random.choice(BODIES), [])
            others = [kinds[number % len(kinds)]] if not has_name or number % 3 == 0 else []
            if not has_name and self.random.random() < 0.3:
                others.append(kinds[(number + 5) % len(kinds)])
            text = frame
            for detail in details:
                text = text.replace("\0", detail.typed, 1)
            frame = frame.replace("\0", " ")
            for kind in others:
                beside, typed = self.random.choice(OTHER_FRAMES[kind]), self._makers[kind]()
                text = self._joined(text, beside.format(it=typed))
                frame = f"{frame} {beside.format(it=' ')}"
                details.append(Detail(kind, typed))
            yield self._in_case(text, frame, details)

    def _joined(self, text: str, beside: str) -> str:
        forms = ["{text}, {beside}", "{beside}, {text}", "{text} - {beside}", "{text} ({beside})", "{beside}: {text}"]
        return self.random.choice(forms).format(text=text, beside=beside)

    def _in_case(self, text: str, frame: str, details: list[Detail]) -> Asked:
        chance = self.random.random()
        if chance < 0.3:
            text = text.lower()
        elif chance < 0.34:
            text = text.upper()
        if chance < 0.34:
            details = [Detail(LOWER_NAMES if one.kind == "name" else one.kind, one.typed) for one in details]
        return Asked(text, frame, tuple(details))

    def _named(self) -> tuple[str, list[Detail]]:
        """A frame with a mark for each name in it, and the names."""
        frame = self.random.choice(NAME_FRAMES)
        first, last = self.fake.first_name(), self.fake.last_name()
        filled = {
            "{name}": f"{first} {last}",
            "{first} {middle} {last}": f"{first} {self.fake.first_name()} {last}",
            "{first} {initial}. {last}": f"{first} {self.random.choice('ABCDEJKMPRST')}. {last}",
            "{first} {last}-{other}": f"{first} {last}-{self.fake.last_name()}",
            "{last}, {first}": f"{last}, {first}",
            "{first} {initial}": f"{first} {last[0]}",
            "{initials}": f"{first[0]}.{last[0]}.",
            "{first}": first,
            "{last}": last,
        }
        frame = frame.replace("{young}", str(self.random.randint(3, 17)))
        for slot, typed in filled.items():
            if slot in frame:
                return frame.replace(slot, "\0"), [Detail("name", typed)]
        raise AssertionError(frame)

    def _day(self, since: int, until: int, *, with_year: bool) -> str:
        day = self.fake.date_between_dates(date_start=_first_of(since), date_end=_first_of(until))
        forms = [
            "%m/%d/%Y",
            "%m/%d/%y",
            "%m-%d-%Y",
            "%Y-%m-%d",
            "%B %d, %Y",
            "%b %d %Y",
            "%d %B %Y",
            "%d-%b-%Y",
            "%m.%d.%Y",
        ]
        if not with_year:
            forms = ["%m/%d", "%B %d", "%b %d"]
        typed = day.strftime(self.random.choice(forms))
        return re.sub(r"\b0(\d)\b", r"\1", typed) if self.random.random() < 0.5 and "-" not in typed else typed

    def _ssn(self) -> str:
        typed = str(self.fake.ssn())
        return typed.replace("-", self.random.choice(["-", "-", "-", " ", "", "."]))

    def _mrn(self) -> str:
        return self.fake.bothify(
            self.random.choice(["######", "#######", "########", "00######", "A-#####", "M#######"])
        )

    def _account(self) -> str:
        return self.fake.bothify(
            self.random.choice(["########", "####-####", "W#########", "XYZ#########", "##########"])
        )

    def _mbi(self) -> str:
        pick, letters = self.random.choice, LETTERS_OF_MBI
        both = letters + "0123456789"
        typed = (
            pick("123456789") + pick(letters) + pick(both) + pick("0123456789") + "-" + pick(letters) + pick(both)
            + pick("0123456789") + "-" + pick(letters) + pick(letters) + f"{self.random.randint(0, 99):02}"
        )  # fmt: skip
        return typed.replace("-", pick(["-", "", " "]))

    def _email(self) -> str:
        typed = str(self.fake.email())
        form = self.random.random()
        if form < 0.15:
            return typed.replace("@", " at ").replace(".", " dot ")
        return typed.replace("@", " (at) ") if form < 0.2 else typed

    def _address(self) -> str:
        typed = str(self.fake.address() if self.random.random() < 0.5 else self.fake.street_address())
        return typed.replace("\n", self.random.choice([" ", ", "]))

    def _link(self) -> str:
        number = self.random.randint(1000, 999_999)
        links = (
            f"{self.fake.url()}patient/{number}",
            f"{self.fake.url()}?mrn={number}",
            f"www.{self.fake.domain_name()}/p/{number}",
            f"{self.fake.domain_name()}/chart/{number}",
            str(self.fake.ipv4()),
        )
        return self.random.choice(links)


def _first_of(year: int) -> date:
    return date(year, 1, 1)


CLEAN_FRAMES = """\
what code for {it}
{it} 15 min, how many units
pt did {it} for 20 min
patient needs {it}
can I bill {it} with 97140 same day
97110 and {it}, modifier 59?
{it} for my patient
is {it} billable to Medicare in 2026
saw pt for {it}
{it} with a 9 yo
Did {it} with the patient today
{it}?
pt {it}
PT and OT both did {it}
for {it} do I use 97530
patient education on {it}
{It} needs which code
{It} and 97112, 23 min""".splitlines()


def clean_questions(library: Library, seed: int = SEED) -> list[str]:
    """Questions without anybody in them: the cases that hide none, and what the shelves hold in many frames."""
    chooser = random.Random(seed)  # noqa: S311  # no secret hangs on it
    cases = [case for file in sorted(QUESTIONS.glob("*.jsonl")) for case in read_cases(file)]
    asked = [case.question for case in cases if not case.hidden]
    said = {name for entry in library.entries.values() for name in (entry.title, *entry.names)}
    said |= {name for topic in library.topics.values() for name in (topic.title, *topic.names)}
    said |= {name for contrast in library.contrasts.values() for name in (contrast.title, *contrast.names)}
    names = sorted(said)
    chooser.shuffle(names)
    asked += [chooser.choice(CLEAN_FRAMES).format(it=name, It=name[0].upper() + name[1:]) for name in names]
    return asked
