import type { View } from '../../runtime/machine.ts';

/** Makes each target count 1 / weight of all; in a batch that has none, nothing counts. */
export function setScale(view: View, weight: number): void {
  view.set('scale', weight > 0 ? 1 / weight : 0);
}
