"""Typed reading of a combination's parameters, and the lengths of time that the grids are made of."""

from services.evaluate.method import Parameters

MINUTE = 60_000  # ms
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NEVER = 0  # the half-life of what does not decay


def real(parameters: Parameters, name: str) -> float:
    """A number."""
    value = parameters[name]
    if value is None or isinstance(value, str):
        raise TypeError(f"{name} is {value!r}, not a number")
    return float(value)


def whole(parameters: Parameters, name: str) -> int:
    """A whole number."""
    return int(real(parameters, name))


def half_life(parameters: Parameters, name: str = "half_life_ms") -> int:
    """ms; None in the grid is :data:`NEVER`."""
    return NEVER if parameters[name] is None else whole(parameters, name)
