# entry: solve
# arguments: [22]
from itertools import accumulate, chain, combinations, groupby, islice, permutations, product


def solve(n):
    triples = sum(1 for a, b, c in combinations(range(n), 3) if (a + b + c) % 5 == 0)
    runs = [(key, len(list(group))) for key, group in groupby("aaabbbccd" * n)]
    return triples, runs[:4], list(islice(accumulate(chain(range(n), range(n))), 3, 40, 9)), len(
        list(product("ab", repeat=8))
    ) + len(list(permutations(range(6))))
