"""What a user is told when a command cannot go on."""


class SandboxError(Exception):
    """A user's mistake or the machine's state, in one sentence that says what to do."""
