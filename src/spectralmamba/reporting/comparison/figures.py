"""Numbers as people write them, and round values for axes."""

import math

SUFFIXES = ((1e9, "G"), (1e6, "M"), (1e3, "K"))
STEPS = (1.0, 2.0, 5.0)


def compact(value: float) -> str:
    """Write a count with three digits, as the field does.

    Examples
    --------
    >>> compact(32734), compact(260970), compact(8.97e6), compact(512)
    ('32.7 K', '261 K', '8.97 M', '512')
    """
    for size, suffix in SUFFIXES:
        if value >= size * 0.9995:
            scaled = value / size
            digits = 2 if scaled < 9.995 else 1 if scaled < 99.95 else 0
            text = f"{scaled:.{digits}f}"
            return f"{text.rstrip('0').rstrip('.') if digits else text} {suffix}"
    return f"{value:.0f}"


def round_down(value: float) -> float:
    """Give the largest of 1, 2 and 5 times a power of ten that is not above a positive ``value``."""
    power = 10.0 ** math.floor(math.log10(value))
    return max((step * power for step in STEPS if step * power <= value * (1 + 1e-9)), default=power)


def between(low: float, high: float) -> list[float]:
    """List the values 1, 2 and 5 times a power of ten from ``low`` to ``high``, both positive."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [step * 10.0**power for power in powers for step in STEPS if low <= step * 10.0**power <= high]


def ranges(numbers: list[int]) -> str:
    """Write whole numbers, runs of three or more as a range.

    Examples
    --------
    >>> ranges([0, 1, 2, 3, 4]), ranges([0]), ranges([0, 1, 5])
    ('0–4', '0', '0, 1, 5')
    """
    ordered = sorted(set(numbers))
    runs: list[list[int]] = []
    for number in ordered:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    parts = [f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs]
    return ", ".join(parts)
