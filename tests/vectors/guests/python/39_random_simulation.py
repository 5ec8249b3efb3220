# entry: solve
# arguments: [4000]
import random


def solve(n):
    rng = random.Random(2024)
    inside = sum(rng.random() ** 2 + rng.random() ** 2 < 1 for _ in range(n))
    deck = list(range(52))
    rng.shuffle(deck)
    return inside, deck[:5], rng.choices("abc", k=4), random.randrange(1000)
