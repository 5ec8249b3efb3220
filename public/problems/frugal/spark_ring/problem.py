def generate(n, random):
    return "".join(random.choices("01", k=n)), n


def contract(lamps, ticks):
    return len(lamps) >= 3 and set(lamps) <= {"0", "1"} and ticks >= 0
