"""The contract with user code: building events, and reading and judging what comes back. Pure."""
