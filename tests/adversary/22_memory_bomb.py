# bad-input: 22 — doubles a list until memory is denied
# entry: f
# arguments: []
# limits: memory_bytes=134217728
# expect: out_of_memory
def f():
    x = [0]
    while True:
        x += x
