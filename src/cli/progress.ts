import { SingleBar } from 'cli-progress';
import type { Progress } from '../train/options.ts';
import type { Epoch } from '../train/train.ts';
import { formatCount, formatDuration, formatShare } from './format.ts';
import { print } from './output.ts';

/** How a training comes on: a bar while standard error is a terminal, and a line an epoch. */
export class ProgressReport {
  readonly #epochs: number;
  readonly #bar: SingleBar;
  #started: { ms: number; done: number } | undefined;
  #headed = false;
  #left = '';

  constructor(epochs: number) {
    this.#epochs = epochs;
    this.#bar = new SingleBar({
      format: (_, { maxWidth }, { progress }) => barLine(progress, epochs, this.#left, maxWidth),
      clearOnComplete: true,
      // Ctrl-C is ours, and a second one must find the terminal's settings untouched.
      gracefulExit: false,
      linewrap: true,
    });
  }

  step(progress: Progress): void {
    const done = (progress.epoch + progress.step / progress.steps) / this.#epochs;
    const ms = performance.now();
    this.#started ??= { ms, done };
    const share = (1 - done) / (done - this.#started.done);
    this.#left = Number.isFinite(share) ? formatClock((ms - this.#started.ms) * share) : '–:––';
    if (!this.#bar.isActive) this.#bar.start(1, done, { progress });
    else this.#bar.update(done);
  }

  epoch({ index, loss, accuracy, validation, tokensPerSecond, seconds }: Epoch): void {
    this.stop();
    const heads = ['epoch', '  loss', 'accuracy'];
    const cells = [`${index + 1}/${this.#epochs}`, loss.toFixed(4), formatShare(accuracy)];
    if (validation) {
      heads.push('validation loss', 'accuracy');
      cells.push(validation.loss.toFixed(4), formatShare(validation.accuracy));
    }
    heads.push('tokens/s', '   time');
    cells.push(formatCount(Math.round(tokensPerSecond)), formatDuration(seconds * 1000));
    heads[0] = heads[0].padStart(`${this.#epochs}/${this.#epochs}`.length);
    if (!this.#headed) print(heads.join('  '));
    this.#headed = true;
    print(cells.map((cell, i) => cell.padStart(heads[i].length)).join('  '));
  }

  /** Takes the bar away. */
  stop(): void {
    this.#bar.stop();
  }
}

/**
 * The progress of the whole training in one line of a terminal.
 * @param left time left, as it shall be printed
 * @param width columns of the terminal
 */
export function barLine(
  { epoch, step, steps, loss, accuracy, tokensPerSecond }: Progress,
  epochs: number,
  left: string,
  width: number,
): string {
  const number = String(epoch + 1).padStart(String(epochs).length);
  const speed = (tokensPerSecond / 1000).toFixed(0).padStart(3);
  const text =
    ` epoch ${number}/${epochs}  loss ${loss.toFixed(4)}  accuracy ${formatShare(accuracy).padStart(7)}` +
    ` ${speed}k tokens/s  ${left.padStart(4)} left`;
  // Room for the ^C that terminals echo: a broken line could not be taken away again.
  const size = Math.max(0, width - text.length - 3);
  const full = Math.round((size * (epoch + step / steps)) / epochs);
  return '█'.repeat(full) + '░'.repeat(size - full) + text;
}

/** A span of time in few characters: `1:05` is a minute and five seconds, 1:02:03 an hour and two minutes. */
function formatClock(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const two = (number: number) => String(number).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  const start = minutes < 60 ? String(minutes) : `${Math.floor(minutes / 60)}:${two(minutes % 60)}`;
  return `${start}:${two(seconds % 60)}`;
}
