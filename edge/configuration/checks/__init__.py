"""What AWS would refuse at deploy time, or what would go wrong at run time, found in a configuration before either."""
