// entry: solve
// arguments: [5]
function solve(n) {
  const solutions = [];
  const place = (row, board) => {
    if (row === n) {
      solutions.push([...board]);
      return;
    }
    for (let column = 0; column < n; column++) {
      if (board.some((other, i) => other === column || Math.abs(other - column) === row - i)) continue;
      board.push(column);
      place(row + 1, board);
      board.pop();
    }
  };
  place(0, []);
  return solutions;
}
