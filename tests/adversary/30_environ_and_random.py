# bad-input: 30 — the environment is empty, arguments are none, random bytes are bounded and repeat
# entry: f
# arguments: []
# expect: finished
# value: (0, True)
import os, sys
def f():
    return (len(os.environ), os.urandom(8) != os.urandom(8))
