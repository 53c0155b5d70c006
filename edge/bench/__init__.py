"""`edge bench`: latency, throughput and cost of functions, in both tiers, each number with where it comes from."""
