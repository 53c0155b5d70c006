"""Viewer request, Lambda@Edge: who has no valid session cookie is sent to the login page, and back after it.

The cookie is `session=USER.EXPIRES.SIGNATURE`, signed with HMAC-SHA-256 by whoever logs users in.
"""

import base64
import hashlib
import hmac
import time
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote

SECRET = b"change me before you deploy me"
LOGIN = "/login"
OPEN = (LOGIN, "/static/", "/favicon.ico")


def handler(event, context):
    """Let a request pass, or answer with a redirect."""
    request = event["Records"][0]["cf"]["request"]
    if request["uri"].startswith(OPEN):
        return request
    user = user_of(request["headers"].get("cookie", []), time.time())
    if user is None:
        return to_login(request)
    request["headers"]["x-user"] = [{"key": "X-User", "value": quote(user)}]
    return request


def user_of(cookies, now):
    """The user of a session that is signed and not over; None without one."""
    for line in cookies:
        try:
            found = SimpleCookie(line["value"]).get("session")
        except CookieError:
            continue
        user, _, rest = found.value.partition(".") if found else ("", "", "")
        expires, _, signature = rest.partition(".")
        if hmac.compare_digest(signature, sign(user, expires)) and expires.isdigit() and now < int(expires):
            return user
    return None


def sign(user, expires):
    """The signature of a session."""
    digest = hmac.digest(SECRET, f"{user}.{expires}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def to_login(request):
    """A redirect that leads back: to this site only, because the path begins with one slash."""
    wanted = request["uri"] + (f"?{request['querystring']}" if request["querystring"] else "")
    back = "/" + wanted.lstrip("/\\")
    headers = {
        "location": [{"key": "Location", "value": f"{LOGIN}?return={quote(back, safe='')}"}],
        "cache-control": [{"key": "Cache-Control", "value": "no-store"}],
    }
    return {"status": "302", "statusDescription": "Found", "headers": headers}
