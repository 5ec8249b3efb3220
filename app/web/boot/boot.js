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
