# bad-input: 40 — works in destructors: of locals, of the result, of globals
# entry: f
# arguments: []
# expect: finished
# fuel_min: 20000000
# note: what dies within the call is charged; the rest never dies
class Last:
    def __init__(self, turns):
        self.turns = turns

    def __del__(self):
        while self.turns:
            self.turns -= 1


kept = Last(10**12)


def f():
    local = Last(500_000)
    return Last(10**12)
