"""Questions that ask for the same in other words, put together: simple, fast, and the same every time."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from knowledge.language import Language

ALIKE = 82  # of 100; from here on two questions ask for the same
MOST_APART = 800  # different questions that are compared with each other; the rest, seldom asked, is left out


@dataclass(frozen=True)
class Cluster:
    """Questions that ask for the same: the one asked most, how often all of them were asked, and all their words."""

    text: str
    count: int
    texts: tuple[str, ...]


def clustered(texts: Mapping[str, int], language: Language) -> list[Cluster]:
    """The texts, each asked so many times, in clusters, those asked most first."""
    by_stems: dict[str, list[str]] = {}
    for text in sorted(texts, key=lambda one: (-texts[one], one))[:MOST_APART]:
        by_stems.setdefault(_stems(text, language), []).append(text)
    groups: dict[str, list[str]] = {}
    for stems in sorted(by_stems, key=lambda one: (-sum(texts[text] for text in by_stems[one]), one)):
        groups.setdefault(_nearest(stems, groups.keys()) or stems, []).extend(by_stems[stems])
    found = [_cluster(group, texts) for group in groups.values()]
    return sorted(found, key=lambda one: (-one.count, one.text))


def _nearest(stems: str, groups: Collection[str]) -> str | None:
    """The group that asks for the same: with nearly the same words, or with all of several words and few more."""
    words = len(stems.split())
    near = [one for one in groups if words > 1 and words <= 2 * len(one.split()) and len(one.split()) <= 2 * words]
    found = process.extractOne(stems, near, scorer=fuzz.token_set_ratio, score_cutoff=ALIKE) if near else None
    found = found or process.extractOne(stems, groups, scorer=fuzz.ratio, score_cutoff=ALIKE)
    return found[0] if found else None


def _cluster(group: list[str], texts: Mapping[str, int]) -> Cluster:
    best = min(group, key=lambda one: (-texts[one], len(one), one))
    return Cluster(best, sum(texts[one] for one in group), tuple(group))


def _stems(text: str, language: Language) -> str:
    """What a text says, in an order of its own: the words that say something, without their endings."""
    stems = language.stems(text)
    strong = [one for one in stems if not language.is_faint(one)]
    return " ".join(sorted(strong or stems))
