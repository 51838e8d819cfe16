// Makes the queue and its cases fit for the keyboard, counts how long a case is looked at, and draws the weights of a visit.
// Without it the same forms, links and tables work.

(() => {
  "use strict";

  const beatMS = 15000;
  const askMS = 2000;
  const gapMS = 1000; // a platform that was silent for longer is drawn with a gap
  const form = document.getElementById("decide");

  // ---- the keyboard

  function go(selector) {
    const link = document.querySelector(selector);
    if (link) location.assign(link.href);
  }

  function pick(key) {
    const input = form?.querySelector(`[data-press="${key}"]`);
    if (!input) return false;
    input.checked = true;
    input.focus();
    return true;
  }

  // move goes from row to row in the queue, and from case to case elsewhere.
  function move(by) {
    const links = [...document.querySelectorAll("[data-case]")];
    if (links.length === 0) return go(by > 0 ? "[data-after]" : "[data-before]");
    const at = links.indexOf(document.activeElement);
    links[Math.min(Math.max(at < 0 ? 0 : at + by, 0), links.length - 1)].focus();
  }

  function enter(event) {
    if (!form || event.target.closest("a, button, summary, input")) return; // Those know what to do by themselves.
    event.preventDefault();
    form.requestSubmit();
  }

  function press(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const typing = event.target.closest("textarea, select, input:not([type=radio])");
    if (event.key === "Escape" && typing) return typing.blur();
    if (typing) return;
    const radio = event.target.closest("input[type=radio]");
    const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
    if (key === "J" || (key === "ArrowRight" && !radio)) move(1);
    else if (key === "K" || (key === "ArrowLeft" && !radio)) move(-1);
    else if (key === "Enter") return enter(event);
    else if (key === "?") toggle(document.getElementById("keys"));
    else if (!/^[1-9EW]$/.test(key) || !pick(key)) return;
    else if (key === "E") edit();
    event.preventDefault();
  }

  function toggle(details) {
    if (details) details.open = !details.open;
  }

  function edit() {
    const goods = document.getElementById("qtys");
    goods.open = true;
    const first = [...goods.querySelectorAll("input")].find((i) => i.value !== "0") ?? goods.querySelector("input");
    first?.focus();
    first?.select();
  }

  document.addEventListener("keydown", press);
  let sent = false;
  form?.addEventListener("submit", (event) => {
    if (sent) event.preventDefault(); // Enter was held down.
    sent = true;
  });
  document.getElementById("qtys")?.addEventListener("input", () => {
    form.querySelector('[data-press="E"]').checked = true;
  });

  // ---- how long it is looked at: each time that the page is in sight is a look of its own

  if (form) {
    const opened = form.elements.opened;
    let left = Number(opened.value);
    const since = Date.now();
    const look = () => {
      if (document.hidden) return;
      fetch(form.getAttribute("action") + "/look", { method: "POST", body: new URLSearchParams({ opened: opened.value }) }).catch(() => {});
    };
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return;
      left = Number(left);
      opened.value = String(left + (Date.now() - since)); // by the server's clock
      look();
    });
    setInterval(look, beatMS);
    look();
  }

  // ---- the curves

  const box = document.getElementById("curves");
  if (!box) return;
  const plots = document.getElementById("plots");
  const note = document.getElementById("nocurves");
  const everything = document.getElementById("allcurves");
  const marks = [...box.querySelectorAll(".marks li")].map((li) => ({ at: Number(li.dataset.at), platform: li.dataset.platform, say: li.textContent }));
  let curves = null;
  let drawn = [];

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const columns = () => Math.max(200, Math.min(2000, Math.round(plots.clientWidth * devicePixelRatio / 2)));

  function clock(ms) {
    const zero = Number(box.dataset.clock);
    if (zero < 0) return `${(ms / 1000).toFixed(0)} s`;
    return new Date(zero + ms).toISOString().slice(11, 19);
  }

  // Each column is two points, its least and its most: what is narrower than a pixel is still seen. A column in which nothing
  // was read is no gap by itself: columns may be shorter than the time between two readings.
  function points(curve) {
    const xs = [];
    const ys = [];
    const add = (at, grams) => {
      xs.push(at);
      ys.push(grams);
    };
    for (let i = 0; i < curves.columns; i++) {
      if (curve.low[i] === null) continue;
      const at = curves.start_ms + i * curves.step_ms;
      if (xs.length > 0 && at - xs.at(-1) > gapMS) add(at - 1, null);
      add(at, curve.low[i]);
      if (curve.high[i] !== curve.low[i]) add(at + curves.step_ms / 2, curve.high[i]);
    }
    return [xs, ys];
  }

  function drawMarks(u, platform) {
    const ctx = u.ctx;
    const { left, top, width, height } = u.bbox;
    ctx.save();
    ctx.font = `${13 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.lineWidth = devicePixelRatio;
    for (const door of curves.doors) {
      const x = u.valToPos(door.at_ms, "x", true);
      if (x < left || x > left + width) continue;
      ctx.strokeStyle = colour("--edge");
      ctx.setLineDash([2 * devicePixelRatio, 4 * devicePixelRatio]);
      line(ctx, x, top, top + height);
    }
    ctx.setLineDash([]);
    let row = 0;
    for (const mark of marks.filter((m) => m.platform === platform)) {
      const x = u.valToPos(mark.at, "x", true);
      ctx.strokeStyle = colour("--ink");
      line(ctx, x, top, top + height);
      const wide = ctx.measureText(mark.say).width + 8 * devicePixelRatio;
      const at = x + wide > left + width ? x - wide : x;
      const y = top + (row++ % 3) * 20 * devicePixelRatio;
      ctx.fillStyle = colour("--card");
      ctx.fillRect(at, y, wide, 19 * devicePixelRatio);
      ctx.fillStyle = colour("--ink");
      ctx.textBaseline = "top";
      ctx.textAlign = "left";
      ctx.fillText(mark.say, at + 4 * devicePixelRatio, y + 2 * devicePixelRatio);
    }
    ctx.restore();
  }

  function line(ctx, x, from, to) {
    ctx.beginPath();
    ctx.moveTo(x, from);
    ctx.lineTo(x, to);
    ctx.stroke();
  }

  function axis(values, size) {
    return { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line"), width: 1 }, font: "13px system-ui, sans-serif", values, size };
  }

  function draw() {
    for (const u of drawn) u.destroy();
    drawn = [];
    plots.replaceChildren();
    const all = everything.getAttribute("aria-pressed") === "true";
    const shown = curves.platforms.filter((c) => all || c.moved || marks.some((m) => m.platform === c.platform));
    for (const curve of shown) plots.append(figure(curve));
    everything.hidden = shown.length === curves.platforms.length && !all;
  }

  function figure(curve) {
    const outer = document.createElement("figure");
    const name = document.createElement("figcaption");
    name.textContent = curve.platform;
    const inner = document.createElement("div");
    inner.setAttribute("role", "img");
    inner.setAttribute("aria-label", box.dataset.alt.replace("{1}", curve.platform));
    outer.append(name, inner);
    const narrow = plots.clientWidth < 500;
    drawn.push(new uPlot({
      width: Math.max(plots.clientWidth - 1, 240), height: narrow ? 140 : 160, legend: { show: false },
      cursor: { sync: { key: "case" }, y: false, drag: { x: true, y: false }, points: { show: false } },
      scales: { x: { time: false, range: () => [curves.start_ms, curves.start_ms + curves.columns * curves.step_ms] }, y: { range: (_, low, high) => widen(low, high) } },
      axes: [{ ...axis((_, at) => at.map(clock), 32), space: narrow ? 80 : 100 }, axis((_, at) => at.map((g) => g.toFixed(0)), 56)],
      series: [{}, { stroke: colour("--lamp"), width: 1.5, spanGaps: false, points: { show: false } }],
      hooks: { draw: [(u) => drawMarks(u, curve.platform)] },
    }, points(curve), inner));
    return outer;
  }

  // widen keeps noise from looking like goods.
  function widen(low, high) {
    const room = Math.max(100 - (high - low), (high - low) * 0.1) / 2;
    return [low - room, high + room];
  }

  async function fetchCurves() {
    const answer = await fetch(`${box.dataset.url}?columns=${columns()}`, { headers: { Accept: "application/json" } });
    if (!answer.ok) return false;
    curves = await answer.json();
    note.hidden = true;
    draw();
    return true;
  }

  async function wait() {
    try {
      if (await fetchCurves()) {
        document.getElementById("say").textContent = box.dataset.came;
        return;
      }
    } catch {
      // The line is gone: it is asked again.
    }
    setTimeout(wait, askMS);
  }

  everything.addEventListener("click", () => {
    everything.setAttribute("aria-pressed", String(everything.getAttribute("aria-pressed") !== "true"));
    draw();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => curves && draw());
  document.addEventListener("recolour", () => curves && draw());
  let width = plots.clientWidth;
  addEventListener("resize", () => {
    if (!curves || plots.clientWidth === width) return;
    width = plots.clientWidth;
    draw();
  });
  if ("here" in box.dataset) fetchCurves();
  else if ("waits" in box.dataset) wait();
})();
