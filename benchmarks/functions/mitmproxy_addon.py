"""rewrite.js as an addon of mitmproxy: it runs Python, not JavaScript."""


def request(flow) -> None:  # type: ignore[no-untyped-def]  # mitmproxy is installed only where it is measured
    """A folder, or a page without extension, is its index.html."""
    path = flow.request.path
    if path.endswith("/"):
        flow.request.path = path + "index.html"
    elif "." not in path:
        flow.request.path = path + "/index.html"
