import type { Matrix } from '../reference/lstm.ts';

/**
 * Compares an analytic gradient with central differences of fourth order,
 *   (8·(loss(v+δ) - loss(v-δ)) - (loss(v+2δ) - loss(v-2δ))) / 12δ
 * on every element: exact up to δ⁴, where the usual two points leave δ².
 * @param values Rows of inputs or parameters that `loss` reads; each element is moved and put back.
 * @param gradient Rows of the same shape.
 * @param loss The scalar whose gradient it is.
 * @returns The largest difference, relative to the largest element of the gradient.
 */
export function differenceError(values: Matrix, gradient: Matrix, loss: () => number): number {
  const delta = 1e-3; // δ⁴ and the rounding of the loss, 1e-16 / δ, are then about the same
  let largest = 0;
  let error = 0;
  values.forEach((row, r) => {
    row.forEach((value, k) => {
      const lossAt = (moved: number) => {
        row[k] = moved;
        return loss();
      };
      const near = lossAt(value + delta) - lossAt(value - delta);
      const far = lossAt(value + 2 * delta) - lossAt(value - 2 * delta);
      row[k] = value;
      error = Math.max(error, Math.abs((8 * near - far) / (12 * delta) - gradient[r][k]));
      largest = Math.max(largest, Math.abs(gradient[r][k]));
    });
  });
  return error / largest;
}
