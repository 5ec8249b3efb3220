# bad-input: 40 — looks for the fuel marks and calls them itself
# entry: f
# arguments: []
# expect: rejected | guest_error RuntimeError | finished
# value: 'no mark found'
import gc, sys
def f():
    found = [o for o in gc.get_objects() if callable(o) and getattr(o, '__name__', '') == 'mark']
    for module in list(sys.modules.values()):
        m = getattr(module, 'mark', None)
        if callable(m):
            found.append(m)
    for m in found:
        m()
    return 'no mark found' if not found else 'marked'
