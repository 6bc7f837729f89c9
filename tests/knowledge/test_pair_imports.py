"""Importing CMS's own files: every layout it publishes, whole or not at all, and what is refused."""

import zipfile
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, func
from sqlmodel import Session, col, select

from bot.database import make_engine, migrate
from knowledge.cms_files import FileRefusedError
from knowledge.cms_tables import FeeValueRow, UnitLimitRow, fee_release, unit_limits
from knowledge.imports import ImportOvertakenError, PairImport, import_fees, import_mue, import_pairs
from knowledge.pair import MinuteSharing
from knowledge.pair_files import Progress
from knowledge.pair_tables import CodePairEditRow, PairQuarterRow, pair_rows, pair_table
from knowledge.rules.same_day import edits_between

PAIR_TITLES = (
    "CPT only copyright 2025 American Medical Association.  All rights reserved.\t\t\t\t\t\t",
    "Column1/Column2 Edits\t\t\t\t\t\t",
    "Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale",
    "\t\tprior to 1996\tDate\tDate\t0=not allowed\t",
    "\t\t\t\t*=no data\t1=allowed\t",
    "\t\t\t\t\t9=not applicable\t",
)
GROUP = "97150\t97110\t\t20200101\t*\t1\tMutually exclusive procedures"
ENDED = "97140\t97530\t*\t19960101\t20191231\t1\tMisuse of Column Two code with Column One code"
BARRED = "97140\t97124\t\t20030101\t*\t0\tStandards of medical/surgical practice"
OTHER = "0001A\t0591T\t\t20220101\t20231231\t1\tCPT Manual or CMS manual coding instruction"
TODAY = date(2026, 11, 23)


@pytest.fixture
def tables(database_url: str) -> Iterator[Engine]:
    """An empty database of each kind with the knowledge base's tables."""
    made = make_engine(database_url)
    migrate(made)
    yield made
    made.dispose()


def written(file: Path, *rows: str, titles: Sequence[str] = PAIR_TITLES, end: str = "\r\n") -> Path:
    file.write_bytes("".join(line + end for line in (*titles, *rows)).encode())
    return file


def pair_file(folder: Path, *rows: str, name: str = "ccipra-v323r0.TXT") -> Path:
    return written(folder / name, *rows)


def zipped(file: Path, *files: Path) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in files:
            archive.write(one, one.name)
            one.unlink()
        archive.writestr(f"{file.stem}.xlsx", b"PK what CMS puts beside the text")
    return file


def pairs(tables: Engine, *codes: str) -> list[tuple[str, str, int]]:
    with Session(tables) as session:
        found = pair_rows(session, codes, "practitioner")
    return [(edit.column_one, edit.column_two, edit.indicator) for edit in found]


def rows_kept(tables: Engine) -> int:
    with Session(tables) as session:
        return session.exec(select(func.count()).select_from(CodePairEditRow)).one()


def states(tables: Engine) -> list[tuple[str, str, str, int]]:
    with Session(tables) as session:
        found = session.exec(select(PairQuarterRow).order_by(col(PairQuarterRow.id))).all()
    return [(row.setting, row.quarter, row.state, row.rows) for row in found]


# Layouts


def test_a_text_file_as_cms_publishes_it_is_imported(tables: Engine, tmp_path: Path) -> None:
    """CMS's layout: tabs, titles and headings over several lines, a star where nothing ended."""
    done = import_pairs(tables, pair_file(tmp_path, OTHER, BARRED, ENDED, GROUP))
    assert done == PairImport("practitioner", "2026Q4", date(2026, 10, 1), rows=4, standing=2, replaced=None)
    assert pairs(tables, "97150", "97110") == [("97150", "97110", 1)]
    assert pairs(tables, "0001A", "0591T") == [("0001A", "0591T", 1)]
    with Session(tables) as session:
        [ended] = pair_rows(session, ["97140", "97530"], "practitioner")
    assert (ended.effective, ended.deleted, ended.stands) == (date(1996, 1, 1), date(2019, 12, 31), False)


def test_the_four_zips_of_a_quarter_are_one_import(tables: Engine, tmp_path: Path) -> None:
    files = [
        zipped(
            tmp_path / f"medicare-ncci-2026q4-practitioner-ptp-edits-ccipra-v323r0-f{number}.zip",
            pair_file(tmp_path, row, name=f"ccipra-v323r0-f{number}.TXT"),
        )
        for number, row in enumerate((OTHER, BARRED, ENDED, GROUP), start=1)
    ]
    assert import_pairs(tables, files).rows == 4
    assert import_pairs(tables, tmp_path).replaced == "2026Q4"
    assert pairs(tables, "97140", "97124", "97150", "97110") == [("97140", "97124", 0), ("97150", "97110", 1)]


def test_a_zip_of_all_four_parts_is_one_import(tables: Engine, tmp_path: Path) -> None:
    parts = [
        pair_file(tmp_path, row, name=f"ccioph-v330r0-f{number}.TXT")
        for number, row in enumerate((OTHER, BARRED, ENDED, GROUP), start=1)
    ]
    done = import_pairs(tables, zipped(tmp_path / "hospital.zip", *parts))
    assert (done.setting, done.quarter, done.as_of, done.rows) == ("hospital", "2027Q1", date(2027, 1, 1), 4)


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_commas_and_columns_in_another_order_are_read_by_their_headings(
    tables: Engine, tmp_path: Path, end: str
) -> None:
    titles = (
        '"CPT only copyright 2025 American Medical Association. All rights reserved.",,,,,,',
        "Column1/Column2 Edits,,,,,,",
        "PTP Edit Rationale,Modifier,Column 2,Column 1,Deletion Date *=no data,Effective Date,*=in existence",
    )
    row = '"Misuse, of a code",1,97110,97150,*,20200101,'
    file = written(tmp_path / "practitioner_2026Q3.csv", row, titles=titles, end=end)
    assert import_pairs(tables, file).quarter == "2026Q3"
    assert pairs(tables, "97150", "97110") == [("97150", "97110", 1)]


def test_a_file_without_any_heading_is_read_in_cms_order(tables: Engine, tmp_path: Path) -> None:
    file = written(tmp_path / "edits.txt", GROUP, titles=())
    assert import_pairs(tables, file, setting="practitioner", quarter="2026Q4").rows == 1
    assert pairs(tables, "97150", "97110") == [("97150", "97110", 1)]


def test_a_quote_in_a_tab_separated_rationale_is_a_quote(tables: Engine, tmp_path: Path) -> None:
    file = pair_file(tmp_path, GROUP + ' of the "same', BARRED)
    assert import_pairs(tables, file).rows == 2


# Serving


def test_rules_answer_from_an_imported_quarter(tables: Engine, tmp_path: Path) -> None:
    import_pairs(tables, pair_file(tmp_path, GROUP, ENDED))
    codes = ["97110", "97150", "97140", "97530"]
    with Session(tables) as session:
        table = pair_table(session, codes, "practitioner")
    assert table is not None
    shares = MinuteSharing(family="supervised_modality", first="97010", last="97028")
    found = {frozenset(one.codes): one for one in edits_between(codes, table, {}, shares)}
    assert found[frozenset(("97110", "97150"))].modifier_on == "97110"
    assert found[frozenset(("97140", "97530"))].edit == "none"
    assert {one.as_of for one in found.values()} == {date(2026, 10, 1)}


def test_no_import_and_no_edit_are_told_apart(tables: Engine, tmp_path: Path) -> None:
    import_pairs(tables, pair_file(tmp_path, GROUP))
    with Session(tables) as session:
        assert pair_table(session, ["97110", "97150"], "hospital") is None
        nothing = pair_table(session, ["97110", "97112"], "practitioner")
    assert nothing is not None
    assert (nothing.edits, nothing.quarter) == ({}, "2026Q4")


def test_the_settings_do_not_touch_each_other(tables: Engine, tmp_path: Path) -> None:
    import_pairs(tables, pair_file(tmp_path, GROUP))
    import_pairs(tables, pair_file(tmp_path, BARRED, name="ccioph-v323r0.txt"))
    assert pairs(tables, "97150", "97110", "97140", "97124") == [("97150", "97110", 1)]
    assert [state[:3] for state in states(tables)] == [
        ("practitioner", "2026Q4", "live"),
        ("hospital", "2026Q4", "live"),
    ]


def test_a_newer_quarter_takes_the_place_of_the_older_and_nothing_of_it_is_left(tables: Engine, tmp_path: Path) -> None:
    import_pairs(tables, pair_file(tmp_path, GROUP, BARRED))
    done = import_pairs(tables, pair_file(tmp_path, GROUP, name="ccipra-v330r0.txt"))
    assert (done.quarter, done.replaced) == ("2027Q1", "2026Q4")
    assert rows_kept(tables) == 1
    assert states(tables) == [("practitioner", "2027Q1", "live", 1)]


def test_the_old_quarter_serves_until_the_new_one_is_whole(tables: Engine, tmp_path: Path) -> None:
    import_pairs(tables, pair_file(tmp_path, GROUP))
    seen: list[tuple[list[tuple[str, str, int]], list[str]]] = []

    def look(_: Progress) -> None:
        seen.append((pairs(tables, "97150", "97110"), [state for _, _, state, _ in states(tables)]))

    newer = pair_file(tmp_path, *many_rows(45_000), name="ccipra-v330r0.txt")
    import_pairs(tables, newer, look)
    assert seen == [([("97150", "97110", 1)], ["live", "staging"])] * 3
    assert pairs(tables, "97150", "97110") == []


def many_rows(rows: int) -> Iterator[str]:
    return (f"{one:05d}\t{two:05d}\t\t20200101\t*\t1\t" for one in range(100, 1000) for two in range(rows // 900))


def test_progress_is_told_and_ends_at_the_whole(tables: Engine, tmp_path: Path) -> None:
    told: list[Progress] = []
    import_pairs(tables, pair_file(tmp_path, *many_rows(45_000)), told.append)
    assert [progress.rows for progress in told] == [20_000, 40_000, 45_000]
    assert [progress.share for progress in told] == sorted(progress.share for progress in told)
    assert 0.3 < told[0].share < 0.6
    assert told[-1].share == 1.0


class PulledPlugError(Exception):
    """Stands for whatever ends an import in its middle."""


def test_a_broken_import_leaves_the_old_quarter_serving_and_is_simply_run_again(tables: Engine, tmp_path: Path) -> None:
    import_pairs(tables, pair_file(tmp_path, GROUP))
    newer = pair_file(tmp_path, *many_rows(45_000), name="ccipra-v330r0.txt")

    def pull_the_plug(progress: Progress) -> None:
        if progress.rows > 20_000:
            raise PulledPlugError

    with pytest.raises(PulledPlugError):
        import_pairs(tables, newer, pull_the_plug)
    assert pairs(tables, "97150", "97110") == [("97150", "97110", 1)]
    assert [state for _, _, state, _ in states(tables)] == ["live", "staging"]
    assert import_pairs(tables, newer).replaced == "2026Q4"
    assert states(tables) == [("practitioner", "2027Q1", "live", 45_000)]
    assert rows_kept(tables) == 45_000


def test_an_import_that_another_overtook_gives_up_and_leaves_nothing(tables: Engine, tmp_path: Path) -> None:
    slow = pair_file(tmp_path, *many_rows(45_000))
    quick = pair_file(tmp_path, GROUP, name="ccipra-v330r0.txt")

    def overtake(progress: Progress) -> None:
        if progress.rows == 20_000:
            import_pairs(tables, quick)

    with pytest.raises(ImportOvertakenError, match="run this one again"):
        import_pairs(tables, slow, overtake)
    assert states(tables) == [("practitioner", "2027Q1", "live", 1)]
    assert rows_kept(tables) == 1


# Refusals


@pytest.mark.parametrize(
    ("row", "line", "reason"),
    [
        ("9715\t97110\t\t20200101\t*\t1\t", 8, "'9715' is no code of five characters"),
        ("97150\t97110\t\t2020-01-01\t*\t1\t", 8, "'2020-01-01' is no date as 20240701"),
        ("97150\t97110\t\t20200231\t*\t1\t", 8, "'20200231' is no day of the calendar"),
        ("97150\t97110\t\t20200101\tnone\t1\t", 8, "'none' is no date"),
        ("97150\t97110\t\t20200101\t*\t2\t", 8, "'2' is no modifier indicator"),
        ("97150\t97110\t\t20200101", 8, "the row has 4 columns only"),
    ],
)
def test_a_row_that_is_no_edit_is_refused_with_its_line_and_the_old_quarter_serves_on(
    tables: Engine, tmp_path: Path, row: str, line: int, reason: str
) -> None:
    import_pairs(tables, pair_file(tmp_path, GROUP))
    with pytest.raises(FileRefusedError) as refused:
        import_pairs(tables, pair_file(tmp_path, BARRED, row, name="ccipra-v330r0.txt"))
    assert (refused.value.file, refused.value.line) == ("ccipra-v330r0.txt", line)
    assert str(refused.value).startswith(f"ccipra-v330r0.txt: line {line}: {reason}")
    assert states(tables) == [("practitioner", "2026Q4", "live", 1)]
    assert rows_kept(tables) == 1


def test_headings_that_lack_a_column_are_refused_by_its_name(tables: Engine, tmp_path: Path) -> None:
    titles = ("Column 1\tColumn 2\tEffective Date\tModifier",)
    file = written(tmp_path / "ccipra-v323r0.txt", "97150\t97110\t20200101\t1", titles=titles)
    with pytest.raises(
        FileRefusedError, match=r"line 2: the headings before this line name no column for deletion date"
    ):
        import_pairs(tables, file)


def test_another_table_is_refused(tables: Engine, tmp_path: Path) -> None:
    file = limit_file(tmp_path, "97110,6,3 Date of Service Edit: Clinical,Clinical: Data")
    with pytest.raises(FileRefusedError, match="this is not the table; give the file with these columns: column 1"):
        import_pairs(tables, file, setting="practitioner", quarter="2026Q4")


@pytest.mark.parametrize(
    ("name", "says", "reason"),
    [
        ("edits.txt", {}, "the setting is not told by the name; say it"),
        ("edits.txt", {"setting": "hospital"}, "the quarter is not told by the name; say it"),
        ("edits.txt", {"setting": "hospital", "quarter": "2026/4"}, "'2026/4' is no quarter"),
        ("ccipra-v323r0.txt", {"setting": "hospital"}, "hospital and practitioner"),
        ("ccipra-v323r0.txt", {"quarter": "2026Q3"}, "2026Q3 and 2026Q4"),
        ("ccipra-v323r0-f2.txt", {}, "f1, f3, f4 is not among these"),
        ("medicaid-ncci-2026q3-ptp-practitioner.txt", {}, "Medicaid"),
        ("ccipra-v323r0.xlsx", {}, "holds no text file of CMS"),
        ("ccipra-v323r0.zip", {}, "is no whole zip file"),
    ],
)
def test_a_file_whose_setting_quarter_or_parts_are_unclear_is_refused(
    tables: Engine, tmp_path: Path, name: str, says: dict[str, str], reason: str
) -> None:
    with pytest.raises(FileRefusedError, match=reason):
        import_pairs(tables, pair_file(tmp_path, GROUP, name=name), **says)  # type: ignore[arg-type]
    assert states(tables) == []


def test_the_same_part_twice_is_refused(tables: Engine, tmp_path: Path) -> None:
    files = [pair_file(tmp_path, GROUP, name=f"ccipra-v323r0-f{number}.txt") for number in (1, 2, 3, 4)]
    with pytest.raises(FileRefusedError, match="a part is there twice"):
        import_pairs(tables, [*files, files[0]])


def test_a_damaged_zip_is_refused_even_where_every_row_still_reads_well(tables: Engine, tmp_path: Path) -> None:
    whole = tmp_path / "ccipra-v323r0.zip"
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as archive:
        archive.write(pair_file(tmp_path, *many_rows(45_000), GROUP, BARRED), "ccipra-v323r0.TXT")
    whole.write_bytes(whole.read_bytes().replace(b"20030101", b"20030701"))
    with pytest.raises(FileRefusedError, match="the file is damaged"):
        import_pairs(tables, whole)
    assert (states(tables), rows_kept(tables)) == ([], 0)


def test_a_missing_file_and_an_empty_folder_are_refused(tables: Engine, tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError, match="is not there"):
        import_pairs(tables, tmp_path / "ccipra-v323r0.txt")
    with pytest.raises(FileRefusedError, match="holds no text file"):
        import_pairs(tables, tmp_path)


# Unit limits

LIMIT_TITLES = (
    '"CPT codes, descriptions and other data only are copyright 2025 American Medical Association.',
    'All rights reserved, and more of it.",,,',
    '"HCPCS/',
    'CPT Code",Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale',
)
LIMITS_NAME = "MCR_MUE_PractitionerServices_Eff_10-01-2026.csv"


def limit_file(folder: Path, *rows: str, name: str = LIMITS_NAME) -> Path:
    return written(folder / name, *rows, titles=LIMIT_TITLES)


def test_unit_limits_as_cms_publishes_them_are_imported_and_replaced(tables: Engine, tmp_path: Path) -> None:
    """CMS's layout: the indicator is followed by words."""
    rows = (
        "0001U,1,2 Date of Service Edit: Policy,x",
        '97110,6,"3 Date of Service Edit: Clinical",y',
        "97140,6,1 Line Edit,",
    )
    done = import_mue(tables, limit_file(tmp_path, *rows))
    assert (done.setting, done.as_of, done.rows) == ("practitioner", date(2026, 10, 1), 3)
    with Session(tables) as session:
        limits = unit_limits(session, ["97110", "97140", "97530"], "practitioner")
        assert {code: (row.units, row.adjudication) for code, row in limits.items()} == {
            "97110": (6, 3),
            "97140": (6, 1),
        }
        assert unit_limits(session, ["97110"], "hospital") == {}
    import_mue(tables, limit_file(tmp_path, "97110,4,3 Date of Service Edit: Clinical,"))
    with Session(tables) as session:
        assert [(row.code, row.units) for row in session.exec(select(UnitLimitRow))] == [("97110", 4)]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("97112,many,3 Date,", "line 6: 'many' is no number of units"),
        ("97112,4,4 Another,", "line 6: '4 Another' is no adjudication indicator"),
        ("97110,4,3 Date,", "line 6: 97110 is there a second time"),
        ('97112,4,3 Date,"left open', "line 5: what follows this line is no text in columns"),
    ],
)
def test_a_row_that_is_no_unit_limit_is_refused_and_the_old_limits_stand(
    tables: Engine, tmp_path: Path, row: str, reason: str
) -> None:
    import_mue(tables, limit_file(tmp_path, "97110,6,3 Date of Service Edit: Clinical,"))
    with pytest.raises(FileRefusedError, match=reason):
        import_mue(tables, limit_file(tmp_path, "97110,5,3 Date of Service Edit: Clinical,", row))
    with Session(tables) as session:
        assert [(limit.code, limit.units) for limit in session.exec(select(UnitLimitRow))] == [("97110", 6)]


def test_unit_limits_whose_name_tells_nothing_need_it_said(tables: Engine, tmp_path: Path) -> None:
    file = limit_file(tmp_path, "97110,6,3 Date,", name="mue.csv")
    with pytest.raises(FileRefusedError, match="the setting is not told"):
        import_mue(tables, file)
    with pytest.raises(FileRefusedError, match="the first day is not told"):
        import_mue(tables, file, setting="hospital")
    assert import_mue(tables, file, setting="hospital", as_of=date(2026, 10, 1)).setting == "hospital"


# Fee schedule values

FEE_TITLES = (
    ",,2026 National Physician Fee Schedule Relative Value File July Release" + "," * 29,
    ",,CPT codes and descriptions only are copyright 2026 American Medical Association. All Rights Reserved."
    + "," * 29,
    "," * 31,
    ",,RELEASED 06/30/2026" + "," * 29,
    ",,,,,,,,,,,,,,,,,,,,,,,,,,,,,NON-FACILITY,FACILITY,",
    ",,,,NOT USED,,,,,,,,,,,,,,,,,,,,,,PHYSICIAN,,DIAGNOSTIC,PE USED,PE USED,MP USED",
    ",,,,FOR,,,NON-FAC,,FACILITY,,,,,,,,,,,,,,,,,SUPERVISION OF,,IMAGING,FOR OPPS,FOR OPPS,FOR OPPS",
    ",,,STATUS,MEDICARE,WORK,NON-FAC,NA,FACILITY,NA,MP,NON-FACILITY,FACILITY,PCTC,GLOB,PRE,INTRA,POST,MULT,BILAT,ASST,"
    "CO-,TEAM,PRIC,ENDO,CONV,DIAGNOSTIC,CALCULATION,FAMILY,PAYMENT,PAYMENT,PAYMENT",
    "HCPCS,MOD,DESCRIPTION,CODE,PAYMENT,RVU,PE RVU,INDICATOR,PE RVU,INDICATOR,RVU,TOTAL,TOTAL,IND,DAYS,OP,OP,OP,PROC,"
    "SURG,SURG,SURG,SURG,IND,BASE,FACTOR,PROCEDURES,FLAG,INDICATOR,AMOUNT,AMOUNT,AMOUNT",
)


def fee_row(
    code: str, work: str, practice: str, *, modifier: str = "", status: str = "A", factor: str = "33.4009"
) -> str:
    return (
        f'{code},{modifier},"A, descriptor",{status},,{work},{practice},,0.40,NA,0.01,0.87,0.86,7,XXX,0.00,0.00,0.00,5,'
        f"0,0,0,0,0,,{factor},09,0,99,0.00,0.00,0.00"
    )


def fee_file(folder: Path, *rows: str, name: str = "PPRRVU2026_Jul_nonQPP.csv") -> Path:
    return written(folder / name, *rows, titles=FEE_TITLES)


def test_relative_values_as_cms_publishes_them_are_imported_without_descriptors(tables: Engine, tmp_path: Path) -> None:
    """RVU26C: 97110 had 0.45 work, 0.41 practice expense, 0.01 malpractice."""
    rows = (
        fee_row("97110", "0.45", "0.41"),
        fee_row("92612", "1.24", "4.69", modifier="26"),
        fee_row("00100", "0.00", "0.00"),
    )
    done = import_fees(tables, fee_file(tmp_path, *rows))
    assert (done.effective, done.basis, done.rows) == (date(2026, 7, 1), "nonqp", 3)
    with Session(tables) as session:
        release = fee_release(session, ["97110", "92612"], TODAY, "nonqp")
        kept = session.exec(select(FeeValueRow)).all()
    assert release is not None
    values = release.rows["97110"]
    assert (values.work, values.practice_expense, values.malpractice) == (
        Decimal("0.45"),
        Decimal("0.41"),
        Decimal("0.01"),
    )
    assert (values.total, values.therapy_mppr, release.conversion_factor) == (Decimal("0.87"), True, Decimal("33.4009"))
    assert list(release.rows) == ["97110"]
    assert not any("descriptor" in str(row.model_dump()) for row in kept)


def test_the_release_of_the_day_of_service_counts_and_another_year_stays_unknown(
    tables: Engine, tmp_path: Path
) -> None:
    """RVU20, RVU26C: 20560 was not covered in January 2020 and active from the April file on."""
    for name, status in (("PPRRVU20_JAN.csv", "N"), ("PPRRVU20_APR.csv", "A")):
        import_fees(tables, fee_file(tmp_path, fee_row("20560", "0.32", "0.42", status=status), name=name))
    with Session(tables) as session:
        february = fee_release(session, ["20560"], date(2020, 2, 1), "nonqp")
        april = fee_release(session, ["20560"], date(2020, 4, 1), "nonqp")
        assert february is not None
        assert april is not None
        assert (february.rows["20560"].status, april.rows["20560"].status) == ("N", "A")
        assert fee_release(session, ["20560"], date(2021, 1, 1), "nonqp") is None
        assert fee_release(session, ["20560"], date(2019, 12, 31), "nonqp") is None


def test_the_files_for_qps_and_for_others_stand_side_by_side(tables: Engine, tmp_path: Path) -> None:
    import_fees(tables, fee_file(tmp_path, fee_row("97110", "0.45", "0.41")))
    qp = fee_file(tmp_path, fee_row("97110", "0.45", "0.41", factor="33.5675"), name="PPRRVU2026_Jul_QPP.csv")
    import_fees(tables, zipped(tmp_path / "rvu26c.zip", qp))
    with Session(tables) as session:
        found = [fee_release(session, ["97110"], TODAY, basis) for basis in ("nonqp", "qp")]
    assert [release.conversion_factor for release in found if release] == [Decimal("33.4009"), Decimal("33.5675")]


def test_the_same_release_again_takes_the_place_of_itself(tables: Engine, tmp_path: Path) -> None:
    for work in ("0.45", "0.46"):
        import_fees(tables, fee_file(tmp_path, fee_row("97110", work, "0.41")))
    with Session(tables) as session:
        assert [row.work for row in session.exec(select(FeeValueRow))] == ["0.46"]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ((fee_row("97110", "zero", "0.41"),), "line 10: 'zero' is no number"),
        ((fee_row("97110", "0.45", "0.41"), fee_row("97110", "0.45", "0.41")), "line 11: 97110 is there a second time"),
        (("97110,,x,A,,0.45",), "line 10: the row has 6 columns only"),
    ],
)
def test_a_row_that_is_no_relative_value_is_refused(
    tables: Engine, tmp_path: Path, rows: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(FileRefusedError, match=reason):
        import_fees(tables, fee_file(tmp_path, *rows))
    with Session(tables) as session:
        assert session.exec(select(FeeValueRow)).all() == []


def test_relative_values_without_headings_are_refused_for_their_columns_moved(tables: Engine, tmp_path: Path) -> None:
    """RVU26C has a column that the files of 2025 had not."""
    file = written(tmp_path / "PPRRVU2026_Jul_nonQPP.csv", fee_row("97110", "0.45", "0.41"), titles=())
    with pytest.raises(FileRefusedError, match=r"line 1: the headings before this line name no column for HCPCS, MOD"):
        import_fees(tables, file)


def test_a_zip_with_two_fee_files_asks_which_is_meant(tables: Engine, tmp_path: Path) -> None:
    both = [
        fee_file(tmp_path, fee_row("97110", "0.45", "0.41"), name=f"PPRRVU2026_Jul_{one}.csv")
        for one in ("QPP", "nonQPP")
    ]
    with pytest.raises(FileRefusedError, match="holds several files"):
        import_fees(tables, zipped(tmp_path / "rvu26c.zip", *both))
