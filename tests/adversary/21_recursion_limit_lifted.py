# bad-input: 21 — recursion through C code with the limit lifted: the stack ends, not the host
# entry: f
# arguments: []
# limits: fuel=20000000000
# expect: guest_error RecursionError | out_of_depth | trapped | out_of_memory
import sys
def f():
    sys.setrecursionlimit(10**9)
    class A:
        def __eq__(self, other):
            return [self] == [other] and [self] == [A()]
    return A() == A()
