// entry: solve
// arguments: [1500]
class Shape {
  #size;
  static count = 0;
  constructor(size) {
    this.#size = size;
    Shape.count++;
  }
  get area() {
    return this.#size ** 2;
  }
}

class Circle extends Shape {
  get area() {
    return super.area * 3;
  }
}

function solve(n) {
  let total = 0;
  for (let i = 0; i < n; i++) total += (i % 2 ? new Circle(i % 5) : new Shape(i % 3)).area;
  return [total, Shape.count, new Circle(1) instanceof Shape];
}
