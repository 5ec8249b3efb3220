// The `test` of every spec: a page that may do nothing wrong, and a static host.
import { test as base, expect } from '@playwright/test';

import { CodePage } from './code_page.mjs';
import { serve } from './host.mjs';

export { expect };

/** What no page of ours may do: console errors, uncaught errors, policy violations. */
class Faults {
  seen = [];

  /** Lets pass what a spec provokes; anything else still fails it. */
  allow(pattern) {
    this.allowed = pattern;
  }

  /** What no spec provoked. */
  get unexpected() {
    return this.seen.filter((fault) => !this.allowed?.test(fault));
  }
}

function watch(page, faults) {
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console: ${message.text()} (${message.location().url})`);
  });
}

export const test = base.extend({
  /** Watches every page of the context; fails the spec for anything that it did not provoke. */
  faults: [async ({ context }, use) => {
    const faults = new Faults();
    context.on('page', (page) => watch(page, faults.seen));
    await context.addInitScript(() => {
      addEventListener('securitypolicyviolation', (event) => {
        console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
      });
    });
    await use(faults);
    expect(faults.unexpected).toEqual([]);
  }, { auto: true }],

  /** A static host with the built page under `/frugal/`. */
  host: [async ({}, use) => {
    const host = await serve();
    await use(host);
    await host.stop();
  }, { scope: 'worker' }],

  /** The Code page on that host, open. */
  code: async ({ page, host }, use) => {
    await use(await new CodePage(page, host.base).open());
  },
});
