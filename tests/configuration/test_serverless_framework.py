"""What `serverless package` makes: a template, and the package beside it. The fixture is made by the real tool."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from edge.configuration import Configuration
from edge.model.function import EventType, LambdaFunction

HERE = Path(__file__).parent / "serverless_framework"


def test_functions_run_from_the_package_beside_the_template(inspect: Callable[..., Configuration]) -> None:
    made = inspect(HERE / "package" / "cloudformation-template-update-stack.json")
    assert {finding.rule for finding in made.findings if finding.level != "note"} == {"origins.unmapped"}
    (site,) = made.distributions
    private, default = site.behaviors
    assert private.path_pattern.text == "/private/*"
    auth, headers = private.functions[EventType.VIEWER_REQUEST], default.functions[EventType.ORIGIN_RESPONSE]
    assert isinstance(auth, LambdaFunction)
    assert isinstance(headers, LambdaFunction)
    assert (auth.name, auth.handler, auth.memory_mb) == ("edge-site-dev-auth", "src/auth.handler", 128)
    assert Path(auth.code_path, "src/auth.js").read_text() == (HERE / "src" / "auth.js").read_text()
    assert headers.handler == "src/headers.handler"
