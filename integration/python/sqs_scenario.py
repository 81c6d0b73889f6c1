"""Plays the scenario of a file with boto3 and prints what each call answered,
one JSON object a line. The server is known by the environment alone.
"""

import base64
import json
import os
import sys
import time
import urllib.request

import boto3
from botocore.exceptions import ClientError

sqs = boto3.client("sqs")
saved = {}


def resolve(v):
    """Puts saved values in the place of $names, and bytes in that of base64."""
    if isinstance(v, dict):
        return base64.b64decode(v["$bytes"]) if "$bytes" in v else {k: resolve(x) for k, x in v.items()}
    if isinstance(v, list):
        return [resolve(x) for x in v]
    return saved[v[1:]] if isinstance(v, str) and v.startswith("$") else v


def at(v, path):
    for key in path.split("."):
        v = v[int(key)] if isinstance(v, list) else v[key]
    return v


def call(op, params):
    try:
        result = sqs._make_api_call(op, params)  # what the methods of the client are made of
    except ClientError as e:
        error = e.response["Error"]
        return {"op": op, "error": {"Code": error["Code"], "Message": error["Message"], "Status": e.response["ResponseMetadata"]["HTTPStatusCode"]}}
    del result["ResponseMetadata"]
    return {"op": op, "result": result}


def encode(v):
    return base64.b64encode(v).decode()


for step in json.load(open(sys.argv[1], encoding="utf-8")):
    if "advance" in step:
        request = urllib.request.Request(os.environ["AWS_ENDPOINT_URL"] + "/_waxseal/clock", json.dumps({"advance": step["advance"]}).encode())
        urllib.request.urlopen(request).read()
    elif "op" in step:
        line = call(step["op"], resolve(step["params"]))
        while "until" in step and at(line["result"], step["until"]["path"]) != step["until"]["is"]:
            time.sleep(0.02)
            line = call(step["op"], resolve(step["params"]))
        for name, path in step.get("save", {}).items():
            saved[name] = at(line["result"], path)
        print(json.dumps(line, default=encode))
