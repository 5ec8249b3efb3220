// The Code page, as a person uses it.
import { expect } from '@playwright/test';

import { fragment } from './link.mjs';
import { saved } from './save.mjs';

export class CodePage {
  /** @param base address of the page, with a slash at its end. */
  constructor(page, base) {
    Object.assign(this, { page, base });
  }

  get(testid) {
    return this.page.getByTestId(testid);
  }

  async open(hash = '') {
    await this.page.goto(`${this.base}code/${hash && `#${hash}`}`);
    await expect(this.page.locator('h1')).toBeVisible();
    return this;
  }

  /** Puts a program on the open page by its link; see `link.mjs` for its shape. */
  async put(program) {
    const hash = fragment(program);
    if (this.page.url().startsWith(`${this.base}code/`)) {
      await this.page.evaluate((next) => { location.hash = next; }, hash);
    } else {
      await this.open(hash);
    }
    const entry = program.entry;
    await expect(this.get('language')).toHaveValue(program.language);
    if (entry !== undefined) await expect(this.get('entry')).toHaveValue(entry);
  }

  /** Replaces the text of an editor as typing does. */
  async type(pane, source) {
    await this.get(`editor-${pane}`).locator('.cm-content').click();
    await this.page.keyboard.press('ControlOrMeta+a');
    await this.page.keyboard.insertText(source);
  }

  async run() {
    await this.get('run').click();
  }

  /** Waits for the end of a run; gives its outcome. */
  async ended(name = 'a', timeout = 60_000) {
    const outcome = this.get(`outcome-${name}`);
    await expect(outcome.or(this.get(`failed-${name}`)).first()).toBeVisible({ timeout });
    if (await outcome.count() === 0) throw new Error(await this.get(`failed-${name}`).textContent());
    return outcome.getAttribute('data-outcome');
  }

  fuel(kind, name = 'a') {
    return this.get(`${kind}-fuel-${name}`).getAttribute('data-fuel');
  }

  /** The whole report of the run on show, saved as a person saves it. */
  async report(name = 'a') {
    const details = this.get(`provenance-${name}`);
    if (await details.getAttribute('open') === null) await details.locator('summary').click();
    return JSON.parse(await saved(this.page, this.get(`save-${name}`)));
  }

  /** Puts a program on the page, runs it, gives the report; a request that cannot be run gives `{ failed }`. */
  async measure(program) {
    await this.put(program);
    await this.run();
    const outcome = this.get('outcome-a');
    const failed = this.get('failed-a');
    await expect(outcome.or(failed).first()).toBeVisible({ timeout: 120_000 });
    return (await failed.count()) > 0 ? { failed: await failed.textContent() } : this.report();
  }
}
