"""Reads the answers with the parser of the installed botocore, which is to be one that speaks Query to SQS (boto3 1.26)."""

import json
import pathlib

import botocore.parsers
import botocore.session

service = botocore.session.get_session().get_service_model("sqs")
assert service.protocol == "query", "this botocore speaks %s to SQS" % service.protocol


def members(shape):
    """The members of a shape, with those of the shapes within it."""
    if shape.type_name == "structure":
        return {name: members(member) for name, member in shape.members.items()}
    if shape.type_name in ("list", "map"):
        return members(shape.member if shape.type_name == "list" else shape.value)
    return None


def missing(wanted, got, path):
    """What of the model did not arrive; lists and maps arrive with all their entries."""
    if isinstance(got, list):
        return [m for i, entry in enumerate(got) for m in missing(wanted, entry, "%s[%d]" % (path, i))]
    if wanted is None:
        return []
    if set(got) & set(wanted) or not got:
        return [
            m
            for name, inner in wanted.items()
            for m in ([path + "." + name] if name not in got else missing(inner, got[name], path + "." + name))
        ]
    return [m for key, entry in got.items() for m in missing(wanted, entry, "%s{%s}" % (path, key))]


for file in sorted(pathlib.Path(__file__).parent.glob("sqs-*-answer.xml")):
    operation = file.name.split("-")[1]
    shape = service.operation_model(operation).output_shape
    response = {"body": file.read_bytes(), "headers": {}, "status_code": 200}
    got = botocore.parsers.create_parser("query").parse(response, shape)
    got.pop("ResponseMetadata", None)
    print(operation, json.dumps(got, default=repr, sort_keys=True))
    for path in missing(members(shape), got, operation) if shape else []:
        print("  did not arrive:", path)
