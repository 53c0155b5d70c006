"""A sample dev site and API to put the CDN in front of: validators, cookies, slow and failing routes, an echo."""
