"""The pytest plugin, as a user's project sees it."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest_plugins = ["pytester"]

REDIRECT = """function handler(event) {
  var request = event.request;
  console.log('asked for', request.uri);
  if (request.uri === '/old') {
    return {statusCode: 301, headers: {location: {value: '/new'}}};
  }
  if (request.uri === '/broken') {
    return request.headers.missing.value;
  }
  return request;
}
"""


@pytest.fixture(autouse=True)
def redirect(project: pytest.Pytester) -> None:
    """The function of the project."""
    project.path.joinpath("redirect.js").write_text(REDIRECT)


def test_pytest_finds_the_fixtures_by_itself(project: pytest.Pytester) -> None:
    """No conftest.py, no import."""
    project.makepyfile("""
        def test_redirect(cloudfront_function):
            fn = cloudfront_function("redirect.js")
            assert fn.viewer_request("/old").response.headers["location"] == "/new"

        def test_site(distribution, origin, clock):
            site = distribution(viewer_request="redirect.js")
            origin.get("/a").replies(200, {"cache-control": "max-age=60"}, "hello")
            site.get("/a")
            clock.advance(seconds=30)
            assert site.get("/a").age == 30
    """)
    project.runpytest().assert_outcomes(passed=2)


def test_a_failure_shows_what_went_in_and_what_came_out(project: pytest.Pytester) -> None:
    """Below the traceback, which ends in the user's own test."""
    project.makepyfile("""
        def test_redirect(cloudfront_function):
            assert cloudfront_function("redirect.js").viewer_request("/old?x=1").response.status == 302
    """)
    result = project.runpytest()
    result.stdout.fnmatch_lines(
        [
            "*what went in, and what came out*",
            "redirect.js at viewer-request: responded with 301",
            "  uri: /old",
            "  querystring.x: 1",
            "the response that came out:",
            "  headers.location: /new",
            "  asked for /old",
        ]
    )


def test_an_error_in_a_function_shows_its_code_and_no_stack_of_ours(project: pytest.Pytester) -> None:
    """The only Python in sight is the test."""
    project.makepyfile("""
        def test_redirect(cloudfront_function):
            assert cloudfront_function("redirect.js").viewer_request("/broken").request.uri == "/"
    """)
    result = project.runpytest()
    result.stdout.fnmatch_lines(["E *redirect.js at viewer-request: CloudFront would answer 503: TypeError*"])
    result.stdout.fnmatch_lines(["E *>   8 |     return request.headers.missing.value;"])
    result.stdout.fnmatch_lines(["cloudfront_function = <fixture cloudfront_function>"])
    result.stdout.no_fnmatch_line("*function_under_test.py*")
    result.stdout.no_fnmatch_line("*function_result.py*")
    result.stdout.no_fnmatch_line("*what went in, and what came out*")


def test_a_failure_shows_only_what_its_own_test_did(project: pytest.Pytester) -> None:
    """Not what an earlier test did."""
    project.makepyfile("""
        def test_first(cloudfront_function):
            cloudfront_function("redirect.js").viewer_request("/old")

        def test_second():
            assert False
    """)
    result = project.runpytest()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.no_fnmatch_line("*what went in*")


def test_a_distribution_shows_its_stages(project: pytest.Pytester) -> None:
    """What each stage did, and the changes of functions."""
    project.makepyfile("""
        def test_site(distribution, origin):
            site = distribution(viewer_request="redirect.js")
            origin.get("/a").replies(200, {"cache-control": "max-age=60"}, "hello")
            assert site.get("/a").cached_for(3600)
    """)
    result = project.runpytest()
    result.stdout.fnmatch_lines(
        [
            "E *assert <no: not cached for 3600 s: max-age of 60 s counts>",
            "GET /a: 200, Miss from cloudfront",
            "  ttl: done",
            "    60 s: max-age of 60 s counts (ttl.origin)",
        ]
    )


def test_a_project_may_have_fixtures_of_the_same_names(project: pytest.Pytester) -> None:
    """`clock` and `origin` are common names; a distribution keeps its own."""
    project.makepyfile("""
        import pytest

        @pytest.fixture
        def clock():
            return "mine"

        @pytest.fixture
        def origin():
            return "mine"

        def test_site(distribution, origin, clock):
            site = distribution()
            site.origin.any().replies(200)
            site.clock.advance(hours=1)
            assert site.get("/").status == 200
            assert origin == clock == "mine"
    """)
    project.runpytest().assert_outcomes(passed=1)


def test_a_pytest_run_that_has_nothing_to_do_with_the_edge_pays_nothing() -> None:
    """The plugin imports only itself."""
    code = "import edge.testing.plugin, sys; print(sorted(m for m in sys.modules if m.startswith('edge.')))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "['edge.testing', 'edge.testing.plugin']"


def test_github_shows_errors_at_the_line_of_the_function(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And cases at the line of the table; JUnit has the place too. Elsewhere nothing is said."""
    project.makepyfile("""
        def test_broken(cloudfront_function):
            assert cloudfront_function("redirect.js").viewer_request("/broken").error is None
    """)
    project.path.joinpath("redirect.cases.csv").write_text('name,request,expect.status\n"a, b",/old,302\n')
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    project.runpytest().stdout.no_fnmatch_line("*::error*")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    result = project.runpytest("--junitxml", "junit.xml")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines_random(
        [
            "::error file=redirect.js,line=8,title=test_broken::TypeError: *",
            "::error file=redirect.cases.csv,line=2,title=a%2C b::*redirect.cases.csv:2: a, b%0Astatus: '302' was *",
        ]
    )
    assert (
        '<property name="edge.place" value="redirect.js:8: TypeError:' in project.path.joinpath("junit.xml").read_text()
    )
