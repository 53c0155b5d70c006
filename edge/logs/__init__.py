"""One finished exchange becomes one record: for the terminal, for programs, and as a trail that explains it."""
