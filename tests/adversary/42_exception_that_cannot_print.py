# own — an exception whose message raises
# entry: f
# arguments: []
# expect: guest_error Bad
class Bad(Exception):
    def __str__(self):
        raise ValueError('no message for you')
def f():
    raise Bad()
