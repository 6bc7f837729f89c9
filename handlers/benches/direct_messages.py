"""Direct messages while Slack takes its time over every call: nothing that Slack waits for waits for Slack."""

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from handlers.benches.asked import Asked
from handlers.benches.loading import load
from handlers.benches.servers import coding_helpers, databases, slack
from handlers.benches.signing import direct_messages
from handlers.benches.tables import left_then_right

SLOW = 0.2  # seconds that Slack takes over a call
AT_ONCE = (1, 32)
ASKED = 500
POSTED_WITHIN = 120.0  # seconds


def messages_table(
    questions: Sequence[str], waits: Sequence[float] = (0.0, SLOW), at_once: Sequence[int] = AT_ONCE, count: int = ASKED
) -> Table:
    """Acknowledgements beside a Slack that answers at once, and when the last answer stood."""
    table = left_then_right(
        "Slack takes", "at once", "messages", "acknowledged a second", "p50 ms", "p99 ms", "all posted after"
    )
    for wait in waits:
        with (
            tempfile.TemporaryDirectory() as folder,
            slack(wait) as api,
            databases(Path(folder), None) as urls,
            coding_helpers(api.url, list(urls.values())) as (server,),
        ):
            for width in at_once:
                texts, before = Asked(questions, count).new(), len(api.posted)
                done = load([server.port], direct_messages(texts, f"{time.time():.0f}"), width)
                acknowledged = time.monotonic()
                if not done.is_good:
                    raise RuntimeError(f"direct messages: answers other than 200: {done.statuses}")
                late = _wait_for_posts(api.posted, before + count) - acknowledged
                times = (f"{done.part(0.5):.2f}", f"{done.part(0.99):.2f}", f"{max(0.0, late) * 1000:.0f} ms")
                row = (f"{wait * 1000:.0f} ms", str(width), str(count), f"{done.per_second:,.0f}", *times)
                table.add_row(*row)
    return table


def _wait_for_posts(posted: Sequence[float], count: int) -> float:
    """When the last one was posted."""
    end = time.monotonic() + POSTED_WITHIN
    while len(posted) < count:
        if time.monotonic() > end:
            raise RuntimeError(f"direct messages: {count - len(posted)} of {count} were not answered")
        time.sleep(0.01)
    return posted[count - 1]
