"""Is a question about what was done in therapy, or about something else? Judged by its form and words together."""

import math
import re
from functools import lru_cache

from bot.query import Query

# How a sentence begins that asks for something of the world, an opinion or an errand.
_REQUEST = re.compile(
    r"^\W*(?:(?:hi|hey|hello|ok|okay|so|please|pls|plz|um|quick question|question|also|and|but)\b\W*)*"
    r"(?:how|why|whos?|who's|whens?|wheres?|should|shall|is|are|was|am|does|do|did|can|could|would|will|may|might|has"
    r"|have|which|whats?|what's|wats?|tell|explain|write|draft|give|compare|any(?:one|body)"
    r"|i (?:need|want|lost|have|feel)|im|i'm|my|our|cancel|move|book|(?:re)?schedule|order|list|name"
    r"|translate|print|send|email|call|remind|find|show me"
    r"|calculate|convert|recommend|suggest|summari[sz]e|make me|help me|add|let me|you|ignore|pretend|repeat"
    r"|normal|best|safe)\b"
)
_OF_CODING = re.compile(
    r"\b(?:cod(?:es?|ed|ing)|cdoe|coed|cpt|hcpcs|bill\w*|charg\w*|units?|modif\w*|claims?|medicare|mcr|medicaid"
    r"|document\w*|doc|notes?|pays?|paid|payer|payable|cover\w*|reimburs\w*|timed|untimed|allow\w*|counts?|vs|versus"
    r"|same day|min(?:ute)?s?|call(?:ed)? it|number|which one|separately|its own|put (?:in|down|for)|skilled|group"
    r"|assistant|pta|cota|plan of care|poc|progress (?:note|report)|cert\w*|evals?|evaluation|re-?eval\w*)\b"
)
_REPORT = re.compile(  # what was done, with whom, for how long, how heavy
    r"\b(?:did|worked|taught|teach\w*|practi[cs]\w*|train\w*|made|ran|had (?:her|him|them|the)|pts?|patients?|kids?"
    r"|kiddo|him|her|them|yo|mins?|hr|s/p|post ?op|we|w|ot|slp)\b|\bx ?\d+|\d ?(?:min|lbs?|#)|\d(?:st|nd|rd) "
)
_ADVICE = re.compile(
    r"\b(?:should (?:i|he|she|we|my|they)|best|worth it|safe|normal|heal\w*|stand for|what age|my own|myself"
    r"|good(?! form)|how (?:do|to|can|would) (?:you |i |we )?(?:score|tell|treat|spell|clean|fix|become)"
    r"|how (?:long|high|hot|old|big|far|often|soon|thick) (?:is|are|do(?:es)?|did|should|until|till|after|before))\b"
)
_OPERATION = re.compile(  # "cpt for repair of ...": the thing asked for is a surgeon's
    r"^\W*(?:(?:the|what|whats|need|cpt|codes?|number|billing|bill|is|for|of|a)\W+)*(?:repair|removal|removing|excision"
    r"|release|resection|fusion|replacement|reconstruction|reduction|insertion|injection|biopsy|sutur\w+|incision"
    r"|implant\w*|ablation|amputation) (?:of|for|in|into)\b"
)

# Log odds that a question is about something else; a logistic regression over the cases of tests/questions and over
# others that no phrase was written for, judged on cases that it had not seen. A negative number speaks for us.
_START = 9.0
_OF_SCORE = -8.3  # the best hit's score
_OF_MATCHED = 0.94  # each telling word in it: the same score by more words is more of a chance
_OF_LENGTH = -4.2  # the logarithm of how many telling words there are, and one
_OF_BARE_REQUEST = 3.1
_OF_ADVICE = 2.3
_OF_OPERATION = 6.0
_OF_LEANING = 2.0
_OF_REPORT = -1.9
_SURELY = 3.0  # odds of twenty to one: not even the nearest codes are worth naming
_LIKELY_OURS = -1.0  # from here down, small talk is by the way ("lol")
_CLEARLY_OURS = -3.2  # from here down, a declining phrase inside was meant otherwise ("with my hands, no meds")


def is_elsewhere(query: Query) -> bool:
    """Is this more likely a question of the world, of another field, or for advice, than one of our codes?"""
    return not (query.codes or query.numbers) and _odds_of_elsewhere(query) > 0


def is_surely_elsewhere(query: Query) -> bool:
    """Is this so little of ours that what lies nearest is far off?"""
    return not (query.codes or query.numbers) and _odds_of_elsewhere(query) > _SURELY


def is_likely_ours(query: Query) -> bool:
    """Does the question more likely than not tell what was done in therapy?"""
    return _tells_of_therapy(query) and _odds_of_elsewhere(query) < _LIKELY_OURS


def is_clearly_ours(query: Query) -> bool:
    """Does the question surely tell what was done in therapy?"""
    return _tells_of_therapy(query) and _odds_of_elsewhere(query) < _CLEARLY_OURS


def _tells_of_therapy(query: Query) -> bool:
    return bool(query.hits) and query.hits[0].shelf != "topics"


def _odds_of_elsewhere(query: Query) -> float:
    telling, best = query.said.strong_stems, query.hits[0] if query.hits else None
    matched = len(set(best.matched) & set(telling)) if best else 0
    return (
        _START
        + _OF_SCORE * (best.score if best else 0.0)
        + _OF_MATCHED * matched
        + _OF_LENGTH * math.log(1 + len(telling))
        + _OF_LEANING * query.index.leaning.of(telling)
        + _odds_by_form(query.low)
    )


@lru_cache(maxsize=1_000)  # each kind of answer may ask it of the same question
def _odds_by_form(low: str) -> float:
    return (
        (_OF_BARE_REQUEST if _REQUEST.search(low) and not _OF_CODING.search(low) else 0.0)
        + (_OF_ADVICE if _ADVICE.search(low) else 0.0)
        + (_OF_OPERATION if _OPERATION.search(low) else 0.0)
        + (_OF_REPORT if _REPORT.search(low) else 0.0)
    )
