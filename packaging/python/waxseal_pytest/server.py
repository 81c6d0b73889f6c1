"""The server of a test process, and its control API."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import urllib.error
import urllib.parse
import urllib.request

# Run by `waxseal exec`, it tells what environment AWS clients are to have, and lives as
# long as the pipe from the test process does: no server outlives it, however it ends.
_ECHO = "import json, os, sys; print(json.dumps(dict(os.environ)), flush=True); sys.stdin.read()"

# What Python or the shell put into an environment by themselves.
_NOT_OURS = {"_", "LC_CTYPE", "PWD", "OLDPWD", "SHLVL", "PYTEST_CURRENT_TEST"}


# A ctrl-C in the terminal ends the tests, which then end the server.
_APART = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP} if os.name == "nt" else {"start_new_session": True}


class WaxsealError(Exception):
    """waxseal cannot do what the test wants; the text says why."""


def binary():
    """The program: the one that was installed with this Python, else the one on PATH."""
    name = "waxseal.exe" if os.name == "nt" else "waxseal"
    beside = os.path.join(sysconfig.get_path("scripts"), name)
    found = beside if os.access(beside, os.X_OK) else shutil.which("waxseal")
    if not found:
        raise WaxsealError("there is no waxseal beside this Python or on PATH: pip install waxseal")
    return found


class Server:
    """A private server in memory on a free port."""

    def __init__(self, fixtures):
        environment = dict(os.environ)
        environment.pop("WAXSEAL_CONTROL_TOKEN", None)  # nobody else is to find it
        command = [binary(), "exec"]
        for name in fixtures:
            command += ["--init", name]
        command += ["--", sys.executable, "-I", "-c", _ECHO]
        with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
            self._process = subprocess.Popen(
                command, env=environment, text=True, encoding="utf-8",
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, **_APART)
            line = self._process.stdout.readline()
            if not line:
                self.stop()
                said.seek(0)
                raise WaxsealError("waxseal does not start: " + said.read().strip())
        told = json.loads(line)
        self.variables = {k: v for k, v in told.items() if environment.get(k) != v and k not in _NOT_OURS}
        # What is first on PATH makes an installed AWS CLI heed the variables.
        self.path = self.variables.pop("PATH", "").removesuffix(environment.get("PATH", ""))
        self.unwanted = set(environment) - set(told) - _NOT_OURS
        self.known = set(environment)
        self.endpoint_url = told["AWS_ENDPOINT_URL"]
        self.region = told["AWS_REGION"]
        self.default_account = environment.get("WAXSEAL_ACCOUNT") or "123456789012"
        self.account = self.default_account

    def stop(self):
        """Ends the server."""
        self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def call(self, path, body=None):
        """The text that the control API answers."""
        __tracebackhide__ = True
        request = urllib.request.Request(self.endpoint_url + "/_waxseal" + path)
        if body is not None:
            request.data = json.dumps(body).encode()
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(request, timeout=60) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as refused:
            text = refused.read().decode(errors="replace")
            try:
                text = json.loads(text)["error"]
            except (ValueError, KeyError, TypeError):
                pass
            raise WaxsealError(text) from None
        except OSError as gone:
            raise WaxsealError(f"waxseal does not answer: {gone}") from None

    def ask(self, path, **query):
        """What the control API answers to a question, with the parameters that are given."""
        __tracebackhide__ = True
        query = {k.replace("_", "-"): v for k, v in query.items() if v is not None}
        return json.loads(self.call(path + ("?" + urllib.parse.urlencode(query) if query else "")))

    def begin(self, account):
        """Everything is as at the start, in an account of that number."""
        self.call("/reset", {"account": account})
        self.account = account

    def explain(self, request_id):
        """The explanation of a request; None: of the last denial."""
        query = "?" + urllib.parse.urlencode({"request-id": request_id}) if request_id else ""
        return self.call("/explain" + query).rstrip("\n")
