// Trains the small model that the examples serve.
import { writeFileSync } from 'node:fs';
import { adam, save, textClassifier, train } from 'gatelet';

const words = { negative: ['dull', 'awful', 'boring'], positive: ['lovely', 'joy', 'great'] };
const frames = ['the film was WORD', 'a WORD to watch', 'WORD plot', 'WORD'];
const rows = Object.entries(words).flatMap(([label, list]) =>
  list.flatMap((word) => frames.map((frame) => ({ text: frame.replace('WORD', word), label }))),
);
const model = await textClassifier({ labels: Object.keys(words), embedding: 64, lstm: 64, maxLength: 100 });
for await (const _ of train(model, rows, { epochs: 12, optimizer: adam({ learningRate: 0.02 }) }));
writeFileSync('mood.safetensors', save(model));
