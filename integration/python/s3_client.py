"""Stores objects with boto3 as a user whose signatures are verified, in all the ways it signs and sends.

The server is known by the environment alone. argv[1] is the number of bytes of the large object.
"""

import hashlib
import io
import os
import socket
import ssl
import sys
import urllib.error
import urllib.request

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.client import Config
from botocore.exceptions import ClientError

endpoint = os.environ["AWS_ENDPOINT_URL"]
context = ssl.create_default_context(cafile=os.environ["AWS_CA_BUNDLE"]) if "AWS_CA_BUNDLE" in os.environ else None

# Names below localhost are this machine's, wherever the resolver does not know that.
resolve = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: resolve("127.0.0.1" if str(host).endswith("localhost") else host, *rest, **more)

iam = boto3.client("iam")
user = "keeper-" + endpoint.partition(":")[0]
iam.create_user(UserName=user)
iam.put_user_policy(UserName=user, PolicyName="s3", PolicyDocument='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}')
key = iam.create_access_key(UserName=user)["AccessKey"]
credentials = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}


def client(endpoint_url=endpoint, secret=None, **config):
    keys = dict(credentials, aws_secret_access_key=secret) if secret else credentials
    return boto3.client("s3", endpoint_url=endpoint_url, config=Config(retries={"max_attempts": 1}, **config), **keys)


def refused(code, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except ClientError as e:
        assert e.response["Error"]["Code"] == code, e.response
        return e.response
    raise AssertionError(f"{code} was expected")


def fetch(url, data=None, headers=None, method=None):
    request = urllib.request.Request(url, data=data, headers=headers or {}, method=method)
    try:
        with urllib.request.urlopen(request, context=context) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as e:
        return e.code, e.read(), e.headers


s3 = client()
s3.create_bucket(Bucket="pics")

# Bodies in memory, from a file, from something that only reads; empty ones.
large = os.urandom(3 << 20)
for name, body in {"bytes": large, "file": io.BytesIO(large), "empty": b"", "text": "é".encode()}.items():
    put = s3.put_object(Bucket="pics", Key=name, Body=body)
    assert put["ChecksumType"] == "FULL_OBJECT" and put["ChecksumCRC32"], put
    want = body.getvalue() if isinstance(body, io.BytesIO) else body
    got = s3.get_object(Bucket="pics", Key=name)
    assert got["Body"].read() == want and got["ContentLength"] == len(want), name
    assert got["ETag"] == f'"{hashlib.md5(want).hexdigest()}"', got["ETag"]
for algorithm in "CRC32", "SHA1", "SHA256":
    s3.put_object(Bucket="pics", Key="sum", Body=io.BytesIO(b"sum"), ChecksumAlgorithm=algorithm)
s3.put_object(Bucket="pics", Key="packed", Body=io.BytesIO(b"packed"), ContentEncoding="gzip")
assert s3.head_object(Bucket="pics", Key="packed")["ContentEncoding"] == "gzip"

# Keys and metadata.
for name in "a b/+%/../é", "//", "../x", "/", "😀&<>\"'", "tab\tnl\ncr\r", "\x01\x7f", "a%2Fb", "?x=1#y", "~!*'()":
    s3.put_object(Bucket="pics", Key=name, Body=name.encode(), Metadata={"some_Name": "v"})
    got = s3.get_object(Bucket="pics", Key=name)
    assert got["Body"].read() == name.encode() and got["Metadata"] == {"some_name": "v"}, name
    assert [o["Key"] for o in s3.list_objects_v2(Bucket="pics", Prefix=name)["Contents"]][0] == name
    assert not s3.delete_objects(Bucket="pics", Delete={"Objects": [{"Key": name}], "Quiet": True}).get("Errors"), name
    refused("404", s3.head_object, Bucket="pics", Key=name)

# Names by host.
port = endpoint.rpartition(":")[2]
scheme = endpoint.partition(":")[0]
for base in "s3.localhost", "s3.us-east-1.localhost", "localhost":
    hosted = client(f"{scheme}://{base}:{port}", s3={"addressing_style": "virtual"})
    if scheme == "https" and base != "localhost":
        continue  # a certificate for one name below another is not made
    assert hosted.get_object(Bucket="pics", Key="text")["Body"].read() == "é".encode(), base

# Links, of both versions.
for version in None, "s3v4", "s3":
    signer = client(signature_version=version)
    link = signer.generate_presigned_url("get_object", Params={"Bucket": "pics", "Key": "bytes", "ResponseContentType": "image/png"}, ExpiresIn=60)
    status, body, headers = fetch(link)
    assert (status, body, headers["Content-Type"]) == (200, large, "image/png"), (version, status, body[:300])
    assert fetch(link.replace("bytes", "text"))[0] == 403
    late = signer.generate_presigned_url("get_object", Params={"Bucket": "pics", "Key": "bytes"}, ExpiresIn=-60 if version != "s3v4" else 0)
    if version != "s3v4":
        status, body, _ = fetch(late)
        assert status == 403 and b"Request has expired" in body, body
    link = signer.generate_presigned_url("put_object", Params={"Bucket": "pics", "Key": "linked"}, ExpiresIn=60)
    assert fetch(link, b"by link", {"Content-Type": ""}, "PUT")[0] == 200, version
    assert s3.get_object(Bucket="pics", Key="linked")["Body"].read() == b"by link"

# Forms, of both versions.
for version in None, "s3v4":
    form = client(signature_version=version).generate_presigned_post("pics", "form/${filename}", Fields={"success_action_status": "201"}, Conditions=[{"success_action_status": "201"}, ["content-length-range", 1, 10]])
    for file, want in (b"by form", 201), (b"far too long for it", 400):
        body = b"".join(f'--x\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'.encode() for n, v in form["fields"].items())
        body += b'--x\r\nContent-Disposition: form-data; name="file"; filename="f.txt"\r\n\r\n' + file + b"\r\n--x--\r\n"
        status, answer, _ = fetch(form["url"], body, {"Content-Type": "multipart/form-data; boundary=x"})
        assert status == want, (version, answer)
    assert s3.get_object(Bucket="pics", Key="form/f.txt")["Body"].read() == b"by form"
    status, answer, _ = fetch(form["url"], body.replace(form["fields"]["policy"].encode(), b"e30="), {"Content-Type": "multipart/form-data; boundary=x"})
    assert status in (400, 403), answer

# What is wrong is refused.
for wrong in client(secret="wrong"), client(secret="wrong", signature_version="s3"):
    refused("SignatureDoesNotMatch", wrong.put_object, Bucket="pics", Key="never", Body=io.BytesIO(b"x"))
refused("404", s3.head_object, Bucket="pics", Key="never")
refused("NoSuchKey", s3.get_object, Bucket="pics", Key="never")
refused("NoSuchBucket", s3.get_object, Bucket="none-such", Key="never")

# In parts.
if len(sys.argv) > 1:
    size = int(sys.argv[1])
    parts = TransferConfig(multipart_threshold=8 << 20, multipart_chunksize=8 << 20, max_concurrency=4)
    block = os.urandom(1 << 20)
    whole = block * (size >> 20)
    s3.upload_fileobj(io.BytesIO(whole), "pics", "whole", Config=parts)
    assert s3.head_object(Bucket="pics", Key="whole")["ETag"].endswith(f'-{-(-len(whole) // (8 << 20))}"')
    back = io.BytesIO()
    s3.download_fileobj("pics", "whole", back, Config=parts)
    assert back.getvalue() == whole

print("ok")
