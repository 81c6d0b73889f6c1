"""What a test sees of waxseal."""

import datetime
import os
import sys
import urllib.parse

from .server import WaxsealError

_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_CONTAINER = "AWS_CONTAINER_CREDENTIALS_FULL_URI"

# Variables that a fixture of the test may have set after the server started, and that
# would lead elsewhere.
_ELSEWHERE = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
              "AWS_ENDPOINT_URL_", "AWS_CONTAINER_", "AWS_WEB_IDENTITY_", "AWS_ROLE_")


def request_id(error):
    """The id of the request that an error of botocore, or pytest's excinfo, tells of."""
    error = getattr(error, "value", error)
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        return response.get("ResponseMetadata", {}).get("RequestId")
    return None


class Cloud:
    """The emulator, in an account that is the test's own, as one principal."""

    def __init__(self, test, principal):
        __tracebackhide__ = True
        self._test = test
        self._server = test.server
        self.principal = principal
        self._path = self._credentials_path()
        self._credentials()  # a principal that does not exist is told at once
        self._before = test.current  # who acts again after a with statement

    def __repr__(self):
        return f"<waxseal {self.principal} of {self.account} at {self.endpoint_url}>"

    @property
    def endpoint_url(self):
        """The URL of all services."""
        return self._server.endpoint_url

    @property
    def account(self):
        """The account, which is the test's own."""
        return self._server.account

    @property
    def region(self):
        """The region of clients that name none."""
        return self._server.region

    @property
    def env(self):
        """The environment of a program that is to act as the principal, complete."""
        env = {k: v for k, v in self._test.environment().items() if k not in _KEYS and not k.startswith("AWS_CONTAINER_")}
        env.update(self._identity())
        return env

    def client(self, service, **options):
        """A client of boto3 that acts as the principal."""
        import boto3

        key, secret, token = self._credentials()
        session = boto3.session.Session(aws_access_key_id=key, aws_secret_access_key=secret, aws_session_token=token, region_name=self.region)
        options.setdefault("endpoint_url", self.endpoint_url)
        return session.client(service, **options)

    def advance(self, seconds):
        """Turns the clock of the emulator on."""
        if isinstance(seconds, datetime.timedelta):
            seconds = seconds.total_seconds()
        self._server.call("/clock", {"advance": f"{seconds:.9f}s"})

    def explain(self, error=None):
        """Why the request was denied or allowed whose error, or id, is given; without one, the last denial.

        The denial counts as one that the test expected."""
        named = error if isinstance(error, str) else request_id(error)
        if error is not None and not named:
            raise TypeError(f"{error!r} is no error of an AWS client and no request id")
        if named:
            self._test.expected.add(named)
        return self._server.explain(named)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._test.act_as(self._before)

    def _credentials_path(self):
        __tracebackhide__ = True
        account, principal = self.account, self.principal
        if principal.startswith("arn:"):
            try:
                account, principal = principal.split(":", 5)[4:]
            except ValueError:
                raise WaxsealError(f"{principal!r} is no ARN of a role or user") from None
        kind, _, name = principal.partition("/")
        if kind not in ("role", "user") and principal != "root" or kind in ("role", "user") and not name:
            raise WaxsealError(f"{principal!r} is none of root, role/NAME, user/NAME and an ARN of them")
        return f"/credentials/{account}/{urllib.parse.quote(principal)}"

    def _credentials(self):
        __tracebackhide__ = True
        answer = self._server.ask(self._path)
        return answer["AccessKeyId"], answer["SecretAccessKey"], answer.get("Token") or None

    def _identity(self):
        if self.principal != "root" and not self.principal.endswith(":root"):
            return {_CONTAINER: self.endpoint_url + "/_waxseal" + self._path}  # SDKs renew these
        return {k: v for k, v in zip(_KEYS, self._credentials()) if v}


class Test:
    """One test with an account of its own."""

    __test__ = False  # pytest collects classes of this name

    def __init__(self, server, monkeypatch):
        self.server = server
        self.expected = set()  # ids of requests whose denial the test expected
        self._patch = monkeypatch
        self._boto3 = sys.modules.get("boto3")
        self._session = getattr(self._boto3, "DEFAULT_SESSION", None)
        self.current = self.root = None

    def begin(self):
        """The default chain of SDKs leads to the root user of the test's account."""
        self.root = Cloud(self, "root")
        self.act_as(self.root)
        return self.root

    def environment(self):
        """The process's own, with what leads to the emulator."""
        env = {k: v for k, v in os.environ.items() if not self._unwanted(k)}
        env.update(self.server.variables)
        path = env.get("PATH", "")
        if not path.startswith(self.server.path):
            env["PATH"] = self.server.path + path
        return env

    def _unwanted(self, name):
        server = self.server
        return name in server.unwanted or name not in server.variables and name not in server.known and name.startswith(_ELSEWHERE)

    def act_as(self, cloud):
        """The default chain of SDKs leads to a principal from now on."""
        wanted = cloud.env
        for name in set(os.environ) - set(wanted):
            self._patch.delenv(name, raising=False)
        for name, value in wanted.items():
            if os.environ.get(name) != value:
                self._patch.setenv(name, value)
        self._forget()
        self.current = cloud

    def end(self):
        """The default chain leads where it did before."""
        self._patch.undo()
        self._forget(self._session)

    def _forget(self, session=None):
        # boto3.client() has one session for all, which keeps its credentials.
        boto3 = sys.modules.get("boto3")
        if boto3 is not None:
            boto3.DEFAULT_SESSION = session

    def denials(self):
        """Explanations of the denials that the test did not expect, in order."""
        listed, seen = self.server.ask("/decisions", decision="Deny", limit=10000)["decisions"], []
        expected = set(self.expected)
        for known in self.expected:
            expected.update(d["requestId"] for d in self.server.ask("/decisions", request_id=known)["decisions"])
        for decision in reversed(listed):
            if decision["requestId"] not in expected and decision["requestId"] not in seen:
                seen.append(decision["requestId"])
        return [self.server.explain(one) for one in seen[:5]], max(0, len(seen) - 5)
