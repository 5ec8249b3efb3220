// entry: solve
// arguments: [300]
function solve(n) {
  const words = [];
  for (let i = 0; i < n; i++) words.push(`Word${i}-${i * i}`.padStart(12, "*"));
  const text = words.join(" ").toUpperCase().replaceAll("WORD", "w");
  return [text.length, text.split(" ")[7].split("-"), text.includes("w99-"), [..."日本語🙂"].length];
}
