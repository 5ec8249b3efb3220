// Lines over two logarithmic axes: uPlot in a shadow root, so that its style sheet is a constructed object and the
// page's strict content security policy holds.
import uPlot from "uplot";
import sheet from "uplot/dist/uPlot.min.css";

const styles = new CSSStyleSheet();
styles.replaceSync(`${sheet}
  .uplot { color: var(--ink); }
  .u-legend { font: inherit; font-size: 0.85rem; }
  .u-legend .u-value { font-family: var(--mono); }
`);

/** Colours of the series, from the page's design tokens: told apart by dash and marker too. */
const LOOKS = [
  { colour: "--accent", dash: [] },
  { colour: "--code-number", dash: [6, 4] },
];

const HEIGHT_PX = 300;

/** 1200000 as `1.2M`: an axis has no room for more; the table beside the chart has every digit. */
const short = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });

/**
 * Draws `series` (for each a list of costs as long as `sizes`, NaN where there is none) into `host`, and again
 * whenever its width or the colour scheme changes. Returns a handle with `destroy()`.
 */
export function draw(host, sizes, names, series, sizeLabel, costLabel) {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [styles];
  // uPlot takes an element, and a shadow root is none.
  const place = root.appendChild(document.createElement("div"));
  const data = [Array.from(sizes), ...series.map((costs) => Array.from(costs, (cost) => (Number.isFinite(cost) ? cost : null)))];
  let plot = null;
  const paint = () => {
    plot?.destroy();
    // A canvas needs the colour that the token comes to in this scheme.
    const token = (name) => {
      host.style.color = `var(${name})`;
      const { color } = getComputedStyle(host);
      host.style.color = "";
      return color;
    };
    const axis = (label) => ({
      label,
      stroke: token("--muted"),
      grid: { stroke: token("--line"), width: 1 },
      ticks: { stroke: token("--line"), width: 1 },
      values: (_, splits) => splits.map((value) => (value === null ? "" : short.format(value))),
    });
    const whole = (_, value) => (value === null || value === undefined ? "" : value.toLocaleString("en"));
    plot = new uPlot(
      {
        width: Math.max(host.clientWidth, 240),
        height: HEIGHT_PX,
        scales: { x: { time: false, distr: 3 }, y: { distr: 3 } },
        axes: [axis(sizeLabel), { ...axis(costLabel), size: 64 }],
        series: [
          { label: sizeLabel, value: whole },
          ...names.map((label, at) => {
            const stroke = token(LOOKS[at % LOOKS.length].colour);
            const points = { show: true, size: 8, stroke, fill: at % 2 ? token("--paper") : stroke };
            return { label, stroke, width: 2, dash: LOOKS[at % LOOKS.length].dash, points, value: whole };
          }),
        ],
      },
      data,
      place,
    );
  };
  paint();
  let width = host.clientWidth;
  const sized = new ResizeObserver(() => {
    if (host.clientWidth === width) return;
    width = host.clientWidth;
    plot.setSize({ width: Math.max(width, 240), height: HEIGHT_PX });
  });
  sized.observe(host);
  const themed = new MutationObserver(paint);
  themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", paint);
  return {
    destroy() {
      sized.disconnect();
      themed.disconnect();
      scheme.removeEventListener("change", paint);
      plot.destroy();
      place.remove();
    },
  };
}
