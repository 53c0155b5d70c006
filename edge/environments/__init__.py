"""Execution environments of Lambda as a state machine: which one handles an event, and what follows. Pure."""
