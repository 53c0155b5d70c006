"""The side that faces origins: one attempt at a time, and every failure a named outcome."""
