"""CloudFront Functions on QuickJS."""
