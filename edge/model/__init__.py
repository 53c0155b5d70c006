"""Frozen values in CloudFront's own words. Imports the standard library only."""
