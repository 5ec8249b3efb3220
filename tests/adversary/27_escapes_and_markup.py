# bad-input: 27 — terminal escapes, markup and right-to-left marks come out as data
# expect: finished
# stdout: '\x1b[2J<script>alert(1)</script>\u202e\x00\n'
print('\x1b[2J<script>alert(1)</script>\u202e\x00')
