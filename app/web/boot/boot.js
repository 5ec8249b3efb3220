// Runs before the page is drawn.

// A relative base would move with each in-page navigation: fix it at the address it means now.
{
  const base = document.querySelector("base");
  if (base) base.href = new URL(".", document.baseURI).href;
}

// The chosen theme, before the first paint. Storage may be denied (private mode, sandboxed frame).
try {
  const theme = localStorage.getItem("frugal-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // No storage: the system's preference stands.
}

// A page that cannot start says why: nothing else would draw anything.
{
  let forbidden = false;
  addEventListener("securitypolicyviolation", (event) => {
    if (event.blockedURI === "wasm-eval") forbidden = true;
  });

  /** What went wrong, and what to do about it. */
  const sentences = (error) => {
    if (typeof WebAssembly !== "object") {
      return ["This browser has no WebAssembly.", "Use a current browser, or turn WebAssembly on: some hardened modes turn it off."];
    }
    if (forbidden || /wasm-unsafe-eval|unsafe-eval|Content Security Policy/i.test(String(error))) {
      return [
        "This address forbids WebAssembly, which the page is made of.",
        "Whoever serves it must allow 'wasm-unsafe-eval' in the script-src of its Content-Security-Policy.",
      ];
    }
    return [
      `The page could not start: ${error}.`,
      "Reload it. If that does not help, this address serves an incomplete copy of the page.",
    ];
  };

  const show = (error) => {
    if (document.querySelector("[data-testid=start-problem]")) return;
    const notice = document.createElement("main");
    notice.dataset.testid = "start-problem";
    notice.setAttribute("role", "alert");
    const title = document.createElement("h1");
    const [what, hint] = sentences(error);
    title.textContent = what;
    const advice = document.createElement("p");
    advice.className = "lede";
    advice.textContent = hint;
    notice.append(title, advice);
    document.body.append(notice);
  };
  globalThis.frugalCannotStart = show;
  // A script that does not come fires an event that does not bubble.
  addEventListener("error", (event) => {
    if (event.target instanceof HTMLScriptElement) show(`${new URL(event.target.src).pathname} did not load`);
  }, true);
}
