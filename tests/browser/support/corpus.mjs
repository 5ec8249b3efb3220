// Programs that the Rust tests judge too, read from the folders and headers that those read: see tests/it/corpus.rs.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { root } from './host.mjs';

const languages = { py: ['python', '#'], js: ['javascript', '//'], wat: ['wat', ';;'] };

/** Every program of a folder below `tests`: its name, `expect` of its header, and what to run. */
export function corpus(folder, limits = {}) {
  const path = join(root, 'tests', folder);
  const named = (name) => languages[name.split('.').at(-1)];
  return readdirSync(path).filter(named).sort().map((name) => {
    const [language, mark] = named(name);
    const source = readFileSync(join(path, name), 'utf8');
    const header = {};
    for (const line of source.split('\n')) {
      if (!line.startsWith(mark)) break;
      const at = line.indexOf(': ');
      if (at > 0) header[line.slice(mark.length, at).trim()] = line.slice(at + 2).trim();
    }
    const own = Object.fromEntries((header.limits ?? '').split(/\s+/).filter(Boolean).map((part) => {
      const [key, value] = part.split('=');
      return [key, key.endsWith('fuel') ? value : Number(value)];
    }));
    const entry = header.entry ?? (language === 'wat' ? 'run' : undefined);
    const program = { language, source, entry, args: header.arguments, stdin: header.stdin, limits: { ...limits, ...own } };
    return { name, expect: header.expect, program };
  });
}
