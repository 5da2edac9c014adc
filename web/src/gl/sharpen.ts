/** Makes a canvas as fine as the screen, for a size in pixels of the page. */
export function sharpen(
  canvas: HTMLCanvasElement,
  size: { readonly width: number; readonly height: number },
): void {
  const ratio = Math.min(devicePixelRatio, 2);
  const [w, h] = [Math.round(size.width * ratio), Math.round(size.height * ratio)];
  if (canvas.width !== w) canvas.width = w;
  if (canvas.height !== h) canvas.height = h;
}
