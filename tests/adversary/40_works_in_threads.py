# bad-input: 40 — leaves the work to a thread
# entry: f
# arguments: []
# expect: guest_error RuntimeError
# message: can't start new thread
import threading


def f():
    threading.Thread(target=lambda: sum(range(10**9))).start()
    return 1
