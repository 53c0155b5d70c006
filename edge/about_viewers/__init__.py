"""What CloudFront would know of a viewer beyond the connection: place, device, and what a test wants it to be."""
