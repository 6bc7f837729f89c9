"""CMS's unit limit (MUE) and relative value (PPRRVU) files: what their names tell, and their rows without descriptors."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from knowledge.cms_files import CellError, Cells, Codes, Column, FileRefusedError, Part, open_sheet, parts_of
from knowledge.cms_tables import FeeBasis, LimitSetting

CENTURY = 2000
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

LIMIT_COLUMNS = (
    Column("HCPCS/CPT code", ("hcpcs", "cpt code"), 0),
    Column("MUE value", ("mue value",), 1),
    Column("MUE adjudication indicator", ("adjudication",), 2),
)
FEE_COLUMNS = (
    Column("HCPCS", ("hcpcs",), 0),
    Column("MOD", ("mod",), 1),
    Column("status code", ("status",), 3),
    Column("work RVU", ("work rvu",), 5),
    Column("non-facility PE RVU", ("non fac pe rvu", "non facility pe rvu"), 6),
    Column("facility PE RVU", ("facility pe rvu", "fac pe rvu"), 8, never=("non",)),
    Column("MP RVU", ("mp rvu",), 10),
    Column("MULT PROC", ("mult proc",), 18),
    Column("CONV FACTOR", ("conv factor",), 25),
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
    codes = Codes()
    for (code, units, judged), _ in _wanted_cells(part, LIMIT_COLUMNS):
        yield {"code": codes[code], "units": _units(units), "adjudication": _adjudication(judged)}


def read_fees(part: Part) -> Iterator[ValueRow]:
    """Every line of relative values. Raises FileRefusedError at the first row that is none."""
