"""Make a distribution in a running MiniStack and print its domain name. Runs in MiniStack's own environment.

`python ministack_distribution.py PORT ORIGIN_PORT [FUNCTION_FILE]`
"""

from __future__ import annotations

import sys
from pathlib import Path

CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"


def main(port: str, origin_port: str, function_file: str | None = None) -> None:
    """Make it, through the API that the AWS tools use."""
    from botocore.session import Session  # type: ignore[import-not-found]  # it comes with MiniStack

    client = Session().create_client(
        "cloudfront",
        region_name="us-east-1",
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    associations = []
    if function_file is not None:
        made = client.create_function(
            Name="rewrite",
            FunctionConfig={"Comment": "", "Runtime": "cloudfront-js-2.0"},
            FunctionCode=Path(function_file).read_bytes(),
        )
        client.publish_function(Name="rewrite", IfMatch=made["ETag"])
        arn = made["FunctionSummary"]["FunctionMetadata"]["FunctionARN"]
        associations.append({"FunctionARN": arn, "EventType": "viewer-request"})
    behavior = {
        "TargetOriginId": "site",
        "ViewerProtocolPolicy": "allow-all",
        "CachePolicyId": CACHING_OPTIMIZED,
        "FunctionAssociations": {"Quantity": len(associations), "Items": associations},
    }
    origin = {
        "Id": "site",
        "DomainName": "127.0.0.1",
        "CustomOriginConfig": {
            "HTTPPort": int(origin_port),
            "HTTPSPort": 443,
            "OriginProtocolPolicy": "http-only",
        },
    }
    config = {
        "CallerReference": "benchmark",
        "Comment": "",
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": behavior,
    }
    print(client.create_distribution(DistributionConfig=config)["Distribution"]["DomainName"])


if __name__ == "__main__":
    main(*sys.argv[1:])
