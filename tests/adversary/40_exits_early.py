# bad-input: 40 — exits with success instead of answering
# entry: f
# arguments: []
# expect: guest_error SystemExit
import sys
def f():
    sys.exit(0)
