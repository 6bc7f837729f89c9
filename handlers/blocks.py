"""A Reply as Block Kit, through slack_sdk's own models, within Slack's limits."""

from collections.abc import Iterator
from typing import Any

from slack_sdk.models.blocks import Block, ContextBlock, HeaderBlock, MarkdownTextObject, PlainTextObject, SectionBlock

from bot.reply import Reply

SECTION_LIMIT = 3000  # characters; Slack's section block
HEADER_LIMIT = 150  # characters; Slack's header block
CONTEXT_LIMIT = 2000  # characters of one text in a context block, kept well under Slack's 3,000
BLOCKS_LIMIT = 50  # blocks; Slack's message
MESSAGE_LIMIT = 12_000  # characters of all blocks; Slack refuses somewhere above 13,000 and does not say where
FALLBACK_LIMIT = 3000  # characters of the text that a notification shows; Slack cuts over 40,000


def message(reply: Reply) -> dict[str, Any]:
    """The arguments of a message that say this reply: blocks, and the text for notifications."""
    return {"text": _cut(reply.text, FALLBACK_LIMIT), "blocks": [block.to_dict() for block in blocks(reply)]}


def blocks(reply: Reply) -> list[Block]:
    """The reply's blocks. What would go over Slack's limits is cut at a line, and says so."""
    kept: list[Block] = []
    room = MESSAGE_LIMIT
    for block, size in _all_blocks(reply):
        if len(kept) == BLOCKS_LIMIT - 1 or size > room:
            kept.append(_small("This answer goes on; ask for less of it at a time."))
            break
        kept.append(block)
        room -= size
    return kept


def _all_blocks(reply: Reply) -> Iterator[tuple[Block, int]]:
    if reply.title:
        yield (
            HeaderBlock(text=PlainTextObject(text=_cut(_unescaped(reply.title), HEADER_LIMIT), emoji=False)),
            len(reply.title),
        )
    for section in reply.sections:
        for part in split_at_lines(section, SECTION_LIMIT):
            yield SectionBlock(text=MarkdownTextObject(text=part)), len(part)
    for small in reply.small:
        for part in split_at_lines(small, CONTEXT_LIMIT):
            yield _small(part), len(part)


def _small(text: str) -> ContextBlock:
    return ContextBlock(elements=[MarkdownTextObject(text=text)])


def split_at_lines(text: str, limit: int) -> Iterator[str]:
    """The text in parts of at most `limit` characters, parted at a line's end where there is one, else at a space."""
    while len(text) > limit:
        cut = max(text.rfind("\n", 0, limit), 0) or max(text.rfind(" ", 0, limit), 0) or limit
        yield text[:cut]
        text = text[cut:].lstrip()
    if text:
        yield text


def _unescaped(text: str) -> str:
    """A header is plain text: Slack shows it as it stands, so what was escaped for markup is written out again."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
