"""Encrypts and decrypts with the AWS Encryption SDK, whose master key provider
is the field's real client of KMS, and with boto3 alone.
"""

import os

import aws_encryption_sdk
import boto3
import botocore.session
from aws_encryption_sdk.exceptions import DecryptKeyError

kms = boto3.client("kms")
key = kms.create_key()["KeyMetadata"]
other = kms.create_key()["KeyMetadata"]

# boto3 alone.
context = {"purpose": "test", "Ünicode": "☃"}
plaintext = os.urandom(4096)
blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=plaintext, EncryptionContext=context)["CiphertextBlob"]
assert kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)["Plaintext"] == plaintext
try:
    kms.decrypt(CiphertextBlob=blob, EncryptionContext={"purpose": "other"})
    raise AssertionError("another context opened it")
except kms.exceptions.InvalidCiphertextException:
    pass

# The AWS Encryption SDK.
client = aws_encryption_sdk.EncryptionSDKClient()
session = botocore.session.Session()


def provider(*arns):
    return aws_encryption_sdk.StrictAwsKmsMasterKeyProvider(botocore_session=session, key_ids=list(arns))


message = os.urandom(100_000)
ciphertext, header = client.encrypt(source=message, key_provider=provider(key["Arn"], other["Arn"]), encryption_context=context)
assert len(header.encrypted_data_keys) == 2
for arn in (key["Arn"], other["Arn"]):
    opened, header = client.decrypt(source=ciphertext, key_provider=provider(arn))
    assert opened == message
    assert context.items() <= header.encryption_context.items()

kms.disable_key(KeyId=key["KeyId"])
try:
    client.decrypt(source=ciphertext, key_provider=provider(key["Arn"]))
    raise AssertionError("a disabled key opened it")
except DecryptKeyError:
    pass
assert client.decrypt(source=ciphertext, key_provider=provider(other["Arn"]))[0] == message
print("ok")
