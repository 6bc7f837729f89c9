"""What is told to those who asked earlier, and the weekly digest for the curators."""

from dataclasses import replace

from bot.question_row import QuestionRow
from bot.reply import Reply, escape_for_slack
from bot.report import Report

MOST_LISTED = 5  # questions in the digest
SHOWN = 200  # characters of a question that are shown


def taught_reply(row: QuestionRow, reply: Reply) -> Reply:
    """The answer to a question that had none."""
    asked = (
        f"On {row.asked_at:%Y-%m-%d} you asked “{escape_for_slack(row.text[:SHOWN])}”, and I did not know. Now I do:"
    )
    return replace(reply, sections=(asked, *reply.sections))


def recalled_reply(row: QuestionRow, reply: Reply, code: str, words: str | None) -> Reply:
    """What is right now, for those who were told something else."""
    asked = escape_for_slack(row.text[:SHOWN])
    lead = f"What I told you about {code} on {row.asked_at:%Y-%m-%d} (“{asked}”) has been corrected."
    why = [escape_for_slack(words)] if words else []
    return replace(
        reply,
        title=f"Correction: {reply.title}" if reply.title else "Correction",
        sections=(lead, *why, *reply.sections),
    )


def digest_reply(report: Report) -> Reply:
    """A week in a few lines: counts only, never people."""
    lines = [f"{report.asked:,} asked, {report.unanswered:,} without an answer, {report.down_count:,} voted down."]
    if report.codes:
        lines.append("Most asked: " + ", ".join(f"{code} ({count:,})" for code, count in report.codes[:MOST_LISTED]))
    sections = ["\n".join(lines)]
    if report.clusters:
        listed = [f"• {_shown(one.text)} ({one.count:,}×)" for one in report.clusters[:MOST_LISTED]]
        sections.append("\n".join(("*Without an answer*", *listed)))
    if report.down:
        listed = [
            f"• {escape_for_slack(one.text[:SHOWN])} (answered: {one.answered})" for one in report.down[:MOST_LISTED]
        ]
        sections.append("\n".join(("*Voted down*", *listed)))
    small = ("Teach the open ones in App Home. The whole report: coding-helper report",)
    return Reply(f"Coding questions, {report.since} to {report.until}", tuple(sections), small)


def _shown(text: str) -> str:
    return escape_for_slack(text[:SHOWN])
