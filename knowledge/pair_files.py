"""CMS's pair edit files: what their names tell, and their rows."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from knowledge.cms_files import CellError, Codes, Column, FileRefusedError, Part, Sheet, open_sheet, parts_of
from knowledge.pair import SETTINGS, Setting

FIRST_YEAR = 1994  # NCCI's version 32.0 is the first quarter of 2026
TOLD_EVERY = 20_000  # rows between two reports of progress

PAIR_COLUMNS = (
    Column("column 1", ("column 1", "column1", "column one"), 0),
    Column("column 2", ("column 2", "column2", "column two"), 1),
    Column("effective date", ("effective",), 3),
    Column("deletion date", ("deletion", "deleted"), 4),
    Column("modifier indicator", ("modifier",), 5),
)

EditCells = tuple[str, str, str, str | None, int]  # column one and two, effective, deleted, indicator; ISO dates


@dataclass(frozen=True)
class Progress:
    """How far an import is: rows read, and the share of the files' bytes, from 0 to 1."""

    rows: int
    share: float


OnProgress = Callable[[Progress], None]


@dataclass(frozen=True)
class PairRelease:
    """The parts of one quarter and setting, in their order."""

    setting: Setting
    quarter: str
    parts: tuple[Part, ...]

    @property
    def as_of(self) -> date:
        """The quarter's first day."""
        return date(int(self.quarter[:4]), 3 * int(self.quarter[5]) - 2, 1)


def pair_release(files: Iterable[Path], setting: Setting | None, quarter: str | None, of: int) -> PairRelease:
    """The release that these files are, by their names and by what is said in so many words.

    Raises FileRefusedError where setting or quarter is not told, or in two ways, or one of the `of` parts is missing.
    """
    named = sorted((_named(part) for file in files for part in parts_of(file)), key=lambda one: one.order)
    first = named[0].part.name
    settings = {one.setting for one in named if one.setting} | ({setting} if setting else set())
    quarters = {one.quarter for one in named if one.quarter} | ({quarter} if quarter else set())
    if len(settings) != 1:
        mend = "import one setting at a time" if settings else "say it: practitioner or hospital"
        raise FileRefusedError(first, None, f"the setting is {told(settings)}", mend)
    if len(quarters) != 1:
        mend = "import one quarter at a time" if quarters else "say it, as 2026Q4"
        raise FileRefusedError(first, None, f"the quarter is {told(quarters)}", mend)
    _refuse_missing_parts(named, of)
    return PairRelease(settings.pop(), _whole_quarter(first, quarters.pop()), tuple(one.part for one in named))


def told(names: Iterable[str]) -> str:
    """What names tell, for a message."""
    return " and ".join(sorted(names)) or "not told by the name"


def _whole_quarter(file: str, quarter: str) -> str:
    if not re.fullmatch(r"20\d\dQ[1-4]", quarter):
        raise FileRefusedError(file, None, f"{quarter!r} is no quarter", "write it as 2026Q4")
    return quarter


@dataclass(frozen=True)
class _Named:
    """A part and what its name tells: setting, quarter, number of the part."""

    part: Part
    setting: Setting | None
    quarter: str | None
    number: int | None

    @property
    def order(self) -> tuple[int, str]:
        return self.number or 0, self.part.name


def _named(part: Part) -> _Named:
    """By CMS's own name, as ccipra-v323r0-f1.txt, of the text file or else of its zip; or by plain words."""
    if "medicaid" in part.name.lower():
        raise FileRefusedError(part.name, None, "these are Medicaid's edits", "take the Medicare NCCI files")
    names = [name.lower() for name in (part.member, part.file.name) if name]
    for name in names:
        cms = re.search(r"cci(pra|oph)-?v(\d+)(\d)r\d+(?:-?f(\d+))?", name)
        if cms:
            return _by_version(part, cms)
    words = " ".join(names)
    spelled = re.search(r"(20\d\d)[-_ ]?q([1-4])", words)
    settings = [setting for setting in SETTINGS if setting in words]
    quarter = f"{spelled[1]}Q{spelled[2]}" if spelled else None
    return _Named(part, settings[0] if len(settings) == 1 else None, quarter, None)


def _by_version(part: Part, cms: re.Match[str]) -> _Named:
    table, year, number, of = cms.groups()
    setting: Setting = "practitioner" if table == "pra" else "hospital"
    return _Named(part, setting, f"{FIRST_YEAR + int(year)}Q{int(number) + 1}", int(of) if of else None)


def _refuse_missing_parts(named: Sequence[_Named], of: int) -> None:
    numbers = [one.number for one in named if one.number is not None]
    missing = sorted(set(range(1, of + 1)) - set(numbers))
    if numbers and missing:
        what = f"a quarter comes in {of} parts, and {', '.join(f'f{number}' for number in missing)} is not among these"
        raise FileRefusedError(named[0].part.name, None, what, "give all of them in one run, or their folder")
    if len(numbers) != len(set(numbers)):
        raise FileRefusedError(named[0].part.name, None, "a part is there twice", "give each part once")


def read_edits(parts: Sequence[Part], on_progress: OnProgress | None = None) -> Iterator[EditCells]:
    """Every edit of all parts, one at a time. Raises FileRefusedError at the first row that is none."""
    rows, before, whole = 0, 0, sum(part.size for part in parts) or 1
    for part in parts:
        with open_sheet(part, PAIR_COLUMNS, codes=2) as sheet:
            for edit in _edits(sheet):
                yield edit
                rows += 1
                if on_progress and rows % TOLD_EVERY == 0:
                    on_progress(Progress(rows, min(1.0, (before + sheet.stream.tell()) / whole)))
        before += part.size
    if on_progress:
        on_progress(Progress(rows, 1.0))


def _edits(sheet: Sheet) -> Iterator[EditCells]:
    one, two, effective, deleted, indicator = sheet.positions
    codes, dates, ends, indicators = Codes(), _Dates(), _LastDays(), _Indicators()
    for cells in sheet.rows:
        try:
            yield (
                codes[cells[one]],
                codes[cells[two]],
                dates[cells[effective]],
                ends[cells[deleted]],
                indicators[cells[indicator]],
            )
        except (CellError, IndexError) as fault:
            raise sheet.refuse_row(fault, cells) from None


class _Dates(dict[str, str]):
    """Dates in ISO format by the cells that hold them, as 20240701; each is checked the first time."""

    def __missing__(self, cell: str) -> str:
        self[cell] = _iso_date(cell)
        return self[cell]


class _LastDays(dict[str, str | None]):
    """Deletion dates by their cells; CMS writes a star for none."""

    def __missing__(self, cell: str) -> str | None:
        self[cell] = None if cell.strip() in ("", "*") else _iso_date(cell)
        return self[cell]


class _Indicators(dict[str, int]):
    """Modifier indicators by their cells."""

    def __missing__(self, cell: str) -> int:
        if cell.strip() not in ("0", "1", "9"):
            raise CellError(f"{cell!r} is no modifier indicator, which is 0, 1 or 9")
        self[cell] = int(cell)
        return self[cell]


def _iso_date(cell: str) -> str:
    if not re.fullmatch(r"\s*\d{8}\s*", cell):
        raise CellError(f"{cell!r} is no date as 20240701")
    try:
        return datetime.strptime(cell.strip(), "%Y%m%d").replace(tzinfo=UTC).date().isoformat()
    except ValueError:
        raise CellError(f"{cell!r} is no day of the calendar") from None
