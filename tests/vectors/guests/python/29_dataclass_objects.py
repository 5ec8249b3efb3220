# entry: solve
# arguments: [700]
from dataclasses import dataclass, field, replace


@dataclass(order=True, frozen=True)
class Item:
    weight: int
    name: str = field(compare=False)
    tags: tuple = ()


def solve(n):
    items = [Item(i * 37 % 101, f"item{i}", (i,)) for i in range(n)]
    heaviest = max(items)
    return str(min(items)), replace(heaviest, name="x").name, len(set(items)), sorted(items)[n // 2].weight
