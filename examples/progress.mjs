import { SingleBar } from 'cli-progress';
import { percent } from './scores.mjs';

/** Shows how a training goes: a bar on a terminal, elsewhere a line an epoch. */
export function showProgress(epochs) {
  return process.stdout.isTTY ? bar(epochs) : lines(epochs);
}

function bar(epochs) {
  const line = describe(epochs);
  const bar = new SingleBar({
    format: (_, { maxWidth }, { progress, done }) => {
      const text = ` ${line(progress, done)}`;
      const size = Math.max(0, maxWidth - text.length - 1);
      const full = Math.round((size * done) / epochs);
      return '█'.repeat(full) + '░'.repeat(size - full) + text;
    },
    stream: process.stdout,
    linewrap: true, // so that Ctrl-C leaves the terminal as it was
  });
  return {
    step(progress) {
      const done = progress.epoch + progress.step / progress.steps;
      if (bar.isActive) bar.update(done, { progress, done });
      else bar.start(epochs, done, { progress, done });
    },
    epoch() {},
    stop: () => bar.stop(),
  };
}

function lines(epochs) {
  const line = describe(epochs);
  return {
    step() {},
    epoch: (epoch) => console.log(line({ ...epoch, epoch: epoch.index }, epoch.index + 1)),
    stop() {},
  };
}

/** What says where a training stands: `epoch 3/20  loss 0.412  accuracy 81.2 %  84k tokens/s  0:05 left` */
function describe(epochs) {
  const start = performance.now();
  return ({ epoch, loss, accuracy, tokensPerSecond }, done) => {
    const left = Math.ceil((((performance.now() - start) / 1000) * (epochs - done)) / done);
    const clock = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
    return (
      `epoch ${String(epoch + 1).padStart(String(epochs).length)}/${epochs}  loss ${loss.toFixed(3)}` +
      `  accuracy ${percent(accuracy).padStart(7)} ${(tokensPerSecond / 1000).toFixed(0).padStart(4)}k tokens/s` +
      `  ${clock} left`
    );
  };
}
