"""Viewer request, Lambda@Edge: the same check as ../node/index.mjs, by PyJWT and cryptography, in the package:

pip install --target package -r requirements.txt && cp app.py config.json package
"""

import json
import logging
import time
import urllib.request
from pathlib import Path
from urllib.parse import quote

import jwt

CONFIG = json.loads(Path(__file__).with_name("config.json").read_text())
KEEP_S = 600
AT_MOST_EVERY_S = 10  # so that tokens with made-up keys do not make requests
LEEWAY_S = 30

keys: dict[str, jwt.PyJWK] = {}
fetched_at = 0.0
logging.getLogger().setLevel(logging.INFO)


def handler(event, context):
    """Let a request pass, with its user, or answer 401."""
    request = event["Records"][0]["cf"]["request"]
    authorization = request["headers"].get("authorization", [{"value": ""}])[0]["value"]
    scheme, _, token = authorization.partition(" ")
    if scheme != "Bearer" or not token:
        return refused("no token")
    try:
        claims = verified(token)
    except (jwt.PyJWTError, OSError) as error:
        logging.info("refused: %s", error)
        return refused("invalid token")
    request["headers"]["x-user"] = [{"key": "X-User", "value": quote(claims["sub"])}]
    return request


def verified(token):
    """The claims of a token. Raises PyJWTError."""
    key = key_of(jwt.get_unverified_header(token).get("kid"))
    audience = CONFIG["audience"] or None
    return jwt.decode(
        token,
        key.key,
        algorithms=["RS256"],
        issuer=CONFIG["issuer"],
        audience=audience,
        leeway=LEEWAY_S,
        options={"require": ["exp", "sub"], "verify_aud": audience is not None},
    )


def key_of(key_id):
    """The public key with an id, fetched when it is not here or not fresh. Raises PyJWTError."""
    global keys, fetched_at
    age = time.time() - fetched_at
    if age > KEEP_S or (key_id not in keys and age > AT_MOST_EVERY_S):
        with urllib.request.urlopen(f"{CONFIG['issuer']}/.well-known/jwks.json", timeout=3) as answer:
            keys = {key.key_id: key for key in jwt.PyJWKSet.from_dict(json.load(answer)).keys}
        fetched_at = time.time()
    if key_id not in keys:
        raise jwt.InvalidKeyError(f"no key {key_id}")
    return keys[key_id]


def refused(why):
    """401 with a reason."""
    return {
        "status": "401",
        "statusDescription": "Unauthorized",
        "headers": {
            "www-authenticate": [{"key": "WWW-Authenticate", "value": "Bearer"}],
            "content-type": [{"key": "Content-Type", "value": "text/plain; charset=utf-8"}],
        },
        "body": why,
    }
