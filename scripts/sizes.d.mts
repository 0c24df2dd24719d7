/** What a bundle weighs, in bytes, gzipped. */
export interface Size {
  readonly name: string;
  readonly javascript: number;
  readonly kernels: number;
  readonly total: number;
}
export function sizes(): Promise<Size[]>;
