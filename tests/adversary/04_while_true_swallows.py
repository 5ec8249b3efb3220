# bad-input: 19 — swallows every exception in an endless loop, so no signal could end it
# entry: f
# arguments: []
# limits: fuel=50000000
# expect: out_of_fuel
def f():
    while True:
        try:
            while True:
                pass
        except BaseException:
            continue
