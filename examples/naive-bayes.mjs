import winkNaiveBayes from 'wink-naive-bayes-text-classifier';

/**
 * The yardstick: multinomial naive Bayes over words, marks and pairs of neighbours, one count added to each.
 * @returns what says the label of a text
 */
export function bayesClassifier(rows) {
  const bayes = winkNaiveBayes();
  bayes.definePrepTasks([wordsAndPairs]);
  for (const { text, label } of rows) bayes.learn(text, label);
  bayes.consolidate();
  return (text) => bayes.predict(text);
}

function wordsAndPairs(text) {
  const words = text.toLowerCase().match(/[\p{L}\p{N}']+|[^\s\p{L}\p{N}]+/gu) ?? [];
  return [...words, ...words.slice(1).map((word, i) => `${words[i]} ${word}`)];
}
