# entry: solve
# arguments: [2000]
class Shape:
    count = 0

    def __init__(self, size):
        self.size = size
        Shape.count += 1

    @property
    def area(self):
        return self.size**2

    def __add__(self, other):
        return Shape(self.size + other.size)


class Circle(Shape):
    __slots__ = ("extra",)

    @property
    def area(self):
        return super().area * 3

    @classmethod
    def unit(cls):
        return cls(1)


def solve(n):
    total = Shape(0)
    for i in range(n):
        shape = Circle(i % 5) if i % 2 else Shape(i % 3)
        total = total + shape
    return total.area, Shape.count, Circle.unit().area, isinstance(Circle(1), Shape)
