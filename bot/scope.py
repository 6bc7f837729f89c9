"""Is a question about what was done in therapy, or about something else? Judged by its form and words together."""

from bot.query import Query

# Log odds that a question is about something else (see bot/asking.py).
_ELSEWHERE = 0.8  # held out, declined lookups and codes told to others are about equally rare here
_PLAINLY = 1.25  # what speaks of minutes and a visit is rather ours
_SURELY = 3.0  # odds of twenty to one: not even the nearest codes are worth naming
_LIKELY_OURS = -1.0  # from here down, small talk is by the way ("lol")
_CLEARLY_OURS = -2.2  # from here down, a declining phrase inside was meant otherwise ("with my hands, no meds")


def is_elsewhere(query: Query) -> bool:
    """Is this more likely a question of the world, of another field, or for advice, than one of our codes?"""
    return not (query.codes or query.numbers) and query.odds_of_elsewhere > _ELSEWHERE


def is_plainly_elsewhere(query: Query) -> bool:
    """Is this something else even where minutes or services told make up a visit?"""
    return not (query.codes or query.numbers) and query.odds_of_elsewhere > _PLAINLY


def is_surely_elsewhere(query: Query) -> bool:
    """Is this so little of ours that what lies nearest is far off?"""
    return not (query.codes or query.numbers) and query.odds_of_elsewhere > _SURELY


def is_likely_ours(query: Query) -> bool:
    """Does the question more likely than not tell what was done in therapy?"""
    return _tells_of_therapy(query) and query.odds_of_elsewhere < _LIKELY_OURS


def is_clearly_ours(query: Query) -> bool:
    """Does the question surely tell what was done in therapy?"""
    return _tells_of_therapy(query) and query.odds_of_elsewhere < _CLEARLY_OURS


def _tells_of_therapy(query: Query) -> bool:
    return bool(query.hits) and query.hits[0].shelf != "topics"
