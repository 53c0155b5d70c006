import json
import time
import urllib.request
from datetime import UTC, datetime


def lambda_handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    with urllib.request.urlopen("https://flags.example.com/beta?x=1") as answer:
        flags = json.load(answer)
    print("flags", flags)
    request["headers"]["x-now"] = [{"key": "X-Now", "value": datetime.now(UTC).isoformat()}]
    request["headers"]["x-time"] = [{"key": "X-Time", "value": str(time.time())}]
    if flags["on"]:
        request["uri"] = "/beta" + request["uri"]
        request["origin"]["custom"]["domainName"] = "beta.example.com"
        request["headers"]["host"] = [{"key": "Host", "value": "beta.example.com"}]
    return request
