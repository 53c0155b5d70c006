"""CloudFront's rules as pure functions, one file for each feature, in AWS's words. Imports `edge.model` only."""
