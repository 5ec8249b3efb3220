// Draws stored results: the parts of the Bench page that arrive with the first result, not with the page.
import { detail } from "./detail.mjs";
import { matrix } from "./matrix.mjs";
import { models } from "./models.mjs";
import sheet from "./report.css";
import { trace } from "./trace.mjs";

// A constructed sheet: the page's policy forbids style elements.
const styles = new CSSStyleSheet();
styles.replaceSync(sheet);

/**
 * A result that the worker has read and checked, as JSON.
 *
 * @returns `overview(host)` draws what stands above its rows, `detail(host, taskId, model, sample)` one problem.
 */
export function read(json) {
  const report = JSON.parse(json);
  if (!document.adoptedStyleSheets.includes(styles)) document.adoptedStyleSheets = [...document.adoptedStyleSheets, styles];
  return {
    overview(host) {
      const parts = report.schema.startsWith("frugal.comparison/") ? [models(report), matrix(report)]
        : report.schema.startsWith("frugal.optimization/") ? trace(report) : [];
      host.replaceChildren(...parts.filter(Boolean));
    },
    detail: (host, taskId, model, sample) => host.replaceChildren(...detail(report, taskId, model, sample)),
  };
}
