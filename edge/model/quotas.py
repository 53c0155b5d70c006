"""Every limit, in one place: unit in the name, number, source.

Sources are pages of the CloudFront Developer Guide unless said. Where pages or years differ, the comment says so.
"""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB

# Requests and responses ("Request and response behavior for custom origins"; "Quotas").
URL_MAX_BYTES = 8_192
REQUEST_HEAD_MAX_BYTES = 32_768  # 20,480 until 2023
ORIGIN_RESPONSE_HEAD_MAX_BYTES = 32_768
REQUEST_BODY_MAX_BYTES = 64 * 1024 * MIB
CACHEABLE_OBJECT_MAX_BYTES = 50 * 1024 * MIB
DISTRIBUTION_CHAIN_MAX = 2
WEBSOCKET_IDLE_S = 600
RATE_ADDRESSES_MAX = 10_000  # AWS WAF Developer Guide, "Rate-based rule statement": addresses it can limit at once
VIEWER_HEADER_ORDER_MAX_CHARS = 7_680  # "Add CloudFront request headers"
USER_AGENT_LOOKED_AT_MAX_CHARS = 2_048  # ours: where words that tell the device are looked for; browsers say less

# Connections from viewers. CloudFront does not document these; the values are nginx's defaults.
VIEWER_KEEPALIVE_IDLE_S = 75
VIEWER_HEAD_TIMEOUT_S = 60
VIEWER_SEND_TIMEOUT_S = 300  # without taking anything; nginx has 60, in which buffers may hide a slow viewer's reading

# Distributions ("Quotas", general quotas on distributions).
BEHAVIORS_MAX = 75
ORIGINS_MAX = 100
ORIGIN_GROUPS_MAX = 10
ALIASES_MAX = 100
PATH_PATTERN_MAX_CHARS = 255
DEFAULT_ROOT_OBJECT_MAX_CHARS = 255
ORIGIN_CUSTOM_HEADERS_MAX = 30  # 10 until 2025
HEADER_NAME_MAX_CHARS = 256
HEADER_VALUE_MAX_CHARS = 1_783
ORIGIN_CUSTOM_HEADERS_MAX_CHARS = 10_240
ORIGIN_PATH_MAX_CHARS = 255
ORIGIN_DOMAIN_MAX_CHARS = 253

# Continuous deployment ("Quotas and other considerations for continuous deployment").
CONTINUOUS_DEPLOYMENT_WEIGHT_MAX = 0.15
CONTINUOUS_DEPLOYMENT_HEADER_PREFIX = "aws-cf-cd-"
SESSION_STICKINESS_MIN_S = 300
SESSION_STICKINESS_MAX_S = 3_600

# Policies ("Quotas", quotas on policies).
POLICY_HEADERS_MAX = 10
POLICY_COOKIES_MAX = 10
POLICY_QUERY_STRINGS_MAX = 10
POLICY_NAMES_MAX_CHARS = 1_024
RESPONSE_CUSTOM_HEADERS_MAX = 10

# Origins ("All distribution settings reference").
CONNECTION_ATTEMPTS_MAX = 3
CONNECTION_TIMEOUT_MAX_S = 10
READ_TIMEOUT_MAX_S = 120
KEEPALIVE_TIMEOUT_MAX_S = 120
CUSTOM_PORT_MIN = 1_024  # besides 80 and 443

# Errors ("Control how long CloudFront caches errors"); in CloudFormation an entry without a value means 300.
ERROR_CACHING_MIN_TTL_S = 10
ERROR_CACHING_MIN_TTL_CLOUDFORMATION_S = 300

# Compression ("Serve compressed files").
COMPRESSION_MIN_BYTES = 1_000
COMPRESSION_MAX_BYTES = 10_000_000

# Signed URLs ("Quotas", key groups).
KEYS_PER_KEY_GROUP_MAX = 5
KEY_GROUPS_PER_BEHAVIOR_MAX = 4

# CloudFront Functions ("Quotas on CloudFront Functions"; "Restrictions on CloudFront Functions").
FUNCTION_CODE_MAX_BYTES = 10 * KIB
FUNCTION_EVENT_MAX_BYTES = 40_960  # TestFunction's EventObject in the API Reference
FUNCTION_MEMORY_MAX_BYTES = 2 * MIB
FUNCTION_LOG_MAX_BYTES = 10 * KIB
FUNCTION_LOG_DATA_MAX_BYTES = 800  # cf.logCustomData, after URL encoding ("General helper methods")
FUNCTION_URL_MAX_CHARS = 8_192
FUNCTION_REQUEST_MAX_BYTES = 20_480

# Key value stores ("Quotas on key value stores").
KVS_KEY_MAX_BYTES = 512
KVS_VALUE_MAX_BYTES = 1 * KIB
KVS_STORE_MAX_BYTES = 5 * MIB

# Invalidations ("Invalidate files to remove content").
INVALIDATION_PATH_MAX_CHARS = 4_000
INVALIDATION_PATHS_MAX = 3_000
INVALIDATION_WILDCARDS_MAX = 15
INVALIDATIONS_KEPT_MAX = 1_000  # a limit of ours, on what the admin listener lists

# Lambda@Edge ("Quotas on Lambda@Edge", "Restrictions on Lambda@Edge"). A body is what a function sees of a request's
# body, what it may put in its place as text, and what it may answer with, headers counted in. An encoded body is a
# request body that it replaces in base64, before decoding. What differs between years is in LambdaEdgeProfile.
LAMBDA_VIEWER_BODY_MAX_BYTES = 40 * KIB
LAMBDA_ORIGIN_BODY_MAX_BYTES = 1 * MIB
LAMBDA_VIEWER_ENCODED_BODY_MAX_BYTES = 54_476  # 53.2 KB
LAMBDA_ORIGIN_ENCODED_BODY_MAX_BYTES = 1_394_606  # 1.33 MB
LAMBDA_URL_MAX_CHARS = 8_192
LAMBDA_S3_DOMAIN_MAX_CHARS = 128
LAMBDA_TMP_MAX_BYTES = 512 * MIB
LAMBDA_UNPACKED_PACKAGE_MAX_BYTES = 250 * MIB

# Execution environments (Lambda Developer Guide, "Understanding the Lambda execution environment lifecycle",
# "Understanding Lambda function scaling", "Lambda quotas").
LAMBDA_ACCOUNT_CONCURRENCY = 1_000
LAMBDA_UNRESERVED_CONCURRENCY_MIN = 100
LAMBDA_REQUESTS_PER_ENVIRONMENT_PER_S = 10
LAMBDA_SCALING_ENVIRONMENTS = 1_000
LAMBDA_SCALING_PERIOD_S = 10
LAMBDA_INIT_TIMEOUT_S = 10
LAMBDA_PROVISIONED_INIT_TIMEOUT_S = 130  # or the function's timeout, whichever is longer
LAMBDA_RUNTIME_SHUTDOWN_S = 0.3
LAMBDA_EXTENSIONS_SHUTDOWN_S = 2.0
LAMBDA_EXTENSIONS_MAX = 10
LAMBDA_PAYLOAD_MAX_BYTES = 6 * MIB + 100  # as the runtime interface emulator counts
LAMBDA_MEMORY_MB_PER_VCPU = 1_769
LAMBDA_IDLE_EXPIRY_S = 600  # AWS does not say; measured from outside in 2019
LAMBDA_LIFETIME_S = 4 * 3_600  # "every few hours", however busy an environment is


@dataclass(frozen=True, slots=True)
class LambdaEdgeProfile:
    """The quotas of Lambda@Edge that differ between years. Timeouts in seconds, memory in MiB, packages in bytes
    (zipped), keep-alive and read timeouts of origins that a function names in seconds."""

    name: str
    viewer_timeout_max_s: float
    origin_timeout_max_s: float
    viewer_memory_max_mb: int
    origin_memory_max_mb: int
    viewer_package_max_bytes: int
    origin_package_max_bytes: int
    origin_read_timeout_min_s: int
    origin_read_timeout_max_s: int
    origin_keepalive_timeout_max_s: int
    refuses_long_replaced_bodies: bool
    """A replaced request body over its limit is an error; False: it is cut in silence."""


LAMBDA_CURRENT = LambdaEdgeProfile(
    name="current",
    viewer_timeout_max_s=30,
    origin_timeout_max_s=30,
    viewer_memory_max_mb=10_240,  # "Edge functions: choosing" still says 128
    origin_memory_max_mb=10_240,
    viewer_package_max_bytes=50 * MIB,
    origin_package_max_bytes=50 * MIB,
    origin_read_timeout_min_s=1,
    origin_read_timeout_max_s=120,
    origin_keepalive_timeout_max_s=120,
    refuses_long_replaced_bodies=True,
)
LAMBDA_CLASSIC_2023 = LambdaEdgeProfile(
    name="classic-2023",
    viewer_timeout_max_s=5,
    origin_timeout_max_s=30,
    viewer_memory_max_mb=128,
    origin_memory_max_mb=10_240,
    viewer_package_max_bytes=1 * MIB,
    origin_package_max_bytes=50 * MIB,
    origin_read_timeout_min_s=4,
    origin_read_timeout_max_s=60,
    origin_keepalive_timeout_max_s=60,
    refuses_long_replaced_bodies=False,
)
LAMBDA_PROFILES = {profile.name: profile for profile in (LAMBDA_CURRENT, LAMBDA_CLASSIC_2023)}

# Ours: how much one laptop process keeps.
SPOOL_MIN_BYTES = 256 * KIB  # with a disk cache, larger bodies live in files
CACHE_DISK_MAX_BYTES = 10 * 1024 * MIB
CACHE_MEMORY_MAX_BYTES = 512 * MIB
CACHE_OBJECT_MEMORY_MAX_BYTES = 64 * MIB  # larger bodies stream through and are not kept in memory

HTTP_API_INTEGRATION_TIMEOUT_S = (
    30.0  # how long API Gateway waits for an integration, at most and where nothing is said
)
