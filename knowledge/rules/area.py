"""Units of services that count by area: selective debridement."""

import math

FIRST = 20.0  # square centimetres of the first unit, and of each further one


def area_units(square_centimetres: float) -> tuple[int, int]:
    """Units of the first 20 square centimetres, and of the further 20 or parts of them, of a day's debrided area.

    Raises ValueError for an area that is not above zero. Source: the codes' own rule by area; that a part of
    20 counts as a unit is recalled, not checked.

    >>> [area_units(area) for area in (12, 20, 30, 41)]
    [(1, 0), (1, 0), (1, 1), (1, 2)]
    """
    if square_centimetres <= 0:
        raise ValueError(f"{square_centimetres} sq cm: an area is above zero")
    return 1, math.ceil(max(0.0, square_centimetres - FIRST) / FIRST)
