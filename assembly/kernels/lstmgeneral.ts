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
import { moveBackward, moveCell, showBackward, showNormal } from '../cell';
import { matmul } from '../matmul';
import { normaliseRow, normaliseRowBackward } from '../normal';
import { aliveAt, closeStep, firstRow, inputRows, maskRows, openStep, product, stateBefore, zoneout } from '../packed';
import { stride } from '../simd';
import { add, addProduct, multiply, sigmoids, tanhs } from '../vectors';

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
      const zRow = gates + 4 * at;
      if (gains) {
        store<f32>(own + 5 * cBytes, normaliseRow(own, H, 4, epsilon));
        addProduct(zRow, gains, own, 4 * cBytes);
      }
      if (peepholes) {
        addProduct(zRow, peepholes, c + at, cBytes);
        addProduct(zRow + cBytes, peepholes + cBytes, c + at, cBytes);
      }
      sigmoids(zRow, zRow, 2 * cBytes);
      tanhs(zRow + 2 * cBytes, zRow + 2 * cBytes, cBytes);
      moveCell(c + at, zRow, drop ? drop + at : 0, cBytes);
      const o = zRow + 3 * cBytes;
      if (peepholes) addProduct(o, peepholes + 2 * cBytes, c + at, cBytes);
      sigmoids(o, o, cBytes);
      if (gains) {
        const shown = own + 4 * cBytes;
        memory.copy(shown, c + at, cBytes);
        store<f32>(own + 5 * cBytes, normaliseRow(shown, H, 1, epsilon), 4);
        showNormal(r + at, shown, gains, cBytes);
      } else tanhs(r + at, c + at, cBytes);
      multiply(r + at, r + at, o, cBytes);
    }
    if (panelsHR) product(h + first * hBytes, r + first * cBytes, panelsHR, scratch, alive, P, H, stride(P), 0);
    zoneout(c, c0, keepC, steps, zoneC, row, t, T, H, reverse);
    zoneout(h, h0, keep, steps, zone, row, t, T, P, reverse);
    if (!reverse) row += alive;
  }
}

/**
 * Back through time.
 * Writes  gates → dGates [N,4·H8] in place · dPeepholes [3·H8] (with peepholes) · dHidden [N,P8] (with a projection:
 *         gradient of W_hr·r) · dH [B,P8], dC [B,H8]: gradients of h0 and c0
 *         normalised: normal → gradient of W_hh·p in its first 4·H8 columns · dGains [6·H8]
 *         pastH [B,P8], pastC, before, dR [B,H8], dShown [2·H8]: scratch
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
  const now = dShown + cBytes; // the cell before zoneout
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
      const zRow = z + 4 * at;
      const dropRow = drop ? drop + first * cBytes + at : 0;
      memory.copy(now, before + at, cBytes);
      moveCell(now, zRow, dropRow, cBytes);
      if (gains) showNormal(dShown, own + 4 * cBytes, gains, cBytes);
      else tanhs(dShown, now, cBytes);
      showBackward(dShown, zRow, dr, cBytes);
      if (gains) {
        add(dGains + 5 * cBytes, dShown, cBytes);
        const inverse = load<f32>(own + 5 * cBytes, 4);
        normaliseRowBackward(dShown, dGains + 4 * cBytes, dShown, own + 4 * cBytes, gains + 4 * cBytes, inverse, H, 1);
      }
      const carry = dC + at;
      add(carry, dShown, cBytes);
      if (peepholes) addProduct(carry, peepholes + 2 * cBytes, zRow + 3 * cBytes, cBytes);
      moveBackward(zRow, carry, before + at, dropRow, cBytes);
      add(carry, pastC + at, cBytes);
      if (peepholes) {
        addProduct(carry, peepholes, zRow, cBytes);
        addProduct(carry, peepholes + cBytes, zRow + cBytes, cBytes);
        addProduct(dPeepholes, zRow, before + at, cBytes);
        addProduct(dPeepholes + cBytes, zRow + cBytes, before + at, cBytes);
        addProduct(dPeepholes + 2 * cBytes, zRow + 3 * cBytes, now, cBytes);
      }
      if (gains) normaliseRowBackward(own, dGains, zRow, own, gains, load<f32>(own + 5 * cBytes), H, 4);
    }
    if (gains) matmul(dH, n, panelsHH, alive, P, width, nWidth, P8, 0);
    else matmul(dH, z, panelsHH, alive, P, width, width, P8, 0);
    closeStep(dH, pastH, mask, alive, P);
    if (reverse) row += alive;
  }
}
