# bad-input: 40 — leaves the work to a pool of threads
# entry: f
# arguments: []
# expect: guest_error RuntimeError
from concurrent.futures import ThreadPoolExecutor


def f():
    with ThreadPoolExecutor() as pool:
        return pool.submit(sum, range(10**9)).result()
