# bad-input: 29 — no file system: every path is refused, and the guest lives
# entry: f
# arguments: []
# expect: finished
# value: 'nothing'
def f():
    for path in ('/etc/passwd', '../../etc/passwd', '/proc/self/environ', '.', '%2e%2e/x', 'a' * 5000):
        try:
            open(path).read()
        except (OSError, PermissionError, ValueError):
            continue
        return 'read ' + path
    return 'nothing'
