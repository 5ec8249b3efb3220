# bad-input: 22 — catches MemoryError and goes on
# entry: f
# arguments: []
# limits: memory_bytes=134217728
# expect: finished
# value: 'caught'
def f():
    try:
        x = bytearray(10**9)
    except MemoryError:
        return 'caught'
