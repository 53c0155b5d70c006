"""Prices are data: dated, sourced, and replaceable."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from edge.bench import prices
from edge.bench.prices import Price, PricesError, Step


@pytest.mark.parametrize("name", prices.NAMES)
def test_each_price_says_where_it_is_from_and_when_it_was_read(name: str) -> None:
    price = getattr(prices.load(), name)
    assert price.source
    assert price.seen > date(2026, 1, 1)
    assert price.certainty in ("sure", "likely", "guess")


def test_a_file_of_the_users_own_replaces_what_it_names_and_leaves_the_rest(tmp_path: Path) -> None:
    file = tmp_path / "agreed.toml"
    file.write_text("[lambda_edge_requests]\nusd = 0.30\n")
    found = prices.load(file)
    assert found.lambda_edge_requests.usd == 0.30
    assert found.lambda_edge_requests.per == 1_000_000
    assert found.lambda_edge_requests.source == str(file)
    assert found.kvs_reads == prices.load().kvs_reads


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("[lambda_edge_request]\nusd = 1\n", "did you mean lambda_edge_requests?"),
        ("[kvs_reads]\neur = 1\n", "has no eur"),
        ("[kvs_reads]\nusd = -1\n", "not negative"),
        ("[kvs_reads]\nusd = 1\nper = 0\n", "per is more than 0"),
        ("[kvs_reads]\nusd = 'much'\n", "could not convert"),
        ("[kvs_reads]\n", "'usd'"),
        ("kvs_reads = 1\n", "is a table"),
        ("[data_out]\nsteps = [{ up_to = 5, usd = 1 }]\n", "the last one has no up_to"),
        ("[data_out]\nsteps = [{ up_to = 5, usd = 1 }, { up_to = 2, usd = 1 }, { usd = 1 }]\n", "steps go up"),
        ("[kvs_reads]\nusd = 1\ncertainty = 'maybe'\n", "certainty is one of"),
        ("[", "cannot be read"),
    ],
)
def test_a_price_file_that_cannot_be_used_is_refused_with_what_to_do(tmp_path: Path, text: str, word: str) -> None:
    file = tmp_path / "prices.toml"
    file.write_text(text)
    with pytest.raises(PricesError, match=r"prices\.toml") as error:
        prices.load(file)
    assert word in str(error.value)


@pytest.mark.parametrize(
    ("quantity", "free", "expected"),
    [
        (0, False, 0.0),
        (100, False, 100.0),
        (150, False, 125.0),
        (150, True, 105.0),
        (20, True, 0.0),
        (1_000, True, 80 + 900 * 0.5),
    ],
)
def test_what_is_free_comes_off_the_dearest_step(quantity: float, free: bool, expected: float) -> None:
    price = Price("GB", 1, (Step(100, 1.0), Step(float("inf"), 0.5)), free_per_month=20)
    assert price.cost(quantity, with_free_tier=free) == pytest.approx(expected)
