import { existsSync } from 'node:fs';
import packed from '@sparticuz/chromium';
import { chromium } from 'playwright-core';
import puppeteer from 'puppeteer-core';
import type { Engine, Said } from './engine.ts';
import { PLACES, serve } from './pages.ts';

/** What the two drivers have in common: Playwright cannot drive Debian's Firefox, Puppeteer brings no Chromium. */
interface Browser {
  version(): string | Promise<string>;
  newPage(): Promise<Page>;
  close(): Promise<void>;
}
interface Page {
  goto(url: string): Promise<unknown>;
  evaluate(script: string): Promise<unknown>;
  close(): Promise<void>;
}

const { CHROME_PATH, FIREFOX_PATH = '/usr/bin/firefox-esr' } = process.env;
const hasChromium = CHROME_PATH !== undefined || `${process.platform} ${process.arch}` === 'linux x64';

const opened: Promise<Browser>[] = [];

export async function closeBrowsers(): Promise<void> {
  for (const browser of opened) await (await browser).close();
}

/** An engine for each place of a browser, which starts when first asked for. */
function enginesOf(name: string, missing: string | undefined, launch: () => Promise<Browser>): Engine[] {
  let browser: Promise<Browser> | undefined;
  const launched = () => {
    if (!browser) {
      browser = launch();
      opened.push(browser);
    }
    return browser;
  };
  return PLACES.map((place) => ({
    name: `${name}, ${place.name}`,
    ...(missing !== undefined && { missing }),
    hasThreads: place.hasThreads,
    version: async () => (await (await launched()).version()).replace(/^\D+/, ''),
    async run(folder) {
      const { url, close } = await serve(folder, place);
      const page = await (await launched()).newPage();
      try {
        await page.goto(url);
        return (await page.evaluate(SAID)) as Said;
      } finally {
        await page.close();
        close();
      }
    },
  }));
}

/** The page's script may still be on its way. */
const SAID = `new Promise((resolve, reject) => {
  addEventListener('error', ({ message }) => reject(new Error(message)));
  const look = () => (globalThis.said === undefined ? setTimeout(look, 10) : resolve(globalThis.said));
  look();
})`;

/** Why there is no Chromium here, if there is none. */
export const NO_CHROMIUM = hasChromium
  ? undefined
  : 'npm has none for this system, and CHROME_PATH names none';

export async function launchChromium() {
  const executablePath = CHROME_PATH ?? (await packed.executablePath());
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

export const BROWSERS: readonly Engine[] = [
  ...enginesOf('Chromium', NO_CHROMIUM, launchChromium),
  ...enginesOf(
    'Firefox',
    existsSync(FIREFOX_PATH)
      ? undefined
      : 'it is not installed: apt-get install firefox-esr, or name it in FIREFOX_PATH',
    () => puppeteer.launch({ browser: 'firefox', executablePath: FIREFOX_PATH }),
  ),
];
