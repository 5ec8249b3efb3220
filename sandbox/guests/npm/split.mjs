// Splits a component into core modules and the script that links them: node split.mjs COMPONENT FOLDER
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { transpile } from '@bytecodealliance/jco-transpile';

const [component, folder] = process.argv.slice(2);
// A cutoff of 0 keeps small modules as files, so that each is metered.
const options = {
  name: 'g',
  instantiation: 'sync',
  base64Cutoff: 0,
  emitTypescriptDeclarations: false,
  noComponentErrorWrapping: false,
};
const { files } = await transpile(component, options);
await mkdir(folder, { recursive: true });
for (const [name, bytes] of Object.entries(files)) {
  await writeFile(join(folder, name), bytes);
}
