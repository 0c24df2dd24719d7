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
  readonly group:
    | 'cells'
    | 'attention'
    | 'normalisation'
    | 'regularisation'
    | 'optimisation'
    | 'pooling'
    | 'help';
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
  {
    name: 'peepholes',
    group: 'cells',
    change: { cells: [['lstm', { size: 64, peepholes: true }]] },
    when: 'Where exact distances count; seldom in text.',
  },
  {
    name: 'projection 32',
    group: 'cells',
    change: { cells: [['lstm', { size: 64, projection: 32 }]] },
    when: 'Large LSTMs that shall stay small in memory and time.',
  },
  {
    name: 'minGRU',
    group: 'cells',
    change: { cells: [['minGru', { size: 64 }]] },
    when: 'Speed before accuracy; stack two.',
  },
  {
    name: 'minLSTM',
    group: 'cells',
    change: { cells: [['minLstm', { size: 64 }]] },
    when: 'Like minGRU.',
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
  {
    name: 'attention from the mean',
    group: 'attention',
    change: { pool: ['attention', { heads: 4, query: 'mean' }] },
    when: 'As attention with 4 heads, at half the cost: one answer for the whole text.',
  },
  {
    name: 'attention by a learned query',
    group: 'attention',
    change: { pool: ['attention', { heads: 4, query: 'learned' }] },
    when: 'Long texts; each head learns a question of its own to the text.',
  },
  {
    name: 'attention by the last state',
    group: 'attention',
    change: { pool: ['attention', { heads: 4, query: 'last' }] },
    when: 'As by a learned query, where the end of a text says what to look for.',
  },
  {
    name: 'attention pool additive',
    group: 'pooling',
    change: { pool: ['attentionPool', { score: 'additive' }] },
    when: 'Long texts of which a few words tell; its weights can be shown.',
  },
  {
    name: 'attention pool dot',
    group: 'pooling',
    change: { pool: ['attentionPool', { score: 'dot' }] },
    when: 'As additive, without weights of its own for the score.',
  },
  {
    name: 'attention pool general by the last state',
    group: 'pooling',
    change: { pool: ['attentionPool', { score: 'general', query: 'last' }] },
    when: 'Where the end of a text asks for what came before.',
  },
  {
    name: 'Transformer block',
    group: 'attention',
    change: {
      words: [['positions'], ['transformer', { heads: 4, hidden: 128, dropout: 0.1 }]],
    },
    when: 'Before the LSTM, with tens of thousands of rows.',
  },
  {
    name: 'Transformer with learned positions',
    group: 'attention',
    change: {
      words: [
        ['positions', { kind: 'learned', longest: 512 }],
        ['transformer', { heads: 4 }],
      ],
    },
    when: 'With even more rows: places are learnt, too.',
  },
  {
    name: 'graph of neighbouring words',
    group: 'attention',
    change: { words: [['graphConvolution', { units: 64, window: 2 }]] },
    when: 'Short texts, where pairs of words tell more than single ones. Edges that you give: [tasks](tasks.md#edges-between-words).',
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
  {
    name: 'batch norm undone behind the LSTM',
    group: 'normalisation',
    change: { words: [['batchNorm']], states: [['batchNormInverse']] },
    when: 'Where what follows must see the old scale, as numbers that are told do; seldom with text.',
  },
  {
    name: 'batch norm of the LSTM’s input',
    group: 'normalisation',
    change: { cells: [['lstm', { size: 64, norm: 'input' }]] },
    when: 'With large batches; it hastens training, and tends to overfit sooner.',
  },
  {
    name: 'batch norm inside the LSTM',
    group: 'normalisation',
    change: { cells: [['lstm', { size: 64, norm: 'batch', normSteps: 32 }]] },
    when: 'Texts of like lengths in large batches; else take the layer norm inside.',
  },
  {
    name: 'layer norm inside the LSTM',
    group: 'normalisation',
    change: { cells: [['lstm', { size: 64, norm: 'layer' }]] },
    when: 'High learning rates on long texts; it steadies every step of the recurrence, whatever the batch, and gained nothing here.',
  },
  {
    name: 'batch renormalisation',
    group: 'normalisation',
    change: { vector: [['batchNorm', { renorm: true, momentum: 0.01 }]] },
    when: 'As batch norm, with batches of fewer than 16.',
  },
  // Regularisation
  {
    name: 'dropout 0.5',
    group: 'regularisation',
    change: { words: [['dropout', { rate: 0.5 }]], vector: [['dropout', { rate: 0.5 }]] },
    when: 'First of all, wherever training accuracy runs ahead of validation.',
  },
  {
    name: 'dropout 0.5 by text',
    group: 'regularisation',
    change: {
      words: [['dropout', { rate: 0.5, per: 'text' }]],
      states: [['dropout', { rate: 0.5, per: 'text' }]],
    },
    when: 'In place of dropout where states follow each other: one mask for a whole text.',
  },
  {
    name: 'embedding dropout 0.2',
    group: 'regularisation',
    change: { embedding: ['embedding', { size: 64, dropout: 0.2 }] },
    when: 'Where a few words give labels away.',
  },
  {
    name: 'adversarial 0.1',
    group: 'regularisation',
    change: { words: [['adversarial', { epsilon: 0.1 }]] },
    when: 'With few rows and time to spare: a step takes twice as long.',
  },
  {
    name: 'recurrent dropout 0.25',
    group: 'regularisation',
    change: { cells: [['lstm', { size: 64, recurrentDropout: 0.25 }]] },
    when: 'Beside dropout, with many epochs.',
  },
  {
    name: 'candidate dropout 0.25',
    group: 'regularisation',
    change: { cells: [['lstm', { size: 64, candidateDropout: 0.25 }]] },
    when: 'As recurrent dropout, and gentler: what is remembered stays.',
  },
  {
    name: 'weight drop 0.3',
    group: 'regularisation',
    change: { cells: [['lstm', { size: 64, weightDrop: 0.3 }]] },
    when: 'Language models and long trainings.',
  },
  {
    name: 'zoneout 0.1',
    group: 'regularisation',
    change: { cells: [['lstm', { size: 64, zoneout: 0.1, zoneoutCell: 0.1 }]] },
    when: 'Long texts, where states shall last.',
  },
  {
    name: 'activation penalty',
    group: 'regularisation',
    change: { states: [['penalty', { activation: 2, change: 1 }]] },
    when: 'Language models; beside dropout in long trainings.',
  },
  {
    name: 'L2 1e-5',
    group: 'regularisation',
    change: { optimizer: ['adam', { l2: 1e-5 }] },
    when: 'With SGD; beside Adam decoupled decay is the better form.',
  },
  {
    name: 'word dropout 0.1',
    group: 'regularisation',
    change: { train: { wordDropout: 0.1 } },
    when: 'Where texts to come hold words nobody saw.',
  },
  {
    name: 'average of parameters 0.99',
    group: 'regularisation',
    change: { average: ['exponentialAverage', { decay: 0.99 }] },
    when: 'Noisy trainings, of small batches or high rates, that do not keep the best of many epochs.',
  },
  {
    name: 'label smoothing 0.1',
    group: 'regularisation',
    change: { train: { labelSmoothing: 0.1 } },
    when: 'Where labels are noisy, or probabilities too sure.',
  },
  {
    name: 'mixup 0.2',
    group: 'regularisation',
    change: { train: { mixup: 0.2 } },
    when: 'Where probabilities are too sure, beside dropout; 1 mixes more.',
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
    name: 'SGD with momentum',
    group: 'optimisation',
    change: { optimizer: ['sgd', { momentum: 0.9 }] },
    when: 'Where the last tenth of a point matters and there is time to tune.',
  },
  {
    name: 'SGD with Nesterov momentum',
    group: 'optimisation',
    change: { optimizer: ['sgd', { momentum: 0.9, nesterov: true, l2: 1e-5 }] },
    when: 'As momentum, and a little steadier.',
  },
  {
    name: 'NT-ASGD',
    group: 'optimisation',
    change: {
      optimizer: ['sgd', { learningRate: 1 }],
      average: ['nonMonotoneAverage', { patience: 1 }],
      train: { clipNorm: 0.25 },
    },
    when: 'Language models, trained long.',
  },
  {
    name: 'Adafactor',
    group: 'optimisation',
    change: { optimizer: ['adafactor', { decay: 0.8 }] },
    when: 'Where memory is short: it remembers of a matrix one number a row and a column.',
  },
  {
    name: 'Muon',
    group: 'optimisation',
    change: { optimizer: ['muon', { momentum: 0.95 }] },
    when: 'Many rows and large matrices: fewer steps, each dearer by products of the matrices with themselves.',
  },
  {
    name: 'schedule-free AdamW',
    group: 'optimisation',
    change: { optimizer: ['scheduleFreeAdamW'] },
    when: 'Where nobody knows how many epochs it takes: it needs no schedule, and may end at any time.',
  },
  {
    name: 'AdamW decay 0.1',
    group: 'optimisation',
    change: { optimizer: ['adamW', { weightDecay: 0.1 }] },
    when: 'Long trainings on few rows.',
  },
  {
    name: 'NAdam',
    group: 'optimisation',
    change: { optimizer: ['nadam'] },
    when: 'As Adam, a little faster at the start.',
  },
  {
    name: 'RMSprop',
    group: 'optimisation',
    change: { optimizer: ['rmsprop', { learningRate: 1e-3 }] },
    when: 'To follow a recipe that used it.',
  },
  {
    name: 'RMSprop with momentum',
    group: 'optimisation',
    change: { optimizer: ['rmsprop', { learningRate: 1e-3, alpha: 0.9, momentum: 0.9 }] },
    when: 'As RMSprop with a shorter memory.',
  },
  {
    name: 'Adagrad',
    group: 'optimisation',
    change: { optimizer: ['adagrad'] },
    when: 'Rare words that shall learn fast; short trainings.',
  },
  {
    name: 'Adadelta',
    group: 'optimisation',
    change: { optimizer: ['adadelta', { rho: 0.95 }] },
    when: 'Where no learning rate shall be chosen.',
  },
  {
    name: 'Lion',
    group: 'optimisation',
    change: { optimizer: ['lion', { weightDecay: 0.1 }] },
    when: 'Large batches; half the memory of Adam.',
  },
  {
    name: 'orthogonal recurrence',
    group: 'optimisation',
    change: { cells: [['lstm', { size: 64, recurrentInitializer: 'orthogonal' }]] },
    when: 'Long texts; an rnn() first of all.',
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
    name: 'cosine decay',
    group: 'optimisation',
    change: { schedule: ['cosineDecay', { end: 0.01 }] },
    when: 'A fixed number of epochs that shall end quietly; a good first choice.',
  },
  {
    name: 'cosine decay with restarts',
    group: 'optimisation',
    change: { schedule: ['cosineDecay', { period: 2, lengthen: 2 }] },
    when: 'To leave a poor minimum, with many epochs.',
  },
  {
    name: 'one cycle',
    group: 'optimisation',
    change: { schedule: ['oneCycle', { rise: 0.3 }] },
    when: 'Few epochs at a high learning rate.',
  },
  {
    name: 'inverse-time decay',
    group: 'optimisation',
    change: { schedule: ['inverseTimeDecay', { rate: 0.5 }] },
    when: 'With SGD, for whose convergence it was made.',
  },
  {
    name: 'polynomial decay',
    group: 'optimisation',
    change: { schedule: ['polynomialDecay', { power: 2, end: 0.01 }] },
    when: 'As cosine decay, falling sooner.',
  },
  {
    name: 'reduce on plateau',
    group: 'optimisation',
    change: { schedule: ['reduceOnPlateau', { factor: 0.5, patience: 1 }] },
    when: 'Where nobody knows how many epochs it takes; it needs rows to validate on.',
  },
  {
    name: 'warm-up 100 steps',
    group: 'optimisation',
    change: { train: { warmUp: 100 } },
    when: 'Before a Transformer block, and with large batches.',
  },
  {
    name: 'batch 8',
    group: 'optimisation',
    change: { train: { batchSize: 8 } },
    when: 'With a few hundred rows; slower by row.',
  },
  // Other tasks that help
  {
    name: 'language model before',
    group: 'help',
    change: { help: { task: 'language', when: 'before' } },
    when: 'Where there is much text to read: of 25,000 reviews, four times over, it gained two to three points (docs/tuning.md); of some thousand short rows alone it hurt in every run here.',
  },
  {
    name: 'language model beside',
    group: 'help',
    change: { help: { task: 'language', when: 'beside' } },
    when: 'With few rows, in place of a language model before: one training in place of two.',
  },
  {
    name: 'tags of words beside',
    group: 'help',
    change: { help: { task: 'tag', when: 'beside' } },
    when: 'Where grammar tells labels apart, rows are few and somebody has tagged sentences.',
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
  'minGru.bidirectional': 'measured as of the LSTM',
  'minLstm.bidirectional': 'measured as of the LSTM',
  '*.recurrentDropout': 'measured as of the LSTM',
  '*.candidateDropout': 'measured as of the LSTM',
  '*.weightDrop': 'measured as of the LSTM',
  '*.zoneout': 'measured as of the LSTM',
  '*.l2': 'measured with Adam and SGD',
  'lion.weightDecay': 'as of AdamW',
  'muon.weightDecay': 'as of AdamW',
  'adafactor.weightDecay': 'as of AdamW',
  'scheduleFreeAdamW.weightDecay': 'as of AdamW',
  'graphConvolution.activation': 'a choice inside the layer',
  'graphConvolution.edges': 'given edges come from the user',
  'graphConvolution.maxEdges': 'a limit of memory',
  'oneCycle.start': 'seldom changed',
  'oneCycle.end': 'seldom changed',
  '*.initializer': 'measured as of the state of the LSTM',
  'lstm.forgetBias': 'for what lasts hundreds of steps, as the adding problem shows',
  'gru.recurrentInitializer': 'measured as of the LSTM',
  'rnn.recurrentInitializer': 'measured as of the LSTM',
  crf: 'for tags of words',
  neighbours: 'for language models',
  numbers: 'for rows of numbers',
  'numbers.features': 'for rows of numbers',
  'train.layerRates': 'for a model that goes on from another',
  'train.epochs': 'how long, not how',
  'train.optimizer': 'each is a technique',
  'train.schedule': 'each is a technique',
  'train.average': 'each is a technique',
  'train.validation': 'how results are measured',
  'train.earlyStopping': 'how results are measured',
  'train.batchTokens': 'a limit of memory',
  'train.reproducible': 'the same numbers, but for the last bits',
  'train.threads': 'the same numbers, but for the last bits',
  'train.signal': 'the same numbers',
  'train.onStep': 'the same numbers',
  'train.resume': 'the same numbers',
};
