"""Tables of figures, as all benches print them: Markdown, to be kept as they are."""

from rich.box import MARKDOWN
from rich.table import Table


def left_then_right(first: str, *others: str) -> Table:
    """A table whose first column is read, and whose others are figures."""
    table = Table(box=MARKDOWN, header_style="bold")
    table.add_column(first)
    for heading in others:
        table.add_column(heading, justify="right")
    return table
