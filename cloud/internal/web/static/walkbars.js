// Reads the bars of an article's code (EAN-13, EAN-8, and UPC-A, which is an EAN-13 that begins with 0) off a picture, for browsers
// that cannot: those of iPhones, and Chromium where the system has no reader. Squares, as on cabinets, it does not read.

const linesRead = 24; // across a picture, half of them along it and half upright
const widestPX = 1280;
const flat = 10; // of 255 that a bar is darker than what lies around it
const mostOff = 1.8; // modules that the four parts of a digit may be off in all

const digitWidths = ["3211", "2221", "2122", "1411", "1132", "1231", "1114", "1312", "1213", "3112"].map((s) => [...s].map(Number));
const firstDigits = ["LLLLLL", "LLGLGG", "LLGGLG", "LLGGGL", "LGLLGG", "LGGLLG", "LGGGLL", "LGLGLG", "LGLGGL", "LGGLGL"];

// barReader reads what it sees in two lines of one picture, or in two pictures after each other: one line may be misread.
function barReader() {
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  let last = "";
  return async (eye) => {
    const scale = Math.min(1, widestPX / eye.videoWidth);
    canvas.width = Math.round(eye.videoWidth * scale);
    canvas.height = Math.round(eye.videoHeight * scale);
    if (!canvas.width) return undefined;
    pen.drawImage(eye, 0, 0, canvas.width, canvas.height);
    for (const light of linesOf(pen, canvas)) {
      const code = readLine(light);
      if (code && code === last) return code;
      if (code) last = code;
    }
    return undefined;
  };
}

// linesOf are lines of a picture from its middle outwards.
function* linesOf(pen, { width, height }) {
  for (let n = 0; n < linesRead / 2; n++) {
    const at = 0.5 + (n % 2 ? -1 : 1) * Math.ceil(n / 2) * (0.8 / linesRead) * 2;
    yield lightOf(pen.getImageData(0, Math.floor(at * height), width, 1).data);
    yield lightOf(pen.getImageData(Math.floor(at * width), 0, 1, height).data);
  }
}

function lightOf(pixels) {
  const light = new Float32Array(pixels.length / 4);
  for (let i = 0; i < light.length; i++) light[i] = 0.299 * pixels[4 * i] + 0.587 * pixels[4 * i + 1] + 0.114 * pixels[4 * i + 2];
  return light;
}

// readLine reads a line in both directions.
function readLine(light) {
  const edges = edgesOf(light);
  const runs = edges.slice(1).map((at, i) => at - edges[i]);
  return readRuns(runs) ?? readRuns(runs.reverse());
}

// edgesOf are where a line turns from light to dark and back, to parts of a pixel. The first and the last part of a line are light.
function edgesOf(light) {
  const reach = Math.max(8, Math.round(light.length / 24));
  const sums = new Float64Array(light.length + 1);
  for (let i = 0; i < light.length; i++) sums[i + 1] = sums[i] + light[i];
  const edges = [0];
  let dark = false;
  for (let i = 1; i < light.length; i++) {
    const from = Math.max(0, i - reach);
    const to = Math.min(light.length, i + reach);
    const middle = (sums[to] - sums[from]) / (to - from) - flat / 2;
    const now = light[i] < middle - (dark ? -flat / 2 : flat / 2);
    if (now === dark) continue;
    const step = light[i] - light[i - 1];
    edges.push(i - 1 + (step ? Math.min(Math.max((middle - light[i - 1]) / step, 0), 1) : 1));
    dark = now;
  }
  if (dark) edges.push(light.length);
  edges.push(light.length);
  return edges;
}

// readRuns looks for a code whose first bar is one of the runs: every second one, for the first run is light.
function readRuns(runs) {
  for (let i = 1; i < runs.length; i += 2) {
    const code = readCode(runs, i, 6) ?? readCode(runs, i, 4);
    if (code) return code;
  }
  return undefined;
}

// readCode reads a code of so many digits on each side of its middle.
function readCode(runs, at, side) {
  const count = 3 + 4 * side + 5 + 4 * side + 3;
  if (at + count >= runs.length) return undefined;
  const part = runs.slice(at, at + count);
  const unit = part.reduce((a, b) => a + b, 0) / (14 * side + 11);
  const still = Math.min(runs[at - 1], runs[at + count]) >= 4 * unit;
  const guards = [...part.slice(0, 3), ...part.slice(3 + 4 * side, 8 + 4 * side), ...part.slice(-3)];
  if (!still || guards.some((w) => w < 0.4 * unit || w > 1.9 * unit)) return undefined;
  let digits = "";
  let kinds = "";
  for (let n = 0; n < 2 * side; n++) {
    const from = 3 + 4 * n + (n < side ? 0 : 5);
    const [digit, kind] = readDigit(part.slice(from, from + 4));
    if (digit === undefined || (kind === "G" && (n >= side || side === 4))) return undefined;
    digits += digit;
    if (n < side) kinds += kind;
  }
  if (side === 6) {
    const first = firstDigits.indexOf(kinds);
    if (first < 0) return undefined;
    digits = first + digits;
  }
  return checks(digits) ? digits : undefined;
}

// readDigit finds the digit whose parts are nearest to four runs, as it stands or, of the left side, turned.
function readDigit(four) {
  const unit = (four[0] + four[1] + four[2] + four[3]) / 7;
  const off = (widths) => widths.reduce((sum, w, i) => sum + Math.abs(four[i] / unit - w), 0);
  let best = [undefined, ""];
  let least = mostOff;
  digitWidths.forEach((widths, digit) => {
    for (const [kind, shape] of [["L", widths], ["G", [...widths].reverse()]]) {
      if (off(shape) < least) [best, least] = [[digit, kind], off(shape)];
    }
  });
  return best;
}

// checks reports a code whose last digit is right.
function checks(digits) {
  const sum = [...digits].reverse().reduce((total, d, i) => total + Number(d) * (i % 2 ? 3 : 1), 0);
  return sum % 10 === 0;
}
