# bad-input: 25 — reading standard input that is empty ends at once
# expect: finished
# stdout: ''
import sys
sys.stdout.write(sys.stdin.read())
