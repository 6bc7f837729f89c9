"""Words about people: first names, surnames, what stands beside them, and what only looks like a name."""

import re
import unicodedata
from importlib import resources

from knowledge.packed_words import PackedWords


class Trait:
    """What the lists say of a word."""

    FIRST = 1
    LAST = 2
    ORDINARY = 4
    CLINIC = 8


def words_of(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


LISTED = Trait.FIRST | Trait.LAST
COMMON = Trait.ORDINARY | Trait.CLINIC
NO_TRAIT = 0

# Names which the list of ordinary words holds, and which nobody in a clinic means as words.
_NAMES_FIRST_OF_ALL = words_of(
    "maria mike peter harry martin jack nick frank sally victor warren carol heather holly rosemary robin penny "
    "daisy ruby lily hazel kitty dolly sherry autumn jade wade gene amber eddy newton bill smith cooper wright "
    "gentry hale hicks madden garrison peters tiara miles barb melody destiny sierra trinity genesis sandy"
) - {"bill", "melody", "miles"}
SHORT_WORDS = words_of(
    "a an the and or of for to in on at by as is it be am are was has had did do does can may not no yes if so "
    "but we he she his her him my me our us you who how why any all one two six ten per via vs w x pm ok pt ot st "
    "slp ie eg re np md rn dr mr mrs ms miss get got let see saw use put new old day mid low hi hey due own off "
    "out up too now then them they cant ask try way say add pay fee min max arm leg hip toe lap pad rib jaw ear "
    "eye hot ice wet dry gel cup gym mat bed car van kid son mom dad guy man men boy baby wife nope that this "
    "with from into what when where which there here also"
)


def _words_of(name: str) -> list[str]:
    text = resources.files("knowledge" if name.startswith("ordinary") else "bot").joinpath(name).read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def _read_traits() -> PackedWords:
    traits: dict[str, int] = {}
    for file, trait in (
        ("ordinary_words.txt", Trait.ORDINARY),
        ("first_names.txt", Trait.FIRST),
        ("last_names.txt", Trait.LAST),
        ("clinic_names.txt", Trait.CLINIC),
    ):
        for word in _words_of(file):
            if " " not in word:
                traits[word] = traits.get(word, NO_TRAIT) | trait
    for word in SHORT_WORDS:
        traits[word] = traits.get(word, NO_TRAIT) | Trait.ORDINARY
    for word in _NAMES_FIRST_OF_ALL:
        traits[word] = traits.get(word, NO_TRAIT) & LISTED
    return PackedWords(traits)


_TRAITS = _read_traits()
CLINIC_PAIRS = frozenset(tuple(line.split()[:2]) for line in _words_of("clinic_names.txt") if " " in line)


def trait_of(word: str) -> int:
    """What the lists say of a word in lower case; accents, hyphens and apostrophes within it do not matter."""
    found = _TRAITS.get(word)
    if (found is None and not word.isalpha()) or not word.isascii():
        plain = unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode()
        parts = [_TRAITS.get(part) or NO_TRAIT for part in re.sub(r"['’]", "", plain).split("-") if part]
        found = NO_TRAIT if not parts else parts[0] if len(parts) == 1 else _together(parts)
    return found or NO_TRAIT


def _together(parts: list[int]) -> int:
    """A hyphened word is a name where every part is one, and a common word where any part is one."""
    shared = parts[0] | parts[-1]
    return shared if all(part & LISTED for part in parts) else shared & COMMON


TITLES = words_of("mr mrs mister ms dr miss mx señor señora sr sra") - {"sr"}
PATIENT_WORDS = words_of(
    "pt pts patient patients client clients resident residents name named called kid kiddo child son daughter "
    "husband wife mom mother dad father lady gentleman boy girl baby infant toddler grandma grandpa grandmother "
    "grandfather brother sister twin nana aunt uncle niece nephew cousin grandson granddaughter spouse veteran member "
    "guy man woman male female mbr enrollee insured subscriber beneficiary paciente hijo hija"
)
LINKS = words_of(
    "for with w of saw see seen seeing treated treat treating eval'd evaluated evaluate evaluating on to by and "
    "is was my our re did from about gave discharged discharging told asked regarding hi dear thanks cc following "
    "scheduled billed bill billing charge charged call calling called text texted email emailed phoned tell ask given "
    "like met had check de para con"
)
MEETINGS = words_of("saw seen seeing treated treating evaluated eval'd discharged had for with")
NURSES = words_of("np aprn arnp crnp pa")  # those who order therapy beside doctors
POSSESSED = words_of(  # what is somebody's own: "Kowalski's gait"
    "gait balance wrist knee knees shoulder hip back neck ankle hand hands elbow leg arm foot speech swallow "
    "swallowing feeding voice handwriting torticollis stairs walker wheelchair wound home house tx treatment therapy "
    "session visit visits eval reeval poc plan goals chart note notes claim claims auth referral insurance copay "
    "mom mother dad father wife husband son daughter aide caregiver"
)
VERBS = words_of(
    "needs need needed has had is was wants wanted got came comes walked walks says said asked asks fell lives "
    "gets uses used reports reported presents presented did does will can can't cant could would should wasn't "
    "isn't doesn't didn't requires required received receives completed tolerated started starts saw see who "
    "whose and w with dob mrn ssn born phone cell mbi here today yesterday works worked practiced performed "
    "ambulated goes went having doing family aged age on in at for from ph email acct insurance id # s/p lost "
    "broke tore injured hurt"
)
PREPOSITIONS = words_of("in at for from on w with and here today id see phone")
NO_DEEDS = (LINKS | PREPOSITIONS) - {"did", "was", "is"}
MEDICAL_NOUNS = words_of(
    "test tests sign signs disease syndrome palsy fracture fx contracture maneuver manoeuvre technique method "
    "protocol scale index score deformity dystrophy ataxia phenomenon criteria classification valve stage stages "
    "stroke toe finger thumb law rule disorder tear lesion neuroma ganglion nodes cyst aphasia area muscle "
    "ligament tendon canal nerve node procedure inventory battery questionnaire concept position"
)
NOUNS_BEHIND_EPONYMS = MEDICAL_NOUNS | words_of(
    "walker splint brace sling tank taping tape approach exercises exercise stretches stretch release repair "
    "assessment balance program hose bandage collar boot wrap frame stander chair lift machine press curl curls "
    "raise squats bottle nipple vaccine diet medicaid medicare"
)
FAMILY_WORDS = words_of("family kid kids boy girl baby twins twin child children siblings brothers sisters")
PARTICLES = words_of("de la las los del der den van von di da dos du le el al bin ibn ben abu st san santa mc mac y")
MONTHS = frozenset(("april", "may", "june", "august", "jan", "mar", "jun"))
SUFFIXES = frozenset(["jr", "sr", "ii", "iii", "iv", "esq", "phd"])
NEXT_WORDS = words_of(
    "will may can back hand foot hands walker still just close prior post lower upper day days week weeks rest "
    "read reading see need self more head heard held fell fall falls arms neck stairs steps pool band cane march "
    "given till walk work works use bill bills codes code charge list chart visit wash dress drive driver home "
    "school"
)
ABBREVIATIONS = words_of(
    "do md pt ot st rn np pa am pm us uk ie eg dx hx rx sx tx fx cc ro dc id er or icu le ue ll la ta te ma mt nm "
    "gt gp go gn kx cq co ms cp pd tb sc ai ko tv uv ac pc po iv im ad ap lt rt lh rh si gi gu ob gyn ed ent al "
    "ak az ar ca ct de fl ga hi il in ia ks ky me mi mn mo ne nv nh nj ny nc nd oh ok ri sd tn ut vt va wa wv wi "
    "wy soap dob ssn mrn mbi hep poc roi hr bp wt ht mm kg lb ft yr yo wk qd bid tid prn npo dos doi fee ots a b "
    "c d s o ab bk aka bka dm ra oa hf cva tia as so we he it is if an at to of on by be no my up new pts scs ems "
    "fes dn vr mh sw pe sp"
)
DOTTED_SHORT_FORMS = words_of("pt ot st md do rn np pa am pm us po dob mrn ssn phd dpt otr slp llc")
DOTTED_IN_SMALL_LETTERS = frozenset(("pm", "ie", "eg", "vs", "uk"))
