/** What scripts/golden.py wrote: PyTorch's numbers. That script describes every field. */
import { readFileSync } from 'node:fs';
import type { LstmParameters, Matrix, Vector } from '../reference/lstm.ts';

export interface LstmFixture {
  x: Matrix[];
  dY: Matrix[];
  y: Matrix[];
  layers: [forward: DirectionFixture, reverse: DirectionFixture][];
  gradient: { x: Matrix[] };
}

/** Parameters, states [B, H] and gradients of one direction of one layer. */
export interface DirectionFixture extends LstmParameters {
  h0: Matrix;
  c0: Matrix;
  hn: Matrix;
  cn: Matrix;
  gradient: LstmParameters & { h0: Matrix; c0: Matrix };
}

export interface ClassifierFixture {
  vocabulary: number;
  embedding: number;
  hidden: number;
  batches: { texts: number[][]; classes: number[]; binary: number[] }[];
  initial: NamedParameters;
  binaryDense: { weight: Matrix; bias: Vector };
  runs: TrainingRun[];
}

export type NamedParameters = Record<string, Vector | Matrix>;

export interface TrainingRun {
  name: string;
  pooling: 'last' | 'mean' | 'max';
  loss: 'softmax' | 'sigmoid';
  classWeights: number[] | null;
  smoothing: number;
  optimizer: 'adam' | 'sgd';
  learningRate: number;
  epsilon: number | null;
  losses: number[];
  gradient: NamedParameters;
  final: NamedParameters;
}

export interface OptimizerFixture {
  matrix: Matrix;
  vector: Vector;
  gradients: [matrix: Matrix, vector: Vector][];
  runs: {
    name: string;
    options: Record<string, number | boolean>;
    matrix: Matrix;
    vector: Vector;
    given: [matrix: Matrix, vector: Vector];
  }[];
  averages: {
    name: string;
    options: Record<string, number>;
    losses: number[][];
    optimizer: { learningRate: number };
    matrix: Matrix;
    vector: Vector;
  }[];
}

export interface LossFixture {
  softmax: LossCase<number[]>[];
  sigmoid: LossCase<number[][]>[];
}

export interface LossCase<Targets> {
  name: string;
  logits: Matrix;
  targets: Targets;
  weights: number[] | null;
  smoothing: number;
  mix: { partners: number[]; share: number } | null;
  loss: number;
  gradient: Matrix;
}

export interface CellFixture {
  name: string;
  x: Matrix[];
  dY: Matrix[];
  y: Matrix[];
  parameters: NamedParameters;
  gradient: NamedParameters & { x: Matrix[] };
}

const read = (name: string) => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));

export const lstmFixture = (): LstmFixture => read('lstm.json');
export const classifierFixture = (): ClassifierFixture => read('classifier.json');
export const lossFixture = (): LossFixture => read('loss.json');

export interface NormFixture {
  batch: Affine & {
    batches: (Pass & { running: { mean: Vector; variance: Vector } })[];
    prediction: { x: Matrix; y: Matrix };
  };
  layer: Affine & Pass;
  pair: Affine & Pass;
}

interface Affine {
  gamma: Vector;
  beta: Vector;
}

interface Pass {
  x: Matrix;
  dY: Matrix;
  y: Matrix;
  gradient: { x: Matrix } & Affine;
}

export interface AttentionParameters {
  weightQKV: Matrix;
  biasQKV: Vector;
  weightOut: Matrix;
  biasOut: Vector;
}

export interface AttentionFixture extends AttentionParameters {
  heads: number;
  x: Matrix[];
  dY: Matrix[];
  y: Matrix[];
  weights: Matrix[][];
  gradient: AttentionParameters & { x: Matrix[] };
  last: PoolingCase;
  learned: PoolingCase;
}

/** Attention for one query a text. */
interface PoolingCase {
  dY: Matrix;
  y: Matrix;
  parameters: NamedParameters;
  gradient: NamedParameters & { x: Matrix[] };
}

export const normFixture = (): NormFixture => read('norm.json');
export const attentionFixture = (): AttentionFixture => read('attention.json');
export const cellFixtures = (): CellFixture[] => read('cells.json');

export interface TransformerFixture {
  heads: number;
  hidden: number;
  parameters: NamedParameters;
  x: Matrix[];
  dY: Matrix[];
  y: Matrix[];
  gradient: { x: Matrix[] } & Record<string, Vector | Matrix | Matrix[]>;
}

export interface GraphFixture {
  edges: number[][][];
  parameters: { weight: Matrix; bias: Vector };
  x: Matrix[];
  dY: Matrix[];
  y: Matrix[];
  gradient: { x: Matrix[]; weight: Matrix; bias: Vector };
}

export const graphFixture = (): GraphFixture => read('graph.json');
export const transformerFixture = (): TransformerFixture => read('transformer.json');
export const optimizerFixture = (): OptimizerFixture => read('optimizers.json');
