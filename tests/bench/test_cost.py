"""The cost model, held against figures that were worked out by hand."""

from __future__ import annotations

import pytest

from edge.bench import cost, prices
from edge.bench.cost import CloudFrontFunctionUse, Delivery, LambdaUse
from edge.runtimes.lambda_edge.log_lines import billed_ms

PRICES = prices.load()


@pytest.mark.parametrize(
    ("duration_ms", "init_ms", "billed"),
    [
        (5.0, 0.0, 5),
        (4.01, 0.0, 5),
        (0.2, 0.0, 1),
        (128.83, 166.62, 296),
        (3_016.78, 84.0, 3_101),
        (133.61, 80.0, 214),
    ],
)
def test_a_run_is_billed_by_the_millisecond_rounded_up(duration_ms: float, init_ms: float, billed: int) -> None:
    assert billed_ms(duration_ms, init_ms) == billed


@pytest.mark.parametrize(
    ("use", "usd"),
    [
        (CloudFrontFunctionUse("f"), 0.10),
        (CloudFrontFunctionUse("f", kvs_reads=1), 0.13),
        (LambdaUse("f", 5, 128), 0.63125625),
        (LambdaUse("f", 50, 128), 0.9125625),
        (LambdaUse("f", 5, 1_024), 0.85005),
        (LambdaUse("f", 5, 128, runs=0.1), 0.063125625),
        (LambdaUse("f", 5, 128, log_bytes=1_073.741824), 1.13125625),
        (LambdaUse("f", 5, 128, cold_share=0.01, init_ms=140), 0.63125625),
        (LambdaUse("f", 5, 128, cold_share=0.01, init_ms=140, bills_init=True), 0.640008),
    ],
)
def test_a_million_requests_cost_what_the_price_list_says(use: cost.FunctionUse, usd: float) -> None:
    assert cost.per_million([use], PRICES) == pytest.approx(usd, abs=1e-6)


def test_the_example_of_the_docs_holds_that_lambda_at_edge_costs_six_times_as_much() -> None:
    dear = cost.per_million([LambdaUse("f", 5, 128)], PRICES)
    cheap = cost.per_million([CloudFrontFunctionUse("f")], PRICES)
    assert f"{dear:.3f} {dear / cheap:.1f}" == "0.631 6.3"


@pytest.mark.parametrize(("requests", "usd"), [(1_000_000, 0.0), (2_000_000, 0.0), (12_000_000, 1.0)])
def test_two_million_runs_of_cloudfront_functions_are_free_each_month(requests: int, usd: float) -> None:
    bill = cost.functions_bill(requests, [CloudFrontFunctionUse("f")], PRICES, with_free_tier=True)
    assert bill.usd == pytest.approx(usd)


def test_two_functions_share_one_free_tier() -> None:
    uses = [CloudFrontFunctionUse("request"), CloudFrontFunctionUse("response")]
    bill = cost.functions_bill(2_000_000, uses, PRICES, with_free_tier=True)
    assert bill.of("request") == pytest.approx(0.10)
    assert bill.usd == pytest.approx(0.20)


def test_lambda_at_edge_has_no_free_tier() -> None:
    with_it = cost.functions_bill(1_000, [LambdaUse("f", 5)], PRICES, with_free_tier=True)
    assert with_it == cost.functions_bill(1_000, [LambdaUse("f", 5)], PRICES)


@pytest.mark.parametrize(
    ("requests", "bytes_out", "free", "usd"),
    [
        (1_000_000, 0, False, 1.00),
        (10_000_000, 0, True, 0.0),
        (1_000_000, 1024**2, False, 1.0 + 976.5625 * 0.085),
        (11_000_000, 1024**2, True, 1.0 + (10_240 - 1_024) * 0.085 + (10_742.1875 - 10_240) * 0.080),
    ],
)
def test_delivery_is_requests_and_gigabytes_in_steps(requests: int, bytes_out: int, free: bool, usd: float) -> None:
    bill = cost.delivery_bill(requests, Delivery(bytes_out), PRICES, with_free_tier=free)
    assert bill.usd == pytest.approx(usd)


def test_a_real_time_log_costs_by_the_line() -> None:
    bill = cost.delivery_bill(1_000_000, Delivery(realtime_log_lines=0.5), PRICES)
    assert [line.usd for line in bill.lines if line.price == "realtime_log_lines"] == pytest.approx([0.005])
