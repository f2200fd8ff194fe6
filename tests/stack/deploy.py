"""Deploys infra/template.yaml to an emulator of AWS in this process.

The template is transformed as the cloud would do it, by the translator of AWS's own, offline; the outcome goes to the
CloudFormation of moto, which resolves every reference and makes the resources. One line of JSON then tells what there is
now: what each function was given, what its role allows, which route leads where, and what the template says of each
resource. The emulator stays until standard input is closed.

    deploy.py [STAGE] [Parameter=value ...]

A STAGE stands for the parameters that infra/samconfig.toml has for it. A HostedZoneId is replaced by that of a zone which
is there.
"""

import ast
import io
import json
import logging
import os
import re
import sys
import tomllib
import zipfile
from pathlib import Path

import boto3
import moto.cloudformation.parsing
from moto import mock_aws
from moto.cloudformation.models import cloudformation_backends
from moto.core.common_models import CloudFormationModel
from moto.server import ThreadedMotoServer
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

INFRA = Path(__file__).parents[2] / "infra"
STACK = "ags"
REGION = "eu-central-1"
ACCOUNT = "123456789012"
BUCKET = "packages"

# The translator asks for it, and nothing here may look for credentials elsewhere.
os.environ.update(AWS_DEFAULT_REGION=REGION, AWS_EC2_METADATA_DISABLED="true")
logging.getLogger("werkzeug").setLevel(logging.ERROR)


def client(service):
    """A client of the emulator."""
    return boto3.client(service, region_name=REGION)


# ── Resources that moto has, but not its CloudFormation ──────────────────────────────────────────────────────────────


# moto takes the second part of a model's module for the name of its service.
OF_MOTO = "moto.stack"


def fitted(value, shape):
    """CloudFormation's properties in the types of the API: parameters are texts there, whatever they hold."""
    if shape.type_name == "structure" and isinstance(value, dict):
        return {
            name: fitted(member, shape.members[name]) if name in shape.members else member
            for name, member in value.items()
        }
    if shape.type_name == "list" and isinstance(value, list):
        return [fitted(entry, shape.member) for entry in value]
    if shape.type_name in ("integer", "long"):
        return int(value)
    if shape.type_name in ("double", "float"):
        return float(value)
    return value


def resource(kind, service, operation, identity, attributes=lambda made: {}, name=None, prepared=dict):
    """Makes resources of the CloudFormation type `kind` by an operation of the API, whose own model of its parameters
    then finds what a property is not called or cannot be."""

    class Made(CloudFormationModel):
        __module__ = OF_MOTO

        def __init__(self, physical_resource_id, attributes):
            self.physical_resource_id = physical_resource_id
            self.attributes = attributes

        @staticmethod
        def cloudformation_type():
            return kind

        @staticmethod
        def cloudformation_name_type():
            return name or ""

        @classmethod
        def has_cfn_attr(cls, attr):
            return True

        def get_cfn_attribute(self, attribute):
            return self.attributes[attribute]

        @classmethod
        def create_from_cloudformation_json(cls, resource_name, cloudformation_json, *_, **__):
            api = client(service)
            properties = prepared(cloudformation_json["Properties"])
            if name:
                properties.setdefault(name, resource_name)
            method = re.sub("(?<!^)(?=[A-Z])", "_", operation).lower()
            shape = api.meta.service_model.operation_model(operation).input_shape
            made = getattr(api, method)(**fitted(properties, shape))
            return cls(identity(properties, made), attributes(made))

    return Made


def first_domain(made):
    # moto gives a domain no address of its own.
    configuration = made["DomainNameConfigurations"][0]
    return {
        "RegionalDomainName": configuration.get("ApiGatewayDomainName", "d-abc.execute-api.eu-central-1.amazonaws.com"),
        "RegionalHostedZoneId": configuration.get("HostedZoneId", "Z1U9ULNL0V5AJ3"),
    }


def key_parameters(properties):
    parameters = {name: properties[name] for name in ("Description", "KeySpec", "KeyUsage")}
    tags = [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in properties["Tags"]]
    return {**parameters, "Policy": json.dumps(properties["KeyPolicy"]), "Tags": tags}


V2 = "AWS::ApiGatewayV2::"
RESOURCES = [
    resource(
        V2 + "Api", "apigatewayv2", "CreateApi", lambda _, made: made["ApiId"], lambda made: {"ApiEndpoint": made["ApiEndpoint"]}
    ),
    resource(V2 + "Stage", "apigatewayv2", "CreateStage", lambda properties, _: properties["StageName"]),
    resource(V2 + "Integration", "apigatewayv2", "CreateIntegration", lambda _, made: made["IntegrationId"]),
    resource(V2 + "Route", "apigatewayv2", "CreateRoute", lambda _, made: made["RouteId"]),
    resource(V2 + "DomainName", "apigatewayv2", "CreateDomainName", lambda _, made: made["DomainName"], first_domain),
    resource(V2 + "ApiMapping", "apigatewayv2", "CreateApiMapping", lambda _, made: made["ApiMappingId"]),
    # moto's own takes the tags of CloudFormation for those of KMS.
    resource(
        "AWS::KMS::Key",
        "kms",
        "CreateKey",
        lambda _, made: made["KeyMetadata"]["KeyId"],
        lambda made: {"Arn": made["KeyMetadata"]["Arn"]},
        prepared=key_parameters,
    ),
    resource(
        "AWS::CloudWatch::Alarm",
        "cloudwatch",
        "PutMetricAlarm",
        lambda properties, _: properties["AlarmName"],
        name="AlarmName",
    ),
]


class QueuePolicy(CloudFormationModel):
    """The policy of queues, which the API has as an attribute of each."""

    __module__ = OF_MOTO
    physical_resource_id = "queue-policy"

    @staticmethod
    def cloudformation_type():
        return "AWS::SQS::QueuePolicy"

    @staticmethod
    def cloudformation_name_type():
        return ""

    @classmethod
    def create_from_cloudformation_json(cls, _, cloudformation_json, *__, **___):
        properties = cloudformation_json["Properties"]
        for url in properties["Queues"]:
            policy = {"Policy": json.dumps(properties["PolicyDocument"])}
            client("sqs").set_queue_attributes(QueueUrl=url, Attributes=policy)
        return cls()


# ── The deployment ───────────────────────────────────────────────────────────────────────────────────────────────────


def package(template):
    """What `sam package` does: puts what CodeUri names into a bucket, here an archive of nothing."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("bootstrap", "")
    s3 = client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    for definition in template["Resources"].values():
        if definition["Type"] == "AWS::Serverless::Function":
            name = Path(definition["Properties"]["CodeUri"]).name
            s3.put_object(Bucket=BUCKET, Key=name, Body=archive.getvalue())
            definition["Properties"]["CodeUri"] = f"s3://{BUCKET}/{name}"
    return template


class NoManagedPolicies:
    """The roles of the template are its own: a managed policy would be looked up in vain."""

    def load(self):
        return {}


def transformed(parameters):
    """The template without SAM in it."""
    template = package(yaml_parse((INFRA / "template.yaml").read_text()))
    return transform(template, parameters, NoManagedPolicies())


def create(template, parameters):
    """Makes the stack and waits for it."""
    known = moto.cloudformation.parsing.get_model_map()
    missing = {definition["Type"] for definition in template["Resources"].values()} - set(known)
    if missing:
        sys.exit(f"the emulator does not know {sorted(missing)}")
    cloudformation = client("cloudformation")
    given = [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()]
    cloudformation.create_stack(
        StackName=STACK,
        TemplateBody=json.dumps(template),
        Parameters=given,
        Capabilities=["CAPABILITY_IAM"],
        Tags=[{"Key": "service", "Value": "lambda-ags"}],
    )
    stack = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
    if stack["StackStatus"] != "CREATE_COMPLETE":
        sys.exit(f"the stack is {stack['StackStatus']}: {stack.get('StackStatusReason')}")
    listed = cloudformation.get_paginator("list_stack_resources").paginate(StackName=STACK)
    ids = {
        entry["LogicalResourceId"]: entry["PhysicalResourceId"]
        for page in listed
        for entry in page["StackResourceSummaries"]
    }
    return {entry["OutputKey"]: entry["OutputValue"] for entry in stack["Outputs"]}, ids


def described_function(template, ids, logical_id):
    """What the function got, under its name in this project."""
    definition = template["Resources"][logical_id]["Properties"]
    function = client("lambda").get_function_configuration(FunctionName=ids[logical_id])
    role = function["Role"].rsplit("/", 1)[1]
    iam = client("iam")
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    if attached:
        sys.exit(f"{role} has managed policies, which nobody here reads: {attached}")
    # moto hands out what CloudFormation gave it as Python writes it.
    documents = [
        ast.literal_eval(iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]) for name in names
    ]
    name = definition["Code"]["S3Key"]
    return name, {
        "arn": function["FunctionArn"],
        "environment": function["Environment"]["Variables"],
        # moto keeps none of these.
        "logFormat": definition["LoggingConfig"]["LogFormat"],
        "logLevel": definition["LoggingConfig"]["ApplicationLogLevel"],
        "policies": documents,
    }


def described_resources(template, ids):
    """What became of each resource of the template: everything that it says of it, with all references resolved."""
    resolved = cloudformation_backends[ACCOUNT][REGION].get_stack(STACK).resource_map
    made = {name: definition for name, definition in template["Resources"].items() if name in ids}
    return {name: moto.cloudformation.parsing.clean_json(definition, resolved) for name, definition in made.items()}


def described(endpoint, template, outputs, ids):
    """All that the tests want to know of the stack."""
    logical = [name for name, it in template["Resources"].items() if it["Type"] == "AWS::Lambda::Function"]
    functions = dict(described_function(template, ids, name) for name in logical)
    by_arn = {function["arn"]: name for name, function in functions.items()}
    gateway = client("apigatewayv2")
    api = ids["Api"]
    integrations = {
        f"integrations/{entry['IntegrationId']}": by_arn[entry["IntegrationUri"]]
        for entry in gateway.get_integrations(ApiId=api)["Items"]
    }
    table = client("dynamodb").describe_table(TableName=ids["Table"])["Table"]
    key = client("kms").describe_key(KeyId=ids["SigningKey"])["KeyMetadata"]
    tags = client("kms").list_resource_tags(KeyId=ids["SigningKey"])["Tags"]
    return {
        "endpoint": endpoint,
        "region": REGION,
        "outputs": outputs,
        "table": {"name": table["TableName"], "arn": table["TableArn"]},
        "key": {
            "arn": key["Arn"],
            "tags": {tag["TagKey"]: tag["TagValue"] for tag in tags},
        },
        "functions": functions,
        "routes": [
            {"key": route["RouteKey"], "function": integrations[route["Target"]]}
            for route in gateway.get_routes(ApiId=api)["Items"]
        ],
        "resources": described_resources(template, ids),
    }


def parameters_of(arguments):
    """The parameters of the stack, by name."""
    stages = tomllib.loads((INFRA / "samconfig.toml").read_text())
    texts = []
    for argument in arguments:
        texts += [argument] if "=" in argument else stages[argument]["deploy"]["parameters"]["parameter_overrides"]
    return dict(text.split("=", 1) for text in texts)


@mock_aws
def main():
    parameters = parameters_of(sys.argv[1:])
    if "HostedZoneId" in parameters:
        zone = client("route53").create_hosted_zone(Name="example.edu", CallerReference=STACK)["HostedZone"]
        parameters["HostedZoneId"] = zone["Id"].rsplit("/", 1)[1]
    template = transformed(parameters)
    outputs, ids = create(template, parameters)
    # The same resources, for other processes.
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    print(json.dumps(described(f"http://{host}:{port}", template, outputs, ids), default=str), flush=True)
    sys.stdin.read()
    server.stop()


main()
