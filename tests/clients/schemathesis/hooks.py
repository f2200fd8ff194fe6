"""What schemathesis cannot know of the service: which contexts and line items there are, and how a client signs.

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
from tool import CONTEXT, LINK, OTHER, SCOPES, TOOL, USER, Lms, Tool

TOOLS_CONTEXT = re.compile("[a-z2-7]{25}[aeimquy4]")
ID = re.compile("[ -~]{1,255}")
ITEM = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
JWT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)

tool = Tool(os.environ["AGS_DEMO"])
lms = Lms(os.environ["AGS_DEMO"])
counts = Counter()
if os.environ["AGS_SIDE"] == "tool":
    tool.use(os.environ["AGS_TOKEN"])
    scored = tool.scored_item()
else:
    lms.use(os.environ["AGS_TOKEN"])
    scored = lms.prepare()
known = {scored}

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
    for keys in ("jwks_url", "public_key_pem"):
        schemas["ToolChange"]["properties"].pop(keys)
    schemas["ToolChange"]["properties"]["jwks"] = {"const": lms.jwks()}
    schemas["ToolDefinition"].pop("oneOf")
    schemas["ToolDefinition"]["required"].append("jwks")
    schemas["PlacementDefinition"]["properties"]["deployment"] = {"const": "1"}
    schemas["ResourceLinkDefinition"]["properties"]["deployment"] = {"const": "1"}
    for name, members in (("Progress", ("at",)), ("Window", ("start", "end"))):
        for member in members:
            schemas[name]["properties"][member] = {"type": "string", "format": "past"}


@schemathesis.hook
def before_call(context, case, kwargs):
    # What has the form of an assertion becomes one, and an id that names nothing one that names something.
    if isinstance(case.body, dict) and JWT.fullmatch(str(case.body.get("client_assertion"))):
        case.body["client_assertion"] = tool.assertion()
    path = case.path_parameters
    if case.path.startswith("/platform/"):
        at_course(case, path)
        return
    if TOOLS_CONTEXT.fullmatch(str(path.get("context"))):
        path["context"] = tool.context
    if ITEM.fullmatch(str(path.get("item"))) and path["item"] not in known:
        # What is deleted is missed by no other case.
        path["item"] = tool.create() if case.method == "DELETE" else scored


def at_course(case, path):
    """What exists instead of what does not, unless the case is about ids that nothing can have."""
    for name, there in (("context", CONTEXT), ("link", LINK), ("user", USER)):
        if ID.fullmatch(str(path.get(name))):
            path[name] = there
    if ID.fullmatch(str(path.get("client"))):
        is_tool = case.operation.path == "/platform/tools/{client}" and case.method != "GET"
        is_end = case.operation.path.endswith("/tools/{client}") and case.method == "DELETE"
        path["client"] = OTHER if is_tool or is_end else TOOL
    if case.method == "DELETE" and case.operation.path.endswith("/links/{link}"):
        path["link"] = "another"
    if case.method == "DELETE" and "user" in path and "item" not in path:
        path["user"] = "nobody"
    if ITEM.fullmatch(str(path.get("item"))):
        path["item"] = scored


@schemathesis.hook
def after_call(context, case, response):
    operation = case.operation
    if case.method == operation.method.upper():
        counts[f"{operation.definition.raw['operationId']} {response.status_code}"] += 1
    if response.status_code == 201 and os.environ["AGS_SIDE"] == "tool":
        known.add(response.json()["id"].rsplit("/", 1)[1])


@atexit.register
def save():
    with open(os.environ["AGS_COUNTS"], "w", encoding="utf-8") as file:
        json.dump(counts, file)
