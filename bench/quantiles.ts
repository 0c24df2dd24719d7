/** The number below which a share of the numbers lies, the nearest that is there. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))];
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);
