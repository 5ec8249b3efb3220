# entry: solve
# arguments: [3000]
class Refused(ValueError):
    pass


def check(i):
    try:
        if i % 3 == 0:
            raise Refused(i)
        if i % 5 == 0:
            return 10 // (i % 2)
        return int("x" if i % 7 == 0 else "1")
    except ZeroDivisionError:
        return -1
    finally:
        check.calls += 1


def solve(n):
    check.calls = 0
    refused = invalid = total = 0
    for i in range(n):
        try:
            total += check(i)
        except Refused as error:
            refused += error.args[0] % 2
        except ValueError:
            invalid += 1
    return total, refused, invalid, check.calls
