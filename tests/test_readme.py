"""The README's conversation is what the program says. Renew it with: python -m tests.test_readme"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"
CONVERSATION = re.compile(r"(<!-- conversation -->\n```text\n)(.*?)(```)", re.DOTALL)
WIDTH = "88"


def conversation(questions: tuple[str, ...]) -> str:
    """What `coding-helper chat` says to these questions, in an empty folder, after its greeting."""
    with tempfile.TemporaryDirectory() as folder:
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        done = subprocess.run(
            [sys.executable, "-m", "handlers", "chat"],
            input="\n".join(questions) + "\nquit\n",
            capture_output=True,
            text=True,
            cwd=folder,
            env={**kept, "PYTHONPATH": str(README.parent), "COLUMNS": WIDTH},
            timeout=60,
            check=True,
        )
    said = done.stdout.split("“quit” ends the conversation.\n")[1]
    return "\n".join(line.rstrip() for line in said.strip().splitlines()) + "\n"


def test_the_conversations_of_the_readme_are_what_the_program_says() -> None:
    shown = CONVERSATION.findall(README.read_text(encoding="utf-8"))
    assert len(shown) >= 2
    for _, said, _ in shown:
        assert said == conversation(questions_in(said))


def questions_in(said: str) -> tuple[str, ...]:
    return tuple(re.findall(r"^you: (.*)$", said, re.MULTILINE))


if __name__ == "__main__":
    text = README.read_text(encoding="utf-8")
    renewed = CONVERSATION.sub(lambda found: found[1] + conversation(questions_in(found[2])) + found[3], text)
    README.write_text(renewed, encoding="utf-8")
