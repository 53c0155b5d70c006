"""Distribution tenants: a template, with the parameters and customizations of each."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge import configuration
from edge.configuration import Configuration
from edge.model.distribution import GeoRestriction
from edge.model.tenant import Tenant

Write = Callable[[str, Any], Path]

PARAMETERS = [
    {"Name": "customer", "Definition": {"StringSchema": {"Required": True}}},
    {"Name": "stage", "Definition": {"StringSchema": {"Required": False, "DefaultValue": "live"}}},
]
TEMPLATE = {
    "Type": "AWS::CloudFront::Distribution",
    "Properties": {
        "DistributionConfig": {
            "Enabled": True,
            "HttpVersion": "http2",
            "ConnectionMode": "tenant-only",
            "TenantConfig": {"ParameterDefinitions": PARAMETERS},
            "Restrictions": {"GeoRestriction": {"RestrictionType": "whitelist", "Locations": ["DE"]}},
            "Origins": [
                {
                    "Id": "app",
                    "DomainName": "{{customer}}.example.org",
                    "OriginPath": "/{{ stage }}",
                    "CustomOriginConfig": {"OriginProtocolPolicy": "https-only"},
                }
            ],
            "DefaultCacheBehavior": {
                "TargetOriginId": "app",
                "ViewerProtocolPolicy": "allow-all",
                "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
            },
        }
    },
}


def tenant(name: str, **properties: Any) -> dict[str, Any]:
    fields = {
        "DistributionId": {"Ref": "Shop"},
        "Name": name,
        "Domains": [f"{name}.example.com"],
        "Parameters": [{"Name": "customer", "Value": name}],
    }
    return {"Type": "AWS::CloudFront::DistributionTenant", "Properties": {**fields, **properties}}


def made(write: Write, **tenants: dict[str, Any]) -> Configuration:
    path = write("stack.json", {"Resources": {"Shop": TEMPLATE, **tenants}})
    write("edge.toml", '[origins]\napp = "http://localhost:3000"\n"acme.example.org" = "http://localhost:4000"\n')
    return configuration.inspect(path)


def rules(found: Configuration) -> list[str]:
    return [finding.rule for finding in found.findings if finding.level == "error"]


def test_each_tenant_is_a_distribution_with_its_own_domains_and_parameters(write: Write) -> None:
    """`{{name}}` is filled in; a local URL may be given for all tenants, or for the domain of one."""
    found = made(write, Acme=tenant("acme"), Beta=tenant("beta", ConnectionGroupId="Group1"))
    assert rules(found) == []
    acme, beta = found.distributions
    assert (acme.id, acme.aliases, acme.name) == ("Shop", ("acme.example.com",), "acme")
    assert acme.tenant == Tenant("Acme", "acme", (("customer", "acme"), ("stage", "live")))
    assert acme.origins["app"].domain_name == "acme.example.org"
    assert acme.origins["app"].path == "/live"
    assert acme.origins["app"].local_url == "http://localhost:4000"
    assert beta.origins["app"].local_url == "http://localhost:3000"
    assert beta.endpoint == "group1.cloudfront.net"
    assert acme.endpoint.endswith(".cloudfront.net")
    assert acme.cache_id != beta.cache_id


def test_a_tenants_geo_restriction_takes_the_place_of_the_templates(write: Write) -> None:
    custom = {"GeoRestrictions": {"RestrictionType": "blacklist", "Locations": ["FR"]}}
    none = {"GeoRestrictions": {"RestrictionType": "none"}}
    found = made(write, A=tenant("a"), B=tenant("b", Customizations=custom), C=tenant("c", Customizations=none))
    assert [one.geo_restriction for one in found.distributions] == [
        GeoRestriction("whitelist", frozenset({"DE"})),
        GeoRestriction("blacklist", frozenset({"FR"})),
        GeoRestriction(),
    ]


def test_a_tenants_web_acl_takes_the_place_of_the_templates(write: Write) -> None:
    """Another one, or none; without a customization it is the template's."""

    def acl(name: str) -> dict[str, Any]:
        properties = {"Name": name, "Scope": "CLOUDFRONT", "DefaultAction": {"Allow": {}}, "Rules": []}
        return {"Type": "AWS::WAFv2::WebACL", "Properties": properties}

    template = json.loads(json.dumps(TEMPLATE))
    template["Properties"]["DistributionConfig"]["WebACLId"] = {"Fn::GetAtt": ["Strict", "Arn"]}
    mild = {"WebAcl": {"Action": "override", "Arn": {"Fn::GetAtt": ["Mild", "Arn"]}}}
    resources = {
        "Shop": template,
        "Strict": acl("strict"),
        "Mild": acl("mild"),
        "A": tenant("a"),
        "B": tenant("b", Customizations=mild),
        "C": tenant("c", Customizations={"WebAcl": {"Action": "disable"}}),
    }
    found = configuration.inspect(write("stack.json", {"Resources": resources}))
    assert [one.web_acl and one.web_acl.name for one in found.distributions] == ["strict", "mild", None]


@pytest.mark.parametrize(
    ("properties", "rule"),
    [
        ({"Parameters": []}, "tenants.parameter_missing"),
        ({"Parameters": [{"Name": "custom", "Value": "x"}]}, "tenants.unknown_parameter"),
        ({"Domains": None}, "schema.type"),
    ],
)
def test_what_aws_would_not_create_is_an_error(write: Write, properties: dict[str, Any], rule: str) -> None:
    assert rule in rules(made(write, Acme=tenant("acme", **properties)))


def test_a_tenant_that_is_not_enabled_is_not_served(write: Write) -> None:
    found = made(write, Acme=tenant("acme"), Beta=tenant("beta", Enabled=False))
    assert [one.name for one in found.distributions] == ["acme"]


def test_a_template_without_tenants_is_served_itself_and_said_so(write: Write) -> None:
    found = made(write)
    assert [one.name for one in found.distributions] == ["Shop"]
    assert "tenants.none" in [finding.rule for finding in found.findings]


def test_tenants_are_read_from_the_answers_of_the_command_line_too(write: Write) -> None:
    """`aws cloudfront get-distribution-tenant` beside `get-distribution`."""
    config = json.loads(json.dumps(TEMPLATE["Properties"]["DistributionConfig"]))  # type: ignore[index]
    config["Origins"] = {"Quantity": 1, "Items": config["Origins"]}
    config["Restrictions"]["GeoRestriction"] = {"RestrictionType": "none", "Quantity": 0}
    config["CallerReference"], config["Comment"] = "1", ""
    path = write(
        "site.json", {"Distribution": {"Id": "E1", "DomainName": "d1.cloudfront.net", "DistributionConfig": config}}
    )
    answer = {**tenant("acme")["Properties"], "DistributionId": "E1", "Id": "dt_1"}
    answer["Domains"] = [{"Domain": "acme.example.com", "Status": "active"}]
    write("acme.json", {"ETag": "E", "DistributionTenant": answer})
    found = configuration.inspect(path)
    assert rules(found) == []
    assert [one.tenant and one.tenant.id for one in found.distributions] == ["dt_1"]
    assert found.distributions[0].aliases == ("acme.example.com",)
