"""A verdict for each function that was seen: twins together, neighbours considered."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.bench import prices
from edge.bench.cost import Bill, CloudFrontFunctionUse, LambdaUse
from edge.bench.costs import label
from edge.bench.edge_under_test import Run, Variant
from edge.bench.power import Basis
from edge.bench.recommendation import Tier
from edge.bench.results import Cost, Verdict
from edge.bench.stage import Stage, stages
from edge.bench.verdicts import verdicts
from edge.model.function import CloudFrontFunction, EventType, Function, LambdaFunction, Returned, Usage
from tests.bench.conftest import REWRITE, distribution

PRICES = prices.load()
REQUEST, RESPONSE = EventType.VIEWER_REQUEST, EventType.VIEWER_RESPONSE
PLAIN = "export const handler = async (event) => event.Records[0].cf.request;"
FETCHES = "export const handler = async (event) => (await fetch('https://a.test')).json();"


def handler(folder: Path, code: str, name: str = "handler") -> LambdaFunction:
    package = folder / name
    package.mkdir()
    (package / "index.mjs").write_text(code)
    return LambdaFunction(name, "1", str(package), "index.handler", "nodejs22.x")


def seen(function: Function, event: EventType) -> Stage:
    (stage,) = stages([Run(function, event, 1_000, Returned(None, usage=Usage(14, 0.0, 4_096)))])
    return stage


def judged(*pairs: tuple[EventType, Function], basis: Basis = Basis.MEASURED) -> dict[str, Verdict]:
    """Verdicts by the function's name, for functions that all stand in one behavior where they can."""
    every = [seen(function, event) for event, function in pairs]
    uses = tuple(
        CloudFrontFunctionUse(label(stage))
        if stage.tier is Tier.CLOUDFRONT_FUNCTIONS
        else LambdaUse(label(stage), billed_mean_ms=5)
        for stage in every
    )
    empty = verdict_cost(uses, basis)
    variants = [Variant("as configured", distribution(*pairs))]
    return {verdict.name: verdict for verdict in verdicts(variants, every, {"as configured": empty}, PRICES)}


def verdict_cost(uses: tuple[CloudFrontFunctionUse | LambdaUse, ...], basis: Basis) -> Cost:
    return Cost(uses, uses, 0.0, 0.0, Bill(()), Bill(()), basis)


def test_twins_have_one_verdict_with_both_prices(tmp_path: Path) -> None:
    (verdict,) = judged((REQUEST, REWRITE), (REQUEST, handler(tmp_path, PLAIN))).values()
    assert verdict.name == "rewrite"
    assert (verdict.function_usd, verdict.lambda_usd) == (pytest.approx(0.10), pytest.approx(0.631, abs=0.001))
    assert "costs 6.3 times as much" in verdict.headline


def test_a_price_that_is_the_least_it_may_be_is_called_so(tmp_path: Path) -> None:
    """Functions had a whole CPU here, and will have a part of one on AWS."""
    twins = ((REQUEST, REWRITE), (REQUEST, handler(tmp_path, PLAIN)))
    (verdict,) = judged(*twins, basis=Basis.MODELLED).values()
    assert verdict.at_least
    assert "costs at least 6.3 times as much" in verdict.headline


def test_a_handler_alone_is_priced_as_the_function_that_it_could_be(tmp_path: Path) -> None:
    (verdict,) = judged((REQUEST, handler(tmp_path, PLAIN))).values()
    assert verdict.recommendation.tier is Tier.CLOUDFRONT_FUNCTIONS
    assert verdict.function_usd == pytest.approx(0.10)
    assert "move it" in verdict.headline


def test_a_handler_with_network_stays(tmp_path: Path) -> None:
    (verdict,) = judged((REQUEST, handler(tmp_path, FETCHES))).values()
    assert verdict.recommendation.tier is Tier.LAMBDA_EDGE
    assert [reason.rule for reason in verdict.recommendation.because] == ["network"]


def test_a_neighbour_that_has_to_stay_keeps_the_other_viewer_event_in_lambda(tmp_path: Path) -> None:
    """CloudFront takes no CloudFront Function beside Lambda@Edge at the viewer's side of one behavior."""
    found = judged((REQUEST, handler(tmp_path, PLAIN, "plain")), (RESPONSE, handler(tmp_path, FETCHES, "fetches")))
    assert [reason.rule for reason in found["plain"].recommendation.because] == ["together"]


def test_a_neighbour_that_could_move_too_keeps_nobody(tmp_path: Path) -> None:
    found = judged((REQUEST, handler(tmp_path, PLAIN, "one")), (RESPONSE, handler(tmp_path, PLAIN, "other")))
    assert {verdict.recommendation.tier for verdict in found.values()} == {Tier.CLOUDFRONT_FUNCTIONS}


def test_functions_of_one_tier_at_different_events_are_judged_apart() -> None:
    other = CloudFrontFunction("headers", "function handler(event) { return event.response; }")
    assert set(judged((REQUEST, REWRITE), (RESPONSE, other))) == {"rewrite", "headers"}
