// bad-input: 40 — a callable cheaper than any JavaScript function
// entry: f
// arguments: []
// expect: finished
// fuel_min: 1
// repeat: equal
const f = Number;
