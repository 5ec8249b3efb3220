# bad-input: 25 — input() at the end of standard input
# expect: guest_error EOFError
input()
