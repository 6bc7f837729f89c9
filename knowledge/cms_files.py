"""Reads CMS's own text files row by row: titles skipped, columns found by their headings, other files refused."""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from pathlib import Path
from typing import cast

TEXTS = (".txt", ".csv")
HEADING_LINES = 60  # CMS's titles and headings take six to eleven; after so many lines it is another file
FIRST_BYTES = 8_192  # enough to see whether tabs or commas part the columns
CODE = re.compile(r"[A-Z0-9]\d{3}[A-Z0-9]")

DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError)  # the last: a zip with a password

Cells = list[str]
Bytes = io.BufferedReader | zipfile.ZipExtFile


class FileRefusedError(Exception):
    """A file is not what it is given for. The message says where, what is wrong and how to mend it."""

    def __init__(self, file: str, line: int | None, what: str, mend: str) -> None:
        """Name the file, its line where one is at fault, the fault and the mending."""
        self.file, self.line, self.what, self.mend = file, line, what, mend
        super().__init__(f"{file}: {f'line {line}: ' if line else ''}{what}; {mend}")


class CellError(ValueError):
    """A cell does not hold what its column must; the reader adds file and line."""


def checked_code(cell: str) -> str:
    """The code of a claim that a cell holds, as 97110, G0283 or 0001A. Raises CellError."""
    code = cell.strip().upper()
    if not CODE.fullmatch(code):
        raise CellError(f"{cell!r} is no code of five characters")
    return code


class Codes(dict[str, str]):
    """Codes by the cells that hold them; a cell is checked the first time only. Raises CellError."""

    def __missing__(self, cell: str) -> str:
        """Check a cell that is new."""
        self[cell] = checked_code(cell)
        return self[cell]


@dataclass(frozen=True)
class Column:
    """A column to find: words of which its heading has one, and words that it must not have.

    `usually` is where CMS puts it, for a file whose headings were cut off; None where that changed over the years.
    """

    name: str
    says: tuple[str, ...]
    usually: int | None = None
    never: tuple[str, ...] = ()

    def is_headed(self, heading: str) -> bool:
        """Whether a heading is this column's."""
        return any(word in heading for word in self.says) and not any(word in heading for word in self.never)


@dataclass(frozen=True)
class Part:
    """A text file, by itself or inside a zip."""

    file: Path
    member: str | None
    size: int  # bytes when unpacked

    @property
    def name(self) -> str:
        """How messages call it."""
        return f"{self.file.name}/{self.member}" if self.member else self.file.name

    @contextmanager
    def open(self) -> Iterator[Bytes]:
        """Its bytes. Raises FileRefusedError where they cannot be had."""
        with ExitStack() as opened:
            try:
                if self.member is None:
                    stream: Bytes = opened.enter_context(self.file.open("rb"))
                else:
                    archive = opened.enter_context(zipfile.ZipFile(self.file))
                    stream = cast(zipfile.ZipExtFile, opened.enter_context(archive.open(self.member)))
            except DAMAGED as error:
                raise FileRefusedError(self.name, None, f"cannot be opened ({error})", "download it again") from None
            yield stream


def parts_of(file: Path) -> tuple[Part, ...]:
    """The text files that a path stands for: itself, those inside a zip, or those of a folder and its zips."""
    if file.is_dir():
        inside = sorted(one for one in file.iterdir() if one.suffix.lower() in (*TEXTS, ".zip"))
        parts = tuple(part for one in inside for part in parts_of(one))
    elif not file.exists():
        raise FileRefusedError(file.name, None, "is not there", "mend the path")
    elif file.suffix.lower() == ".zip":
        parts = _zipped(file)
    elif file.suffix.lower() in TEXTS:
        parts = (Part(file, None, file.stat().st_size),)
    else:
        parts = ()
    if not parts:
        mend = "give the .txt or .csv file, or the .zip as CMS publishes it"
        raise FileRefusedError(file.name, None, "holds no text file of CMS", mend)
    return parts


def _zipped(file: Path) -> tuple[Part, ...]:
    try:
        with zipfile.ZipFile(file) as archive:
            return tuple(
                Part(file, one.filename, one.file_size)
                for one in archive.infolist()
                if Path(one.filename).suffix.lower() in TEXTS and not one.filename.startswith("__MACOSX")
            )
    except zipfile.BadZipFile as error:
        raise FileRefusedError(file.name, None, f"is no whole zip file ({error})", "download it again") from None


@dataclass
class Sheet:
    """One part while it is read: where the wanted columns are, and how far the reading is."""

    part: Part
    stream: Bytes
    positions: tuple[int, ...] = ()
    rows: Iterator[Cells] = field(default_factory=lambda: iter(()))
    line: int = 0

    def refuse(self, what: str, mend: str = "get the file from CMS again; nothing was imported") -> FileRefusedError:
        """The fault of the line that was read last."""
        return FileRefusedError(self.part.name, self.line, what, mend)

    def refuse_row(self, fault: CellError | IndexError, cells: Cells) -> FileRefusedError:
        """The fault of a row with a wrong cell, or with too few."""
        return self.refuse(str(fault) if isinstance(fault, CellError) else f"the row has {len(cells)} columns only")


@contextmanager
def open_sheet(part: Part, columns: Sequence[Column], codes: int) -> Iterator[Sheet]:
    """The part's rows from its first row of data on, which is the first with so many cells that are codes.

    Raises FileRefusedError where the headings lack a column, no row of data comes, or the bytes are damaged.
    """
    with part.open() as stream:
        lines = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline="")
        sheet = Sheet(part, stream)
        sheet.positions, sheet.rows = _find_columns(sheet, _numbered(sheet, lines), columns, codes)
        yield sheet


def _find_columns(
    sheet: Sheet, rows: Iterator[Cells], columns: Sequence[Column], codes: int
) -> tuple[tuple[int, ...], Iterator[Cells]]:
    """Where the columns are, and the rows of data."""
    headings: list[Cells] = []
    for cells in rows:
        if sum(CODE.fullmatch(cell.strip()) is not None for cell in cells) >= codes:
            return _positions(sheet, headings, columns), chain((cells,), rows)
        headings.append(cells)
        if sheet.line >= HEADING_LINES:
            break
    mend = f"give the file with these columns: {', '.join(column.name for column in columns)}"
    raise sheet.refuse("no row of codes so far, so this is not the table", mend)


def _numbered(sheet: Sheet, lines: io.TextIOWrapper) -> Iterator[Cells]:
    """Rows that are not empty; the sheet's line is that of the row given last."""
    try:
        for line, cells in _rows(sheet, lines):
            sheet.line = line
            if any(cells):
                yield cells
    except DAMAGED as error:
        raise sheet.refuse(f"after this line the file is damaged ({error})", "download it again") from None
    except csv.Error as error:
        raise sheet.refuse(f"what follows this line is no text in columns ({error})") from None


def _rows(sheet: Sheet, lines: io.TextIOWrapper) -> Iterator[tuple[int, Cells]]:
    """Rows with their line's number. Columns are parted by tabs, where a quote is a quote, or else by commas.

    Commas are read strictly: a quote left open is an error there, for it would swallow rows.
    """
    first = sheet.stream.peek(FIRST_BYTES)
    tabs = first.count(b"\t") > first.count(b",")
    reader = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE) if tabs else csv.reader(lines, strict=True)
    for cells in reader:
        yield reader.line_num, cells


def _positions(sheet: Sheet, headings: Sequence[Cells], columns: Sequence[Column]) -> tuple[int, ...]:
    """Where each column is: by its heading, which may run over several lines, or where CMS puts it if there is none."""
    lines = [cells for cells in headings if sum(map(bool, map(str.strip, cells))) > 1]
    stacked = [_plain(" ".join(cells)) for cells in zip_longest(*lines, fillvalue="")]
    found = [_place(column, stacked) if lines else column.usually for column in columns]
    missing = [column.name for column, place in zip(columns, found, strict=True) if place is None]
    if missing:
        mend = "give CMS's own file of this table, with its headings"
        raise sheet.refuse(f"the headings before this line name no column for {', '.join(missing)}", mend)
    return tuple(place for place in found if place is not None)


def _place(column: Column, headings: Sequence[str]) -> int | None:
    return next((place for place, heading in enumerate(headings) if column.is_headed(heading)), None)


def _plain(heading: str) -> str:
    return " ".join(heading.lower().replace("-", " ").split())
