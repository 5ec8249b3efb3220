# bad-input: 28 — system calls below Python do not exist
# entry: f
# arguments: []
# value: b''
# expect: finished | guest_error OSError | guest_error AttributeError | guest_error NotImplementedError | trapped | guest_error PermissionError | guest_error FileNotFoundError
import os
def f():
    return os.read(0, 10)
