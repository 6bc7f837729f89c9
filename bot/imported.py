"""What was imported from CMS's own files, laid over what ships: a newer quarter serves for the shipped one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import Session, col, select

from knowledge.cms_tables import FeeRelease, FeeValueRow, UnitLimitRow, fee_release, unit_limits
from knowledge.entry import UnitLimit
from knowledge.fee import FeeSchedule
from knowledge.library import Library
from knowledge.pair import SETTINGS, PairTable, Setting
from knowledge.pair_tables import pair_table
from knowledge.parameter import Amount, Parameter, amount_on
from knowledge.statement import Source

PAIRS, LIMITS, FEES = "IMPORTEDPAIRS", "IMPORTEDLIMITS", "IMPORTEDFEES"  # source keys of what was imported


@dataclass(frozen=True)
class Overlaid:
    """A library with what was imported laid over it, and the pair tables that serve."""

    library: Library
    pair_tables: Mapping[Setting, PairTable]


def overlay(library: Library, session: Session) -> Overlaid:
    """Lay the imported pair edits, unit limits and fees over the shipped ones; without imports nothing changes."""
    newest = max(library.pairs.values(), key=lambda shelf: shelf.as_of)
    codes = {*library.entries, *(code for row in newest.rows for code in (row.column_one, row.column_two))}
    tables: dict[Setting, PairTable] = {one: newest.table(one) for one in SETTINGS}
    sources: dict[str, Source] = {}
    for setting in SETTINGS:
        table = pair_table(session, codes, setting)
        if table is not None:
            tables[setting] = replace(table, sources=(PAIRS,))
            sources[PAIRS] = _source(PAIRS, f"CMS NCCI pair edits, {table.quarter}", table.as_of)
    library = _with_limits(library, session, sources)
    library = _with_fees(library, session, sources)
    return Overlaid(replace(library, sources={**library.sources, **sources}), tables)


def _source(key: str, title: str, day: date) -> Source:
    return Source(key=key, title=f"{title} (imported)", where="CMS's own file, imported", dated=f"{day}", trust="high")


def _with_limits(library: Library, session: Session, sources: dict[str, Source]) -> Library:
    limits = unit_limits(session, library.entries, "practitioner")
    if not limits:
        return library
    day = max(row.as_of for row in limits.values())
    sources[LIMITS] = _source(LIMITS, f"CMS unit limits (MUE), {day}", day)
    entries = {
        code: entry.model_copy(update={"unit_limit": _limit(limits[code])}) if code in limits else entry
        for code, entry in library.entries.items()
    }
    return replace(library, entries=entries)


def _limit(row: UnitLimitRow) -> UnitLimit:
    return UnitLimit.model_validate(
        {"units": row.units, "adjudication": row.adjudication, "as_of": row.as_of, "sources": (LIMITS,)}
    )


def _with_fees(library: Library, session: Session, sources: dict[str, Source]) -> Library:
    years = {day.year for day in session.exec(select(col(FeeValueRow.effective)).distinct())}
    releases = [fee_release(session, library.entries, date(year, 12, 31), "nonqp") for year in sorted(years)]
    found = [one for one in releases if one is not None]
    if not found:
        return library
    sources[FEES] = _source(FEES, f"CMS fee schedule file, {found[-1].effective}", found[-1].effective)
    fees = {
        str(one.effective.year): FeeSchedule(year=one.effective.year, sources=(FEES,), rows=dict(one.rows))
        for one in found
    }
    factor = library.parameters["conversion_factor"]
    for one in found:
        factor = _with_factor(factor, one)
    parameters = {**library.parameters, factor.name: factor}
    return replace(library, fees={**library.fees, **fees}, parameters=parameters)


def _with_factor(factor: Parameter, release: FeeRelease) -> Parameter:
    """The conversion factor with a year that was not known before; a known one stays as it ships."""
    year = release.effective.year
    if amount_on(factor, release.effective) is not None or any(one.since.year >= year for one in factor.values):
        return factor
    amount = Amount(value=release.conversion_factor, since=release.effective, until=date(year, 12, 31), sources=(FEES,))
    return factor.model_copy(update={"values": (*factor.values, amount)})
