"""Lambda functions in real execution environments: AWS's Runtime API, our bootstraps, the providers that isolate."""
