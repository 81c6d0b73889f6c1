"""A pytest plugin: tests against waxseal, an emulator of AWS that enforces policies.

The fixture ``waxseal`` gives a test the emulator in an account of its own, and
``waxseal_as(principal)`` makes the test act as a role or user of it.
"""

import pytest

from .cloud import Cloud, Test, request_id
from .coverage import Coverage
from .server import Server, WaxsealError

__all__ = ["Cloud", "WaxsealError"]


def _percentage(text):
    value = float(text)
    if not 0 <= value <= 100:
        raise ValueError(f"{text} is not a percentage between 0 and 100")
    return value


def pytest_addoption(parser):
    group = parser.getgroup("waxseal", "AWS with enforced policies")
    group.addoption("--waxseal-init", metavar="FILE", action="append", default=[],
                    help="what is there when a test begins: a fixture file; repeatable")
    group.addoption("--waxseal-coverage-min", metavar="PCT", type=_percentage, default=None,
                    help="percentage of policy statements that all tests together are to exercise, else the run fails")


def pytest_configure(config):
    config.pluginmanager.register(_Plugin(config), "waxseal-session")


class _Plugin:
    """What one process of a test run keeps."""

    def __init__(self, config):
        self._config = config
        self._server = self._failure = self.test = None
        self._coverage = Coverage()
        self._begun = 0

    def _started(self):
        if self._failure:
            raise self._failure
        if self._server is None:
            try:
                self._server = Server(self._config.getoption("waxseal_init"))
            except WaxsealError as failure:
                self._failure = failure
                raise
        return self._server

    def begin(self):
        """A test begins, in an account that no other test has."""
        server = self._started()
        worker = getattr(self._config, "workerinput", {}).get("workerid", "gw0").removeprefix("gw")
        self._begun += 1
        server.begin(str(700_000_000_000 + int(worker) * 100_000_000 + self._begun))
        test = Test(server, pytest.MonkeyPatch())
        root = test.begin()
        self.test = test
        return root

    def end(self):
        """The test is over."""
        test, self.test = self.test, None
        test.end()
        self._coverage.add(self._server.ask("/coverage"), self._server.account, self._server.default_account)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item, call):
        outcome = yield
        report = outcome.get_result()
        if self.test is None or not report.failed:
            return
        try:
            explained, more = self.test.denials()
        except WaxsealError as failure:
            explained, more = [str(failure)], 0
        if more:
            explained.append(f"and {more} more requests were denied")
        if explained:
            report.sections.append(("waxseal", "\n\n".join(explained)))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session):
        output = getattr(self._config, "workeroutput", None)
        if output is not None:
            if self._coverage.counted:
                output["waxseal_coverage"] = self._coverage.statements
            return
        if session.exitstatus == 0 and self._short():
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_unconfigure(self):
        # Not before: a test that was interrupted ends when the session does.
        if self._server is not None:
            self._server.stop()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node, error):
        counted = (getattr(node, "workeroutput", None) or {}).get("waxseal_coverage")
        if counted is not None:
            self._coverage.merge(counted)

    def _short(self):
        least = self._config.getoption("waxseal_coverage_min")
        if least is None or least == 0:
            return False
        return not self._coverage.counted or self._coverage.percent < least

    def pytest_terminal_summary(self, terminalreporter):
        least = self._config.getoption("waxseal_coverage_min")
        if least is None:
            return
        terminalreporter.section("waxseal")
        if not self._coverage.counted:
            terminalreporter.write_line("no test has used the fixture waxseal, so that no policy statement is covered")
            return
        c = self._coverage
        terminalreporter.write_line(f"{c.covered} of {len(c.statements)} policy statements covered ({c.percent:.1f} %)")
        for name in c.missing():
            terminalreporter.write_line("  never exercised: " + name)
        if self._short():
            terminalreporter.write_line(f"that is less than --waxseal-coverage-min {least:g}", red=True)


def _plugin(config):
    return config.pluginmanager.get_plugin("waxseal-session")


@pytest.fixture
def waxseal(pytestconfig):
    """The emulator, in an account of the test's own, which begins with what --waxseal-init declares. SDKs find it by themselves."""
    plugin = _plugin(pytestconfig)
    try:
        cloud = plugin.begin()
    except WaxsealError as failure:
        pytest.fail(f"waxseal: {failure}", pytrace=False)
    _watch(plugin)
    try:
        yield cloud
    finally:
        plugin.end()


@pytest.fixture
def waxseal_as(waxseal, pytestconfig):
    """waxseal_as(principal) is the emulator as a role or user of the account; SDKs find it by themselves until the test, or a with statement, ends."""
    test = _plugin(pytestconfig).test

    def act_as(principal):
        __tracebackhide__ = True
        cloud = Cloud(test, principal)
        test.act_as(cloud)
        return cloud

    return act_as


_watched = set()


def _watch(plugin):
    """What pytest.raises or assertRaises catches is a denial that the test expected."""
    import unittest.case

    kinds = [unittest.case._AssertRaisesContext]
    if hasattr(pytest, "RaisesExc"):
        kinds.append(pytest.RaisesExc)
    else:  # before pytest 8.4
        from _pytest import python_api

        kinds.append(python_api.RaisesContext)
    for kind in kinds:
        if kind not in _watched:
            _watched.add(kind)
            _wrap(plugin, kind)


def _wrap(plugin, kind):
    leave = kind.__exit__

    def watched(self, exc_type, exc, trace):
        caught = leave(self, exc_type, exc, trace)
        known = request_id(exc)
        if caught and known and plugin.test is not None:
            plugin.test.expected.add(known)
        return caught

    kind.__exit__ = watched
