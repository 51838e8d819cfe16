// Draws what was sold in a night against the same night of last week. The numbers stand in the page; a table beside the curve has
// them for those who cannot see it, and for browsers without this script.

(() => {
  let plot = null;
  let box = null;
  let theme = "";

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const yuan = (fen) => Math.round(fen / 100).toLocaleString("en-US");
  const numbers = (text) => (text ? text.split(",").map(Number) : []);

  function data(figure) {
    const now = numbers(figure.dataset.now);
    const before = numbers(figure.dataset.before);
    const steps = Math.max(before.length, now.length) + 1;
    const x = Array.from({ length: steps }, (_, i) => i);
    const line = (sums) => x.map((i) => (i === 0 ? 0 : sums[i - 1] ?? null));
    return [x, line(now), line(before)];
  }

  function options(figure, width) {
    const hours = numbers(figure.dataset.hours);
    const narrow = width < 480;
    const every = narrow ? 6 : 4;
    const axis = { stroke: colour("--soft"), font: "14px " + getComputedStyle(document.body).fontFamily, ticks: { show: false } };
    return {
      width, height: 220, legend: { show: false }, cursor: { show: false },
      scales: { x: { time: false }, y: { range: (_, low, high) => [Math.min(low, 0), Math.max(high, 100) * 1.05] } },
      axes: [
        { ...axis, grid: { show: false }, splits: () => hours.map((_, i) => i * 4).filter((i) => (i / 4) % every === 0), values: (_, at) => at.map((i) => String(hours[i / 4]).padStart(2, "0") + ":00") },
        { ...axis, side: 1, size: narrow ? 56 : 72, grid: { stroke: colour("--line"), width: 1 }, values: (_, at) => at.map(yuan) },
      ],
      series: [
        {},
        { stroke: colour("--lamp"), width: 2.5, fill: colour("--lit"), points: { show: false } },
        { stroke: colour("--soft"), width: 1.5, dash: [5, 4], points: { show: false } },
      ],
    };
  }

  // draw keeps the plot where only numbers have changed, so that nothing flickers.
  function draw() {
    const figure = document.querySelector("figure.sold");
    const inner = figure?.querySelector(".curve");
    if (!inner || typeof uPlot === "undefined") return;
    const width = Math.max(inner.clientWidth, 240);
    const look = colour("--paper") + width + figure.dataset.hours;
    if (plot && box === inner && look === theme && inner.firstChild) return plot.setData(data(figure));
    plot?.destroy();
    box = inner;
    theme = look;
    inner.textContent = "";
    plot = new uPlot(options(figure, width), data(figure), inner);
  }

  draw();
  document.addEventListener("taken", draw);
  document.addEventListener("recolour", draw);
  addEventListener("resize", draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
