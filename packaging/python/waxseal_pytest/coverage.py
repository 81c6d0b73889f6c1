"""Coverage of policies, over all tests and all workers."""


class Coverage:
    """Which statements of policies some test has exercised."""

    def __init__(self, statements=None):
        self._statements = dict(statements or {})  # a statement, as text: whether it is covered
        self.counted = bool(statements)

    def add(self, report, account, default):
        """Counts what one test's server reports. A test's own account counts as the default one."""
        self.counted = True
        for policy in report["policies"]:
            owner = policy["owner"].replace(account, default)
            for number, statement in enumerate(policy["statements"], 1):
                covered = statement.get("allowed", 0) + statement.get("denied", 0) > 0
                self._count("  ".join((
                    owner, policy["kind"] if policy["name"] == policy["kind"] else policy["kind"] + " " + policy["name"],
                    f'{statement["effect"]} {statement.get("sid") or "statement %d" % number}')), covered)

    def merge(self, statements):
        """Counts what another process counted."""
        self.counted = True
        for name, covered in statements.items():
            self._count(name, covered)

    def _count(self, name, covered):
        self._statements[name] = self._statements.get(name, False) or covered

    @property
    def statements(self):
        return self._statements

    @property
    def covered(self):
        return sum(self._statements.values())

    @property
    def percent(self):
        return 100 * self.covered / len(self._statements) if self._statements else 100.0

    def missing(self):
        """The statements that no test has exercised."""
        return sorted(name for name, covered in self._statements.items() if not covered)
