"""Learn what tells questions of ours from those of elsewhere: `python -m tests.scope.train`.

A logistic regression over what `bot.asking` sees in a question, learned from the cases of tests/questions and from the
questions and frames beside this file. It first tells how well questions are told apart that were held out, then writes
the weights; the same questions and shelves give the same weights.
"""

import json
import math
import random
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from bot.asking import START
from bot.cases import read_cases
from bot.privacy import scrub
from bot.query import plain_text, understand
from knowledge.library import read_library
from knowledge.search import Index

HERE = Path(__file__).parent
WEIGHTS = HERE.parents[1] / "bot" / "asking_weights.json"
PARTS = 8  # of the questions, each held out once
FILLED = {"ours": 6, "elsewhere": 5}  # questions made of each frame
LEAST_SEEN = 3  # questions; what fewer have tells nothing
FILLED_COUNTS = 0.5  # how much a filled frame counts beside a question that somebody wrote
ROUNDS = 25
STEP = 0.3
SHRINK = 1.0  # how strongly weights are held near nothing, the whole of the questions together
LEAST_WEIGHT = 0.05  # lighter ones are left out of the file

Weights = dict[str, float]


@dataclass(frozen=True)
class Asked:
    """A question to learn from. `group` names where it comes from: the heading that it stands under, or its kind.

    Those that are filled frames are learned from and never judged.
    """

    text: str
    group: str
    is_elsewhere: bool
    is_filled: bool
    features: dict[str, float]


def read_asked(index: Index) -> list[Asked]:
    """All questions to learn from, but for those with a code typed: they are ours whatever stands beside it."""
    found = []
    filled = list(_filled())
    for text, group, is_elsewhere in (*filled, *_listed("ours"), *_listed("elsewhere"), *_cases()):
        query = understand(scrub(plain_text(text)).text, index)
        if not (query.codes or query.numbers):
            found.append(Asked(query.text, group, is_elsewhere, (text, group, is_elsewhere) in filled, query.features))
    return found


def _listed(kind: str) -> Iterator[tuple[str, str, bool]]:
    group = ""
    for file in sorted(HERE.glob(f"{kind}*.txt")):
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.startswith("# "):
                group = line.removeprefix("# ")
            elif line:
                yield line, group, kind == "elsewhere"


def _filled() -> Iterator[tuple[str, str, bool]]:
    """Questions made of the frames: each blank filled with something of its list, no two blanks of a frame alike."""
    frames = tomllib.loads((HERE / "frames.toml").read_text(encoding="utf-8"))
    for kind, count in FILLED.items():
        for frame in frames[kind]["frames"]:
            chance = random.Random(frame)  # noqa: S311
            for _ in range(count):
                yield _fill(frame, frames["fill"], chance), kind, kind == "elsewhere"


def _fill(frame: str, fills: Mapping[str, Sequence[str]], chance: random.Random) -> str:
    left = {name: chance.sample(its, len(its)) for name, its in fills.items()}
    return re.sub(r"\{(\w+)\}", lambda blank: left[blank[1]].pop(), frame)


def _cases() -> Iterator[tuple[str, str, bool]]:
    for file in sorted((HERE.parent / "questions").glob("*.jsonl")):
        for case in read_cases(file):
            yield case.question, case.kind, case.kind == "out_of_scope"


def learn(asked: Sequence[Asked]) -> Weights:
    """Weights by stochastic gradient descent, each weight with a step of its own (AdaGrad), in a shuffled order."""
    seen = Counter(name for one in asked for name in one.features)
    rows = [([(n, v) for n, v in one.features.items() if seen[n] >= LEAST_SEEN and v], one) for one in asked]
    weights: Weights = defaultdict(float)
    squares: dict[str, float] = defaultdict(lambda: 1e-3)
    order = random.Random(1)  # noqa: S311  # an order, no secret
    for _ in range(ROUNDS):
        order.shuffle(rows)
        for held, one in rows:
            odds = weights[START] + sum(weights[name] * value for name, value in held)
            miss = (1 / (1 + math.exp(-odds)) - one.is_elsewhere) * (FILLED_COUNTS if one.is_filled else 1.0)
            for name, value in (*held, (START, 1.0)):
                slope = miss * value + (SHRINK * weights[name] / seen[name] if name else 0.0)
                squares[name] += slope * slope
                weights[name] -= STEP * slope / math.sqrt(squares[name])
    return dict(weights)


def odds(weights: Weights, one: Asked) -> float:
    """Log odds of elsewhere."""
    return weights[START] + math.fsum(weights.get(name, 0.0) * value for name, value in one.features.items())


def held_out(asked: Sequence[Asked], part_of: Sequence[int]) -> list[float]:
    """The odds of each question by weights that were learned without its part."""
    found = [0.0] * len(asked)
    for part in set(part_of):
        weights = learn([one for one, its in zip(asked, part_of, strict=True) if its != part or one.is_filled])
        for at, one in enumerate(asked):
            if part_of[at] == part:
                found[at] = odds(weights, one)
    return found


def told_apart(asked: Sequence[Asked], found: Iterable[float], threshold: float = 0.0) -> str:
    """In one line: the shares of both kinds that are told rightly."""
    right: dict[bool, list[bool]] = {True: [], False: []}
    for one, its in zip(asked, found, strict=True):
        if one.is_filled:
            continue
        right[one.is_elsewhere].append((its > threshold) == one.is_elsewhere)
    shares = {kind: sum(got) / len(got) for kind, got in right.items()}
    return f"elsewhere {shares[True]:.1%} of {len(right[True])}, ours {shares[False]:.1%} of {len(right[False])}"


def main() -> None:
    """Judge on what was held out, then learn from everything and write the weights."""
    asked = read_asked(Index(read_library()))
    mixed = list(range(len(asked)))
    random.Random(2).shuffle(mixed)  # noqa: S311
    found = held_out(asked, [at % PARTS for at in mixed])
    for threshold in (0.0, 0.5, 1.0, 1.5):
        typer.echo(f"held out, above {threshold}: {told_apart(asked, found, threshold)}")
    weights = learn(asked)
    typer.echo(f"learned from: {told_apart(asked, [odds(weights, one) for one in asked])}")
    kept = {name: round(its, 3) for name, its in sorted(weights.items()) if abs(its) >= LEAST_WEIGHT or not name}
    WEIGHTS.write_text(json.dumps(kept, indent=0, ensure_ascii=False) + "\n", encoding="utf-8")
    typer.echo(f"{len(kept)} weights written to {WEIGHTS.relative_to(HERE.parents[1])}")


if __name__ == "__main__":
    main()
