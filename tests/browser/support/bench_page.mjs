// The Bench page, as a person uses it.
import { expect } from '@playwright/test';

import { saved } from './save.mjs';

export class BenchPage {
  constructor(page, base) {
    Object.assign(this, { page, base });
  }

  get(testid) {
    return this.page.getByTestId(testid);
  }

  async open() {
    await this.page.goto(`${this.base}bench/`);
    await expect(this.page.locator('h1')).toBeVisible();
    return this;
  }

  /** Chooses both files; each is a path or `{ name, text }`. */
  async choose(problems, samples) {
    const file = (one) =>
      typeof one === 'string' ? one : { name: one.name, mimeType: 'text/plain', buffer: Buffer.from(one.text) };
    await this.get('file-problems').setInputFiles(file(problems));
    await this.get('file-samples').setInputFiles(file(samples));
    await expect(this.get('held-problems')).not.toContainText('Drop a file');
    await expect(this.get('held-samples')).not.toContainText('Drop a file');
  }

  async run() {
    await this.get('run').click();
  }

  /** Waits for the scores. */
  async scored(timeout = 120_000) {
    await expect(this.get('scores')).toBeVisible({ timeout });
    return (await this.get('scores').getAttribute('data-complete')) === 'true';
  }

  /** The sentence that says why nothing could be run. */
  async refused() {
    await expect(this.get('bench-failed')).toBeVisible();
    return this.get('bench-failed').textContent();
  }

  async json() {
    return JSON.parse(await saved(this.page, this.get('export-json')));
  }

  csv() {
    return saved(this.page, this.get('export-csv'));
  }

  /** Every row on show: task, sample, verdict, net fuel. */
  rows() {
    return this.get('row').evaluateAll((rows) => rows.map((row) => ({
      task: row.dataset.task,
      sample: Number(row.dataset.sample),
      verdict: row.dataset.verdict,
      fuel: row.querySelector('[data-fuel]').dataset.fuel,
    })));
  }
}
