// Every technique of the ablation: what it changes of the base, and when to use it. test/contracts/ablation.test.ts holds
// the list to what is declared.
import type { Change, Recipe } from './recipe.ts';

/** What every technique is switched on in, alone. */
export const BASE: Recipe = {
  embedding: ['embedding', { size: 64 }],
  words: [],
  cells: [['lstm', { size: 64 }]],
  states: [],
  pool: ['pool', { over: 'max' }],
  vector: [],
  optimizer: ['adam'],
  schedule: ['constantRate'],
  train: {},
};

export interface Technique {
  readonly name: string;
  readonly group: 'cells' | 'attention' | 'normalisation' | 'regularisation' | 'optimisation' | 'pooling';
  readonly change: Change;
  /** When to use it: a sentence. */
  readonly when: string;
}

export const TECHNIQUES: readonly Technique[] = [
  // Cells
  {
    name: 'RNN tanh',
    group: 'cells',
    change: { cells: [['rnn', { size: 64 }]] },
    when: 'To see what gates are for; short texts only.',
  },
  {
    name: 'RNN relu',
    group: 'cells',
    change: { cells: [['rnn', { size: 64, activation: 'relu' }]], train: { clipNorm: 1 } },
    when: 'Only with clipped gradients: nothing bounds its state.',
  },
  {
    name: 'GRU',
    group: 'cells',
    change: { cells: [['gru', { size: 64 }]] },
    when: 'Three quarters of the weights of an LSTM; a first try where rows are few.',
  },
  {
    name: 'GRU reset before',
    group: 'cells',
    change: { cells: [['gru', { size: 64, reset: 'before' }]] },
    when: 'For weights that were trained by the paper’s form.',
  },
  {
    name: 'bidirectional',
    group: 'cells',
    change: { cells: [['lstm', { size: 64, bidirectional: true }]] },
    when: 'Nearly always, unless texts arrive word by word; twice the time.',
  },
  {
    name: 'stacked 2 layers',
    group: 'cells',
    change: {
      cells: [
        ['lstm', { size: 64 }],
        ['lstm', { size: 64 }],
      ],
    },
    when: 'With many rows; with few it only takes longer.',
  },
  {
    name: 'LSTM 256',
    group: 'cells',
    change: { cells: [['lstm', { size: 256 }]] },
    when: 'With tens of thousands of rows.',
  },
  // Pooling and attention
  {
    name: 'pool last',
    group: 'pooling',
    change: { pool: ['pool', { over: 'last' }] },
    when: 'Short texts, and where the end says it all.',
  },
  {
    name: 'pool mean',
    group: 'pooling',
    change: { pool: ['pool', { over: 'mean' }] },
    when: 'Where the whole text counts rather than its strongest word.',
  },
  {
    name: 'attention 4 heads',
    group: 'attention',
    change: { states: [['attention', { heads: 4 }]], pool: ['pool', { over: 'mean' }] },
    when: 'Long texts, where words far apart belong together.',
  },
  // Normalisation
  {
    name: 'batch norm',
    group: 'normalisation',
    change: { vector: [['batchNorm']] },
    when: 'Behind pooling, with batches of 16 and more.',
  },
  {
    name: 'layer norm',
    group: 'normalisation',
    change: { vector: [['layerNorm']] },
    when: 'Where batches are small, or differ from what prediction sees.',
  },
  // Regularisation
  {
    name: 'dropout 0.5',
    group: 'regularisation',
    change: { words: [['dropout', { rate: 0.5 }]], vector: [['dropout', { rate: 0.5 }]] },
    when: 'First of all, wherever training accuracy runs ahead of validation.',
  },
  {
    name: 'recurrent dropout 0.25 (GRU)',
    group: 'regularisation',
    change: { cells: [['gru', { size: 64, recurrentDropout: 0.25 }]] },
    when: 'Beside dropout, with many epochs; compare with GRU.',
  },
  {
    name: 'candidate dropout 0.25 (GRU)',
    group: 'regularisation',
    change: { cells: [['gru', { size: 64, candidateDropout: 0.25 }]] },
    when: 'Like recurrent dropout, and gentler: what is remembered stays.',
  },
  {
    name: 'weight drop 0.3 (GRU)',
    group: 'regularisation',
    change: { cells: [['gru', { size: 64, weightDrop: 0.3 }]] },
    when: 'Language models and long trainings.',
  },
  {
    name: 'zoneout 0.1 (GRU)',
    group: 'regularisation',
    change: { cells: [['gru', { size: 64, zoneout: 0.1 }]] },
    when: 'Long texts, where states shall last.',
  },
  {
    name: 'word dropout 0.1',
    group: 'regularisation',
    change: { train: { wordDropout: 0.1 } },
    when: 'Where texts to come hold words nobody saw.',
  },
  {
    name: 'label smoothing 0.1',
    group: 'regularisation',
    change: { train: { labelSmoothing: 0.1 } },
    when: 'Where labels are noisy, or probabilities too sure.',
  },
  {
    name: 'class weights balanced',
    group: 'regularisation',
    change: { train: { classWeights: 'balanced' } },
    when: 'Where rare labels matter as much as frequent ones: it trades accuracy for recall.',
  },
  // Optimisation
  {
    name: 'SGD',
    group: 'optimisation',
    change: { optimizer: ['sgd'] },
    when: 'To compare with; adaptive optimisers need less tuning on text.',
  },
  {
    name: 'AdamW',
    group: 'optimisation',
    change: { optimizer: ['adamW'] },
    when: 'In place of Adam, whenever weights shall decay.',
  },
  {
    name: 'clip norm 1',
    group: 'optimisation',
    change: { train: { clipNorm: 1 } },
    when: 'Long texts, high learning rates; costs nothing.',
  },
  {
    name: 'clip value 0.1',
    group: 'optimisation',
    change: { train: { clipValue: 0.1 } },
    when: 'Where single numbers of the gradient burst; the norm is the better first try.',
  },
  {
    name: 'step decay',
    group: 'optimisation',
    change: { schedule: ['stepDecay', { factor: 0.5, every: 3 }] },
    when: 'Where the loss swings in the last epochs.',
  },
  {
    name: 'exponential decay',
    group: 'optimisation',
    change: { schedule: ['exponentialDecay', { factor: 0.8 }] },
    when: 'As step decay, without a step to choose.',
  },
  {
    name: 'batch 8',
    group: 'optimisation',
    change: { train: { batchSize: 8 } },
    when: 'With a few hundred rows; slower by row.',
  },
];

/** What is declared and no technique of its own, and why not; `*` stands for every function. */
export const NOT_TECHNIQUES: Readonly<Record<string, string>> = {
  dense: 'the end of every model',
  'dense.activation': 'for networks of several dense layers',
  '*.size': 'a size',
  '*.units': 'a size',
  '*.epsilon': 'seldom changed',
  '*.beta1': 'seldom changed',
  '*.beta2': 'seldom changed',
  '*.learningRate': 'a rate to tune, not to switch on',
  'gru.bidirectional': 'measured as of the LSTM',
  'rnn.bidirectional': 'measured as of the LSTM',
  'rnn.recurrentDropout': 'measured as of the GRU',
  'rnn.weightDrop': 'measured as of the GRU',
  'rnn.zoneout': 'measured as of the GRU',
  'train.epochs': 'how long, not how',
  'train.optimizer': 'each is a technique',
  'train.schedule': 'each is a technique',
  'train.validation': 'how results are measured',
  'train.earlyStopping': 'how results are measured',
  'train.batchTokens': 'a limit of memory',
  'train.reproducible': 'the same numbers, but for the last bits',
  'train.threads': 'the same numbers, but for the last bits',
  'train.signal': 'the same numbers',
  'train.onStep': 'the same numbers',
  'train.resume': 'the same numbers',
};
