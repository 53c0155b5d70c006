"""A folder that plays an S3 bucket behind its website endpoint (`bucket.s3-website-...`).

A folder has its index document, and is redirected to where its slash is missing. Routing rules without an error code
come before the object, those with one after it; the error document is sent with the status of the error. The
WebsiteConfiguration is that of the template; without one there is index.html and S3's own page.
Source: Amazon S3 User Guide, "Hosting a static website using Amazon S3", "Website endpoints", "Configuring a custom
error document", "(Optional) Configuring a webpage redirect". Near: what is not there is a 404, as it is for who may
list the bucket; redirects of single objects (x-amz-website-redirect-location) are not there.
"""

from __future__ import annotations

from html import escape

from edge.model.headers import Headers
from edge.model.origin import OriginAttempt, OriginFailure, OriginRequest, OriginResponse
from edge.model.response import reason_phrase
from edge.model.website import DEFAULT_WEBSITE, RoutingRule
from edge.origins.bucket import HOST_ID, REQUEST_ID, Folder, answered, common, key_of, page

_PAGE = (
    "<html>\n<head><title>{status} {words}</title></head>\n<body>\n<h1>{status} {words}</h1>\n<ul>\n"
    "<li>Code: {code}</li>\n<li>Message: {message}</li>\n{more}<li>RequestId: {request}</li>\n"
    "<li>HostId: {host}</li>\n</ul>\n<hr/>\n</body>\n</html>\n"
)


def is_website(domain_name: str) -> bool:
    """Whether a domain name is that of a website endpoint."""
    return ".s3-website" in domain_name


async def fetch(attempt: OriginAttempt) -> OriginResponse | OriginFailure:
    """Answer from the folder. Never raises for what the disk does."""
    return await answered(attempt, answer)


def answer(request: OriginRequest, folder: Folder) -> OriginResponse:
    """The website endpoint's answer."""
    website = folder.origin.website or DEFAULT_WEBSITE
    path = request.target.partition("?")[0]
    if website.redirect_host:
        rule = RoutingRule(host_name=website.redirect_host, protocol=website.redirect_protocol or None)
        return _redirect(rule, request, folder)
    if request.method not in ("GET", "HEAD"):
        return _error(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")
    for rule in website.routing_rules:
        if rule.error_code is None and key_of(path).startswith(rule.key_prefix):
            return _redirect(rule, request, folder)
    found = folder.object(request, f"{path}{website.index_document}" if path.endswith("/") else path)
    if found is not None:
        return found
    if not path.endswith("/") and folder.object(request, f"{path}/{website.index_document}") is not None:
        return OriginResponse(302, "Moved Temporarily", common(("Location", f"{path}/"), ("Content-Length", "0")), b"")
    for rule in website.routing_rules:
        if rule.error_code == 404 and key_of(path).startswith(rule.key_prefix):
            return _redirect(rule, request, folder)
    if website.error_document:
        plain = request._replace(headers=Headers())  # no condition and no part of an error
        document = folder.object(plain, f"/{website.error_document}")
        if document is not None:
            return document._replace(status=404, reason="Not Found")
    key = f"<li>Key: {escape(key_of(path))}</li>\n"
    return _error(404, "NoSuchKey", "The specified key does not exist.", key)


def _redirect(rule: RoutingRule, request: OriginRequest, folder: Folder) -> OriginResponse:
    path = request.target.partition("?")[0].removeprefix("/")
    if rule.replace_key is not None:
        path = rule.replace_key
    elif rule.replace_prefix is not None:
        path = rule.replace_prefix + path[len(rule.key_prefix) :]
    host = rule.host_name or request.headers.get("host") or folder.origin.domain_name
    location = f"{rule.protocol or 'http'}://{host}/{path}"
    lines = (("Location", location), ("Content-Length", "0"))
    return OriginResponse(rule.redirect_code, reason_phrase(rule.redirect_code), common(*lines), b"")


def _error(status: int, code: str, message: str, more: str = "") -> OriginResponse:
    words = reason_phrase(status)
    text = _PAGE.format(
        status=status, words=words, code=code, message=message, more=more, request=REQUEST_ID, host=HOST_ID
    )
    return page(status, words, "text/html; charset=utf-8", text)
