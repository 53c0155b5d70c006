"""A small Flask site for its development server: `flask --app flask_site run`."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

from flask import Flask, Response, jsonify, redirect, request, session
from werkzeug.wrappers import Response as AnyResponse

app = Flask(__name__, static_folder=str(Path(__file__).parent / "static"), static_url_path="/static")
app.secret_key = "not a secret"

_go_on = Event()


@app.get("/")
def page() -> str:
    return f"<p>hello {session.get('name', 'stranger')}</p>"


@app.post("/login")
def login() -> AnyResponse:
    session["name"] = request.form["name"]
    answer = redirect("/")
    answer.set_cookie("theme", "dark", httponly=True)
    return answer


@app.post("/upload")
def upload() -> AnyResponse:
    file = request.files["file"]
    return jsonify(name=file.filename, size=len(file.read()), note=request.form["note"])


@app.get("/events")
def events() -> Response:
    def produce() -> Iterator[str]:
        yield "data: one\n\n"
        _go_on.wait(10)
        yield "data: two\n\n"

    _go_on.clear()
    return Response(produce(), mimetype="text/event-stream")


@app.post("/events/go-on")
def go_on() -> str:
    _go_on.set()
    return ""


@app.route("/seen", methods=["GET", "PUT", "PATCH", "DELETE", "OPTIONS"])
def seen() -> AnyResponse:
    return jsonify(
        host=request.host, query=request.query_string.decode(), method=request.method, body=len(request.data)
    )


@app.get("/broken")
def broken() -> str:
    raise LookupError("a bug of the site")
