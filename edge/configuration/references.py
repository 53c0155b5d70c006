"""What Ref and GetAtt give for the resources that a distribution leans on.

Source: CloudFormation User Guide, "Resource attributes" (return values of each type). Nothing is deployed, so ids,
names and domains are stand-ins made of the logical id: they have AWS's shape, and they are the same in each run.
Attributes of other types are known after deployment only: they come out as Undeployed, and edge.toml may give them.
"""

from __future__ import annotations

from typing import Any, Protocol

from edge.configuration.finding import ConfigurationError, nearest
from edge.configuration.intrinsics import as_text
from edge.configuration.positions import Undeployed, Unresolved

_NAMES = {
    "AWS::S3::Bucket": "BucketName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Serverless::Function": "FunctionName",
    "AWS::CloudFront::KeyValueStore": "Name",
}
"""Types whose Ref is a name, and the property that sets it."""

_DASHED_WEBSITE_REGIONS = frozenset(
    {
        "us-east-1",
        "us-west-1",
        "us-west-2",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-northeast-1",
        "eu-west-1",
        "sa-east-1",
        "us-gov-west-1",
    }
)
"""Regions whose S3 website endpoints are `s3-website-region`; in all others it is `s3-website.region`."""


class Resources(Protocol):
    """What is asked of the template."""

    @property
    def region(self) -> str: ...

    @property
    def account(self) -> str: ...

    def id_of(self, logical_id: str) -> str: ...

    def type_of(self, logical_id: str) -> str | None: ...

    def names(self) -> list[str]: ...

    @property
    def local_name(self) -> str: ...

    def property_of(self, logical_id: str, name: str) -> Any: ...

    def nested(self, logical_id: str) -> Any: ...

    def ssm_parameter(self, name: str) -> str | None: ...


def ref(template: Resources, name: str) -> str | Unresolved:
    """The value of Ref for a resource."""
    kind = template.type_of(name)
    if kind is None and name.endswith((".Version", ".Alias")):
        return attribute(template, *name.rsplit(".", 1))
    match kind:
        case None:
            hint = nearest(name, template.names())
            return Unresolved(f"{{{name}}}", f"the template has no parameter or resource {name}; {hint}")
        case "AWS::Lambda::Alias":
            return lambda_alias_arn(template, name)
        case "AWS::CloudFront::Function":
            return function_arn(template, name)
        case "AWS::Lambda::Version":
            return lambda_version_arn(template, name)
        case "AWS::CloudFront::RealtimeLogConfig":
            return real_time_log_arn(template, name)
        case _:
            return physical_name(template, name) if kind in _NAMES else template.id_of(name)


def attribute(template: Resources, logical_id: str, name: str) -> str | Unresolved:
    """The value of GetAtt."""
    kind = template.type_of(logical_id)
    stand_in = f"{{{logical_id}.{name}}}"
    if kind is None:
        hint = nearest(logical_id, template.names())
        return Unresolved(stand_in, f"the template has no resource {logical_id}; {hint}")
    if kind in ("AWS::CloudFormation::Stack", "AWS::Serverless::Application"):
        return _output(template, logical_id, name)
    known = _attributes(template, logical_id, kind)
    if name in known:
        return known[name]
    if kind == "AWS::Serverless::Function" and name in ("Version", "Alias"):
        return Unresolved(stand_in, f"{logical_id}.{name} is there once {logical_id} has AutoPublishAlias: live")
    if known and kind.startswith("AWS::CloudFront::"):
        return Unresolved(stand_in, f"{kind} has no attribute {name}; {nearest(name, known)}")
    how = f'add "{logical_id}.{name}" = "..." under [parameters] in {template.local_name}'
    return Undeployed(stand_in, f"{logical_id}.{name} ({kind}) is known after deployment only; {how}", logical_id)


def _output(template: Resources, logical_id: str, name: str) -> str | Unresolved:
    """An output of a nested stack."""
    try:
        nested = template.nested(logical_id)
    except ConfigurationError as problem:
        return Unresolved(f"{{{logical_id}.{name}}}", str(problem))
    if isinstance(nested, Unresolved):
        how = f'add "{logical_id}.{name}" = "..." under [parameters] in {template.local_name}'
        return Undeployed(f"{{{logical_id}.{name}}}", f"{nested.reason}; or {how}", logical_id)
    value: str | Unresolved = nested.output(name.removeprefix("Outputs."))
    return value


def hosts(template: Resources, logical_id: str, kind: str) -> list[str]:
    """The domain names under which a resource can be an origin."""
    known = _attributes(template, logical_id, kind)
    found = [
        known[name] for name in ("DomainName", "RegionalDomainName", "DualStackDomainName", "DNSName") if name in known
    ]
    urls = [known[name] for name in ("WebsiteURL", "FunctionUrl", "ApiEndpoint") if name in known]
    found += [known[name] for name in ("ServiceUrl", "GraphQLDns", "EndpointURL", "PublicDnsName") if name in known]
    if "RestApiId" in known:
        found.append(f"{template.id_of(logical_id)}.execute-api.{template.region}.amazonaws.com")
    return found + [url.split("/")[2] for url in urls]


def physical_name(template: Resources, logical_id: str) -> str:
    """The name of a resource: the one that it is given, or its id in lower case."""
    given = template.property_of(logical_id, _NAMES.get(template.type_of(logical_id) or "", "Name"))
    return template.id_of(logical_id).lower() if given is None or isinstance(given, Unresolved) else as_text(given)


def function_arn(template: Resources, logical_id: str) -> str:
    """The ARN of a CloudFront Function."""
    given = template.property_of(logical_id, "Name")
    name = template.id_of(logical_id) if given is None or isinstance(given, Unresolved) else as_text(given)
    return f"arn:aws:cloudfront::{template.account}:function/{name}"


def store_arn(template: Resources, logical_id: str) -> str:
    """The ARN of a key value store."""
    return f"arn:aws:cloudfront::{template.account}:key-value-store/{template.id_of(logical_id)}"


def waf_arn(template: Resources, logical_id: str, kind: str) -> str:
    """The ARN of a web ACL or an IP set for CloudFront."""
    thing = "webacl" if kind.endswith("WebACL") else "ipset"
    name = template.id_of(logical_id)
    return f"arn:aws:wafv2:us-east-1:{template.account}:global/{thing}/{name}/{name.lower()}"


def real_time_log_arn(template: Resources, logical_id: str) -> str:
    """The ARN of a real-time log configuration."""
    return f"arn:aws:cloudfront::{template.account}:realtime-log-config/{template.id_of(logical_id)}"


def lambda_arn(template: Resources, logical_id: str) -> str:
    """The ARN of a Lambda function, without a version."""
    return f"arn:aws:lambda:{template.region}:{template.account}:function:{physical_name(template, logical_id)}"


def lambda_arn_of(template: Resources, name: str) -> str:
    """The ARN, without a version, of a function that is named by its name or by an ARN."""
    if not name.startswith("arn:"):
        return f"arn:aws:lambda:{template.region}:{template.account}:function:{name.partition(':')[0]}"
    return ":".join(name.split(":")[:7])


def lambda_version_arn(template: Resources, logical_id: str) -> str | Unresolved:
    """The ARN of a numbered version. There is one of each function here, so it is 1."""
    function = template.property_of(logical_id, "FunctionName")
    if isinstance(function, Unresolved) or function is None:
        reason = "the version has no FunctionName" if function is None else function.reason
        return Unresolved(f"{{{logical_id}}}", reason)
    return f"{lambda_arn_of(template, as_text(function))}:1"


def lambda_alias_arn(template: Resources, logical_id: str) -> str | Unresolved:
    """The ARN of an alias."""
    version, name = lambda_version_arn(template, logical_id), template.property_of(logical_id, "Name")
    return version if isinstance(version, Unresolved) else f"{version.rpartition(':')[0]}:{as_text(name)}"


def _attributes(template: Resources, logical_id: str, kind: str) -> dict[str, str]:
    region, id = template.region, template.id_of(logical_id)
    lower = id.lower()
    match kind:
        case "AWS::S3::Bucket":
            name = physical_name(template, logical_id)
            dash = "-" if region in _DASHED_WEBSITE_REGIONS else "."
            return {
                "Arn": f"arn:aws:s3:::{name}",
                "DomainName": f"{name}.s3.amazonaws.com",
                "RegionalDomainName": f"{name}.s3.{region}.amazonaws.com",
                "DualStackDomainName": f"{name}.s3.dualstack.{region}.amazonaws.com",
                "WebsiteURL": f"http://{name}.s3-website{dash}{region}.amazonaws.com",
            }
        case "AWS::WAFv2::WebACL" | "AWS::WAFv2::IPSet":
            return {"Arn": waf_arn(template, logical_id, kind), "Id": id}
        case "AWS::CloudFront::Distribution":
            return {"Id": id, "DomainName": f"{lower}.cloudfront.net"}
        case "AWS::CloudFront::Function":
            arn = function_arn(template, logical_id)
            return {"FunctionARN": arn, "FunctionMetadata.FunctionARN": arn, "Stage": "LIVE"}
        case "AWS::CloudFront::RealtimeLogConfig":
            return {"Arn": real_time_log_arn(template, logical_id)}
        case "AWS::CloudFront::KeyValueStore":
            return {"Arn": store_arn(template, logical_id), "Id": id, "Status": "READY"}
        case "AWS::CloudFront::CloudFrontOriginAccessIdentity":
            return {"Id": id, "S3CanonicalUserId": lower}
        case "AWS::Lambda::Function":
            return {"Arn": lambda_arn(template, logical_id)}
        case "AWS::Serverless::Function":
            arn = lambda_arn(template, logical_id)
            alias = template.property_of(logical_id, "AutoPublishAlias")
            published = {} if alias is None else {"Version": f"{arn}:1", "Alias": f"{arn}:{as_text(alias)}"}
            return {"Arn": arn, **published}
        case "AWS::Lambda::Version":
            return {"FunctionArn": lambda_version_arn(template, logical_id), "Version": "1"}
        case "AWS::Lambda::Url":
            return {"FunctionUrl": f"https://{lower}.lambda-url.{region}.on.aws/"}
        case "AWS::ApiGatewayV2::Api" | "AWS::Serverless::HttpApi":
            return {"ApiEndpoint": f"https://{id}.execute-api.{region}.amazonaws.com", "ApiId": id}
        case "AWS::ApiGateway::RestApi" | "AWS::Serverless::Api":
            return {"RestApiId": id, "RootResourceId": id}
        case "AWS::ElasticLoadBalancingV2::LoadBalancer":
            return {
                "DNSName": f"{lower}-1234567890.{region}.elb.amazonaws.com",
                "LoadBalancerArn": f"arn:aws:elasticloadbalancing:{region}:{template.account}:loadbalancer/app/{id}/1",
            }
        case "AWS::ElasticLoadBalancing::LoadBalancer":
            return {"DNSName": f"{lower}-1234567890.{region}.elb.amazonaws.com"}
        case "AWS::ApiGateway::DomainName" | "AWS::ApiGatewayV2::DomainName":
            return {"RegionalDomainName": f"d-{lower}.execute-api.{region}.amazonaws.com"}
        case "AWS::AppRunner::Service":
            return {"ServiceUrl": f"{lower}.{region}.awsapprunner.com"}
        case "AWS::AppSync::GraphQLApi":
            host = f"{lower}.appsync-api.{region}.amazonaws.com"
            return {"GraphQLDns": host, "GraphQLUrl": f"https://{host}/graphql", "ApiId": id}
        case "AWS::EC2::Instance":
            return {"PublicDnsName": f"{lower}.compute.amazonaws.com", "InstanceId": id}
        case "AWS::ElasticBeanstalk::Environment":
            return {"EndpointURL": f"{lower}.{region}.elb.amazonaws.com"}
        case "Custom::CrossRegionStringParameterReader":
            value = template.ssm_parameter(as_text(template.property_of(logical_id, "ParameterName")))
            return {} if value is None else {"FunctionArn": value}
        case _ if kind.startswith("AWS::CloudFront::"):
            return {"Id": id}
        case _:
            return {}
