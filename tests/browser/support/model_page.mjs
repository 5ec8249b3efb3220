// The Model page, as a person uses it.
import { expect } from '@playwright/test';

export class ModelPage {
  constructor(page, base) {
    Object.assign(this, { page, base });
  }

  get(testid) {
    return this.page.getByTestId(testid);
  }

  async open() {
    await this.page.goto(`${this.base}model/`);
    await expect(this.get('model-load')).toBeEnabled();
    return this;
  }

  /** Chooses a model: `{ address }`, `{ files }` or nothing for the first shipped one; and how it is held. */
  async choose({ address, files, weights, backend = 'cpu', context } = {}) {
    if (address !== undefined) {
      await this.get('model-source').selectOption('address');
      await this.get('model-address').fill(address);
    }
    if (files) {
      await this.get('model-source').selectOption('files');
      await this.get('model-files').setInputFiles(files);
    }
    await this.get('model-backend').selectOption(backend);
    if (weights) await this.get('model-weights').selectOption(weights);
    if (context !== undefined) await this.get('model-context').fill(String(context));
    return this;
  }

  async load() {
    await this.get('model-load').click();
    return this;
  }

  async loaded() {
    await expect(this.get('model-loaded')).toBeVisible();
    return this;
  }

  /** The sentence that says why there is no model. */
  async refused() {
    await expect(this.get('model-failed')).toBeVisible();
    return this.get('model-failed').textContent();
  }

  /** Sets a parameter; they stand in a closed section at first. */
  async set(name, value) {
    const field = this.get(`model-${name}`);
    if (!(await field.isVisible())) await this.get('model-parameters').click();
    await field.fill(String(value));
  }

  /** Goes on from a text; the text that came. */
  async write(prompt) {
    await this.get('model-prompt').fill(prompt);
    await this.get('model-generate').click();
    await this.ended();
    return this.get('model-output').locator('span').nth(1).textContent();
  }

  async ended() {
    await expect(this.get('model-note')).toContainText(/ended|stopped/);
  }
}
