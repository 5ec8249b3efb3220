# bad-input: 40 — replaces the stream that is collected after the call
# entry: f
# arguments: []
# expect: finished
# stdout: 'kept\n'
import sys


class Stream:
    def __getattr__(self, name):
        while True:
            pass


def f():
    print("kept")
    sys.stdout = sys.stderr = Stream()
