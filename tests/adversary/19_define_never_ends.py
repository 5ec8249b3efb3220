# bad-input: 19 — an endless loop at the top level, before anything is called
# entry: f
# arguments: []
# limits: setup_fuel=50000000
# expect: out_of_fuel
while True:
    pass
def f():
    return 1
