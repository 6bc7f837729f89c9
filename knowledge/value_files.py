"""CMS's unit limit (MUE) and relative value (PPRRVU) files: what their names tell, their rows without descriptors."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

from knowledge.cms_files import CellError, Cells, Column, FileRefusedError, Part, checked_code, open_sheet, parts_of
from knowledge.cms_tables import FeeBasis, LimitSetting

CENTURY = 2000
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

LIMIT_COLUMNS = (
    Column("HCPCS/CPT code", ("hcpcs", "cpt code"), 0),
    Column("MUE value", ("mue value",), 1),
    Column("MUE adjudication indicator", ("adjudication",), 2),
)
FEE_COLUMNS = (
    Column("HCPCS", ("hcpcs",)),
    Column("MOD", ("mod",)),
    Column("status code", ("status",)),
    Column("work RVU", ("work rvu",)),
    Column("non-facility PE RVU", ("non fac pe rvu", "non facility pe rvu")),
    Column("facility PE RVU", ("facility pe rvu", "fac pe rvu"), never=("non",)),
    Column("MP RVU", ("mp rvu",)),
    Column("MULT PROC", ("mult proc",)),
    Column("CONV FACTOR", ("conv factor",)),
)

ValueRow = dict[str, object]  # by the columns of its table


def one_part(file: Path, named: str) -> Part:
    """The text file to read; of several in a zip the one that is so named, and of those the csv."""
    parts = parts_of(file)
    fitting = [part for part in parts if named in (part.member or part.file.name).lower()] if len(parts) > 1 else parts
    csvs = [part for part in fitting if part.name.lower().endswith(".csv")] or list(fitting)
    if len(csvs) != 1:
        names = ", ".join(part.name for part in csvs or parts)
        mend = "unpack it and give the one that is meant"
        raise FileRefusedError(file.name, None, f"holds several files: {names}", mend)
    return csvs[0]


def limit_setting(part: Part) -> LimitSetting:
    """The setting that a name tells, as MCR_MUE_PractitionerServices_Eff_10-01-2026.csv does."""
    name = part.name.lower()
    settings: tuple[LimitSetting, ...] = ("practitioner", "hospital", "supplier")
    named = [setting for setting in settings if setting in name]
    if len(named) != 1:
        raise FileRefusedError(
            part.name, None, "the setting is not told by the name", "say it: practitioner or hospital"
        )
    return named[0]


def limit_day(part: Part) -> date:
    """The first day that a name tells, as MCR_MUE_PractitionerServices_Eff_10-01-2026.csv does."""
    day = re.search(r"(0[1-9]|1[0-2])[-_](0[1-9]|[12]\d)[-_](20\d\d)", part.name)
    if not day:
        raise FileRefusedError(part.name, None, "the first day is not told by the name", "say it, as 2026-10-01")
    return date(int(day[3]), int(day[1]), int(day[2]))


def fee_day(part: Part) -> date:
    """The first day of the release that a name tells, as PPRRVU2026_Jul_nonQPP.csv or PPRRVU25_JAN.csv does."""
    release = re.search(r"pprrvu(20\d\d|\d\d)_?([a-z]{3})", part.name.lower())
    if not release or release[2] not in MONTHS:
        mend = "say its first day, as 2026-07-01"
        raise FileRefusedError(part.name, None, "the release is not told by the name", mend)
    year = int(release[1])
    return date(year if year >= CENTURY else CENTURY + year, MONTHS.index(release[2]) + 1, 1)


def fee_basis(part: Part) -> FeeBasis:
    """Whom a name says that the release is for: those outside advanced payment models, those inside, or all."""
    name = part.name.lower()
    if "nonqp" in name:
        return "nonqp"
    return "qp" if "qp" in name else "all"


def read_limits(part: Part) -> Iterator[ValueRow]:
    """Every unit limit. Raises FileRefusedError at the first row that is none."""
    return _read(part, LIMIT_COLUMNS, _limit)


def read_fees(part: Part) -> Iterator[ValueRow]:
    """Every line of relative values. Raises FileRefusedError at the first row that is none."""
    return _read(part, FEE_COLUMNS, _fee)


def _read(part: Part, columns: Sequence[Column], row_of: Callable[[Cells], ValueRow]) -> Iterator[ValueRow]:
    seen: set[tuple[object, object]] = set()
    with open_sheet(part, columns, codes=1) as sheet:
        for cells in sheet.rows:
            try:
                row = row_of([cells[place].strip() for place in sheet.positions])
            except (CellError, IndexError) as fault:
                raise sheet.refuse_row(fault, cells) from None
            key = row["code"], row.get("modifier")
            if key in seen:
                raise sheet.refuse(f"{row['code']} is there a second time")
            seen.add(key)
            yield row


def _limit(cells: Cells) -> ValueRow:
    code, units, judged = cells
    return {"code": checked_code(code), "units": _units(units), "adjudication": _adjudication(judged)}


def _fee(cells: Cells) -> ValueRow:
    code, modifier, status, work, nonfacility, facility, malpractice, multiple, factor = cells
    return {
        "code": checked_code(code),
        "modifier": _short(modifier, 2),
        "status": _short(status, 1),
        "work": _number(work),
        "practice_nonfacility": _number(nonfacility),
        "practice_facility": _number(facility),
        "malpractice": _number(malpractice),
        "multiple_procedure": _short(multiple, 1),
        "conversion_factor": _number(factor),
    }


def _units(cell: str) -> int:
    if not re.fullmatch(r"\d{1,9}", cell):
        raise CellError(f"{cell!r} is no number of units")
    return int(cell)


def _adjudication(cell: str) -> int:
    if not re.match(r"[123](\D|$)", cell):
        raise CellError(f"{cell!r} is no adjudication indicator, which begins with 1, 2 or 3")
    return int(cell[0])


def _number(cell: str) -> str:
    if not re.fullmatch(r"-?(\d{1,7}(\.\d{0,4})?|\.\d{1,4})", cell):
        raise CellError(f"{cell!r} is no number")
    return cell


def _short(cell: str, most: int) -> str:
    if len(cell) > most:
        raise CellError(f"{cell!r} has more than {most} characters")
    return cell
