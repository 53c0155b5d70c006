"""The caches of an edge: state, synchronous, `now` given."""
