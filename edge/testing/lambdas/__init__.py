"""Lambda@Edge handlers under test: real environments, the test's own time, and everybody outside played by the test."""
