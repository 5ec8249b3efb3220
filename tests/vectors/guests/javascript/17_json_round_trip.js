// entry: solve
// arguments: [120]
function solve(n) {
  const items = Array.from({ length: n }, (_, i) => ({ id: i, name: `ñ${i}`, ok: i % 2 === 0, x: i / 7 }));
  const text = JSON.stringify({ items, none: null });
  const again = JSON.parse(text);
  return [text.length, again.items[3], JSON.stringify(again) === text];
}
