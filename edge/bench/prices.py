"""Prices as data: `prices.toml`, and a file of the user's own that replaces what it names.

Source: each price names its own, with the day on which it was read.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

_FILE = Path(__file__).with_name("prices.toml")
_CERTAINTIES = ("sure", "likely", "guess")
_ENTRY = {"usd", "per", "unit", "free_per_month", "seen", "source", "certainty", "steps"}


class PricesError(ValueError):
    """A price file that says something that cannot be used; the text names the file and the entry."""


class Step(NamedTuple):
    """A part of the quantity of a month: up to `up_to` units in all, `usd` for each `per` of them."""

    up_to: float
    usd: float


@dataclass(frozen=True, slots=True)
class Price:
    """`steps` are in US dollars for each `per` units; `free_per_month` is in units. `seen` is when `source` was read;
    `certainty` is "sure", "likely" or "guess"."""

    unit: str
    per: float
    steps: tuple[Step, ...]
    free_per_month: float = 0.0
    seen: date = date.min
    source: str = ""
    certainty: str = "guess"

    @property
    def usd(self) -> float:
        """The list price for each `per` units, of the first step."""
        return self.steps[0].usd

    def cost(self, quantity: float, *, with_free_tier: bool = False) -> float:
        """US dollars for a month's quantity in units. What is free is taken from the first step."""
        free = self.free_per_month if with_free_tier else 0.0
        bounds = [0.0, *(step.up_to for step in self.steps)]
        parts = (
            max(0.0, min(quantity, high) - max(low, min(free, high))) * step.usd
            for (low, high), step in zip(pairwise(bounds), self.steps, strict=True)
        )
        return sum(parts) / self.per


@dataclass(frozen=True, slots=True)
class Prices:
    """Every price that a bill may need, under the name that price files use."""

    cloudfront_functions_runs: Price
    kvs_reads: Price
    lambda_edge_requests: Price
    lambda_edge_gb_seconds: Price
    https_requests: Price
    data_out: Price
    function_logs: Price
    realtime_log_lines: Price


NAMES = tuple(field.name for field in fields(Prices))


def load(override: Path | None = None) -> Prices:
    """AWS's list prices, with those of `override` in their place. Raises PricesError."""
    known = Prices(**{name: _price({}, entry, _FILE, name) for name, entry in _read(_FILE).items()})
    if override is None:
        return known
    given = _read(override)
    for name in given:
        if name not in NAMES:
            near = get_close_matches(name, NAMES, n=1) or [", ".join(NAMES)]
            raise PricesError(f"{override}: there is no price {name!r}; did you mean {near[0]}?")
    changed = {name: _price(_as_entry(getattr(known, name)), entry, override, name) for name, entry in given.items()}
    return replace(known, **changed)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PricesError(f"{path}: cannot be read: {error}") from None


def _as_entry(price: Price) -> dict[str, Any]:
    """What a file that names only the new rate leaves as it is. Its source is the file then."""
    return {"per": price.per, "unit": price.unit, "free_per_month": price.free_per_month, "certainty": "sure"}


def _price(known: Mapping[str, Any], entry: object, path: Path, name: str) -> Price:
    if not isinstance(entry, dict):
        raise PricesError(f"{path}: {name} is a table with usd, per and unit")
    unknown = entry.keys() - _ENTRY
    if unknown:
        raise PricesError(f"{path}: {name} has no {', '.join(sorted(unknown))}; it has {', '.join(sorted(_ENTRY))}")
    whole = {"seen": date.min, "source": str(path), "certainty": "guess", "free_per_month": 0, **known, **entry}
    try:
        steps = tuple(_steps(whole))
        per, free = float(whole["per"]), float(whole["free_per_month"])
        price = Price(str(whole["unit"]), per, steps, free, whole["seen"], str(whole["source"]), whole["certainty"])
    except (KeyError, TypeError, ValueError) as error:
        raise PricesError(f"{path}: {name}: {error}") from None
    if price.certainty not in _CERTAINTIES or not isinstance(price.seen, date):
        raise PricesError(f"{path}: {name}: certainty is one of {', '.join(_CERTAINTIES)}, seen is a date")
    if per <= 0 or free < 0 or any(step.usd < 0 for step in steps):
        raise PricesError(f"{path}: {name}: a price is not negative, and per is more than 0")
    return price


def _steps(entry: Mapping[str, Any]) -> list[Step]:
    if "steps" not in entry:
        return [Step(float("inf"), float(entry["usd"]))]
    steps = [Step(float(step.get("up_to", "inf")), float(step["usd"])) for step in entry["steps"]]
    bounds = [0.0, *(step.up_to for step in steps)]
    if not steps or bounds != sorted(bounds) or bounds[-1] != float("inf"):
        raise ValueError("steps go up, and the last one has no up_to")
    return steps
