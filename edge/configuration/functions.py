"""CloudFront Functions and their key value stores, from what a source declares.

Source: CloudFront API Reference, CreateFunction, FunctionConfig.
"""

from __future__ import annotations

from edge.configuration.checks import functions as checks
from edge.configuration.declared import Declared, DeclaredFunction
from edge.configuration.finding import Finding, error, warning
from edge.configuration.shapes.resource_configs import FunctionConfigShape
from edge.configuration.shapes.shape import parse
from edge.model.function import CloudFrontFunction, JavaScriptRuntime


def functions(declared: Declared, found: list[Finding]) -> dict[str, CloudFrontFunction]:
    """All CloudFront Functions of a source, by ARN."""
    made: dict[str, CloudFrontFunction] = {}
    for arn, one in declared.functions.items():
        function = _function(one, declared, found)
        if function is not None:
            made[arn] = function
    return made


def _function(one: DeclaredFunction, declared: Declared, found: list[Finding]) -> CloudFrontFunction | None:
    if one.config.tree is None:
        message = f"the configuration of {one.name} is not here, so it runs in {JavaScriptRuntime.JS_2_0}"
        found.append(
            warning("functions.no_config", one.config.at(), f"{message}; {declared.how_to_get('function', one.name)}")
        )
        return CloudFrontFunction(one.name, one.code, source_name=one.source_name)
    config = parse(FunctionConfigShape, one.config, declared.form, found)
    if config is None:
        return None
    runtime = JavaScriptRuntime(config.Runtime)
    found += checks.function(one, config)
    store = None
    if config.KeyValueStoreAssociations:
        arn = config.KeyValueStoreAssociations[0].KeyValueStoreARN
        store = declared.stores.get(arn)
        if store is None:
            where = one.config.at("KeyValueStoreAssociations", 0, "KeyValueStoreARN")
            store = arn.rpartition("/")[2]
            if declared.form == "cloudformation":
                known = [one for one, name in declared.stores.items() if arn in (name, one.rpartition("/")[2])]
                how = "there is none of this ARN in the template"
                if known:
                    how = f"that is its name; its ARN is !GetAtt {known[0].rpartition('/')[2]}.Arn"
                found.append(error("functions.unknown_store", where, f"{arn} is no key value store: {how}"))
            else:
                declared.stores[arn] = store
                declared.store_places[store] = one.config.child("KeyValueStoreAssociations", 0, "KeyValueStoreARN")
    return CloudFrontFunction(one.name, one.code, runtime, one.source_name, store)
