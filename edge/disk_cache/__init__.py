"""The part of the cache that is on disk: large bodies in files, and a journal from which a restart fills the store."""
