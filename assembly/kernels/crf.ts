/**
 * Linear-chain conditional random field over a packed batch: the tags y of a sequence, scored as a whole.
 *   score(y) = start[y_0] + Σ_t x_t[y_t] + Σ_t transitions[y_{t−1}, y_t] + end[y_last]
 *   p(y) = e^{score(y)} / Σ_{y'} e^{score(y')}
 * In logarithms throughout. Each step's α and β are kept less their largest element, so that numbers stay small
 * however long the sequence is; `shift` remembers what was taken from α.
 * Row n = (t, b) lies at steps[0] + … + steps[t−1] + b; what padding there would be does not exist.
 * Source  Lafferty, McCallum & Pereira 2001; on top of an LSTM: Huang et al. 2015, Lample et al. 2016
 */
import { exp, expScalar } from '../called';
import { log, logScalar } from '../math';
import { addScaled, copyRow, stride } from '../simd';
import { addRow, at, score, takeMax } from '../tags';

/** panels: transitions [K,K] and behind them their transpose, each with rows of K8, the padding zero. */
export function crfPack(panels: usize, transitions: usize, K: i32): void {
  const rowBytes = <usize>stride(K) << 2;
  const transposed = panels + <usize>K * rowBytes;
  memory.fill(transposed, 0, <usize>K * rowBytes);
  for (let i = 0; i < K; i++) {
    copyRow(panels + <usize>i * rowBytes, transitions, K, stride(K));
    for (let j = 0; j < K; j++, transitions += 4) {
      store<f32>(transposed + <usize>j * rowBytes + (<usize>i << 2), load<f32>(transitions));
    }
  }
}

/**
 *   α_t[j] = x_t[j] + ln Σ_i e^{α_{t−1}[i] + transitions[i,j]} − shift_t      α_0 = start + x_0 − shift_0
 * with shift_t such that the largest α_t is 0.
 * Writes  alpha [N,K8] · shift [N]
 * Reads   logits [N,K8] · panels of crfPack · start [K] · steps [T]
 * Error   see crfLoss
 * Cost    N·K8·K exponentials
 */
export function crfForward(
  alpha: usize, shift: usize, logits: usize, panels: usize, start: usize, steps: usize,
  T: i32, K: i32,
): void {
  const rowBytes = <usize>stride(K) << 2;
  let above = alpha; // row of the same sequence, a step before
  for (let t = 0; t < T; t++) {
    const alive = at(steps, t);
    const here = alpha;
    for (let b = 0; b < alive; b++) {
      if (t > 0) logSumRow(alpha, above + <usize>b * rowBytes, panels, K);
      else copyRow(alpha, start, K, stride(K));
      addRow(alpha, logits, K);
      store<f32>(shift, takeMax(alpha, K));
      alpha += rowBytes;
      logits += rowBytes;
      shift += 4;
    }
    above = here;
  }
}

/**
 *   loss = scale · Σ_b −ln p(targets of sequence b)
 * Writes  loss (f64)
 * Reads   alpha, shift of crfForward · logits [N,K8] · targets [N] (Int32) · transitions [K,K] · start, end [K] · steps [T]
 * Error   ≤ 3e-8 (measured)
 */
export function crfLoss(
  loss: usize, alpha: usize, shift: usize, logits: usize, targets: usize,
  transitions: usize, start: usize, end: usize, steps: usize,
  T: i32, K: i32, scale: f32,
): void {
  const rowBytes = <usize>stride(K) << 2;
  let total: f64 = 0;
  let above = targets;
  for (let t = 0; t < T; t++) {
    const alive = at(steps, t);
    const next = t + 1 < T ? at(steps, t + 1) : 0;
    const here = targets;
    for (let b = 0; b < alive; b++) {
      const tag = load<i32>(targets);
      const from = load<i32>(above + (<usize>b << 2));
      const step = t > 0 ? score(transitions, from * K + tag) : score(start, tag);
      total += <f64>load<f32>(shift) - <f64>score(logits, tag) - <f64>step;
      if (b >= next) total += logSumOf(alpha, end, K) - <f64>score(end, tag); // its last row
      alpha += rowBytes;
      logits += rowBytes;
      shift += 4;
      targets += 4;
    }
    above = here;
  }
  store<f64>(loss, <f64>scale * total);
}

/**
 *   β_t[i] = ln Σ_j e^{transitions[i,j] + x_{t+1}[j] + β_{t+1}[j]}      β_last = end; both less the largest
 *   p_t[k] = e^{α_t[k] + β_t[k]} / Σ_j e^{α_t[j] + β_t[j]}
 * Writes  marginals [N,K8] = p · beta [N,K8]
 * Reads   alpha of crfForward · logits [N,K8] · panels of crfPack · end [K] · steps [T]
 * Error   ≤ 4e-7 of the largest element (measured)
 * Cost    N·K8·K exponentials
 */
export function crfMarginals(
  marginals: usize, beta: usize, alpha: usize, logits: usize, panels: usize, end: usize, steps: usize,
  T: i32, K: i32,
): void {
  const rowBytes = <usize>stride(K) << 2;
  const transposed = panels + <usize>K * rowBytes;
  let row: usize = 0; // bytes from the first row to step t's
  for (let t = 0; t < T; t++) row += <usize>at(steps, t) * rowBytes;
  let below = row;
  for (let t = T - 1; t >= 0; t--) {
    const alive = at(steps, t);
    const next = t + 1 < T ? at(steps, t + 1) : 0;
    row -= <usize>alive * rowBytes;
    for (let b = 0; b < alive; b++) {
      const here = row + <usize>b * rowBytes;
      if (b < next) {
        const after = below + <usize>b * rowBytes;
        memory.copy(marginals + here, logits + after, rowBytes); // not yet needed: room for x + β
        addRow(marginals + here, beta + after, K);
        logSumRow(beta + here, marginals + here, transposed, K);
        takeMax(beta + here, K);
      } else copyRow(beta + here, end, K, stride(K));
      memory.copy(marginals + here, alpha + here, rowBytes);
      addRow(marginals + here, beta + here, K);
      softmaxRow(marginals + here, K);
    }
    below = row;
  }
}

/**
 *   dLogits_t = scale·(p_t − 1[y_t])      dStart += Σ_b dLogits_0      dEnd += Σ_b dLogits_last
 *   dTransitions[i,j] += scale·Σ_t (p(y_{t−1} = i, y_t = j) − 1[y_{t−1} = i, y_t = j])
 * Writes  dLogits [N,K8]
 * Adds to dTransitions [K,K] · dStart, dEnd [K]
 * Reads   marginals, beta of crfMarginals · alpha, shift of crfForward · logits · panels · targets [N] · steps [T]
 * Scratch 2·K8 floats
 * Error   ≤ 1.2e-6 of the largest element (measured)
 * Cost    N·K8·K exponentials
 */
export function crfGradient(
  dLogits: usize, dTransitions: usize, dStart: usize, dEnd: usize, scratch: usize,
  marginals: usize, beta: usize, alpha: usize, shift: usize, logits: usize, panels: usize,
  targets: usize, steps: usize, T: i32, K: i32, scale: f32,
): void {
  const rowBytes = <usize>stride(K) << 2;
  let row: usize = 0;
  let above: usize = 0;
  for (let t = 0; t < T; t++) {
    const alive = at(steps, t);
    const next = t + 1 < T ? at(steps, t + 1) : 0;
    const here = row;
    for (let b = 0; b < alive; b++, row += rowBytes) {
      const n = row / rowBytes;
      const tag = load<i32>(targets + (n << 2));
      for (let k = 0; k < K; k++) {
        store<f32>(dLogits + row + (<usize>k << 2), scale * (score(marginals + row, k) - (k == tag ? 1 : 0)));
      }
      memory.fill(dLogits + row + (<usize>K << 2), 0, rowBytes - (<usize>K << 2));
      if (b >= next) addScaled(dEnd, dLogits + row, K, 1);
      if (t == 0) {
        addScaled(dStart, dLogits + row, K, 1);
        continue;
      }
      // p(i, j) = e^{α_{t−1}[i] + transitions[i,j] + v[j]} with v = x_t + β_t − shift_t − ln Σ_j e^{α_t[j] + β_t[j]}.
      memory.copy(scratch, logits + row, rowBytes);
      addRow(scratch, beta + row, K);
      const total = <f32>logSumOf(alpha + row, beta + row, K) + load<f32>(shift + (n << 2));
      const before = above + <usize>b * rowBytes;
      addPairs(dTransitions, scratch + rowBytes, scratch, alpha + before, panels, total, K, scale);
      const from = load<i32>(targets + ((before / rowBytes) << 2));
      const pair = dTransitions + (<usize>(from * K + tag) << 2);
      store<f32>(pair, load<f32>(pair) - scale);
    }
    above = here;
  }
}

/** y[j] = ln Σ_i e^{v[i] + M[i,j]}, M [K,K8]. */
function logSumRow(y: usize, v: usize, M: usize, K: i32): void {
  const rowBytes = <usize>stride(K) << 2;
  for (let j: usize = 0; j < rowBytes; j += 16) {
    let most = f32x4.splat(-Infinity);
    for (let i = 0, from = M + j; i < K; i++, from += rowBytes) {
      most = f32x4.max(most, f32x4.add(v128.load32_splat(v + (<usize>i << 2)), v128.load(from)));
    }
    let sum = f32x4.splat(0);
    for (let i = 0, from = M + j; i < K; i++, from += rowBytes) {
      const one = f32x4.add(v128.load32_splat(v + (<usize>i << 2)), v128.load(from));
      sum = f32x4.add(sum, exp(f32x4.sub(one, most)));
    }
    v128.store(y + j, f32x4.add(log(sum), most));
  }
}

/** ln Σ_k e^{a[k] + b[k]} over K elements. */
function logSumOf(a: usize, b: usize, K: i32): f64 {
  let most = score(a, 0) + score(b, 0);
  for (let k = 1; k < K; k++) most = max<f32>(most, score(a, k) + score(b, k));
  let sum: f32 = 0;
  for (let k = 0; k < K; k++) sum += expScalar(score(a, k) + score(b, k) - most);
  return <f64>most + <f64>logScalar(sum);
}

/** In place: e^{x} / Σ e^{x} of K elements. Unlike the stratum's softmax() it keeps the padding zero where an element is NaN. */
function softmaxRow(row: usize, K: i32): void {
  takeMax(row, K);
  let sum: f32 = 0;
  for (let k = 0; k < K; k++) {
    const power = expScalar(score(row, k));
    store<f32>(row + (<usize>k << 2), power);
    sum += power;
  }
  for (let k = 0; k < K; k++) store<f32>(row + (<usize>k << 2), score(row, k) / sum);
}

/** d[i,j] += scale·e^{u[i] + M[i,j] + v[j] − total}, d [K,K] dense, M [K,K8]; a row of powers is scratch. */
function addPairs(d: usize, powers: usize, v: usize, u: usize, M: usize, total: f32, K: i32, scale: f32): void {
  const rowBytes = <usize>stride(K) << 2;
  for (let i = 0; i < K; i++, d += <usize>K << 2, M += rowBytes) {
    const origin = f32x4.splat(score(u, i) - total);
    for (let j: usize = 0; j < rowBytes; j += 16) {
      v128.store(powers + j, exp(f32x4.add(f32x4.add(v128.load(M + j), v128.load(v + j)), origin)));
    }
    addScaled(d, powers, K, scale);
  }
}
