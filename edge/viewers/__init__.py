"""The side that faces viewers: HTTP/1.1 on plain TCP, and an ASGI application for TLS, HTTP/2 and HTTP/3."""
