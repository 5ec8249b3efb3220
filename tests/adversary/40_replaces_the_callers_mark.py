# bad-input: 40 — rewrites the local variables of whoever called it
# entry: f
# arguments: []
# expect: rejected | finished | guest_error
import sys
def f():
    frame = sys._getframe(1)
    while frame:
        for name in list(frame.f_locals):
            if callable(frame.f_locals[name]):
                try:
                    frame.f_locals[name] = lambda *a: None
                except Exception:
                    pass
        frame = frame.f_back
    return 1
