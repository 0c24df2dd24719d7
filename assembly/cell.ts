/**
 * Rows of an LSTM with additions, one at a time: gates z [4·step] in the order i f g o, step bytes each.
 */
import { addProduct, tanhs } from './vectors';
import { madd } from './simd';

/** c ← f∘c + i∘(drop∘g); drop 0 means ones. Forward and backward must agree to the bit. */
export function moveCell(c: usize, z: usize, drop: usize, step: usize): void {
  for (let j: usize = 0; j < step; j += 16) {
    const at = z + j;
    const g = v128.load(at + 2 * step);
    const candidate = drop ? f32x4.mul(g, v128.load(drop + j)) : g;
    v128.store(c + j, madd(v128.load(at + step), v128.load(c + j), f32x4.mul(v128.load(at), candidate)));
  }
}

/** y = tanh(γ_c∘ĉ + β_c); of gains [6·step] γ_c and β_c are the last two. */
export function showNormal(y: usize, normal: usize, gains: usize, step: usize): void {
  memory.copy(y, gains + 5 * step, step);
  addProduct(y, gains + 4 * step, normal, step);
  tanhs(y, y, step);
}

/** Given y = tanh of what is shown, and the gradient of o∘y: y → gradient of its argument, o → gradient of its own. */
export function showBackward(y: usize, z: usize, d: usize, step: usize): void {
  const one = f32x4.splat(1);
  for (let j: usize = 0; j < step; j += 16) {
    const own = v128.load(y + j);
    const o = v128.load(z + 3 * step + j);
    const dr = v128.load(d + j);
    v128.store(y + j, f32x4.mul(f32x4.mul(dr, o), f32x4.mul(f32x4.sub(one, own), f32x4.add(one, own))));
    v128.store(z + 3 * step + j, f32x4.mul(f32x4.mul(dr, own), f32x4.mul(o, f32x4.sub(one, o))));
  }
}

/** Given the gradient of c: i, f and g → gradients of their arguments, dC of this step → of the step before. */
export function moveBackward(z: usize, dC: usize, before: usize, drop: usize, step: usize): void {
  const one = f32x4.splat(1);
  for (let j: usize = 0; j < step; j += 16) {
    const at = z + j;
    const i = v128.load(at);
    const f = v128.load(at + step);
    const g = v128.load(at + 2 * step);
    const kept = drop ? v128.load(drop + j) : one;
    const dc = v128.load(dC + j);
    v128.store(at, f32x4.mul(f32x4.mul(dc, f32x4.mul(kept, g)), f32x4.mul(i, f32x4.sub(one, i))));
    v128.store(at + step, f32x4.mul(f32x4.mul(dc, v128.load(before + j)), f32x4.mul(f, f32x4.sub(one, f))));
    v128.store(at + 2 * step, f32x4.mul(f32x4.mul(dc, f32x4.mul(i, kept)), f32x4.mul(f32x4.sub(one, g), f32x4.add(one, g))));
    v128.store(dC + j, f32x4.mul(dc, f));
  }
}
