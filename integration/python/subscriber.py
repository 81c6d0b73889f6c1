"""An HTTP subscriber as an application would write it: it trusts nothing that
it cannot verify with the certificate which SigningCertURL names.

For each signature version it subscribes, confirms, receives, and goes by the
UnsubscribeURL of what it received. It prints one line for each message that it
verified: the version, the type, what was said, and the subject.
"""

import base64
import http.server
import json
import os
import queue
import ssl
import sys
import threading
import urllib.request

import boto3
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

# https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
SIGNED = {
    "Notification": ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
    "SubscriptionConfirmation": ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
}
SIGNED["UnsubscribeConfirmation"] = SIGNED["SubscriptionConfirmation"]
HASHES = {"1": hashes.SHA1(), "2": hashes.SHA256()}

received = queue.Queue()


class Endpoint(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        received.put((self.headers, body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args):
        pass


def fetch(url):
    context = ssl.create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE"))
    with urllib.request.urlopen(url, context=context if url.startswith("https:") else None, timeout=20) as answer:
        return answer.read()


def verify(message):
    """Raises InvalidSignature where SNS did not sign the message."""
    url = message["SigningCertURL"]
    # Verifiers take no other scheme, whatever way the publisher came.
    assert url.startswith("https://") and url.endswith(".pem") and "/SimpleNotificationService-" in url, url
    certificate = x509.load_pem_x509_certificate(fetch(url))
    text = "".join(f"{name}\n{message[name]}\n" for name in SIGNED[message["Type"]] if name in message)
    certificate.public_key().verify(
        base64.b64decode(message["Signature"]), text.encode(), padding.PKCS1v15(), HASHES[message["SignatureVersion"]]
    )


def next_message(version):
    headers, body = received.get(timeout=30)
    message = json.loads(body)
    assert headers["x-amz-sns-message-type"] == message["Type"], headers
    assert headers["x-amz-sns-message-id"] == message["MessageId"], headers
    assert headers["x-amz-sns-topic-arn"] == message["TopicArn"], headers
    assert headers["Content-Type"] == "text/plain; charset=UTF-8", headers
    assert message["SignatureVersion"] == version, message
    verify(message)
    for name in SIGNED[message["Type"]]:
        if name != "Type" and name in message:
            refuses(message | {name: message[name] + "x"})
    said = message["Message"].splitlines()[0].replace(message["TopicArn"], "TOPIC")
    print(version, message["Type"], json.dumps(said), json.dumps(message.get("Subject")), flush=True)
    return headers, message


def refuses(message):
    try:
        verify(message)
    except InvalidSignature:
        return
    sys.exit(f"a message that was tampered with is verified: {message}")


def subscribe(sns, topic, endpoint, version):
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=endpoint)
    _, message = next_message(version)
    assert message["Type"] == "SubscriptionConfirmation", message
    return message


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_port}/inbox"
    sns = boto3.client("sns")
    for version in HASHES:
        topic = sns.create_topic(Name=f"version-{version}", Attributes={"SignatureVersion": version})["TopicArn"]
        fetch(subscribe(sns, topic, endpoint, version)["SubscribeURL"])
        (subscription,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        assert subscription["SubscriptionArn"].startswith(topic + ":"), subscription

        sns.publish(TopicArn=topic, Message="without a subject")
        next_message(version)
        attributes = {"store": {"DataType": "String", "StringValue": "example"}}
        sns.publish(TopicArn=topic, Subject="a subject", Message='with "quotes", äöü and 🐾', MessageAttributes=attributes)
        headers, message = next_message(version)
        assert headers["x-amz-sns-subscription-arn"] == subscription["SubscriptionArn"], headers
        assert message["MessageAttributes"] == {"store": {"Type": "String", "Value": "example"}}, message

        # The link in the message ends the subscription; the answer to that restores it.
        assert message["UnsubscribeURL"].startswith("https://"), message
        fetch(message["UnsubscribeURL"])
        assert not sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        _, ended = next_message(version)
        sns.confirm_subscription(TopicArn=topic, Token=ended["Token"])
        sns.publish(TopicArn=topic, Message="welcome back")
        next_message(version)
        assert received.empty(), received.get()
    server.shutdown()


main()
