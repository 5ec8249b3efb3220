# bad-input: 40 — moves its work from the call into the encoding of the reply
# entry: f
# arguments: []
# expect: finished | out_of_fuel | guest_error
# note: whatever it does, the work is bounded by the transfer allowance or the value is opaque
class Lazy(list):
    def __iter__(self):
        total = 0
        for i in range(5_000_000):
            total += i
        return iter([total])
def f():
    return Lazy()
