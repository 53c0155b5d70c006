"""What V8 has counted, on the lines and branches of the source."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from edge.runtimes.lambda_edge.interpreters import node_program
from edge.testing import v8_counts
from edge.testing.js_points import points

pytest_plugins = ["pytester"]

CODE = """const flag = (n) => n > 1 ? 'many' : 'one'; // \U0001f600
function never() {
  return 1;
}
module.exports = function run(n) {
  let said = '';
  if (n > 2) said = 'large';
  for (let i = 0; i < n; i++) {
    said += flag(i);
  }
  if (n === 0) {
    return 'nothing';
  } else if (n === 5) {
    said += 'five';
  }
  switch (n) {
    case 1:
      return 'one';
    default:
      return said;
  }
};
"""
PROGRAM = """
const { Session } = require('node:inspector');
const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
const run = require(process.argv[1]);
const take = () => session.post('Profiler.takePreciseCoverage', (error, taken) =>
  console.log(JSON.stringify(taken.result.filter((script) => script.url.includes('counted.js')))));
for (const n of [0, 3]) { run(n); take(); }
"""

HANDLER = """export const handler = async (event) => {
  const request = event.Records[0].cf.request;
  if (request.uri === '/old') {
    return { status: '301', headers: { location: [{ value: '/new' }] } };
  }
  return request;
};
"""
TEST = """
def test_on(lambda_edge):
    fn = lambda_edge("redirect.mjs")
    assert [fn.viewer_request(f"/{n}").request.uri for n in range(3)] == ["/0", "/1", "/2"]
"""


def test_lines_and_arms_have_the_counts_of_v8(tmp_path: Path) -> None:
    """Over several events, with characters outside of the basic plane before."""
    file = tmp_path / "counted.js"
    file.write_text(CODE)
    node = node_program()
    assert node is not None
    said = subprocess.run([node, "-e", PROGRAM, str(file)], capture_output=True, text=True, check=True).stdout
    found = points(CODE)
    total: dict[tuple[int, int | None, int], int] = {}
    for line in said.splitlines():
        for script in json.loads(line):
            for number, count in v8_counts.of(script, CODE, found).items():
                key = (found[number].line, found[number].branch, found[number].arm)
                total[key] = total.get(key, 0) + count
    lines = {line: count for (line, branch, _), count in total.items() if branch is None}
    assert (lines[3], lines[6], lines[8], lines[9], lines[12], lines[14], lines[18], lines[20]) == (
        0,
        2,
        2,
        3,
        1,
        0,
        0,
        1,
    )
    arms = {(line, arm): count for (line, branch, arm), count in total.items() if branch is not None}
    assert (arms[1, 0], arms[1, 1]) == (1, 2)
    assert (arms[7, 0], arms[7, 1]) == (1, 1)
    assert (arms[11, 0], arms[11, 1]) == (1, 1)
    assert (arms[13, 0], arms[13, 1]) == (0, 1)


@pytest.mark.parametrize("workers", [[], ["-n", "1"]])
def test_a_handler_in_node_is_counted(project: pytest.Pytester, workers: list[str]) -> None:
    """With the line numbers of the user's file, in workers too."""
    project.path.joinpath("redirect.mjs").write_text(HANDLER)
    project.makepyfile(TEST)
    result = project.runpytest("--edge-cov", "lcov.info", *workers)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["redirect.mjs: 80 % of lines, not 4"])
    assert project.path.joinpath("lcov.info").read_text().splitlines() == [
        "TN:",
        "SF:redirect.mjs",
        "BRDA:3,1,0,-",
        "BRDA:3,1,1,3",
        "BRF:2",
        "BRH:1",
        "DA:1,1",
        "DA:2,3",
        "DA:3,3",
        "DA:4,0",
        "DA:6,3",
        "LF:5",
        "LH:4",
        "end_of_record",
    ]
