// bad-input: 40 — moves its work into what an encoder might run on the result
// entry: f
// arguments: []
// expect: finished
// note: getters, proxies and toJSON are not asked
function f() {
  const work = () => { for (;;) { } };
  const array = [1];
  Object.defineProperty(array, 1, { get: work });
  const handler = { get: work, ownKeys: work, getPrototypeOf: work, has: work };
  class Lazy { get name() { return work(); } toString() { return work(); } toJSON() { return work(); } }
  Object.defineProperty(Lazy.prototype, 'constructor', { get: work });
  return { get a() { return work(); }, b: array, c: new Proxy({}, handler), d: new Lazy(), toJSON: work };
}
