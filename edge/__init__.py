"""A CDN and edge-compute runtime that runs on a laptop: CloudFront, CloudFront Functions and Lambda@Edge."""

__version__ = "0.1.0"
