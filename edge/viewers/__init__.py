"""The side that faces viewers: HTTP/1.1, HTTP/2 and HTTP/3, in clear text and over TLS, and an ASGI application."""
