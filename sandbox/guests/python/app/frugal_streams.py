"""Standard streams of a run: C-speed text layers over a small object that keeps and caps the bytes."""

import builtins
import io

# Functions below look names up in this copy, which code under test cannot patch.
__builtins__ = dict(vars(builtins))

BUFFER_BYTES = 8192
"""Bytes gathered before the cap is tested; one test then serves many prints."""


class OutputLimit(BaseException):
    """Raised in the code under test when it has printed more than the output limit."""


class Budget:
    """Bytes that standard output and error may still take together."""

    def __init__(self, bytes_max):
        self.left = bytes_max
        self.exceeded = False


class _Sink(io.RawIOBase):
    """Keeps what is written until the budget is spent, then refuses every write."""

    def __init__(self, budget):
        self.chunks = []
        self._budget = budget

    def writable(self):
        return True

    def fileno(self):
        raise io.UnsupportedOperation("no file descriptor in the sandbox")

    def isatty(self):
        return False

    def write(self, data):
        size = len(data)
        budget = self._budget
        if budget.exceeded or size > budget.left:
            budget.exceeded = True
            raise OutputLimit
        budget.left -= size
        self.chunks.append(bytes(data))
        return size


class Streams:
    """Fresh stdin, stdout and stderr under one budget of bytes."""

    def __init__(self, bytes_max, stdin=""):
        self.budget = Budget(bytes_max)
        self._out, self._err = _Sink(self.budget), _Sink(self.budget)
        self.stdout = io.TextIOWrapper(io.BufferedWriter(self._out, BUFFER_BYTES), "utf-8", "strict", "\n")
        self.stderr = io.TextIOWrapper(
            io.BufferedWriter(self._err, BUFFER_BYTES), "utf-8", "backslashreplace", "\n", line_buffering=True
        )
        self.stdout.mode = self.stderr.mode = "w"
        self.set_stdin(stdin)

    def set_stdin(self, text):
        """Replaces standard input."""
        self.stdin = io.TextIOWrapper(io.BytesIO(text.encode("utf-8")), "utf-8", "surrogateescape")
        self.stdin.mode = "r"

    def collect(self):
        """Flushes and returns (stdout, stderr) as text. Raises OutputLimit past the budget."""
        for stream in (self.stdout, self.stderr):
            try:
                stream.flush()
            except ValueError:  # closed or detached by the code itself, which flushed it
                continue
        if self.budget.exceeded:
            raise OutputLimit
        return tuple(str(b"".join(sink.chunks), "utf-8", "replace") for sink in (self._out, self._err))
