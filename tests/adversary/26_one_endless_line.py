# bad-input: 26 — one endless line, a byte at a time
# limits: output_bytes=100000 fuel=20000000000
# expect: output_too_large
import sys
while True:
    sys.stdout.write('x')
