"""A verdict for each function that was measured: the decision rule, with what was seen of the function."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from edge.bench import cost, needs
from edge.bench.cost import CloudFrontFunctionUse, FunctionUse
from edge.bench.costs import label
from edge.bench.edge_under_test import Variant
from edge.bench.needs import Needs
from edge.bench.power import Basis
from edge.bench.prices import Prices
from edge.bench.recommendation import Tier, headline, recommend
from edge.bench.results import Cost, Verdict
from edge.bench.stage import Stage
from edge.model.function import CloudFrontFunction, EventType, LambdaFunction

_OTHER = {
    EventType.VIEWER_REQUEST: EventType.VIEWER_RESPONSE,
    EventType.VIEWER_RESPONSE: EventType.VIEWER_REQUEST,
}


def verdicts(
    variants: Iterable[Variant], stages: Iterable[Stage], costs: Mapping[str, Cost], prices: Prices
) -> tuple[Verdict, ...]:
    """One for each event at which a function ran. Where the logic is there in both tiers, the CloudFront Function shows
    what it needs. Lambda@Edge's price is the least that it may be."""
    every = list(stages)
    all_variants = list(variants)
    uses = {use.name: use for each in costs.values() for use in each.uses_low}
    modelled = {use.name for each in costs.values() if each.duration_basis is Basis.MODELLED for use in each.uses_low}
    found = []
    for twins in _twins(every):
        shown = min(twins, key=lambda stage: stage.tier is Tier.LAMBDA_EDGE)
        beside = _stands_beside_lambda(shown, all_variants)
        recommendation = recommend(_needs(shown), beside_lambda_at_viewer=beside)
        by_tier = {stage.tier: uses[label(stage)] for stage in twins if label(stage) in uses}
        lambda_usd, function_usd = _prices(by_tier, prices)
        tiers = frozenset(stage.tier for stage in twins)
        at_least = any(label(stage) in modelled for stage in twins if stage.tier is Tier.LAMBDA_EDGE)
        sentence = headline(recommendation, tiers, lambda_usd, function_usd, at_least=at_least)
        name, event_type = shown.function.name, shown.event_type
        found.append(Verdict(name, event_type, recommendation, sentence, lambda_usd, function_usd, at_least))
    return tuple(found)


def _twins(stages: list[Stage]) -> list[list[Stage]]:
    """Stages of one event that differ in the tier are taken for the same logic; others stand alone."""
    groups: list[list[Stage]] = []
    for stage in stages:
        group = next(
            (
                each
                for each in groups
                if each[0].event_type is stage.event_type and all(one.tier is not stage.tier for one in each)
            ),
            None,
        )
        if group is None:
            groups.append([stage])
        else:
            group.append(stage)
    return groups


def _needs(stage: Stage) -> Needs:
    if isinstance(stage.function, CloudFrontFunction):
        memory_bytes = stage.memory_bytes or None  # the engine's own objects hide a small function's
        return needs.of_cloudfront_function(stage.function, stage.event_type, stage.utilization_p99, memory_bytes)
    return needs.of_lambda_function(stage.function, stage.event_type)


def _prices(by_tier: Mapping[Tier, FunctionUse], prices: Prices) -> tuple[float | None, float]:
    """US dollars for a million viewer requests: in Lambda@Edge, None if it was not run there, and as a CloudFront
    Function, by what one costs where there is none yet."""
    ours, theirs = by_tier.get(Tier.CLOUDFRONT_FUNCTIONS), by_tier.get(Tier.LAMBDA_EDGE)
    lambda_usd = None if theirs is None else cost.per_million([theirs], prices)
    if ours is None:
        ours = CloudFrontFunctionUse("", theirs.runs if theirs is not None else 1.0)
    return lambda_usd, cost.per_million([ours], prices)


def _stands_beside_lambda(stage: Stage, variants: list[Variant]) -> bool:
    """Whether the function shares a behavior with a Lambda@Edge function at the other viewer event that has to stay."""
    other = _OTHER.get(stage.event_type)
    if other is None:
        return False
    for variant in variants:
        for behavior in variant.distribution.behaviors:
            neighbour = behavior.functions.get(other)
            if behavior.functions.get(stage.event_type) != stage.function or not isinstance(neighbour, LambdaFunction):
                continue
            if recommend(needs.of_lambda_function(neighbour, other)).tier is Tier.LAMBDA_EDGE:
                return True
    return False
