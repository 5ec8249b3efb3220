// Starts a worker. It is the text of every worker, so that a page without an origin of its own can
// start one from a blob. The first message says where the code is; messages that come before the code
// is ready wait for it, and then reach it in order.
const waiting = [];

self.onmessage = async ({ data }) => {
  self.onmessage = (event) => waiting.push(event.data);
  try {
    const worker = await import(data.module_url);
    await worker.default({ module_or_path: data.wasm });
    worker.start(data.role, data.module_url, (address) => import(address));
    self.onmessage = (event) => worker.receive(event.data);
    for (const message of waiting.splice(0)) worker.receive(message);
  } catch (error) {
    const hint = "Reload the page. If it stays, this address serves an incomplete copy of the page.";
    self.postMessage({ failed: { id: undefined, message: `the worker did not start: ${error}`, hint } });
  }
};
