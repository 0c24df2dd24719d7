// A page without a bundler: serve this folder, with the package's dist/ folder in it as gatelet/.
import { load, predict } from './gatelet/browser.js';

const [file, text, answer] = ['file', 'text', 'answer'].map((id) => document.getElementById(id));
let model;

file.addEventListener('change', async () => {
  const [chosen] = file.files;
  if (!chosen) return;
  try {
    model = await load(new Uint8Array(await chosen.arrayBuffer()));
    text.disabled = false;
    text.focus();
    show();
  } catch (error) {
    answer.textContent = error.message;
  }
});

text.addEventListener('input', show);

/** A bar for each label, the most probable first. */
function show() {
  const { probabilities, truncated } = predict(model, text.value);
  const shares = Object.entries(probabilities).sort(([, a], [, b]) => b - a);
  answer.replaceChildren(
    ...shares.map(([label, share]) => {
      const bar = document.createElement('meter');
      bar.value = share;
      const line = document.createElement('p');
      line.append(bar, ` ${label} ${(100 * share).toFixed(1)} %`);
      return line;
    }),
    truncated ? 'The end of the text is not read: it is longer than the model allows.' : '',
  );
}
