/**
 * The LSTM with all that may be added to it, over a packed batch, one direction; p = mask∘h_{t−1}, q = c_{t−1}.
 *   i = σ(W_ii·x + W_hi·p + b_i + w_i∘q)      f = σ(… + w_f∘q)      rows i | f | g | o
 *   g = tanh(W_ig·x + W_hg·p + b_g)           o = σ(… + w_o∘c)
 *   c = f∘q + i∘(drop∘g)                      r = o∘tanh(c)
 *   h = r, or W_hr·r with a projection
 * then zoneout on c and on h. Layer-normalised, each of W_ih·x, W_hh·p and the c that tanh sees comes to mean 0 and
 * variance 1 over its row, then times its gain γ: what is projected is so already, c itself stays as it is, and
 *   r = o∘tanh(γ_c∘ĉ + β_c)
 * lstm.ts is the same without the additions, and faster.
 * Source  peepholes w: Gers & Schmidhuber 2000; projection: Sak et al. 2014, as PyTorch's proj_size;
 *         drop: Semeniuta et al. 2016; mask: Gal & Ghahramani 2016; zoneout: Krueger et al. 2017;
 *         normalisation: Ba, Kiros & Hinton 2016
 */
import { sigmoid, tanh } from '../called';
import { matmul } from '../matmul';
import { normaliseRow, normaliseRowBackward } from '../normal';
import { aliveAt, closeStep, firstRow, inputRows, maskRows, openStep, product, stateBefore, zoneout } from '../packed';
import { madd, stride } from '../simd';

/**
 * P is the size of h: that of the projection, or H.
 * Writes  h [N,P8] · c [N,H8] · gates [N,4·H8] (activated) · previous [N,P8] (p) · r [N,H8] (h itself without a
 *         projection) · normal [N,5·H8+8] (normalised: of W_hh·p, of c, and 1/√(σ² + ε) of each); backward needs all
 * Reads   projected [U,4·H8] · index [N] (0: row n shows row n) · steps [T] · h0 [B,P8], c0 [B,H8] (0: zero)
 *         mask [B,P8], drop [N,H8] (0: ones) · keep [N,P8], keepC [N,H8] (0: `zone`, `zoneC` everywhere)
 *         panelsHH, bias [4·H8] · peepholes [3·H8] in the order i f o (0: none) · panelsHR of W_hr (0: none)
 *         gains [6·H8] γ of W_hh·p, γ of c, β of c (0: not normalised)
 *         with scratch, matmulQuantisedScratch(max(H, P)) floats, int8 panels
 * Error   ≤ 4.1e-7 of the largest element, against test/reference/cells.ts (measured)
 * Cost    8·N·H8·P + 2·N·P8·H flop and 5·N·H transcendentals
 */
export function lstmGeneralForward(
  h: usize, c: usize, gates: usize, previous: usize, r: usize, normal: usize,
  projected: usize, index: usize, steps: usize, h0: usize, c0: usize,
  mask: usize, drop: usize, keep: usize, keepC: usize,
  panelsHH: usize, scratch: usize, bias: usize, peepholes: usize, panelsHR: usize, gains: usize,
  T: i32, H: i32, P: i32, reverse: i32, zone: f32, zoneC: f32, epsilon: f32,
): void {
  const H8 = stride(H);
  const width = 4 * H8;
  const cBytes = <usize>H8 << 2;
  const hBytes = <usize>stride(P) << 2;
  const nBytes = <usize>(5 * H8 + 8) << 2;
  let row = firstRow(steps, T, reverse != 0);
  for (let s = 0; s < T; s++) {
    const t = reverse ? T - 1 - s : s;
    const alive = aliveAt(steps, t);
    if (reverse) row -= alive;
    const first = <usize>row;
    stateBefore(c + first * cBytes, c, c0, steps, row, t, T, H, reverse);
    stateBefore(previous + first * hBytes, h, h0, steps, row, t, T, P, reverse);
    maskRows(previous + first * hBytes, mask, alive, P);
    const z = gates + 4 * first * cBytes;
    inputRows(z, projected, index, bias, row, alive, width);
    const p = previous + first * hBytes;
    const n = normal + first * nBytes;
    if (gains) product(n, p, panelsHH, scratch, alive, width, P, 5 * H8 + 8, 0);
    else product(z, p, panelsHH, scratch, alive, width, P, width, 1);
    for (let b: usize = 0; b < <usize>alive; b++) {
      const at = (first + b) * cBytes;
      const own = n + b * nBytes;
      if (gains) addNormalised(gates + 4 * at, own, gains, H, epsilon);
      cell(gains ? 0 : r + at, c + at, gates + 4 * at, drop ? drop + at : 0, peepholes, cBytes);
      if (gains) showNormalised(r + at, own, c + at, gates + 4 * at, gains, H, epsilon);
    }
    if (panelsHR) product(h + first * hBytes, r + first * cBytes, panelsHR, scratch, alive, P, H, stride(P), 0);
    zoneout(c, c0, keepC, steps, zoneC, row, t, T, H, reverse);
    zoneout(h, h0, keep, steps, zone, row, t, T, P, reverse);
    if (!reverse) row += alive;
  }
}

/** One row: z [4·H8] += γ∘x̂ of W_hh·p, which lies in `normal` and becomes x̂. */
function addNormalised(z: usize, normal: usize, gains: usize, H: i32, epsilon: f32): void {
  const bytes = <usize>stride(H) << 2;
  store<f32>(normal + 5 * bytes, normaliseRow(normal, H, 4, epsilon));
  for (let k: usize = 0; k < 4 * bytes; k += 16) {
    v128.store(z + k, madd(v128.load(gains + k), v128.load(normal + k), v128.load(z + k)));
  }
}

/** One row: r = o∘tanh(γ_c∘ĉ + β_c), ĉ kept in `normal`. */
function showNormalised(r: usize, normal: usize, c: usize, gates: usize, gains: usize, H: i32, epsilon: f32): void {
  const step = <usize>stride(H) << 2;
  memory.copy(normal + 4 * step, c, step);
  store<f32>(normal + 5 * step, normaliseRow(normal + 4 * step, H, 1, epsilon), 4);
  for (let j: usize = 0; j < step; j += 16) {
    v128.store(r + j, f32x4.mul(v128.load(gates + 3 * step + j), shown(normal, gains, step, j)));
  }
}

/** tanh(γ_c∘ĉ + β_c), four lanes. */
@inline function shown(normal: usize, gains: usize, step: usize, j: usize): v128 {
  const gain = v128.load(gains + 4 * step + j);
  return tanh(madd(gain, v128.load(normal + 4 * step + j), v128.load(gains + 5 * step + j)));
}

/** One row: gates activated in place, c moves from the state before to the new one; r 0: not yet. Step in bytes. */
@inline function cell(r: usize, c: usize, gates: usize, drop: usize, peepholes: usize, step: usize): void {
  for (let j: usize = 0; j < step; j += 16) {
    const at = gates + j;
    const w = peepholes + j;
    const before = v128.load(c + j);
    let zi = v128.load(at);
    let zf = v128.load(at + step);
    let zo = v128.load(at + 3 * step);
    if (peepholes) {
      zi = madd(v128.load(w), before, zi);
      zf = madd(v128.load(w + step), before, zf);
    }
    const i = sigmoid(zi);
    const f = sigmoid(zf);
    const g = tanh(v128.load(at + 2 * step));
    const now = newCell(i, f, g, before, drop, j);
    if (peepholes) zo = madd(v128.load(w + 2 * step), now, zo);
    const o = sigmoid(zo);
    v128.store(at, i);
    v128.store(at + step, f);
    v128.store(at + 2 * step, g);
    v128.store(at + 3 * step, o);
    v128.store(c + j, now);
    if (r) v128.store(r + j, f32x4.mul(o, tanh(now)));
  }
}

/** f∘q + i∘(drop∘g): forward and backward must agree to the bit. */
@inline function newCell(i: v128, f: v128, g: v128, before: v128, drop: usize, j: usize): v128 {
  const candidate = drop ? f32x4.mul(g, v128.load(drop + j)) : g;
  return madd(f, before, f32x4.mul(i, candidate));
}

/**
 * Back through time.
 * Writes  gates → dGates [N,4·H8] in place · dPeepholes [3·H8] (with peepholes) · dHidden [N,P8] (with a projection:
 *         gradient of W_hr·r) · dH [B,P8], dC [B,H8]: gradients of h0 and c0
 *         normalised: normal → gradient of W_hh·p in its first 4·H8 columns · dGains [6·H8]
 *         pastH [B,P8], pastC, before, dR [B,H8], dShown [H8]: scratch
 * Reads   dY [N,P8] · c [N,H8] · steps [T] · c0, mask, drop, keep, keepC, peepholes as forward (0: none)
 *         panelsHH, panelsHR of gatesPackBackward (panelsHR 0: no projection) · gains as forward
 * Error   ≤ 8.6e-7 of the largest gradient (measured)
 * Cost    8·N·H8·P8 + 2·N·P8·H8 flop and N·H transcendentals
 */
export function lstmGeneralBackward(
  gates: usize, normal: usize, dPeepholes: usize, dGains: usize, dHidden: usize, dH: usize, dC: usize,
  pastH: usize, pastC: usize, before: usize, dR: usize, dShown: usize,
  dY: usize, c: usize, steps: usize, c0: usize,
  mask: usize, drop: usize, keep: usize, keepC: usize,
  panelsHH: usize, peepholes: usize, panelsHR: usize, gains: usize,
  T: i32, B: i32, H: i32, P: i32, reverse: i32,
): void {
  const H8 = stride(H);
  const P8 = stride(P);
  const width = 4 * H8;
  const cBytes = <usize>H8 << 2;
  const hBytes = <usize>P8 << 2;
  const nWidth = 5 * H8 + 8;
  const nBytes = <usize>nWidth << 2;
  memory.fill(dH, 0, <usize>B * hBytes);
  memory.fill(dC, 0, <usize>B * cBytes);
  if (peepholes) memory.fill(dPeepholes, 0, 3 * cBytes);
  if (gains) memory.fill(dGains, 0, 6 * cBytes);
  let row = firstRow(steps, T, reverse == 0);
  for (let s = 0; s < T; s++) {
    const t = reverse ? s : T - 1 - s;
    const alive = aliveAt(steps, t);
    if (!reverse) row -= alive;
    const first = <usize>row;
    const z = gates + 4 * first * cBytes;
    openStep(dH, pastH, dY + first * hBytes, keep ? keep + first * hBytes : 0, alive, P);
    openStep(dC, pastC, 0, keepC ? keepC + first * cBytes : 0, alive, H);
    stateBefore(before, c, c0, steps, row, t, T, H, reverse);
    if (panelsHR) {
      memory.copy(dHidden + first * hBytes, dH, <usize>alive * hBytes);
      matmul(dR, dH, panelsHR, alive, H, P8, P8, H8, 0);
    }
    const n = normal + first * nBytes;
    for (let b: usize = 0; b < <usize>alive; b++) {
      const at = b * cBytes;
      const own = n + b * nBytes;
      const dr = (panelsHR ? dR : dH) + at;
      if (gains) showNormalisedBackward(dShown, dGains, dr, own, z + 4 * at, gains, H);
      cellBackward(
        z + 4 * at, dC + at, dPeepholes, pastC + at, dr,
        before + at, drop ? drop + first * cBytes + at : 0, peepholes, gains ? own : 0, gains, dShown, cBytes,
      );
      if (gains) normaliseRowBackward(own, dGains, z + 4 * at, own, gains, load<f32>(own + 5 * cBytes), H, 4);
    }
    if (gains) matmul(dH, n, panelsHH, alive, P, width, nWidth, P8, 0);
    else matmul(dH, z, panelsHH, alive, P, width, width, P8, 0);
    closeStep(dH, pastH, mask, alive, P);
    if (reverse) row += alive;
  }
}

/** One row: dShown [H8] = what r tells c through its normalisation; dGains of c grow. */
function showNormalisedBackward(
  dShown: usize, dGains: usize, dR: usize, normal: usize, gates: usize, gains: usize, H: i32,
): void {
  const one = f32x4.splat(1);
  const step = <usize>stride(H) << 2;
  const dBeta = dGains + 5 * step;
  for (let j: usize = 0; j < step; j += 16) {
    const y = shown(normal, gains, step, j);
    const dy = f32x4.mul(v128.load(dR + j), v128.load(gates + 3 * step + j));
    const d = f32x4.mul(dy, f32x4.mul(f32x4.sub(one, y), f32x4.add(one, y)));
    v128.store(dShown + j, d);
    v128.store(dBeta + j, f32x4.add(v128.load(dBeta + j), d));
  }
  const inverse = load<f32>(normal + 5 * step, 4);
  normaliseRowBackward(dShown, dGains + 4 * step, dShown, normal + 4 * step, gains + 4 * step, inverse, H, 1);
}

/**
 * One row: gates → gradients of their arguments, dC of this step → of the step before, dPeepholes grow; normal 0: c is
 * shown as it is.
 */
@inline function cellBackward(
  gates: usize, dC: usize, dPeepholes: usize, pastC: usize, dR: usize,
  before: usize, drop: usize, peepholes: usize, normal: usize, gains: usize, dShown: usize, step: usize,
): void {
  const one = f32x4.splat(1);
  for (let j: usize = 0; j < step; j += 16) {
    const at = gates + j;
    const i = v128.load(at);
    const f = v128.load(at + step);
    const g = v128.load(at + 2 * step);
    const o = v128.load(at + 3 * step);
    const q = v128.load(before + j);
    const kept = drop ? v128.load(drop + j) : one;
    const now = newCell(i, f, g, q, drop, j);
    const y = normal ? shown(normal, gains, step, j) : tanh(now);
    const dr = v128.load(dR + j);
    const dZo = f32x4.mul(f32x4.mul(dr, y), f32x4.mul(o, f32x4.sub(one, o)));
    const dNow = normal
      ? v128.load(dShown + j)
      : f32x4.mul(f32x4.mul(dr, o), f32x4.mul(f32x4.sub(one, y), f32x4.add(one, y)));
    let dc = f32x4.add(v128.load(dC + j), dNow);
    if (peepholes) dc = madd(v128.load(peepholes + 2 * step + j), dZo, dc);
    const dZi = f32x4.mul(f32x4.mul(dc, f32x4.mul(kept, g)), f32x4.mul(i, f32x4.sub(one, i)));
    const dZf = f32x4.mul(f32x4.mul(dc, q), f32x4.mul(f, f32x4.sub(one, f)));
    let past = madd(dc, f, v128.load(pastC + j));
    if (peepholes) {
      past = madd(v128.load(peepholes + j), dZi, past);
      past = madd(v128.load(peepholes + step + j), dZf, past);
      addTo(dPeepholes + j, dZi, q);
      addTo(dPeepholes + step + j, dZf, q);
      addTo(dPeepholes + 2 * step + j, dZo, now);
    }
    v128.store(at, dZi);
    v128.store(at + step, dZf);
    v128.store(at + 2 * step, f32x4.mul(f32x4.mul(dc, f32x4.mul(i, kept)), f32x4.mul(f32x4.sub(one, g), f32x4.add(one, g))));
    v128.store(at + 3 * step, dZo);
    v128.store(dC + j, past);
  }
}

/** sum += a∘b, four lanes. */
@inline function addTo(sum: usize, a: v128, b: v128): void {
  v128.store(sum, madd(a, b, v128.load(sum)));
}
