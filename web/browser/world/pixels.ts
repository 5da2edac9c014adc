// What is really drawn: the pixels of a part of the page.
import type { Locator } from "@playwright/test";

/** How many pixels have each colour (`r,g,b`), the most frequent first. */
export async function colours(of: Locator): Promise<readonly (readonly [string, number])[]> {
  const png = (await of.screenshot({ animations: "disabled" })).toString("base64");
  // Decoded by the browser, in a page without the policy of ours.
  const page = await of.page().context().newPage();
  try {
    return await page.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = canvas.getContext("2d");
      context?.drawImage(image, 0, 0);
      const data = context?.getImageData(0, 0, image.width, image.height).data ?? new Uint8ClampedArray();
      const counts = new Map<string, number>();
      for (let at = 0; at < data.length; at += 4) {
        const colour = `${data[at]},${data[at + 1]},${data[at + 2]}`;
        counts.set(colour, (counts.get(colour) ?? 0) + 1);
      }
      return [...counts].sort(([, a], [, b]) => b - a);
    }, png);
  } finally {
    await page.close();
  }
}

/** The share of the pixels that are not of the most frequent colour. */
export async function drawnShare(of: Locator): Promise<number> {
  const all = await colours(of);
  const total = all.reduce((sum, [, count]) => sum + count, 0);
  return 1 - (all[0]?.[1] ?? 0) / total;
}
