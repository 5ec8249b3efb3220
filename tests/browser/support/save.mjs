// What a page hands to the person as a file.
import { readFile } from 'node:fs/promises';

/** The text of the file that a press on `button` saves. */
export async function saved(page, button) {
  const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
  const text = await readFile(await download.path(), 'utf8');
  await download.delete();
  return text;
}
