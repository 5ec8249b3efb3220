// entry: solve
// arguments: [60]
function solve(n) {
  const text = "call 555-1234 or mail jane.doe@example.org, ref #A12-99; ".repeat(n);
  const masked = text.replace(/([\w.]+)@(\w+)\.org/g, "<$1 at $2>");
  return [text.match(/\b\d{3}-\d{4}\b/g).length, masked.slice(0, 50), /^(a|b)*c$/.test("ab".repeat(20) + "c")];
}
