# entry: solve
# arguments: [4000]
from collections import ChainMap, Counter, OrderedDict, defaultdict, deque, namedtuple

Point = namedtuple("Point", "x y")


def solve(n):
    counter = Counter("abracadabra" * (n // 10))
    groups = defaultdict(list)
    window = deque(maxlen=50)
    for i in range(n):
        groups[i % 11].append(i)
        window.append(Point(i, i * i))
    ordered = OrderedDict(sorted(counter.items()))
    ordered.move_to_end("a")
    return counter.most_common(2), len(groups[3]), window[0].y, list(ordered), ChainMap({1: 2}, {3: 4})[3]
