"""The cache at one edge location: state, synchronous, `now` given."""
