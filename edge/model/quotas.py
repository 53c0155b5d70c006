"""Every limit, in one place: unit in the name, number, source.

Sources are pages of the CloudFront Developer Guide unless said. Where pages or years differ, the comment says so.
"""

from __future__ import annotations

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

# Connections from viewers. CloudFront does not document these; the values are nginx's defaults.
VIEWER_KEEPALIVE_IDLE_S = 75
VIEWER_HEAD_TIMEOUT_S = 60

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
FUNCTION_URL_MAX_CHARS = 8_192
FUNCTION_REQUEST_MAX_BYTES = 20_480

# Key value stores ("Quotas on key value stores").
KVS_KEY_MAX_BYTES = 512
KVS_VALUE_MAX_BYTES = 1 * KIB
KVS_STORE_MAX_BYTES = 5 * MIB

# Invalidations ("Invalidate files to remove content").
INVALIDATION_PATH_MAX_CHARS = 4_000

# Ours: how much one laptop process keeps.
CACHE_MEMORY_MAX_BYTES = 512 * MIB
CACHE_OBJECT_MEMORY_MAX_BYTES = 64 * MIB  # larger bodies stream through and are not kept in memory
