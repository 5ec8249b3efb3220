// entry: solve
// arguments: [3000]
function solve(n) {
  let text = "";
  for (let i = 0; i < n; i++) text += String.fromCharCode(97 + (i % 26));
  return [text.length, text.slice(-5), text.split("abc").length];
}
