"""The shapes of CloudFront's configuration, as the API has them: one pydantic model for each structure, fields under
the API's own names.

One set of models reads both the API's JSON and CloudFormation's properties: where the two differ (plain lists,
spellings, defaults), `shape.py` says how.
"""
