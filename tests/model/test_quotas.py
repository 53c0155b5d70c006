"""Limits that decide how a request is answered, against a table written from AWS's pages."""

from __future__ import annotations

import pytest

from edge.model import quotas

PUBLISHED = {
    "URL_MAX_BYTES": 8_192,
    "REQUEST_HEAD_MAX_BYTES": 32_768,
    "ORIGIN_RESPONSE_HEAD_MAX_BYTES": 32_768,
    "REQUEST_BODY_MAX_BYTES": 64 * 2**30,
    "CACHEABLE_OBJECT_MAX_BYTES": 50 * 2**30,
    "DISTRIBUTION_CHAIN_MAX": 2,
    "WEBSOCKET_IDLE_S": 10 * 60,
    "BEHAVIORS_MAX": 75,
    "ORIGINS_MAX": 100,
    "ORIGIN_GROUPS_MAX": 10,
    "ALIASES_MAX": 100,
    "PATH_PATTERN_MAX_CHARS": 255,
    "ORIGIN_CUSTOM_HEADERS_MAX": 30,
    "HEADER_NAME_MAX_CHARS": 256,
    "HEADER_VALUE_MAX_CHARS": 1_783,
    "ORIGIN_CUSTOM_HEADERS_MAX_CHARS": 10_240,
    "POLICY_HEADERS_MAX": 10,
    "POLICY_COOKIES_MAX": 10,
    "POLICY_QUERY_STRINGS_MAX": 10,
    "POLICY_NAMES_MAX_CHARS": 1_024,
    "RESPONSE_CUSTOM_HEADERS_MAX": 10,
    "CONNECTION_ATTEMPTS_MAX": 3,
    "CONNECTION_TIMEOUT_MAX_S": 10,
    "READ_TIMEOUT_MAX_S": 120,
    "ERROR_CACHING_MIN_TTL_S": 10,
    "ERROR_CACHING_MIN_TTL_CLOUDFORMATION_S": 300,
    "COMPRESSION_MIN_BYTES": 1_000,
    "COMPRESSION_MAX_BYTES": 10_000_000,
    "FUNCTION_CODE_MAX_BYTES": 10 * 2**10,
    "FUNCTION_MEMORY_MAX_BYTES": 2 * 2**20,
    "KVS_KEY_MAX_BYTES": 512,
    "KVS_VALUE_MAX_BYTES": 1_024,
    "KVS_STORE_MAX_BYTES": 5 * 2**20,
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_limits_are_those_that_aws_publishes(name: str) -> None:
    """The values of 2026."""
    assert getattr(quotas, name) == PUBLISHED[name]


def test_an_object_that_is_kept_fits_into_the_cache() -> None:
    """With room for others."""
    assert quotas.CACHE_OBJECT_MEMORY_MAX_BYTES * 4 <= quotas.CACHE_MEMORY_MAX_BYTES
    assert quotas.COMPRESSION_MAX_BYTES < quotas.CACHE_OBJECT_MEMORY_MAX_BYTES
