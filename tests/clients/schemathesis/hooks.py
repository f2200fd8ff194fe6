"""What schemathesis cannot know of the service: which contexts and line items there are, and how a tool signs.

Without it nearly every answer would be 404. It also counts what came back.
"""

import atexit
import json
import os
import re
from collections import Counter
from datetime import datetime, timezone

import schemathesis
from hypothesis import strategies
from tool import SCOPES, Tool

CONTEXT = re.compile("[a-z2-7]{25}[aeimquy4]")
ITEM = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
JWT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)

tool = Tool(os.environ["AGS_DEMO"])
tool.use(os.environ["AGS_TOKEN"])
scored = tool.scored_item()
known = {scored}
counts = Counter()

past = strategies.datetimes(datetime(1970, 1, 2), datetime(2026, 1, 1), timezones=strategies.just(timezone.utc))
schemathesis.openapi.format("past", past.map(datetime.isoformat))


@schemathesis.hook
def before_load_schema(context, raw_schema):
    # schemathesis tries requests without a token, and with a wrong one, for plain bearer tokens only.
    components = raw_schema["components"]
    components["securitySchemes"]["accessToken"] = {"type": "http", "scheme": "bearer"}
    # Values at random would be refused nearly every time.
    components["parameters"]["IfMatch"]["schema"] = {"enum": ["*", '"1"']}
    schemas = components["schemas"]
    link = {"enum": [None, "", tool.demo["resource_link_id"]]}
    schemas["LineItemDefinition"]["properties"]["resourceLinkId"] = link
    schemas["Score"]["properties"]["timestamp"] = {"type": "string", "format": "past"}
    form = schemas["TokenRequest"]["properties"]
    form["scope"] = {"const": SCOPES}
    form["client_id"] = {"enum": [tool.demo["tool"]["client_id"], ""]}


@schemathesis.hook
def before_call(context, case, kwargs):
    # What has the form of an assertion becomes one, and an id that names nothing one that names something.
    if isinstance(case.body, dict) and JWT.fullmatch(str(case.body.get("client_assertion"))):
        case.body["client_assertion"] = tool.assertion()
    path = case.path_parameters
    if CONTEXT.fullmatch(str(path.get("context"))):
        path["context"] = tool.context
    if ITEM.fullmatch(str(path.get("item"))) and path["item"] not in known:
        # What is deleted is missed by no other case.
        path["item"] = tool.create() if case.method == "DELETE" else scored


@schemathesis.hook
def after_call(context, case, response):
    operation = case.operation
    if case.method == operation.method.upper():
        counts[f"{operation.definition.raw['operationId']} {response.status_code}"] += 1
    if response.status_code == 201:
        known.add(response.json()["id"].rsplit("/", 1)[1])


@atexit.register
def save():
    with open(os.environ["AGS_COUNTS"], "w", encoding="utf-8") as file:
        json.dump(counts, file)
